"""A load tells what it is doing, and whoever stops it has stored nothing."""

import os
import signal
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from mmn_registry.bundle import load_bundle
from mmn_registry.bundle.load import Rules
from mmn_registry.bundle.progress import Line
from outcomes import freshness
from patients.models import MuscleScore, Patient
from tests.bundles import MUSCLE_SCORE, PATIENT, VISIT, bundle

WHOLE = {"patients": PATIENT, "visits": VISIT, "muscle_scores": MUSCLE_SCORE}


@pytest.mark.django_db
def test_every_step_is_told_on_stderr_and_the_report_on_stdout(tmp_path):
    out, said = StringIO(), StringIO()

    call_command("load_bundle", str(bundle(tmp_path, **WHOLE)), stdout=out, stderr=said)

    assert said.getvalue().splitlines() == [
        "Reading patients.csv …",
        "Reading visits.csv …",
        "Reading muscle_scores.csv …",
        "Sending patients.csv …",
        "Sending visits.csv …",
        "Sending muscle_scores.csv …",
        "Comparing with what is stored …",
        "Asking the rules …",
        "Storing centres: 1 rows …",
        "Storing patients: 1 rows …",
        "Storing visits: 1 rows …",
        "Storing muscle_scores: 1 rows …",
        "Checking that rows belong together …",
    ]
    assert "…" not in out.getvalue()


@pytest.mark.django_db
def test_a_long_table_is_stored_in_parts_and_its_share_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("mmn_registry.bundle.storing.ROWS_PER_STATEMENT", 2)
    rows = "".join(f"P{n}|C1|female|2004-01-01|no\n" for n in range(5))
    told = []

    header = "study_id|centre|sex|included_on|prior_immunoglobulin\n"
    load_bundle(bundle(tmp_path, patients=header + rows), tell=lambda *step: told.append(step))

    shares = [share for step, share in told if step == "Storing patients: 5 rows"]
    assert shares == [0, 0.25, 0.5, 0.75]
    assert Patient.objects.count() == 5


def test_on_a_terminal_each_step_writes_over_the_one_before():
    written = []
    line = Line(written.append, on_terminal=True)

    line.tell("Reading", None)
    line.tell("Storing", 0.5)
    line.tell("Storing", 0.501)
    line.end()

    assert written == ["\r\x1b[KReading …", "\r\x1b[KStoring … 50%", "\r\x1b[K"]


@pytest.fixture
def _in_the_foreground():
    """What a shell runs in the background is born deaf to Ctrl-C, this test with it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_in_the_foreground")
@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_even_a_statement_at_work_and_nothing_is_stored(tmp_path, monkeypatch):
    folder = bundle(tmp_path, **WHOLE)

    def wait_for_long(rules):
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
        rules.staging.cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(Rules, "note_all_broken", wait_for_long)

    with pytest.raises(CommandError, match=r"^Stopped. Nothing has been imported\.$") as stopped:
        call_command("load_bundle", str(folder), stderr=StringIO())

    assert stopped.value.returncode == 130
    assert not Patient.including_voided.exists()
    monkeypatch.undo()
    load_bundle(folder)  # and nothing is in the way of the next
    assert MuscleScore.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_stops_the_deriving_hears_that_everything_is_stored(tmp_path, monkeypatch):
    def stop(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(freshness, "_refresh_or_split", stop)
    out = StringIO()

    call_command("load_bundle", str(bundle(tmp_path, **WHOLE)), stdout=out, stderr=StringIO())

    assert out.getvalue().endswith(
        "Everything is stored. Who reads the outcomes next waits for the rest of them.\n"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outcomes_stalemark")
        assert cursor.fetchone() != (0,)
    assert Patient.objects.count() == 1
