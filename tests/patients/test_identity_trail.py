"""What the trail keeps of an identity: that it was written, and nothing that outlives its key."""

from datetime import date

import pytest
from django.db import connection

from mmn_registry.disclosure import Disclosure, classification
from mmn_registry.identity_cipher import Undecipherable
from patients import identity as room
from patients.identity import (
    Person,
    amend_identity,
    erase_identity,
    find_patients,
    read_identity,
    record_identity,
)
from patients.models import IDENTITY_FIELDS, IdentityKey, Patient
from tests.patients.examples import patient, saved

pytestmark = pytest.mark.django_db
ANNE = Person("Zebrafinch-Okapi", "Quokka", date(1950, 3, 31), "H-0471/22")
TABLES = ("patients_identity", "patients_identitykey")
# The last two arguments of the trail's triggers, as mmn_registry/audit/audited.py makes them.
SECRET, LEFT_OUT = -2, -1


def entries(columns: str, condition: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM audit_entry WHERE {condition} ORDER BY seq")
        return cursor.fetchall()


def everything() -> str:
    """All that the trail holds, its values included, as who may read it everywhere has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT told.* FROM registry_trail_values(ARRAY(SELECT seq FROM audit_entry)) AS told"
        )
        return str(cursor.fetchall())


@pytest.fixture
def erased():
    """Recorded, amended, looked at, searched for, and erased."""
    identity = record_identity(saved(patient()), ANNE, by=None)
    copied = {name: getattr(identity, name) for name in IDENTITY_FIELDS}
    hashes = {getattr(identity, f"{name}_index") for name in IDENTITY_FIELDS}
    wrapped = IdentityKey.objects.get().wrapped_key
    amend_identity(identity, ANNE, by=None, reason="Spelling.")
    read_identity(identity, route="patients:identity")
    find_patients(ANNE, Patient.objects.all(), route="patients:find")
    erase_identity(identity, by=None, reason="Asked for.")
    return {"copied": copied, "never": {wrapped, *hashes, *ANNE.texts().values()}}


def test_holds_every_write_and_that_it_was_erased(erased):
    told = entries(
        "table_name, operation, verb, reason",
        "kind = 'write' AND table_name LIKE 'patients_identity%'",
    )

    assert told == [
        ("patients_identitykey", "insert", "recorded an identity", ""),
        ("patients_identity", "insert", "recorded an identity", ""),
        ("patients_identity", "update", "amended an identity", "Spelling."),
        ("patients_identity", "update", "erased an identity", "Asked for."),
        ("patients_identitykey", "update", "erased an identity", "Asked for."),
    ]


def test_holds_that_it_was_looked_at_and_searched_for(erased):
    told = entries("route, study_id, rows", "kind = 'identity'")

    assert told == [("patients:identity", "SYN-001", None), ("patients:find", "", 1)]


def test_holds_ciphertext_alone_and_neither_key_nor_hash(erased):
    kept = everything()

    assert [text for text in erased["copied"].values() if text not in kept] == []
    assert [text for text in erased["never"] if text in kept] == []


def test_can_no_more_be_read(erased):
    for name, copied in erased["copied"].items():
        with pytest.raises(Undecipherable):
            room.data_key_of(IdentityKey.objects.get()).decrypted(name, copied)


def test_hides_what_is_secret_in_every_table_and_nothing_else_of_fields():
    hidden = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger "
            "WHERE tgname = 'trail_insert'"
        )
        for table, written in cursor.fetchall():
            arguments = written.removesuffix("\\000").split("\\000")
            hidden[table] = _columns(arguments[SECRET]) | _columns(arguments[LEFT_OUT])

    for label, fields in classification().items():
        table = label.lower().replace(".", "_")
        if table in hidden:
            secret = {name for name, kind in fields.items() if kind is Disclosure.SECRET}
            assert secret <= hidden[table], table
            # Each sign-in and each use of a token would be an entry that tells nothing more, and a
            # document's ciphertext is as long as the document.
            assert hidden[table] - secret <= {"last_login", "last_used_at", "content"}, table
    assert {"accounts_user", *TABLES} <= set(hidden)


def _columns(array: str) -> set[str]:
    return set(filter(None, array.strip("{}").split(",")))
