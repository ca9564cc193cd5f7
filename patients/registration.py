"""A patient comes into the registry: under which study id, whether known already, and by mistake.

Whether somebody is registered elsewhere is answered by the database, in a word and not too often:
see ``registry_person_elsewhere()``.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet

from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.models import Centre
from mmn_registry.identity_cipher import MasterKey

from .actions import confirm, register_patient, void_whole
from .identity import (
    Person,
    erase_identity,
    find_patients,
    master_keys,
    record_identity,
    stored_identity,
)
from .models import Patient
from .unusual import Unusual

NUMBERED = re.compile(r"(.*?)([0-9]+)")


def next_study_id(centre: Centre) -> str:
    """The number after the centre's last one, written as most of its ids are; "" if none fits.

    Ids of other centres are not looked at: whether one is taken, saving tells.
    """
    known = Patient.including_voided.filter(centre=centre).values_list("study_id", flat=True)
    numbered = [found.groups() for one in known if (found := NUMBERED.fullmatch(one))]
    if not numbered:
        return _if_fit(f"{centre.code}-001")
    prefix = Counter(prefix for prefix, _number in numbered).most_common(1)[0][0]
    numbers = [number for before, number in numbered if before == prefix]
    digits = min(map(len, numbers))
    return _if_fit(f"{prefix}{max(map(int, numbers)) + 1:0{digits}}")


def _if_fit(study_id: str) -> str:
    try:
        Patient._meta.get_field("study_id").run_validators(study_id)
    except ValidationError:
        return ""
    return study_id


def register(
    patient: Patient, *, person: Person | None = None, confirmed: Iterable[Unusual] = (), by
) -> Patient:
    """A patient under a new study id and, if it was said, who that is."""
    with acting(by, "registered a patient"):
        try:
            register_patient(patient, by=by)
        except ValidationError as refused:
            if getattr(refused, "code", "") != "duplicate_record":
                raise
            raise ValidationError({"study_id": refused}) from refused
        confirm(patient, confirmed, by=by)
        if person is not None:
            record_identity(patient, person, by=by)
    return patient


def void_registration(patient: Patient, *, as_read: str, by, reason: str) -> Patient:
    """A registration made by mistake: no record of it counts, and who it named is forgotten."""
    with acting(by, "voided a registration", reason=reason):
        identity = stored_identity(patient)
        if identity is not None and identity.erased_at is None:
            erase_identity(identity, by=by, reason=reason)
        return void_whole(patient, as_read=as_read, by=by, reason=reason)


# ── Is somebody known already? ───────────────────────────────────────────────────────────────


class Known(StrEnum):
    """All that is ever said about it; the last one is about who asks."""

    NEW = "new"
    HERE = "here"
    ASK = "ask"  # the national coordinator
    LATER = "later"


@dataclass(frozen=True)
class KnownPerson:
    answer: Known
    here: tuple[Patient, ...] = ()


@transaction.atomic
def known_person(person: Person, visible: QuerySet[Patient], *, route: str) -> KnownPerson:
    """Whether somebody of this name and birth date, or hospital number, is registered.

    Of the asking person's centres it says who; of others, that one should be asked.
    """
    asked = [Person(person.family_name, person.given_name, person.born_on)]
    asked += [Person(hospital_number=person.hospital_number)] if person.hospital_number else []
    found = {p.study_id: p for one in asked for p in find_patients(one, visible, route=route)}
    if found:
        return KnownPerson(Known.HERE, tuple(found[study_id] for study_id in sorted(found)))
    keys = [key for master in master_keys().all if (key := _person_key(person, master))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_person_elsewhere(%s, %s)", [keys, route])
        return KnownPerson(Known(cursor.fetchone()[0]))


def _person_key(person: Person, master: MasterKey) -> str:
    """As ``registry_keep_person_key()`` makes it of what is stored; nothing of a part."""
    texts = person.texts()
    hashes = [
        master.index(name, texts.get(name, "")) for name in ("family_name", "given_name", "born_on")
    ]
    return hashlib.sha256("".join(hashes).encode()).hexdigest() if all(hashes) else ""
