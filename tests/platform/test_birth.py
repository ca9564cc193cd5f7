"""A database is born a demonstration or a registry, for life."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.utils import DatabaseError, ProgrammingError
from django.test import override_settings

from mmn_registry import birth
from mmn_registry.models import Birth

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_migrating_writes_what_the_settings_say():
    assert Birth.objects.get().kind == settings.BORN


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mmn_registry_birth SET kind = 'registry'",
        "DELETE FROM mmn_registry_birth",
        "TRUNCATE mmn_registry_birth",
    ],
)
def test_not_even_the_owner_changes_it(statement):
    with connections["owner"].cursor() as cursor, pytest.raises(DatabaseError, match="never chang"):
        cursor.execute(statement)


def test_there_is_one():
    with pytest.raises(DatabaseError):
        Birth.objects.using("owner").create(only=False, kind="registry")


@pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything")
def test_the_application_cannot_write_one():
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("INSERT INTO mmn_registry_birth (kind) VALUES ('registry')")


def test_migrating_again_leaves_it():
    with override_settings(BORN="registry"):
        birth.record_birth()

    assert Birth.objects.get().kind == settings.BORN


@pytest.mark.skipif(settings.BORN != "demo", reason="this database was born a registry")
def test_a_registry_in_service_gets_no_connection_to_a_demonstration():
    in_service = connections["default"].copy()
    in_service.settings_dict = in_service.settings_dict | {"REFUSES_DEMO": True}

    with pytest.raises(ImproperlyConfigured, match="made for demonstrations"):
        in_service.ensure_connection()

    assert in_service.connection is None


def test_a_demonstration_is_not_shown_in_a_database_born_a_registry(monkeypatch):
    monkeypatch.setattr(birth, "born_as", lambda: "registry")

    with pytest.raises(CommandError, match="demo data do not load into it"):
        call_command("demo", port=0)


def test_a_registry_in_service_shows_no_demonstration(settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="shows no demo data"):
        call_command("demo", port=0)
