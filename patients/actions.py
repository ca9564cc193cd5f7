"""Everything that may happen to a record, each in one transaction.

A door (form, API, import) cleans an unsaved record and hands it over; what the database refuses
in spite of that comes back as the ``ValidationError`` that states the rule. ``by`` is the user who
is named on the record, None for an operator's command; the trail names who is in force.
"""

from collections.abc import Iterable, Mapping, Sequence
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
    Confirmation,
    Consent,
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    ProtocolSegment,
    Signature,
    Visit,
)
from .models.inserting import insert_all
from .models.record import Record
from .refusals import explained
from .selectors import get_examination, get_whole, list_protocol, part_key, version_of
from .unusual import Unusual

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
    findings: Iterable[Finding] = (),
    confirmed: Iterable[Unusual] = (),
    by,
) -> Visit:
    """A visit with all that was examined at it, and the unusual values that ``by`` confirmed."""
    with acting(by, "recorded a visit"), explained():
        record(visit, parts=(muscle_scores, grip_strengths), by=by)
        _record_all([*findings], of=visit.patient, by=by)
        confirm(visit, confirmed, by=by)
    return visit


def amend_visit(
    visit: Visit,
    changes: Mapping[str, object],
    *,
    muscle_scores: Iterable[MuscleScore],
    grip_strengths: Iterable[GripStrength],
    findings: Iterable[Finding],
    confirmed: Iterable[Unusual] = (),
    as_read: str,
    by,
    reason: str,
) -> bool:
    """Let a visit and what was examined at it be as these unsaved records say.

    What is as it was is not written; whatever changes raises the version of the visit. Says
    whether anything did.

    Raises
    ------
    ValidationError
        If a rule is broken, or no reason is given.
    StaleRecord
        If the visit, or anything examined at it, is no longer ``as_read`` (`Examination.version`).
    """
    with acting(by, "amended a visit", reason=reason), explained():
        now = get_examination(visit, locked=True)
        if now is None or now.version != as_read:
            raise StaleRecord(visit)
        parts = (
            (now.muscle_scores, muscle_scores),
            (now.grip_strengths, grip_strengths),
            (now.findings, findings),
        )
        return _let_be(now.visit, changes, parts, confirmed=confirmed, by=by, reason=reason)


def record_whole(
    new: AnyRecord, *, parts: Iterable[Iterable[Record]] = (), confirmed: Iterable[Unusual] = (), by
) -> AnyRecord:
    """A record with its parts, and the unusual values that ``by`` confirmed."""
    with acting(by, f"recorded {_a(new)}"), explained():
        record(new, parts=parts, by=by)
        confirm(new, confirmed, by=by)
    return new


def record_all(
    new: Sequence[Record],
    *,
    parts: Iterable[Sequence[Record]] = (),
    confirmed: Iterable[tuple[Record, Unusual]] = (),
    by,
) -> None:
    """Records of one kind with their parts, as one action and one statement per table.

    ``parts`` know what they belong to.
    """
    several = new[0]._meta.verbose_name_plural
    with acting(by, f"recorded {len(new)} {several}"), explained():
        for kind in (new, *parts):
            for one in kind:
                one.recorded_by = by
            if kind:
                insert_all(kind)
        _confirm_all(confirmed, by=by)


def amend_whole(
    amended: Record,
    changes: Mapping[str, object],
    *,
    parts: Iterable[Iterable[Record]] = (),
    confirmed: Iterable[Unusual] = (),
    as_read: str,
    by,
    reason: str,
) -> bool:
    """Let a record and its parts be as these unsaved ones say; as `amend_visit`.

    ``parts`` are of the kinds that `Record.part_names` names, in that order.
    """
    with acting(by, f"amended {_a(amended)}", reason=reason), explained():
        now = get_whole(amended, locked=True)
        if now is None or now.version != as_read:
            raise StaleRecord(amended)
        both = tuple(zip(now.parts, parts, strict=True))
        return _let_be(now.record, changes, both, confirmed=confirmed, by=by, reason=reason)


def void_whole(voided: AnyRecord, *, as_read: str, by, reason: str) -> AnyRecord:
    """A record and its parts do not count."""
    with acting(by, f"voided {_a(voided)}", reason=reason), explained():
        now = get_whole(voided, locked=True)
        if now is None or now.version != as_read:
            raise StaleRecord(voided)
        return void(now.record, by=by, reason=reason)


def void_visit(visit: Visit, *, as_read: str, by, reason: str) -> Visit:
    """A visit does not count, nor does what was examined at it, the day's findings included."""
    with acting(by, "voided a visit", reason=reason), explained():
        now = get_examination(visit, locked=True)
        if now is None or now.version != as_read:
            raise StaleRecord(visit)
        for finding in now.findings:
            void(finding, by=by, reason=reason)
        return void(now.visit, by=by, reason=reason)


def sign_visit(visit: Visit, *, as_read: str, by) -> Signature:
    """Somebody stands for a visit as it was read; from now on it does not change silently.

    Raises
    ------
    ValidationError
        If it is signed already.
    StaleRecord
        If the visit, or anything examined at it, is no longer ``as_read``.
    """
    with acting(by, "signed a visit"), explained():
        now = get_examination(visit, locked=True)
        if now is None or now.version != as_read:
            raise StaleRecord(visit)
        return Signature.objects.create(visit=visit, version=now.version, signed_by=by)


def take_signature_back(signature: Signature, *, by, reason: str) -> None:
    """The visit may be changed again; that it was signed stays in the record.

    Raises
    ------
    ValidationError
        If no reason is given, or somebody was faster.
    """
    signature.withdraw_reason = _needed(reason)
    with acting(by, "took back the signature of a visit", reason=reason), explained():
        signature.clean_fields()
        standing = Signature.objects.filter(pk=signature.pk, withdrawn_at__isnull=True)
        if not standing.update(withdrawn_at=Now(), withdrawn_by=by, withdraw_reason=reason):
            raise ValidationError(_("This signature was taken back already."), "not_signed")


def confirm(confirmed: Record, answers: Iterable[Unusual], *, by) -> None:
    """Note who said that these values of a record are right; said twice, it stands once."""
    _confirm_all(((confirmed, answer) for answer in answers), by=by)


def _confirm_all(answers: Iterable[tuple[Record, Unusual]], *, by) -> None:
    Confirmation.objects.bulk_create(
        [
            Confirmation(
                patient=confirmed if isinstance(confirmed, Patient) else confirmed.patient,
                record_id=confirmed.pk,
                code=answer.code,
                field=answer.field,
                value=answer.value,
                confirmed_by=by,
            )
            for confirmed, answer in answers
        ],
        ignore_conflicts=True,
    )


def _let_be(
    now: Record,
    changes: Mapping[str, object],
    parts: Iterable[tuple[Iterable[Record], Iterable[Record]]],
    *,
    confirmed: Iterable[Unusual],
    by,
    reason: str,
) -> bool:
    """Write what differs; whatever does raises the version of the record."""
    new_values = {name: value for name, value in changes.items() if getattr(now, name) != value}
    has_changed = [
        _let_parts_be(stored, list(wanted), of=now, by=by, reason=reason)
        for stored, wanted in parts
    ]
    confirm(now, confirmed, by=by)
    if new_values or any(has_changed):
        amend(now, new_values, by=by, reason=reason)
        return True
    return False


def _let_parts_be(
    stored: Iterable[Record], wanted: Iterable[Record], *, of, by, reason: str
) -> bool:
    """Void what is no longer there, amend what differs, record what is new."""
    left = {part_key(part): part for part in stored}
    new, different = [], []
    for part in wanted:
        before = left.pop(part_key(part), None)
        if before is None:
            new.append(part)
        elif differences := _differences(before, part):
            different.append((before, differences))
    for part in left.values():
        void(part, by=by, reason=reason)
    for before, differences in different:
        amend(before, differences, by=by, reason=reason)
    for part in new:
        if part.parent_key != "patient":  # a finding is the patient's, and the day's
            setattr(part, part.parent_key, of)
        record(part, by=by)
    return bool(left or different or new)


def _differences(stored: Record, wanted: Record) -> dict[str, object]:
    names = [
        field.name
        for field in stored._meta.concrete_fields
        if field.editable and not field.generated and field.name != stored.parent_key
    ]
    return {
        name: getattr(wanted, name)
        for name in names
        if getattr(wanted, name) != getattr(stored, name)
    }


def record_study(
    study: NerveConductionStudy, *, segments: Iterable[NerveSegment] = (), by
) -> NerveConductionStudy:
    """A study with its segments."""
    return record(study, parts=(segments,), by=by)


def record_laboratory_result(result: LaboratoryResult, *, by) -> LaboratoryResult:
    return record(result, by=by)


def record_finding(finding: Finding, *, by) -> Finding:
    return record(finding, by=by)


def record_findings(findings: Iterable[Finding], *, by) -> list[Finding]:
    """What was found on one day."""
    with acting(by, "recorded findings"):
        return [record_finding(finding, by=by) for finding in findings]


def record_consent(consent: Consent, *, by) -> Consent:
    return record(consent, by=by)


def withdraw_consent(consent: Consent, *, withdrawn_on: date, by) -> Consent:
    return amend(consent, {"withdrawn_on": withdrawn_on}, by=by, reason=_("Consent withdrawn."))


def record_lower_limit(limit: LowerLimit, *, by) -> LowerLimit:
    return record(limit, by=by)


def set_protocol(centre, segments: Iterable[ProtocolSegment], *, as_read: str, by) -> bool:
    """Let a centre's protocol be these unsaved segments, in their order; says whether it changed.

    Raises
    ------
    ValidationError
        If a rule is broken.
    StaleRecord
        If the protocol is no longer the one that was read (`version_of` its segments).
    """
    reason = _("The protocol was changed.")
    with acting(by, "set the protocol of nerve studies", reason=reason), explained():
        stored = list(list_protocol(centre).select_for_update())
        if version_of(*stored) != as_read:
            raise StaleRecord(ProtocolSegment())
        wanted = list(segments)
        for place, segment in enumerate(wanted, 1):
            segment.centre, segment.place = centre, place
        return _let_parts_be(stored, wanted, of=centre, by=by, reason=reason)


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
        insert_all(parts)


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
