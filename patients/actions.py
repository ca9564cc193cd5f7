"""Everything that may happen to a record, each in one transaction.

A door (form, API, import) cleans an unsaved record and hands it over; what the database refuses
in spite of that comes back as the ``ValidationError`` that states the rule. ``by`` is the user who
is named on the record, None for an operator's command; the trail names who is in force.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from mmn_registry.accounts.acting import acting

from .models import (
    Consent,
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)
from .models.record import Record
from .refusals import explained

AnyRecord = TypeVar("AnyRecord", bound=Record)


class StaleRecord(Exception):
    """Somebody else changed or voided the record after it was read. Nothing was written."""

    def __init__(self, record: Record):
        self.record = record
        super().__init__(
            _(
                "This %(record)s was changed by somebody else since you opened it. "
                "Nothing was overwritten: read it again and repeat your change."
            )
            % {"record": record._meta.verbose_name}
        )


def register_patient(patient: Patient, *, by) -> Patient:
    return record(patient, by=by, verb="registered a patient")


def record_visit(
    visit: Visit,
    *,
    muscle_scores: Iterable[MuscleScore] = (),
    grip_strengths: Iterable[GripStrength] = (),
    by,
) -> Visit:
    """A visit with all that was examined at it."""
    return record(visit, parts=(muscle_scores, grip_strengths), by=by)


def record_study(
    study: NerveConductionStudy, *, segments: Iterable[NerveSegment] = (), by
) -> NerveConductionStudy:
    """A study with its segments."""
    return record(study, parts=(segments,), by=by)


def record_laboratory_result(result: LaboratoryResult, *, by) -> LaboratoryResult:
    return record(result, by=by)


def record_finding(finding: Finding, *, by) -> Finding:
    return record(finding, by=by)


def record_consent(consent: Consent, *, by) -> Consent:
    return record(consent, by=by)


def withdraw_consent(consent: Consent, *, withdrawn_on: date, by) -> Consent:
    return amend(consent, {"withdrawn_on": withdrawn_on}, by=by, reason=_("Consent withdrawn."))


def record_lower_limit(limit: LowerLimit, *, by) -> LowerLimit:
    return record(limit, by=by)


def record(
    new: AnyRecord, *, parts: Iterable[Iterable[Record]] = (), by, verb: str = ""
) -> AnyRecord:
    """Save a clean, unsaved record, with the parts that belong to it."""
    new.recorded_by = by
    with acting(by, verb or f"recorded {_a(new)}"), explained():
        new.save(force_insert=True)
        for kind in parts:
            _record_all(list(kind), of=new, by=by)
    return new


def _record_all(parts: list[Record], *, of: Record, by) -> None:
    """Parts of one kind, in one statement."""
    for part in parts:
        setattr(part, part.parent_key, of)
        part.recorded_by = by
    if parts:
        type(parts[0]).objects.bulk_create(parts)


def amend(amended: AnyRecord, changes: Mapping[str, object], *, by, reason: str) -> AnyRecord:
    """Change fields of a record, unless somebody else changed it since it was read.

    Raises
    ------
    ValidationError
        If the changed record would break a rule, or no reason is given.
    StaleRecord
        If the stored version is no longer the one that was read.
    """
    changeable = {field.name for field in amended._meta.concrete_fields if field.editable}
    fixed = set(changes) - (changeable - {amended.parent_key})
    if fixed:
        raise ValueError(f"A {amended._meta.verbose_name} keeps its {', '.join(sorted(fixed))}.")
    for name, value in changes.items():
        setattr(amended, name, value)
    amended.amend_reason, amended.recorded_by = _needed(reason), by
    written = {name: getattr(amended, name) for name in (*changes, "amend_reason", "recorded_by")}
    generated = [field.name for field in amended._meta.concrete_fields if field.generated]
    with acting(by, f"amended {_a(amended)}", reason=reason), explained():
        amended.full_clean()
        _compare_and_set(amended, recorded_at=Now(), **written)
        amended.refresh_from_db(fields=["recorded_at", *generated])
    return amended


def void(voided: AnyRecord, *, by, reason: str) -> AnyRecord:
    """Say that a record, and whatever belongs to it, does not count; it can be read for ever.

    Raises
    ------
    ValidationError
        If no reason is given.
    StaleRecord
        If the stored version is no longer the one that was read.
    """
    # One moment for all that is voided together.
    marks = {"voided_at": TransactionNow(), "voided_by": by, "void_reason": _needed(reason)}
    with acting(by, f"voided {_a(voided)}", reason=reason), explained():
        # Locked first: a part that somebody records meanwhile finds its parent voided.
        if not _as_read(voided).select_for_update().exists():
            raise StaleRecord(voided)
        _void_parts(type(voided), {"pk": voided.pk}, marks)
        _compare_and_set(voided, **marks)
        voided.refresh_from_db(fields=list(marks))
    return voided


def _void_parts(model: type[Record], of: dict[str, object], marks: dict[str, object]) -> None:
    """Void what belongs to the records that ``of`` selects, the innermost first."""
    for relation in model._meta.related_objects:
        if issubclass(relation.related_model, Record):
            name = relation.field.name
            inner = {f"{name}__{path}": value for path, value in of.items()}
            _void_parts(relation.related_model, inner, marks)
            standing = relation.related_model.objects.filter(**inner)
            standing.update(version=F("version") + 1, **marks)


def _compare_and_set(changed: Record, **values) -> None:
    """One statement that writes only over the version that was read."""
    if not _as_read(changed).update(version=F("version") + 1, **values):
        raise StaleRecord(changed)
    changed.version += 1


def _as_read(record: Record) -> QuerySet:
    return type(record).objects.filter(pk=record.pk, version=record.version)


def _a(record: Record) -> str:
    """“a visit”, “an infusion”: as the trail says it, in the language that trails are kept in."""
    with translation.override("en"):
        name = str(record._meta.verbose_name)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _needed(reason: str) -> str:
    if not reason.strip():
        raise ValidationError(_("Say why."), "reason_needed")
    return reason
