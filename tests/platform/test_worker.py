"""What a registry in service does by itself."""

import os
import signal
import subprocess
import sys
import time as clock
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError
from django.db import OperationalError, connection
from django.utils import timezone

from mmn_registry.chores import Chore, Nightly
from mmn_registry.management.commands import worker
from mmn_registry.management.commands.worker import ChildTask, Task, chores
from mmn_registry.postgres.places import CHECKOUT
from mmn_registry.principal import Kind, Principal, current, in_force
from patients.models import Draft, Submission
from tests.outcomes.stories import neurologist

HOUR = timedelta(hours=1)


def do(name):
    (chore,) = (chore for chore in chores() if chore.name == name)
    task = Task(chore)
    task.look()
    assert task.due_at > clock.monotonic() + chore.every.total_seconds() - 60, "It failed."


@pytest.fixture(autouse=True)
def _open_connections_stay_open(monkeypatch):
    """A test's transaction would end with its connection."""
    monkeypatch.setattr(worker.connections, "close_all", lambda: None)


@pytest.mark.django_db
def test_expired_sessions_are_removed_with_what_people_see_of_them():
    now, user = timezone.now(), neurologist("C1")
    for key, expires in (("old", now - HOUR), ("new", now + HOUR)):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
        UserSession.objects.create(
            user=user, session_key=key, ip="10.0.0.7", user_agent="", last_seen_at=now
        )

    do("remove expired sessions")

    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["new"]


@pytest.mark.django_db
def test_counts_of_failures_are_removed_when_they_count_no_more():
    cache.set("old", 1, timeout=60)
    cache.set("new", 1, timeout=3600)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_cache SET expires = now() - interval '1 s' WHERE cache_key LIKE '%old'"
        )

    do("remove expired counts of failures")

    with connection.cursor() as cursor:
        keys = cursor.execute("SELECT cache_key FROM accounts_cache").fetchall()
    assert keys == [(":1:new",)]


@pytest.mark.django_db
def test_drafts_that_nobody_touched_for_90_days_are_forgotten_and_read_by_nobody():
    user, now = neurologist("C1"), timezone.now()
    own = Principal(Kind.USER, actor_id=user.pk)
    with in_force(own):
        for days in (91, 89):
            at = now - timedelta(days=days)
            Draft.objects.create(owner=user, key=uuid4(), address=f"/{days}/", saved_at=at)
            Submission.objects.create(owner=user, key=uuid4(), record_id=uuid4(), saved_at=at)

    do("remove forgotten drafts")

    with in_force(own):
        assert [draft.address for draft in Draft.objects.all()] == ["/89/"]
        assert Submission.objects.count() == 1
    with in_force(Principal(Kind.WORKER, name="remove forgotten drafts")):
        assert not Draft.objects.exists()


def test_a_registry_without_a_folder_for_backups_makes_none():
    assert {"keep the WAL", "back up"}.isdisjoint(chore.name for chore in chores())


# ── One chore's fault is no other's ──────────────────────────────────────────────────────────


def away():
    raise OperationalError("connection to server at 10.0.0.7 failed")


def refused():
    raise CommandError("Set DATABASE_AUDIT_URL.")


def broken():
    raise ValueError("MMN-001 has grade 6")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (away, "Could not look: the database does not answer.\n"),
        (refused, "Could not look: Set DATABASE_AUDIT_URL.\n"),
        (broken, "Could not look.\n"),
    ],
)
def test_what_fails_is_told_without_values_and_tried_again_soon(fault, said, capsys):
    task = Task(Chore("look", timedelta(hours=1), fault))
    before = clock.monotonic()

    task.look()

    assert capsys.readouterr().err.endswith(said)
    assert before + 60 <= task.due_at <= clock.monotonic() + 60


def test_a_chore_acts_in_its_own_name_reaches_nothing_and_rests_until_its_time():
    seen = []
    task = Task(Chore("look", HOUR, lambda: seen.append(current())))

    task.look()
    task.look()

    assert seen == [Principal(Kind.WORKER, name="look")]
    assert task.due_at > clock.monotonic() + 3500


def test_a_nightly_command_is_run_once_a_night_and_again_soon_where_it_failed(monkeypatch):
    now = datetime(2026, 1, 31, 1, 0, tzinfo=UTC)
    monkeypatch.setattr(worker.timezone, "localtime", lambda: now)
    started, ended = [], [0]

    class Started:
        def __init__(self, command, **_options):
            started.append((now.hour, now.minute, command[2:]))

        def poll(self):
            return ended[0]

        returncode = property(poll)

    monkeypatch.setattr(worker.subprocess, "Popen", Started)
    task = ChildTask(Nightly("back up", time(2), ("backup",), is_due=lambda: False))

    def look_at(hour, minute=0):
        nonlocal now
        now = now.replace(hour=hour, minute=minute)
        task.look()
        task.look()  # it has ended by now

    look_at(1, 59)
    assert started == []
    ended[0] = 1
    look_at(2)
    look_at(2, 29)
    assert started == [(2, 0, ["backup"])]
    ended[0] = 0
    look_at(2, 30)
    look_at(23)
    assert started == [(2, 0, ["backup"]), (2, 30, ["backup"])]
    assert task.due_on == datetime(2026, 2, 1, 2, tzinfo=UTC)


def test_a_night_that_was_missed_is_made_up_for(monkeypatch):
    monkeypatch.setattr(worker.subprocess, "Popen", lambda *_, **__: SimpleNamespace())
    task = ChildTask(Nightly("back up", time(2), ("backup",), is_due=lambda: True))

    task.look()

    assert task.process is not None


def test_it_ends_within_seconds_when_told_even_in_the_middle_of_a_statement():
    waiting = (
        "import time; from datetime import timedelta; "
        "from mmn_registry.management.commands import worker as w; "
        "from django.db import connection; "
        "w.chores = lambda: [w.Chore('wait', timedelta(hours=1), "
        "lambda: connection.cursor().execute('SELECT pg_sleep(60)'))]; w.Command().handle()"
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", waiting]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "At work: wait.\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # it goes on by itself

        os.kill(process.pid, signal.SIGTERM)

        assert process.wait(timeout=5) == 0
