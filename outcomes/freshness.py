"""Outcomes are derived again before they are read, where something was recorded since.

Triggers on the recorded tables note whose outcomes are stale, whoever writes. `refresh` derives
exactly those, as a database role of its own that reads every record: a reader's rights must not
shape what is kept. A mark goes in the very transaction that stores what it asked for. Whatever
breaks off in between leaves the mark, and the next reader refreshes.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import pandas as pd
from django.db import DatabaseError, connections, transaction

from mmn_registry import principal
from mmn_registry.principal import EVERYWHERE, Kind, Principal, Right
from mmn_registry.snapshot import one_snapshot
from outcomes.derivation.lasting import lasting_columns, lasting_rows
from outcomes.derivation.rules import RULES
from outcomes.models import PatientOutcome, StaleMark
from outcomes.selectors import load_records
from outcomes.stored import KEPT, read_rows, write_rows
from patients.models import Patient

DERIVE = "derive"  # the database alias
# Named in the policies: where one role must do for all, who derives is told by its context.
DERIVER = Principal(Kind.WORKER, name="freshness", reach={Right.READ: EVERYWHERE})
# One refresh at a time, the others wait: a number of our own among PostgreSQL's advisory locks.
REFRESHING = 0x4D4D4E02
# So many are read, derived and stored in one transaction: memory is bounded, and whoever waits
# for somebody else's refresh waits no longer than for this one.
PATIENTS_PER_PASS = 2_000

log = logging.getLogger(__name__)

Tell = Callable[[int, int], None]  # so many patients, of so many


def refresh(tell: Tell | None = None) -> None:
    """Derive again all patients who are marked."""
    with principal.in_force(DERIVER):
        stale = _marked()
    refresh_these(stale, tell)


def refresh_these(patient_ids: Iterable[UUID], tell: Tell | None = None) -> None:
    """Derive again some patients, where they are marked or have no true row."""
    stale = list(patient_ids)
    with principal.in_force(DERIVER):
        for done, some in _in_passes(stale):
            _refresh_or_split(some)
            if tell:
                tell(done, len(stale))


def rebuild(tell: Tell | None = None) -> None:
    """Derive everybody again. Who breaks it off leaves marks: ``refresh`` goes on from there."""
    with principal.in_force(DERIVER):
        ids = {
            *Patient.objects.using(DERIVE).values_list("pk", flat=True),
            *PatientOutcome.objects.using(DERIVE).values_list("pk", flat=True),
        }
        marks = [StaleMark(patient_id=one) for one in ids]
        StaleMark.objects.using(DERIVE).bulk_create(marks, batch_size=PATIENTS_PER_PASS)
    refresh(tell=tell)


def _marked() -> set[UUID]:
    return set(StaleMark.objects.using(DERIVE).values_list("patient_id", flat=True).distinct())


def _in_passes(ids: Sequence[UUID]) -> Iterator[tuple[int, Sequence[UUID]]]:
    for first in range(0, len(ids), PATIENTS_PER_PASS):
        some = ids[first : first + PATIENTS_PER_PASS]
        yield first + len(some), some


def _refresh_or_split(ids: Sequence[UUID]) -> None:
    """What cannot be derived of one patient keeps nobody else's outcomes from being fresh."""
    try:
        _refresh(ids)
    except DatabaseError:
        raise
    except Exception:
        if len(ids) == 1:
            # The mark stays. Whoever reads this patient derives it, and meets the same error.
            log.exception("The outcomes of patient %s cannot be derived.", ids[0])
            return
        half = len(ids) // 2
        _refresh_or_split(ids[:half])
        _refresh_or_split(ids[half:])


@transaction.atomic(using=DERIVE)
def _refresh(ids: Sequence[UUID]) -> None:
    """Take the marks that are there now, and store what follows from the records.

    In this order: whatever is recorded after the marks were taken leaves another one.
    """
    with connections[DERIVE].cursor() as cursor:
        # Two at once could store the older result last.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REFRESHING])
        cursor.execute(
            f"DELETE FROM {StaleMark._meta.db_table} WHERE patient_id = ANY(%s) "  # noqa: S608
            "RETURNING patient_id",
            [list(ids)],
        )
        marked = {patient_id for (patient_id,) in cursor.fetchall()}
    standing = Patient.objects.using(DERIVE).filter(pk__in=ids)
    rule_of = {
        (pk, study_id): rule
        for pk, study_id, rule in standing.values_list("pk", "study_id", "outcome__rule_id")
    }
    todo = marked | {pk for (pk, _), rule in rule_of.items() if rule != RULES.rule_id}
    if not todo:
        return  # somebody else's refresh, for which this one waited, has done it
    patients = Patient.objects.using(DERIVE).filter(pk__in=todo)
    pk_of = {study_id: pk for pk, study_id in rule_of if pk in todo}
    study_ids, rows = lasting_columns(load_records(patients))
    is_there = study_ids.isin(list(pk_of))
    ids = [pk_of[study_id] for study_id in study_ids[is_there]]
    write_rows(rows.where(is_there), ids, using=DERIVE)
    gone = todo - {*ids}
    PatientOutcome.objects.using(DERIVE).filter(pk__in=gone).delete()


# ── Does what is kept say what the rules say? ────────────────────────────────────────────────


@dataclass(frozen=True)
class Drift:
    """A patient whose kept row is not what the rules say, and where it differs."""

    study_id: str
    columns: tuple[str, ...]  # none: there is no row, or one of a patient who does not stand


def drifts(tell: Tell | None = None) -> Iterator[Drift]:
    """Derive everybody again and compare; patients recorded of meanwhile are left out."""
    refresh()
    with principal.in_force(DERIVER):
        standing = Patient.objects.using(DERIVE).order_by("study_id")
        ids = list(standing.values_list("pk", flat=True))
        kept = PatientOutcome.objects.using(DERIVE).exclude(patient_id__in=ids)
        superfluous = kept.exclude(patient_id__in=_marked()).values("patient_id")
        gone = Patient.including_voided.using(DERIVE).filter(pk__in=superfluous)
        found = [Drift(study_id, ()) for study_id in gone.values_list("study_id", flat=True)]
    yield from found
    for done, some in _in_passes(ids):
        with principal.in_force(DERIVER), one_snapshot(DERIVE):
            found = _drifts_among(some)
        yield from found
        if tell:
            tell(done, len(ids))


def _drifts_among(ids: Sequence[UUID]) -> list[Drift]:
    patients = Patient.objects.using(DERIVE).filter(pk__in=set(ids) - _marked())
    kept = read_rows(patients, [*KEPT]).rows
    derived = lasting_rows(load_records(patients))
    missing = [Drift(study_id, ()) for study_id in derived.index.difference(kept.index)]
    derived = derived.loc[kept.index]
    differs = pd.DataFrame({name: _differ(kept[name], derived[name]) for name in KEPT})
    return missing + [
        Drift(str(study_id), tuple(differs.columns[row]))
        for study_id, row in zip(differs.index, differs.to_numpy(), strict=True)
        if row.any()
    ]


def _differ(kept: pd.Series, derived: pd.Series) -> pd.Series:
    same = (kept == derived).fillna(value=False).astype(bool)
    return ~(same | (kept.isna() & derived.isna()))
