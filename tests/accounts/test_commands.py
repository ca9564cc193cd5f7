"""What an operator does: let the first administrator in, help with a lost device."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from mmn_registry.accounts.models import Invitation, User
from tests.accounts.conftest import PASSWORD, signed_in_as, with_app
from tests.accounts.test_people import OVER, follow, take_up

pytestmark = pytest.mark.django_db


def run(*arguments):
    told = io.StringIO()
    call_command(*arguments, stdout=told)
    return told.getvalue()


def secret_in(told):
    return re.search(r"/account/invitation/(\S+)/", told)[1]


def test_a_fresh_registry_can_be_entered(client):
    told = run("create_administrator", "Ada@hospital.example", "Ada Example")

    page = follow(client, secret_in(told))
    assert b'value="Ada Example"' in page.content
    take_up(client, secret_in(told), full_name="Ada Example")

    ada = User.objects.get(email="ada@hospital.example")
    assert signed_in_as(client) == str(ada.pk)
    assert [(m.role, m.centre) for m in ada.memberships.all()] == [("administrator", None)]


def test_a_link_that_was_lost_is_replaced():
    lost = run("create_administrator", "ada@hospital.example", "Ada")

    found = run("create_administrator", "ada@hospital.example", "Ada")

    assert follow(Client(), secret_in(lost)).status_code == OVER
    assert follow(Client(), secret_in(found)).status_code == 200
    assert Invitation.objects.open().count() == 1


def test_the_link_leads_to_the_registry_in_service():
    with override_settings(PRODUCTION=True, ALLOWED_HOSTS=["registry.example"]):
        told = run("create_administrator", "ada@hospital.example", "Ada")

    assert "https://registry.example/account/invitation/" in told


def test_a_mistyped_address_is_told():
    with pytest.raises(CommandError, match="valid email address"):
        run("create_administrator", "ada", "Ada")


def test_a_lost_device(anna):
    with_app(anna)

    told = run("end_second_factor", "Anna@hospital.example")

    assert told == "Anna signs in with the password and sets up another one.\n"
    assert not anna.authenticator_set.exists()
    assert anna.check_password(PASSWORD)


def test_a_lost_device_of_nobody():
    with pytest.raises(CommandError, match="Check the address"):
        run("end_second_factor", "nobody@hospital.example")
