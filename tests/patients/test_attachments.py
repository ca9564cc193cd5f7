"""Documents of a patient: what is kept, who opens it, and what the trail and the database tell."""

import hashlib
import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.identity_cipher import Undecipherable
from mmn_registry.principal import in_force
from patients.attachments import keep_attachment, open_attachment
from patients.identity import Person, erase_identity, key_in_use, read_identity, record_identity
from patients.models import Attachment, IdentityKey, Patient
from patients.models.attachment import MOST_BYTES
from tests.accounts.signing_in import sign_in
from tests.audit.told import told
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
PAGE = "/patients/P-1/attachments/"
PDF = b"%PDF-1.7\n% EMG of Ada Example\n1 0 obj\nendobj\n%%EOF\n"


@pytest.fixture
def patient(tmp_path):
    store_patient(tmp_path, study_id="P-1")
    return Patient.objects.get()


@pytest.fixture
def anne(patient, client):
    anne = neurologist("C1")
    sign_in(client, anne, shown=("password", "mfa"))
    return anne


def send(client, content=PDF, **typed):
    file = SimpleUploadedFile("Ada Example.pdf", content, content_type="text/html")
    usual = {"kind": "emg_report", "dated_on": "3 Mar 2020", "file": file}
    return client.post(PAGE, {**usual, **typed})


@pytest.fixture
def kept(anne, client):
    assert send(client).status_code == 302
    return Attachment.objects.get()


def address(kept):
    return f"{PAGE}{kept.pk}/"


def test_a_document_is_kept_with_its_day_size_and_checksum_and_without_its_name(kept, anne, client):
    assert (kept.kind, kept.size_bytes, kept.recorded_by) == ("emg_report", len(PDF), anne)
    assert kept.sha256 == hashlib.sha256(PDF).hexdigest()
    assert b"Ada" not in bytes(kept.content)
    shown = words(client.get(PAGE).content.decode())
    assert "EMG report 3 Mar 2020" in shown
    assert "Ada" not in shown


def test_it_comes_back_as_a_download_that_no_browser_shows_as_a_page(kept, client):
    answer = client.get(address(kept))

    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="emg_report-2020-03-03.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"<html>%%EOF", "This file is no PDF."),
        (b"PK\x03\x04 a word document", "This file is no PDF."),
        (PDF.replace(b"%%EOF", b""), "This PDF is cut off"),
        (PDF.ljust(MOST_BYTES + 1, b" "), "This file has 10.0 MB; a document may have 10 MB."),
    ],
)
def test_what_is_no_whole_pdf_of_ten_megabytes_is_refused(anne, client, content, sentence):
    answer = send(client, content)

    assert sentence in words(answer.content.decode())
    assert not Attachment.objects.exists()


def test_ten_megabytes_are_kept(anne, client):
    content = PDF[:-6] + b" " * (MOST_BYTES - len(PDF)) + PDF[-6:]

    send(client, content)

    assert open_attachment(Attachment.objects.get(), route="test") == content


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"dated_on": "1 Jan 2999"}, "lies after today"),
        ({"dated_on": "1 Jan 1950"}, "before this patient's year of birth"),
        ({"kind": ""}, "This field is required."),
        ({"kind": "selfie"}, "Select a valid choice."),
        ({"file": ""}, "Choose a file."),
    ],
)
def test_what_is_said_of_it_is_checked(anne, client, typed, sentence):
    assert sentence in words(send(client, **typed).content.decode())
    assert not Attachment.objects.exists()


def test_the_trail_tells_that_it_was_kept_opened_and_voided_and_never_holds_it(kept, anne, client):
    client.get(address(kept))
    client.post(f"{address(kept)}void/", {"reason": "Another patient's."})

    of_it = [entry for entry in told() if entry.table_name == "patients_attachment"]
    assert [entry.operation for entry in of_it] == ["insert", "update"]
    assert "content" not in of_it[0].new
    assert of_it[0].new["sha256"] == kept.sha256
    assert of_it[1].new["void_reason"] == "Another patient's."
    opened = Entry.objects.get(route="patients:attachment")
    assert (opened.kind, opened.study_id) == ("identity", "P-1")
    assert client.get(address(kept)).status_code == 404
    assert "Void" not in words(client.get(PAGE).content.decode()).partition("Another")[0]


def test_it_is_voided_with_a_reason_once(kept, client):
    answer = client.post(f"{address(kept)}void/", {"reason": " "})
    assert "Say why." in words(answer.content.decode())

    client.post(f"{address(kept)}void/", {"reason": "Wrong patient."})
    assert client.post(f"{address(kept)}void/", {"reason": "Again."}).status_code == 404


def test_to_erase_the_patients_key_is_to_lose_the_documents(kept, patient, anne, client):
    person = Person(family_name="Example")
    identity = record_identity(patient, person, by=anne)
    assert read_identity(identity, route="test") == person
    assert IdentityKey.objects.count() == 1  # one key for both

    erase_identity(identity, by=anne, reason="Asked for it.")

    answer = client.get(address(kept))
    assert answer.status_code == 404
    key, _ = key_in_use(patient)
    assert key.pk != kept.key_id


def test_a_document_that_is_not_what_was_kept_is_not_given(kept, client):
    other = keep_attachment(
        Attachment(patient=kept.patient, kind="letter", dated_on="2020-01-01"),
        PDF + b" %%EOF",
        by=None,
    )
    other.sha256 = kept.sha256

    with pytest.raises(Undecipherable, match="differs from its checksum"):
        open_attachment(other, route="test")


# ── Who ────────────────────────────────────────────────────────────────────────────────────


def test_another_centre_finds_nothing(kept, client):
    sign_in(client, neurologist("C2"), shown=("password", "mfa"))

    for there in (PAGE, address(kept), f"{address(kept)}void/"):
        assert client.get(there).status_code == 404


@pytest.mark.parametrize("role", [Role.NATIONAL_COORDINATOR, Role.STATISTICIAN, Role.AUDITOR])
def test_who_reads_pseudonymised_or_the_trail_sees_none(kept, client, role):
    user = open_account("other@hospital.example", "Other Example")
    grant_role(user, role, centre=Centre.objects.get(code="C1") if role == "auditor" else None)
    sign_in(client, user, shown=("password", "mfa"))

    for there in (PAGE, address(kept), f"{address(kept)}void/"):
        assert client.get(there).status_code in (403, 404)
    with in_force(principal_for(user)):
        assert Attachment.objects.count() == 0


def test_postgresql_refuses_what_the_application_forgets(kept, anne):
    theirs = neurologist("C2")
    with in_force(principal_for(theirs)), transaction.atomic():
        assert Attachment.objects.count() == 0
        assert Attachment.objects.update(void_reason="x") == 0
    with in_force(principal_for(anne)):
        assert Attachment.objects.count() == 1
        for change in ({"content": b"x"}, {"sha256": "0" * 64}, {"patient": kept.patient}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Attachment.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            Attachment.objects.all().delete()


def test_no_log_tells_whose_it_is(anne, client, caplog):
    with caplog.at_level(logging.DEBUG):
        send(client, b"no pdf")
        send(client)

    assert "Ada" not in caplog.text
