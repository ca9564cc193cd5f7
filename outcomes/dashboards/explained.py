"""The sentences of some patients' results, derived together: why each is where it is counted."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from django.db.models import QuerySet

from outcomes import sentences
from outcomes.dashboards.patient import Fall, Immunosuppressant, MuscleChange, SegmentChange
from outcomes.dashboards.pseudonymised import in_months
from outcomes.dashboards.rows import plain_values, rows_of
from outcomes.derivation.criteria import Criteria
from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.frames import known_on
from outcomes.derivation.rules import Rules
from outcomes.selectors import load_records
from patients.models import Patient

Told = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Derived:
    outcomes: Outcomes
    drugs: pd.DataFrame

    def of(self, kind: type, frame: pd.DataFrame, study_id: str) -> tuple[Any, ...]:
        return rows_of(kind, frame[frame["study_id"] == study_id])


def explained(
    patients: QuerySet[Patient],
    study_ids: Collection[str],
    criteria: Criteria,
    *,
    as_of: date,
    rules: Rules,
    coarse: Collection[str] = (),
) -> Told:
    """By study id, why each result that was asked about is what it is; nothing if none was.

    ``coarse``: codes of the centres whose patients are shown in months.
    """
    asked = [tell for names, tell in _TELL.items() if any(getattr(criteria, n) for n in names)]
    if not asked or not study_ids:
        return {}
    records = load_records(patients.filter(study_id__in=study_ids))
    outcomes = derive(records, as_of, rules)
    derived = _Derived(outcomes, known_on(records, as_of).immunosuppressants)
    by_patient = outcomes.by_patient
    columns = {name: plain_values(by_patient[name]) for name in by_patient.names}
    rows = {
        str(study_id): {name: values[place] for name, values in columns.items()}
        for place, study_id in enumerate(outcomes.facts.study_ids)
    }
    return {
        study_id: tuple(tell(derived, study_id, row, row["centre"] in coarse) for tell in asked)
        for study_id, row in rows.items()
    }


Row = Mapping[str, Any]
Tell = Callable[[_Derived, str, Row, bool], str]


def _shown(value: Any, *, coarse: bool) -> Any:
    return in_months(value) if coarse else value


def _response(derived: _Derived, study_id: str, row: Row, coarse: bool) -> str:
    changes = derived.of(MuscleChange, derived.outcomes.muscle_changes, study_id)
    told = sentences.short_term(_shown(row, coarse=coarse), changes, derived.outcomes.rules)
    return told.sentence


def _status(derived: _Derived, study_id: str, row: Row, coarse: bool) -> str:
    falls = derived.of(Fall, derived.outcomes.relapses, study_id)
    at = row["last_contact_on"]
    drugs = _running(derived.of(Immunosuppressant, derived.drugs, study_id), at)
    told = sentences.long_term(
        _shown(row, coarse=coarse), _shown(falls, coarse=coarse), drugs, derived.outcomes.rules
    )
    return told.sentence


def _running(drugs: Iterable[Immunosuppressant], at: date | None) -> list[str]:
    return [
        d.drug
        for d in drugs
        if at and d.started_on <= at and (d.ended_on is None or d.ended_on > at)
    ]


def _blocks(derived: _Derived, study_id: str, row: Row, coarse: bool) -> str:
    changes = derived.of(SegmentChange, derived.outcomes.segment_changes, study_id)
    return sentences.blocks(_shown(row, coarse=coarse), changes, derived.outcomes.rules).sentence


def _dose(derived: _Derived, _study_id: str, row: Row, coarse: bool) -> str:
    return sentences.dose(_shown(row, coarse=coarse), derived.outcomes.rules).sentence


# Which criteria ask about which result.
_TELL: dict[tuple[str, ...], Tell] = {
    ("response",): _response,
    ("group", "status"): _status,
    ("blocks",): _blocks,
    ("dose",): _dose,
}
