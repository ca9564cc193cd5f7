"""Reads, exports, sign-ins and refusals are in the trail: who, which route, which patient."""

import json
from io import StringIO

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.urls import reverse

from mmn_registry import principal
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.accounts.trail.signing_in import note_lock_out
from mmn_registry.audit import notes
from mmn_registry.audit.notes import note, note_patient, noted_export, noted_snapshot
from mmn_registry.audit.vocabulary import NOTED_KINDS, EntryKind
from tests.audit.told import last_seq, told
from tests.patients import examples
from tests.patients.examples import saved

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _cheap_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def neurologist():
    user = open_account("anne@hospital.example", "Anne Example", password=PASSWORD)
    grant_role(user, Role.NEUROLOGIST, centre=examples.centre("C1"))
    return user


@pytest.fixture
def own_patient():
    return saved(examples.patient(study_id="ONE", centre=examples.centre("C1")))


def noted(since: int) -> list:
    return [entry for entry in told(since) if entry.kind != EntryKind.WRITE]


# ── Writing one ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", NOTED_KINDS)
def test_a_note_of_every_kind_names_who_and_where(kind, neurologist, own_patient):
    before = last_seq()

    with principal.in_force(principal_for(neurologist), request_id="7f3a"):
        note(kind, route="patients:list", centre_id=own_patient.centre_id, rows=3)

    [entry] = noted(before)
    assert (entry.kind, entry.actor_id, entry.route, entry.request_id, entry.rows) == (
        kind,
        neurologist.pk,
        "patients:list",
        "7f3a",
        3,
    )
    assert (entry.centre_id, entry.operation, entry.new) == (own_patient.centre_id, "", None)


def test_no_note_claims_that_something_was_written():
    with pytest.raises(DatabaseError, match="told by the rows themselves"), transaction.atomic():
        note(EntryKind.WRITE, route="")


def test_no_note_is_of_a_kind_that_nobody_knows():
    with pytest.raises(DatabaseError, match="no kind of note"), transaction.atomic():
        connection.cursor().execute("SELECT registry_note('gossip', '', '', '', NULL, 0)")


def test_a_note_about_a_patient_finds_the_patients_centre(own_patient):
    before = last_seq()

    note_patient(EntryKind.READ, "ONE", route="patients:detail")

    [entry] = noted(before)
    assert (entry.patient_id, entry.study_id, entry.centre_id, entry.record_id) == (
        own_patient.pk,
        "ONE",
        own_patient.centre_id,
        str(own_patient.pk),
    )


def test_what_somebody_mistyped_for_a_study_id_is_not_written_down():
    before = last_seq()

    note_patient(EntryKind.REFUSAL, "Anne Example", route="patients:detail")

    [entry] = noted(before)
    assert (entry.patient_id, entry.study_id, entry.record_id) == (None, "", "")
    assert "Anne" not in str(entry)


def test_an_export_is_noted_before_its_first_row_and_counted_at_its_end():
    before = last_seq()
    rows = noted_export(iter(range(3)), route="api:visits")

    assert next(rows) == 0
    assert [(e.kind, e.rows) for e in noted(before)] == [("export", None)]
    assert list(rows) == [1, 2]
    assert [(e.kind, e.rows) for e in noted(before)] == [("export", None), ("export", 3)]


def test_an_export_that_is_cut_off_says_how_far_it_came():
    before = last_seq()
    with principal.in_force(principal.operator("exporting")):
        rows = noted_export(iter(range(3)), route="api:visits")
        next(rows)

    rows.close()

    assert [(e.rows, e.actor_name) for e in noted(before)] == [
        (None, "exporting"),
        (1, "exporting"),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_read_with_a_note_is_one_moment():
    with noted_snapshot():
        note(EntryKind.READ, route="patients:detail")
        with connection.cursor() as cursor:
            isolation = cursor.execute("SHOW transaction_isolation").fetchone()[0]
    with connection.cursor() as cursor:
        usual = cursor.execute("SHOW transaction_isolation").fetchone()[0]

    assert (isolation, usual) == ("repeatable read", "read committed")
    assert [entry.kind for entry in told()] == ["read"]


# ── Signing in ───────────────────────────────────────────────────────────────────────────────


def test_signing_in_and_out_are_noted(neurologist, client):
    before = last_seq()

    client.force_login(neurologist)
    client.logout()

    assert [(e.kind, e.actor_kind, e.actor_id) for e in noted(before)] == [
        ("sign_in", "user", neurologist.pk),
        ("sign_out", "user", neurologist.pk),
    ]
    assert {(e.table_name, e.record_id) for e in noted(before)} == {
        ("accounts_user", str(neurologist.pk))
    }
    assert {e.centre_id for e in noted(before)} == {examples.centre("C1").pk}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("anne@hospital.example", True), ("ANNE@hospital.example", True), ("Hunter2", False)],
)
def test_a_failed_sign_in_is_noted_without_what_was_typed(neurologist, typed, meant):
    before = last_seq()

    request = RequestFactory().post("/sign-in/")
    assert authenticate(request, username=typed, password="wrong") is None

    [entry] = noted(before)
    assert (entry.kind, entry.actor_kind, entry.actor_id) == ("sign_in_failed", "database", None)
    assert entry.record_id == (str(neurologist.pk) if meant else "")
    assert typed not in str(vars(entry))
    assert "wrong" not in str(vars(entry))


def test_the_page_notes_failures_and_the_lock_out(neurologist, client):
    before = last_seq()
    form = {"login": "anne@hospital.example", "password": "wrong"}

    for _attempt in range(11):
        client.post(reverse("account_login"), form)

    kinds = [entry.kind for entry in noted(before)]
    assert kinds == ["sign_in_failed"] * 10 + ["locked_out"]
    assert {entry.route for entry in noted(before)} == {"accounts:sign_in"}
    assert {entry.record_id for entry in noted(before)} == {str(neurologist.pk)}


def test_a_lock_out_of_nobody_is_noted(client):
    before = last_seq()

    note_lock_out(None, "nobody@hospital.example\x00")

    assert [(e.kind, e.record_id, e.route) for e in noted(before)] == [("locked_out", "", "")]


@pytest.fixture
def with_code(neurologist):
    """A neurologist who signs in with an app, and who is asked for its code."""
    TOTP.activate(neurologist, generate_totp_secret())
    return neurologist


def password_first(client):
    form = {"login": "anne@hospital.example", "password": PASSWORD}
    client.post(reverse("account_login"), form)


def test_wrong_codes_are_noted_as_refused_sign_ins(client, with_code):
    password_first(client)
    before = last_seq()

    for _attempt in range(11):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})

    entries = noted(before)
    assert [entry.kind for entry in entries] == ["sign_in_failed"] * 10 + ["locked_out"]
    assert {entry.record_id for entry in entries} == {str(with_code.pk)}
    assert {entry.centre_id for entry in entries} == {examples.centre("C1").pk}
    assert {entry.route for entry in entries} == {"mfa_authenticate"}
    assert "000000" not in str([vars(entry) for entry in entries])


def test_a_wrong_passkey_is_noted_as_a_refused_sign_in(client, with_code):
    password_first(client)
    before = last_seq()

    client.post(reverse("mfa_authenticate"), {"credential": json.dumps({"id": "stolen"})})

    assert [(e.kind, e.record_id, e.route) for e in noted(before)] == [
        ("sign_in_failed", str(with_code.pk), "mfa_authenticate")
    ]


def test_a_code_that_is_asked_for_again_and_does_not_fit_is_noted(client, with_code):
    client.force_login(with_code)
    before = last_seq()

    client.post(reverse("mfa_reauthenticate"), {"code": "000000"})

    assert [(e.kind, e.record_id) for e in noted(before)] == [("sign_in_failed", str(with_code.pk))]


@pytest.mark.parametrize("sent", [{"id": "stolen"}, "stolen", 7])
def test_a_passkey_of_nobody_is_noted(client, sent):
    before = last_seq()

    client.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(sent)})

    assert [(e.kind, e.record_id, e.route) for e in noted(before)] == [
        ("sign_in_failed", "", "mfa_login_webauthn")
    ]


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────


def test_asking_for_a_foreign_patient_is_noted_for_that_patients_centre(neurologist, client):
    theirs = saved(examples.patient(study_id="TWO", centre=examples.centre("C2")))
    client.force_login(neurologist)
    before = last_seq()

    assert client.get("/patients/TWO/").status_code == 404

    [entry] = noted(before)
    assert (entry.kind, entry.actor_id, entry.route) == (
        "refusal",
        neurologist.pk,
        "patients:detail",
    )
    assert (entry.patient_id, entry.centre_id) == (theirs.pk, theirs.centre_id)


def test_asking_for_a_patient_that_does_not_exist_is_noted_without_the_address(neurologist, client):
    client.force_login(neurologist)
    before = last_seq()

    assert client.get("/patients/Anne%20Example/").status_code == 404
    assert client.get("/Anne%20Example/").status_code == 404

    first, second = noted(before)
    assert (first.route, first.study_id, first.centre_id) == ("patients:detail", "", None)
    assert (second.route, second.centre_id) == ("", examples.centre("C1").pk)
    assert "Anne" not in str(vars(first)) + str(vars(second))


def test_a_stranger_is_sent_to_sign_in_and_not_noted(client):
    before = last_seq()

    assert client.get("/patients/TWO/").status_code == 302
    assert client.get("/nowhere/").status_code == 404

    assert noted(before) == []


# ── Reads and exports ────────────────────────────────────────────────────────────────────────


def test_reading_a_patients_page_is_noted(neurologist, own_patient, client):
    client.force_login(neurologist)
    before = last_seq()

    assert client.get("/patients/ONE/").status_code == 200

    [entry] = noted(before)
    assert (entry.kind, entry.actor_id, entry.study_id) == ("read", neurologist.pk, "ONE")
    assert entry.route == "patients:detail"


def test_a_patient_whose_reading_cannot_be_noted_is_not_shown(
    neurologist, own_patient, client, monkeypatch
):
    def broken(*_arguments, **_options):
        raise DatabaseError("no space left")

    client.force_login(neurologist)
    client.raise_request_exception = False
    before = last_seq()
    monkeypatch.setattr(notes, "_write", broken)

    answer = client.get("/patients/ONE/")

    assert answer.status_code == 500
    assert b"ONE" not in answer.content
    assert noted(before) == []


def test_reading_a_patient_by_rest_is_noted(neurologist, own_patient, client):
    client.force_login(neurologist)
    before = last_seq()

    assert client.get("/api/v1/patients/ONE/").status_code == 200

    [entry] = noted(before)
    assert (entry.kind, entry.study_id, entry.route) == ("read", "ONE", "api:patient")


def test_a_page_of_a_rest_list_is_noted_with_the_number_of_its_rows(
    neurologist, own_patient, client
):
    client.force_login(neurologist)
    before = last_seq()

    assert client.get("/api/v1/patients/").status_code == 200

    [entry] = noted(before)
    assert (entry.kind, entry.rows, entry.route) == ("read", 1, "api:patients")
    assert entry.patient_id is None


def test_a_rest_list_as_csv_is_noted_as_an_export(neurologist, own_patient, client):
    client.force_login(neurologist)
    before = last_seq()

    answer = client.get("/api/v1/patients/?format=csv")
    assert b"ONE" in b"".join(answer.streaming_content)

    assert [(e.kind, e.rows, e.route) for e in noted(before)] == [
        ("export", None, "api:patients"),
        ("export", 1, "api:patients"),
    ]


def test_a_rest_refusal_is_noted(neurologist, client):
    client.force_login(neurologist)
    saved(examples.patient(study_id="TWO", centre=examples.centre("C2")))
    before = last_seq()

    assert client.get("/api/v1/patients/TWO/").status_code == 404

    [entry] = noted(before)
    assert (entry.kind, entry.study_id, entry.actor_id) == ("refusal", "TWO", neurologist.pk)


@pytest.mark.django_db(transaction=True)
def test_the_command_that_exports_is_noted(own_patient, tmp_path):
    before = last_seq()

    call_command("export_bundle", str(tmp_path / "bundle"))

    entries = noted(before)
    assert [(e.kind, e.actor_kind, e.actor_name) for e in entries] == [
        ("export", "operator", "export_bundle")
    ] * 2
    assert [e.rows for e in entries] == [None, 1]
    assert {e.centre_id for e in entries} == {None}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("command", "options", "rows", "of_centre"),
    [
        ("derive_outcomes", {}, 2, None),
        ("derive_outcomes", {"centre": "C1"}, 1, "C1"),
        ("summarise_cohort", {}, 2, None),
    ],
)
def test_what_an_operator_prints_is_noted_with_the_number_of_patients(
    own_patient, command, options, rows, of_centre
):
    saved(examples.patient(study_id="TWO", centre=examples.centre("C2")))
    before = last_seq()

    call_command(command, stdout=StringIO(), **options)

    [entry] = noted(before)
    assert (entry.kind, entry.actor_kind, entry.actor_name) == ("read", "operator", command)
    assert (entry.route, entry.rows) == ("outcomes", rows)
    assert entry.centre_id == (examples.centre(of_centre).pk if of_centre else None)


def test_what_cannot_be_noted_is_not_printed(own_patient, monkeypatch):
    def broken(*_arguments, **_options):
        raise DatabaseError("no space left")

    monkeypatch.setattr(notes, "_write", broken)
    printed = StringIO()

    with pytest.raises(DatabaseError):
        call_command("derive_outcomes", stdout=printed)

    assert printed.getvalue() == ""


@pytest.mark.django_db(transaction=True, databases=["default", "derive"])
@pytest.mark.parametrize("command", ["check_outcomes", "rebuild_outcomes"])
def test_deriving_everybody_again_is_noted(own_patient, command):
    before = last_seq()

    call_command(command, stdout=StringIO(), stderr=StringIO())

    assert [(e.kind, e.actor_name, e.route) for e in noted(before)] == [
        ("read", command, "outcomes")
    ]
