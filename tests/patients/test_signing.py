"""A signed visit does not change silently, by whatever door."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from mmn_registry.accounts.actions import open_account
from patients.actions import (
    StaleRecord,
    amend,
    amend_visit,
    record_finding,
    record_visit,
    sign_visit,
    take_signature_back,
    void_visit,
)
from patients.models import Finding, MuscleScore, Signature
from patients.selectors import get_examination, standing_signature

from .examples import known_patient, visit

pytestmark = pytest.mark.django_db
DAY = date(2020, 3, 2)


@pytest.fixture
def anna():
    return open_account("anna@example.org", "Anna Roux")


@pytest.fixture
def seen(anna):
    score = MuscleScore(muscle="wrist_extension", side="right", mrc_grade="4", origin="graded")
    return record_visit(visit(visited_on=DAY), muscle_scores=[score], by=anna)


@pytest.fixture
def signed(seen, anna):
    return sign_visit(seen, as_read=get_examination(seen).version, by=anna)


def refused(change):
    with pytest.raises(ValidationError) as refusal:
        change()
    return refusal.value


def test_who_signed_stands_for_the_version_that_was_read(seen, signed, anna):
    assert standing_signature(seen) == signed
    assert (signed.signed_by, signed.version) == (anna, get_examination(seen).version)


def test_what_was_changed_meanwhile_is_not_signed(seen, anna):
    as_read = get_examination(seen).version
    amend(seen, {"weight_kg": 70}, by=anna, reason="Weighed.")

    with pytest.raises(StaleRecord):
        sign_visit(seen, as_read=as_read, by=anna)

    assert not Signature.objects.exists()


def test_a_visit_is_signed_once(seen, signed, anna):
    again = refused(lambda: sign_visit(seen, as_read=get_examination(seen).version, by=anna))

    assert (again.code, again.message) == ("signed_already", "This visit is signed already.")


def test_neither_the_visit_nor_its_parts_nor_its_days_findings_change(seen, signed, anna):
    now = get_examination(seen)
    today = signed.signed_at.strftime("%-d %b %Y")
    changes = [
        lambda: amend(now.visit, {"weight_kg": 70}, by=anna, reason="Weighed."),
        lambda: amend(now.muscle_scores[0], {"mrc_grade": "3"}, by=anna, reason="Misread."),
        lambda: amend_visit(
            seen,
            {"weight_kg": 70},
            muscle_scores=[],
            grip_strengths=[],
            findings=[],
            as_read=now.version,
            by=anna,
            reason="Weighed.",
        ),
        lambda: void_visit(seen, as_read=now.version, by=anna, reason="Another patient."),
        lambda: record_finding(
            Finding(
                patient=known_patient(),
                observed_on=DAY,
                finding="cramps_or_fasciculations",
                state="present",
            ),
            by=anna,
        ),
    ]
    for change in changes:
        refusal = refused(change)
        assert refusal.code == "signed_visit"
        assert f"This visit was signed on {today}. Take the signature back" in str(refusal.messages)
    assert get_examination(seen).version == signed.version


def test_raw_sql_does_not_change_it_either(seen, signed):
    for statement in (
        "UPDATE patients_musclescore SET mrc_grade = '3', version = version + 1",
        "UPDATE patients_visit SET weight_kg = 70, version = version + 1",
        "INSERT INTO patients_gripstrength (visit_id, side, device, value) "
        "SELECT id, 'left', 'vigorimeter_kpa', 40 FROM patients_visit",
    ):
        with (
            pytest.raises(IntegrityError, match="This visit is signed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_findings_of_other_days_and_other_visits_stay_free(seen, signed, anna):
    free = Finding(
        patient=known_patient(),
        observed_on=date(2020, 3, 3),
        finding="cramps_or_fasciculations",
        state="present",
    )

    assert record_finding(free, by=anna).pk
    assert record_visit(visit(visited_on=date(2020, 4, 2)), by=anna).pk


def test_taken_back_with_a_reason_it_may_be_changed_and_signed_anew(seen, signed, anna):
    assert refused(lambda: take_signature_back(signed, by=anna, reason=" ")).code == "reason_needed"

    take_signature_back(signed, by=anna, reason="A grade was missing.")

    assert standing_signature(seen) is None
    amend(get_examination(seen).visit, {"weight_kg": 70}, by=anna, reason="Weighed.")
    again = sign_visit(seen, as_read=get_examination(seen).version, by=anna)
    assert again.version != signed.version
    assert Signature.objects.count() == 2
    twice = refused(lambda: take_signature_back(signed, by=anna, reason="Again."))
    assert twice.code == "not_signed"
