"""Who a patient is: recorded, amended, erased, looked at and searched for.

Values are encrypted here, before they reach the database; whoever looks at them leaves a note in
the trail, in the same transaction. Without the right to identity PostgreSQL shows no row.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.validators import validate_note
from mmn_registry.audit.notes import note, note_patient
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.identity_cipher import DataKey, MasterKeys

from .actions import StaleRecord
from .models import IDENTITY_FIELDS, Identity, IdentityKey, Patient
from .validators import validate_not_after_today, validate_not_before_1900


@dataclass(frozen=True)
class Person:
    """Who a patient is, in clear. Nothing of it goes into a log, an address or a session."""

    family_name: str = ""
    given_name: str = ""
    born_on: date | None = None
    hospital_number: str = ""

    def __repr__(self):
        return "Person(…)"

    def texts(self) -> dict[str, str]:
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if value
        }


# ── Recording ────────────────────────────────────────────────────────────────────────────────


def validate_person(person: Person, patient: Patient) -> None:
    """A person has something to be known by, and was born in the recorded year."""
    if not person.texts():
        raise ValidationError(_("Fill in at least one of these."), "nothing_recorded")
    if person.born_on is None:
        return
    try:
        validate_not_after_today(person.born_on)
        validate_not_before_1900(person.born_on)
    except ValidationError as refused:
        raise ValidationError({"born_on": refused}) from None
    if patient.birth_year is not None and person.born_on.year != patient.birth_year:
        message = _("The patient's year of birth is recorded as %(year)s. Correct one of the two.")
        error = ValidationError(message, "another_birth_year", {"year": patient.birth_year})
        raise ValidationError({"born_on": error})


def record_identity(patient: Patient, person: Person, *, by) -> Identity:
    """Say who a patient is, for the first time or after an erasure."""
    validate_person(person, patient)
    with acting(by, "recorded an identity"):
        if Identity.objects.filter(patient=patient, erased_at__isnull=True).exists():
            message = _("Who this patient is, is recorded already. Amend it instead.")
            raise ValidationError(message, "duplicate_record")
        key, data_key = key_in_use(patient)
        values = {**_stored(person, data_key), "key": key, "recorded_by": by, "erased_at": None}
        erased = Identity.objects.filter(patient=patient)
        if erased.exists():
            erased.update(version=F("version") + 1, recorded_at=Now(), amend_reason="", **values)
            return erased.get()
        return Identity.objects.create(patient=patient, **values)


def amend_identity(identity: Identity, person: Person, *, by, reason: str) -> Identity:
    """Change what was recorded, unless somebody else did since it was read.

    Raises
    ------
    ValidationError
        If the person breaks a rule, or no reason is given.
    StaleRecord
        If the stored version is no longer the one that was read.
    """
    validate_person(person, identity.patient)
    reason = _needed(reason)
    with acting(by, "amended an identity", reason=reason):
        values = _stored(person, data_key_of(identity.key))
        _compare_and_set(identity, amend_reason=reason, recorded_by=by, **values)
    return identity


def erase_identity(identity: Identity, *, by, reason: str) -> None:
    """Destroy the patient's key: what the trail and old copies hold of it becomes unreadable.

    That there was an identity, and that, when, by whom and why it was erased, stays.
    """
    reason = _needed(reason)
    nothing = dict.fromkeys([*IDENTITY_FIELDS, *map(_index, IDENTITY_FIELDS)], "")
    with acting(by, "erased an identity", reason=reason):
        _compare_and_set(identity, amend_reason="", recorded_by=by, erased_at=Now(), **nothing)
        keys = IdentityKey.objects.filter(patient=identity.patient_id, destroyed_at__isnull=True)
        keys.update(wrapped_key="", destroyed_at=Now(), destroyed_by=by, destroy_reason=reason)


def key_in_use(patient: Patient) -> tuple[IdentityKey, DataKey]:
    """The patient's key; a new one where there is none, or the last was destroyed."""
    known = IdentityKey.objects.filter(patient=patient, destroyed_at__isnull=True).first()
    return (known, data_key_of(known)) if known else _new_key(patient)


def _new_key(patient: Patient) -> tuple[IdentityKey, DataKey]:
    master = master_keys().current
    data_key = DataKey.made(key_id := uuid4())
    key = IdentityKey.objects.create(
        id=key_id,
        patient=patient,
        wrapped_key=data_key.wrapped_by(master),
        master_key_id=master.id,
    )
    return key, data_key


def _stored(person: Person, data_key: DataKey) -> dict[str, str]:
    texts = person.texts()
    index = master_keys().current.index
    stored = {name: data_key.encrypted(name, texts.get(name, "")) for name in IDENTITY_FIELDS}
    return stored | {_index(name): index(name, texts.get(name, "")) for name in IDENTITY_FIELDS}


def _compare_and_set(identity: Identity, **values) -> None:
    as_read = Identity.objects.filter(pk=identity.pk, version=identity.version)
    if not as_read.update(version=F("version") + 1, recorded_at=Now(), **values):
        raise StaleRecord(identity)
    identity.refresh_from_db()


def _needed(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("Say why."), "reason_needed")})
    validate_note(reason)
    return reason


def _index(field: str) -> str:
    return f"{field}_index"


def master_keys() -> MasterKeys:
    return settings.IDENTITY_KEYS


def data_key_of(key: IdentityKey) -> DataKey:
    return master_keys().called(key.master_key_id).unwrapped(key.wrapped_key, key.pk)


# ── Looking ──────────────────────────────────────────────────────────────────────────────────


def stored_identity(patient: Patient) -> Identity | None:
    """The row, with its values as they are stored: that there is one is no secret here."""
    return Identity.objects.select_related("key", "patient").filter(patient=patient).first()


@transaction.atomic
def read_identity(identity: Identity, *, route: str) -> Person:
    """Who a patient is. That it was looked at is noted, or it is not shown."""
    if identity.erased_at is not None:
        raise ValueError("An erased identity cannot be read: ask `erased_at` first.")
    note_patient(EntryKind.IDENTITY, identity.patient.study_id, route=route)
    return _person(identity)


def _person(identity: Identity) -> Person:
    data_key = data_key_of(identity.key)
    texts = {name: data_key.decrypted(name, getattr(identity, name)) for name in IDENTITY_FIELDS}
    born_on = date.fromisoformat(texts["born_on"]) if texts["born_on"] else None
    return Person(**{**texts, "born_on": born_on})


@transaction.atomic
def find_patients(asked: Person, visible: QuerySet[Patient], *, route: str) -> list[Patient]:
    """Those of some patients who are called, were born or are numbered so; all that is asked.

    Nothing is decrypted for it. A name is found however its case, accents and hyphens are written.
    """
    wanted = Q()
    for name, value in asked.texts().items():
        hashes = [key.index(name, value) for key in master_keys().all]
        wanted &= Q(**{f"{_index(name)}__in": [one for one in hashes if one]})
    if not wanted:
        return []
    found = Identity.objects.filter(wanted).values("patient")
    patients = list(visible.filter(pk__in=found))
    note(EntryKind.IDENTITY, route=route, table="patients_identity", rows=len(patients))
    return patients


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────


def rotate_master_key(*, by=None) -> int:
    """Wrap every patient's key under the key in use, and hash anew; how many there were."""
    current = master_keys().current
    with acting(by, "rotated the identity key"):
        former = list(
            IdentityKey.objects.select_for_update()
            .filter(destroyed_at__isnull=True)
            .exclude(master_key_id=current.id)
        )
        for key, data_key in _unwrapped(former):
            wrapped = data_key.wrapped_by(current)
            IdentityKey.objects.filter(pk=key.pk).update(
                wrapped_key=wrapped, master_key_id=current.id
            )
            _index_anew(key, data_key)
    return len(former)


def _unwrapped(keys: Iterable[IdentityKey]) -> Iterator[tuple[IdentityKey, DataKey]]:
    yield from ((key, data_key_of(key)) for key in keys)


def _index_anew(key: IdentityKey, data_key: DataKey) -> None:
    index = master_keys().current.index
    for identity in Identity.objects.filter(key=key, erased_at__isnull=True):
        hashes: Mapping[str, str] = {
            _index(name): index(name, data_key.decrypted(name, getattr(identity, name)))
            for name in IDENTITY_FIELDS
        }
        Identity.objects.filter(pk=identity.pk).update(**hashes)
