"""What a registry in service does by itself."""

import io
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError
from django.db import OperationalError
from django.utils import timezone

from mmn_registry.management.commands import worker
from mmn_registry.management.commands.worker import Chore, Command, chores
from mmn_registry.postgres.places import CHECKOUT


@pytest.mark.django_db(databases=["default", "audit", "derive"])
def test_expired_sessions_are_removed_and_others_kept(settings, tmp_path):
    settings.ANCHOR_FILE = tmp_path / "anchors.txt"
    now = timezone.now()
    for key, expires in (("old", now - timedelta(hours=1)), ("new", now + timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)

    for chore in chores():
        chore.do()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_a_database_that_is_away_is_asked_again_soon(monkeypatch):
    def away():
        raise OperationalError

    command, chore = Command(), Chore("look", 3600, away)
    monkeypatch.setattr(worker.time, "monotonic", lambda: 1000.0)

    command._do(chore)

    assert chore.due_at == 1060.0


def test_a_chore_that_cannot_be_done_says_why_and_is_tried_again(monkeypatch):
    def refused():
        raise CommandError("Set DATABASE_AUDIT_URL.")

    command, chore = Command(stderr=io.StringIO()), Chore("seal the trail", 60, refused)
    monkeypatch.setattr(worker.time, "monotonic", lambda: 1000.0)

    command._do(chore)

    said = command.stderr._out.getvalue()
    assert said == "Could not seal the trail: Set DATABASE_AUDIT_URL.\n"
    assert chore.due_at == 1060.0


def test_a_chore_that_was_done_rests_until_its_time(monkeypatch):
    command, chore = Command(), Chore("look", 3600, lambda: None)
    monkeypatch.setattr(worker.time, "monotonic", lambda: 1000.0)

    command._do(chore)

    assert chore.due_at == 4600.0


def test_it_ends_when_told():
    command = [sys.executable, "manage.py", "worker"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("At work: remove expired sessions")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # it goes on by itself

        os.kill(process.pid, signal.SIGTERM)

        assert process.wait(timeout=10) == 0
