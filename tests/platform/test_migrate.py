"""A migration that is killed at any moment is made up for by the next attempt."""

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate as django_migrate
from django.db import connections, migrations, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from mmn_registry.management.commands.migrate import WholeMigrations

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


class Killed(BaseException):
    """As kill -9, but that the test goes on."""


class TwoTables(migrations.Migration):
    """The second names the first: its foreign key is made when all else is done."""

    operations = [
        migrations.CreateModel("First", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel(
            "Second",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("first", models.ForeignKey("drill.First", models.PROTECT)),
            ],
        ),
    ]


def apply(owner):
    WholeMigrations(owner).apply_migration(ProjectState(), TwoTables("0001_two_tables", "drill"))


def tables(owner):
    return {name for name in owner.introspection.table_names() if name.startswith("drill_")}


def test_a_kill_between_the_tables_and_their_record_leaves_neither(monkeypatch):
    owner = connections["owner"]
    with monkeypatch.context() as killing:

        def killed(*_arguments):
            raise Killed

        killing.setattr(MigrationRecorder, "record_applied", killed)
        with pytest.raises(Killed):
            apply(owner)

    assert tables(owner) == set()
    apply(owner)
    assert tables(owner) == {"drill_first", "drill_second"}
    with owner.cursor() as cursor:
        cursor.execute("DROP TABLE drill_second, drill_first")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'drill'")


def test_the_command_migrates_so():
    assert django_migrate.MigrationExecutor is WholeMigrations
    call_command("migrate", verbosity=0)  # nothing left to do
