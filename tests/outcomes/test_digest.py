"""The monthly mail: to whom, with which numbers, and without a word about a patient."""

import pytest
from django.core import mail
from django.core.management import call_command

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from outcomes.management.commands import send_digest
from tests.outcomes.stories import close_data, neurologist, store_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(tmp_path):
    store_patient(tmp_path, study_id="P-1")
    user = open_account("paul@hospital.example", "Paul Example")
    grant_role(user, Role.COORDINATOR, centre=Centre.objects.get(code="C1"))
    neurologist("C1")
    return user


def test_a_coordinator_is_told_numbers_and_nobody_is_named(coordinator):
    call_command("send_digest", "--now")

    (sent,) = mail.outbox
    assert sent.to == ["paul@hospital.example"]
    assert "C1: " in sent.body
    assert "1 question about the data" in sent.body  # no consent is recorded
    assert "P-1" not in sent.body + sent.subject


def test_a_centre_whose_data_are_closed_has_nothing_open(coordinator):
    close_data("C1", "2021-10-01")

    call_command("send_digest", "--now")

    assert mail.outbox == []


@pytest.mark.parametrize(("day", "mails"), [(1, 1), (2, 0)])
def test_it_comes_on_the_first_of_a_month(coordinator, monkeypatch, day, mails):
    today = send_digest.registry_today().replace(day=day)
    monkeypatch.setattr(send_digest, "registry_today", lambda: today)

    call_command("send_digest")

    assert len(mail.outbox) == mails
