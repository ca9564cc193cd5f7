"""Who a patient is: encrypted, apart, for those with the right, and erasable for good."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from mmn_registry.accounts.roles import RIGHTS, Role
from mmn_registry.identity_cipher import MasterKeys, Undecipherable
from mmn_registry.principal import EVERYWHERE, Kind, Principal, Right, in_force
from patients import identity as room
from patients.actions import StaleRecord
from patients.identity import (
    Person,
    amend_identity,
    erase_identity,
    find_patients,
    read_identity,
    record_identity,
    stored_identity,
)
from patients.models import IDENTITY_FIELDS, Identity, IdentityKey, Patient
from tests.patients.examples import centre, patient, saved

pytestmark = pytest.mark.django_db
ANNE = Person("Müller-Okapi", "Anne", date(1950, 3, 31), "H-0471/22")
TABLES = ("patients_identity", "patients_identitykey")


@pytest.fixture(autouse=True)
def noted(monkeypatch):
    """What was noted in the trail, beside being written there."""
    notes = []
    for name in ("note", "note_patient"):
        write = getattr(room, name)
        monkeypatch.setattr(
            room, name, lambda *a, write=write, **k: (notes.append((a, k)), write(*a, **k))
        )
    return notes


@pytest.fixture
def anne():
    return record_identity(saved(patient()), ANNE, by=None)


def read(identity) -> Person:
    return read_identity(identity, route="test")


def stored_text() -> str:
    with connection.cursor() as cursor:
        rows = [
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} AS t").fetchall()
            for table in TABLES
        ]
    return str(rows)


class TestRecording:
    def test_is_read_again(self, anne):
        assert read(stored_identity(anne.patient)) == ANNE

    def test_stores_nothing_in_clear(self, anne):
        assert not [v for v in (*ANNE.texts().values(), "Okapi") if v in stored_text()]

    def test_leaves_out_what_is_not_known(self):
        identity = record_identity(saved(patient()), Person(given_name="Anne"), by=None)

        assert identity.family_name == identity.family_name_index == ""
        assert read(identity) == Person(given_name="Anne")

    def test_happens_once(self, anne):
        with pytest.raises(ValidationError, match="recorded already"):
            record_identity(anne.patient, ANNE, by=None)

    @pytest.mark.parametrize(
        ("person", "code"),
        [
            (Person(), "nothing_recorded"),
            (Person(born_on=date(1951, 3, 31)), "another_birth_year"),
            (Person(born_on=date(2999, 1, 1)), "date_after_today"),
            (Person(born_on=date(1899, 1, 1)), "implausible_date"),
        ],
    )
    def test_refuses_what_cannot_be(self, person, code):
        with pytest.raises(ValidationError) as refused:
            record_identity(saved(patient()), person, by=None)

        errors = refused.value
        found = errors.error_dict["born_on"] if hasattr(errors, "error_dict") else [errors]
        assert [error.code for error in found] == [code]

    @pytest.mark.parametrize("field", [*IDENTITY_FIELDS, *(f"{f}_index" for f in IDENTITY_FIELDS)])
    def test_the_database_refuses_clear_text(self, anne, field):
        with (
            pytest.raises(IntegrityError, match="identity_is_ciphertext"),
            transaction.atomic(),
        ):
            Identity.objects.filter(pk=anne.pk).update(**{field: "Okapi"})

    def test_the_database_refuses_a_key_in_clear(self, anne):
        with pytest.raises(IntegrityError, match="identitykey_wrapped"), transaction.atomic():
            IdentityKey.objects.update(wrapped_key="0" * 64)


class TestAmending:
    def test_changes_what_is_read_and_found(self, anne):
        amended = Person("Tapir", "Anne", date(1950, 3, 31), "H-0471/22")
        amend_identity(anne, amended, by=None, reason="Married.")

        assert (read(anne), anne.version, anne.amend_reason) == (amended, 2, "Married.")
        assert found(family_name="tapir") == ["SYN-001"]
        assert found(family_name="Müller-Okapi") == []

    def test_needs_a_reason(self, anne):
        with pytest.raises(ValidationError, match="Say why"):
            amend_identity(anne, ANNE, by=None, reason=" ")

    def test_does_not_overwrite_what_somebody_else_changed(self, anne):
        again = stored_identity(anne.patient)
        amend_identity(anne, ANNE, by=None, reason="Spelling.")

        with pytest.raises(StaleRecord):
            amend_identity(again, ANNE, by=None, reason="Spelling.")


class TestErasing:
    def test_leaves_that_there_was_one_and_why_it_is_gone(self, anne):
        erase_identity(anne, by=None, reason="Asked for by the patient.")

        key = IdentityKey.objects.get()
        assert key.destroy_reason == "Asked for by the patient."
        assert key.wrapped_key == ""
        assert [getattr(anne, name) for name in IDENTITY_FIELDS] == [""] * 4
        assert anne.erased_at is not None
        assert found(family_name=ANNE.family_name) == []

    def test_makes_what_was_copied_before_unreadable(self, anne):
        """A row of the trail holds what the table held: ciphertext, and never the key."""
        copied, key = anne.family_name, stored_identity(anne.patient).key
        assert room.data_key_of(key).decrypted("family_name", copied) == ANNE.family_name

        erase_identity(anne, by=None, reason="Asked for.")

        with pytest.raises(Undecipherable):
            room.data_key_of(IdentityKey.objects.get()).decrypted("family_name", copied)

    def test_cannot_be_undone_even_by_sql(self, anne):
        wrapped = IdentityKey.objects.get().wrapped_key
        erase_identity(anne, by=None, reason="Asked for.")

        with pytest.raises(DatabaseError, match="stays destroyed"), transaction.atomic():
            IdentityKey.objects.update(wrapped_key=wrapped, destroyed_at=None, destroy_reason="")

    def test_needs_a_reason(self, anne):
        with pytest.raises(ValidationError, match="Say why"):
            erase_identity(anne, by=None, reason="")

    def test_makes_room_for_another_with_another_key(self, anne):
        old = anne.family_name
        erase_identity(anne, by=None, reason="Another patient's.")

        again = record_identity(anne.patient, ANNE, by=None)

        assert (read(again), again.pk, again.version) == (ANNE, anne.pk, 3)
        assert IdentityKey.objects.count() == 2
        with pytest.raises(Undecipherable):
            room.data_key_of(again.key).decrypted("family_name", old)

    def test_an_erased_one_is_asked_about_before_it_is_read(self, anne):
        erase_identity(anne, by=None, reason="Asked for.")

        with pytest.raises(ValueError, match="erased"):
            read(anne)


def found(**asked) -> list[str]:
    visible = Patient.objects.all().order_by("study_id")
    return [p.study_id for p in find_patients(Person(**asked), visible, route="test")]


class TestSearching:
    @pytest.fixture(autouse=True)
    def _two(self, anne):
        other = saved(patient(study_id="SYN-002"))
        record_identity(other, Person("Muller Okapi", "Zoë", None, "H-9"), by=None)

    @pytest.mark.parametrize(
        ("asked", "answer"),
        [
            ({"family_name": "MULLER OKAPI"}, ["SYN-001", "SYN-002"]),
            ({"family_name": "müller-okapi", "given_name": "zoe"}, ["SYN-002"]),
            ({"born_on": date(1950, 3, 31)}, ["SYN-001"]),
            ({"hospital_number": "h 0471 22"}, ["SYN-001"]),
            ({"family_name": "Müller"}, []),
            ({"given_name": "Müller-Okapi"}, []),
            ({"family_name": " - "}, []),
            ({}, []),
        ],
    )
    def test_finds_whom_all_of_it_fits(self, asked, answer):
        assert found(**asked) == answer

    def test_decrypts_nothing(self, monkeypatch):
        monkeypatch.setattr(room, "data_key_of", None)

        assert found(given_name="anne") == ["SYN-001"]


class TestLooking:
    def test_is_noted_with_whose_it_was(self, anne, noted):
        read(anne)

        assert noted == [(("identity", "SYN-001"), {"route": "test"})]

    def test_is_refused_where_it_cannot_be_noted(self, anne, monkeypatch):
        def fails(*_args, **_options):
            raise DatabaseError("The trail is full.")

        monkeypatch.setattr(room, "note_patient", fails)
        with pytest.raises(DatabaseError):
            read(anne)

    def test_for_somebody_is_noted_with_how_many_were_found(self, anne, noted):
        found(given_name="Anne")

        assert noted == [
            (("identity",), {"route": "test", "table": "patients_identity", "rows": 1})
        ]

    def test_a_person_is_not_printed_by_accident(self):
        assert "Okapi" not in f"{ANNE}{ANNE!r}{[ANNE]}"


@pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything")
class TestIsolation:
    @pytest.fixture(autouse=True)
    def _two_centres(self, anne):
        foreign = saved(patient(study_id="SYN-002", centre=centre("OTHER")))
        record_identity(foreign, ANNE, by=None)

    @contextmanager
    def acting(self, *rights, where=None):
        reach = dict.fromkeys(rights, frozenset([centre("SALP").pk]) if where is None else where)
        with in_force(Principal(Kind.USER, reach=reach)), transaction.atomic():
            yield

    def seen(self) -> list[int]:
        with connection.cursor() as cursor:
            return [cursor.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES]

    @pytest.mark.parametrize("role", list(Role))
    def test_only_who_has_the_right_sees_a_row_and_only_of_their_centre(self, role):
        with self.acting(*RIGHTS[role]):
            assert self.seen() == ([1, 1] if Right.IDENTITY in RIGHTS[role] else [0, 0])

    def test_neither_everybodys_reader_nor_nobody_sees_one(self):
        everything_else = set(Right) - {Right.IDENTITY}
        with self.acting(*everything_else, where=EVERYWHERE):
            assert self.seen() == [0, 0]
        with in_force(None), transaction.atomic():
            assert self.seen() == [0, 0]

    def test_another_centres_is_neither_changed_nor_recorded(self):
        foreign = Identity.objects.get(patient__study_id="SYN-002")
        new = saved(patient(study_id="SYN-003", centre=centre("OTHER")))
        with self.acting(*RIGHTS[Role.NEUROLOGIST]):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE patients_identity SET version = 9")
                assert cursor.rowcount == 1
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                record_identity(new, ANNE, by=None)
        foreign.refresh_from_db()
        assert foreign.version == 1

    def test_who_may_look_but_not_write_changes_nothing(self):
        with (
            self.acting(Right.READ, Right.IDENTITY),
            connection.cursor() as cursor,
        ):
            for table in TABLES:
                cursor.execute(f"UPDATE {table} SET id = id")
                assert cursor.rowcount == 0

    @pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}"])
    @pytest.mark.parametrize("table", TABLES)
    def test_nothing_is_deleted(self, table, statement):
        with (
            pytest.raises(DatabaseError) as refused,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(table))

        assert refused.value.__cause__.sqlstate == "42501"

    def test_a_search_finds_ones_own(self):
        with self.acting(*RIGHTS[Role.COORDINATOR]):
            assert found(given_name="Anne") == ["SYN-001"]


class TestRotating:
    NEW = "a new identity key, made by chance, long"

    @pytest.fixture
    def keys(self, settings, anne):
        former = "the key before this one, made by chance"
        settings.IDENTITY_KEYS = MasterKeys(former)
        other = saved(patient(study_id="SYN-002"))
        identity = record_identity(other, ANNE, by=None)
        settings.IDENTITY_KEYS = MasterKeys(self.NEW, [former, self._of_anne()])
        return identity

    def _of_anne(self):
        return f"of this machine alone, by its {settings.SECRET_KEY}"

    def test_before_it_everything_is_read_and_found_as_ever(self, keys, anne):
        assert [read(stored_identity(i.patient)) for i in (keys, anne)] == [ANNE, ANNE]
        assert found(given_name="anne") == ["SYN-001", "SYN-002"]

    def test_after_it_the_former_keys_are_not_needed(self, keys, anne, settings, capsys):
        call_command("rotate_identity_key")
        settings.IDENTITY_KEYS = MasterKeys(self.NEW)

        assert capsys.readouterr().out.startswith("2 keys are under the identity key in use now.")
        assert [read(stored_identity(i.patient)) for i in (keys, anne)] == [ANNE, ANNE]
        assert found(given_name="anne") == ["SYN-001", "SYN-002"]

    def test_twice_does_nothing_the_second_time(self, keys, capsys):
        call_command("rotate_identity_key")
        call_command("rotate_identity_key")

        assert capsys.readouterr().out.splitlines()[1].startswith("0 keys")

    def test_without_a_former_key_it_is_refused_and_nothing_changed(self, keys, settings):
        settings.IDENTITY_KEYS = MasterKeys(self.NEW)
        before = stored_text()

        with pytest.raises(Undecipherable, match="MMN_FORMER_IDENTITY_KEYS"):
            call_command("rotate_identity_key")
        assert stored_text() == before

    def test_an_erased_key_stays_erased(self, keys):
        erase_identity(keys, by=None, reason="Asked for.")
        call_command("rotate_identity_key")

        assert IdentityKey.objects.get(patient=keys.patient).wrapped_key == ""
