"""Outcomes for REST clients: the same numbers as the pages and the commands."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pandas as pd
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from pandas.api.types import is_datetime64_any_dtype

from infusions.models import Infusion
from infusions.unusual import InfusionFacts
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from mmn_registry.disclosure import Shown, as_it_is, own_centres, pseudonymised_somewhere
from mmn_registry.rest.coarse import coarsening_of_days
from mmn_registry.rest.cursors import Cursor, Side
from mmn_registry.rest.filters import CodeField
from mmn_registry.rest.paging import Links, links, unknown_cursor
from mmn_registry.rest.views import AnswerView, ListView
from outcomes.asked.cohort import AskedCohort
from outcomes.asked.parameters import CohortParameters, PatientParameters, criteria_of
from outcomes.asked.saved import list_cohorts, saved_sentence
from outcomes.asked.tables import plain, told_tables
from outcomes.cards import OutcomeCard, result_cards
from outcomes.dashboards.infusion import infusion_facts, with_infusions
from outcomes.dashboards.patient import PatientDashboard, patient_dashboard
from outcomes.dashboards.pseudonymised import pseudonymised_codes
from outcomes.derivation.cohort import TreatmentHistory
from outcomes.derivation.cohort_rows import TABLE_COLUMNS
from outcomes.derivation.long_term import LongTermGroup, LongTermStatus
from outcomes.derivation.outcome_objects import outcome_objects
from outcomes.derivation.response import Response as ShortTermResponse
from outcomes.derivation.tables import DECIMALS, as_text
from outcomes.models import SavedCohort
from outcomes.selectors import load_records
from outcomes.sentences import UsedRecord
from outcomes.serializers import (
    CohortSummarySerializer,
    OutcomeSerializer,
    PatientOutcomesSerializer,
    SavedCohortsSerializer,
)
from patients.calendar import registry_today
from patients.models import Patient
from patients.selectors import get_patient_for


class OutcomeFilter(PatientParameters):
    """The criteria of a cohort, and a few of them once more by the names of their columns."""

    treatment_history = CodeField(TreatmentHistory, "Only this history.")
    short_term_response = CodeField(ShortTermResponse, "Only this short-term response.")
    long_term_status = CodeField(LongTermStatus, "Only this long-term status.")
    long_term_group = CodeField(LongTermGroup, "Only this long-term group.")


CODES = ("treatment_history", "short_term_response", "long_term_status", "long_term_group")


def _patients(user, asked: dict) -> QuerySet[Patient]:
    """The patients that a user may see and asked for, included or not."""
    columns = {"centre": "centre__code", "patient": "study_id"}
    wanted = {column: asked[name] for name, column in columns.items() if asked.get(name)}
    return Patient.objects.visible_to(user).filter(**wanted)


def _asked_cohort(user, asked: dict, centres: Iterable[str] = ()) -> AskedCohort:
    """``centres``: the codes of all that the user reads, for the sentence."""
    return AskedCohort(
        patients=_patients(user, asked),
        day=asked["as_of"],
        usual_day=registry_today(),
        criteria=criteria_of(asked),
        centre=asked["centre"],
        centres=tuple(centres),
    )


class OutcomeList(ListView):
    """Outcomes, one derived row per patient who was included on or before the day.

    In the order of study ids: the rows that the command `derive_outcomes` prints, and some columns
    more.
    """

    serializer_class = OutcomeSerializer
    filter_form = OutcomeFilter
    name = "outcomes"
    derived = True

    def get(self, request):
        asked = self.asked()
        _study_id, *columns = self.columns()
        patients = self._derived(asked, columns)
        coarse = _coarsening(patients, columns)
        if self.wants_csv():
            texts = (as_text(patients[column]) for column in columns)
            rows = zip(patients.index, *texts, strict=True)
            return self.as_csv(asked, map(coarse, rows))
        shown, ways = _page(patients, asked["cursor"], asked["page_size"])
        objects = outcome_objects(shown, columns)
        named = [dict(zip(o, coarse(tuple(o.values())), strict=True)) for o in objects]
        return self.page(asked, named, ways)

    def _derived(self, asked: dict, columns: list[str]) -> pd.DataFrame:
        patients = _asked_cohort(self.request.user, asked).load(columns).cohort.rows
        for name in CODES:
            if asked[name]:
                patients = patients[patients[name] == asked[name]]
        return patients


def _coarsening(patients: pd.DataFrame, columns: list[str]) -> Shown:
    """How a row is shown to its reader: derived from full days, whoever reads it."""
    if not pseudonymised_somewhere():
        return as_it_is
    are_days = [is_datetime64_any_dtype(patients[column]) for column in columns]
    own = Centre.objects.filter(pk__in=own_centres()).values_list("code", flat=True)
    coarse = coarsening_of_days([False, *are_days], frozenset(own))
    place = 1 + columns.index("centre")
    return lambda row: coarse.row(row, row[place])


def _page(patients: pd.DataFrame, asked: Cursor | None, size: int) -> tuple[pd.DataFrame, Links]:
    """The patients behind the cursor, and the ways on."""
    study_ids = patients.index.tolist()
    if asked is not None and len(asked.key) != 1:
        raise unknown_cursor()
    if asked is not None and asked.side is Side.BEFORE:
        stop = bisect_left(study_ids, asked.key[0])
        start = max(stop - size, 0)
        goes_on = start > 0
    else:
        start = bisect_right(study_ids, asked.key[0]) if asked is not None else 0
        stop = start + size
        goes_on = stop < len(study_ids)
    keys = [(study_id,) for study_id in study_ids[start:stop]]
    return patients.iloc[start:stop], links(keys, asked, goes_on=goes_on)


class PatientOutcomes(AnswerView):
    """Why the outcomes of one patient are what they are: each with code, sentence and records.

    The cards of the patient's page as data: response, long-term status, conduction blocks, dose
    and diagnosis. A result that cannot be had is here too, and says why. As CSV, one line per
    result; what is a list or an object in JSON is written as JSON in its cell.
    """

    serializer_class = PatientOutcomesSerializer
    name = "patient_outcomes"
    derived = True
    not_found = _("There is no such patient in your centres on that day.")

    def columns(self):
        return ["study_id", "centre", *_RESULT_COLUMNS]

    def get(self, request, study_id):
        asked = self.asked()
        dashboard = self._dashboard(study_id, asked["as_of"])
        whose = {name: dashboard.recorded[name] for name in ("study_id", "centre")}
        results = [result_object(card, dashboard) for card in result_cards(dashboard)]
        if self.wants_csv():
            return self.as_csv(asked, ((*whose.values(), *result_cells(r)) for r in results))
        return self.as_json(asked, **whose, results=results)

    def _dashboard(self, study_id: str, as_of: date) -> PatientDashboard:
        """One of others, one that nobody is and one not yet included are the same: not found."""
        try:
            dashboard = patient_dashboard(get_patient_for(self.request.user, study_id), as_of)
        except Http404:
            dashboard = None
        if dashboard is None:
            raise Http404(self.not_found)
        return dashboard


def result_object(card: OutcomeCard, dashboard: PatientDashboard) -> dict[str, Any]:
    """A card of the patient's page as JSON has it."""
    reason = card.why.reason
    return {
        "result": card.result,
        "value": _json_value(dashboard.outcome[card.result]),
        "evaluable": card.is_evaluable,
        "code": reason.code,
        "parameters": {name: _json_value(value) for name, value in reason.parameters.items()},
        "sentence": reason.sentence,
        "flags": list(card.flags),
        "rule": {
            "section": card.rule.section,
            "name": dashboard.rules.rule_set,
            "version": card.rule.version,
            "criteria": card.rule.criteria or None,
            "numbers": [
                {"name": number.name, "value": number.value, "choice": number.is_choice}
                for number in card.why.parameters
            ],
        },
        "records": list(map(_record_object, card.why.records)),
    }


def _record_object(record: UsedRecord) -> dict[str, Any]:
    return {
        "kind": record.kind,
        "used_as": record.used_as,
        "on": _json_value(record.on),
        "until": _json_value(record.until),
        "key": dict(record.key),
        "value": _json_value(record.value),
    }


def _json_value(value: Any) -> Any:
    """A derived value: ISO days, numbers to as many decimals as the list has, null for none."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(f"{value:.{DECIMALS}f}")
    if isinstance(value, tuple):
        return [_json_value(one) for one in value]
    return None if value == "" else value


_RESULT_COLUMNS = (
    "result",
    "value",
    "evaluable",
    "code",
    "parameters",
    "sentence",
    "flags",
    "rule_section",
    "criteria",
    "records",
)


def result_cells(result: dict[str, Any]) -> list[Any]:
    """The same as a line: lists and objects as JSON within their cell."""
    rule = result["rule"]
    cells = {**result, "rule_section": rule["section"], "criteria": rule["criteria"]}
    return [
        json.dumps(cells[name], ensure_ascii=False)
        if isinstance(cells[name], list | dict)
        else cells[name]
        for name in _RESULT_COLUMNS
    ]


class CohortSummary(AnswerView):
    """The tables of the cohort: response, long-term groups, blocks, follow-up, dose, predictors.

    The same numbers as the cohort's page and the command `summarise_cohort`. As CSV, one line per
    number, named by its way: `short_term.naive.responders`.
    """

    serializer_class = CohortSummarySerializer
    filter_form = CohortParameters
    name = "cohort_summary"
    derived = True

    def columns(self):
        return ["measure", "value"]

    def get(self, request):
        asked = self.asked()
        centres = list(visible_centres(request.user, Permission.READ_RECORDS))
        asked_cohort = _asked_cohort(request.user, asked, [centre.code for centre in centres])
        found = asked_cohort.load(TABLE_COLUMNS)
        about = [centre for centre in centres if asked["centre"] in ("", centre.code)]
        hides_small = bool(pseudonymised_codes(about))
        told = plain(told_tables(asked_cohort, found, hides_small=hides_small))
        # They stand in the envelope already, and in two columns of their own.
        tables = {name: table for name, table in told.items() if name not in ("as_of", "rules")}
        if self.wants_csv():
            return self.as_csv(asked, measures(tables))
        return self.as_json(asked, **tables)


class SavedCohorts(AnswerView):
    """Cohorts kept by name: your own, and those shared with your centres.

    `query` is what an address of the outcomes or of the summary takes after its question mark.
    """

    serializer_class = SavedCohortsSerializer
    name = "saved_cohorts"
    verb = "list"
    derived = True

    def columns(self):
        return ["id", "name", "query", "sentence", "shared_with", "is_own"]

    def get(self, request):
        asked = self.asked()
        centres = tuple(visible_centres(request.user, Permission.READ_RECORDS))
        rows = [_saved_object(one, request.user, centres, asked["as_of"]) for one in list_cohorts()]
        if self.wants_csv():
            return self.as_csv(asked, (tuple(row.values()) for row in rows))
        return self.as_json(asked, results=rows)


def _saved_object(
    saved: SavedCohort, user, centres: tuple[Centre, ...], as_of: date
) -> dict[str, Any]:
    return {
        "id": str(saved.pk),
        "name": saved.name,
        "query": saved.query,
        "sentence": saved_sentence(saved, centres, as_of),
        "shared_with": saved.shared_with.code if saved.shared_with else None,
        "is_own": saved.owner_id == user.pk,
    }


def measures(tables: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every single value of nested tables, named by its way: `short_term.naive.responders`."""
    if isinstance(tables, dict):
        inner = tables.items()
    elif isinstance(tables, list):
        # Lines of a table are called by what they are about.
        inner = ((line.get("name", line.get("years")), line) for line in tables)
    else:
        yield ".".join(way), tables
        return
    for name, table in inner:
        yield from measures(table, (*way, str(name)))


def facts_of(patient: Patient, given: Infusion, instead_of: Infusion | None) -> InfusionFacts:
    """What follows from an infusion among all that is recorded; as its page says it."""
    records = load_records(Patient.objects.filter(pk=patient.pk))
    return infusion_facts(with_infusions(records, [given], instead_of=instead_of), given)
