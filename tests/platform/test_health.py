"""What probes are told, and what a request leaves in the log."""

import io
import json
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.db.models import F
from django.test import Client

from mmn_registry import gunicorn_hooks, health, principal
from mmn_registry.audit import anchors
from mmn_registry.audit.models import Entry
from mmn_registry.audit.sealing import seal
from mmn_registry.logs import NoValuesAsJson
from mmn_registry.postgres.counted import count_fault
from patients.models import Patient
from tests.outcomes.stories import neurologist, store_patient

NOT_HERE = {"archive": None, "seal": None, "anchor": None, "backup": None}
READY = {"ready": True, "disk": True, "database": True, "migrations": True, "clock": True}


@pytest.fixture
def probe():
    """Without a host name, a session or TLS, as a watchman asks."""
    return Client(headers={"host": "10.0.0.7:8000"})


def test_a_process_that_answers_is_alive_without_a_database(probe):  # none may be asked here
    answer = probe.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"alive": True})
    assert answer.headers["Cache-Control"] == "no-store"
    assert probe.post("/healthz").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_registry_that_can_work_is_ready(probe):
    answer = probe.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, READY | NOT_HERE)
    assert Entry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("broken", "by"),
    [
        ("disk", ("FREE_SHARE", 1.1)),
        ("clock", ("CLOCK_SECONDS", -1.0)),
        ("migrations", ("_migrations", lambda: frozenset({("patients", "9999_to_come")}))),
    ],
)
def test_what_is_not_as_it_should_be_takes_readiness_away(probe, monkeypatch, broken, by):
    monkeypatch.setattr(health, *by)

    answer = probe.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == READY | NOT_HERE | {broken: False, "ready": False}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_not_waited_for(probe, monkeypatch):
    monkeypatch.setattr(health, "DATABASE_SECONDS", 0.05)
    with health._asked._one:  # as while another probe waits for a frozen server
        answer = probe.get("/readyz")

    assert answer.status_code == 503
    assert (answer.json()["ready"], answer.json()["database"]) == (False, False)
    assert answer.json()["migrations"] is None


@pytest.mark.django_db(transaction=True, databases=["default", "derive", "audit"])
def test_in_service_a_trail_that_nobody_seals_or_anchors_takes_readiness_away(
    probe, monkeypatch, settings, tmp_path
):
    settings.PRODUCTION, settings.ANCHOR_FILE = True, tmp_path / "anchors.txt"
    store_patient(tmp_path / "b")

    def told():
        found = probe.get("/readyz").json()
        return found["seal"], found["anchor"]

    nothing = timedelta(0)
    assert told() == (True, True)  # it was recorded this minute
    monkeypatch.setattr(health, "SEAL_LAG", nothing)
    assert told() == (False, True)
    assert seal() > 0
    assert told() == (True, True)
    monkeypatch.setattr(health, "ANCHOR_LAG", nothing)
    assert told() == (True, False)
    anchors.append(anchors.last_anchor(), settings.ANCHOR_FILE)
    assert told() == (True, True)


@pytest.mark.django_db(transaction=True)
def test_in_service_backups_that_nobody_verified_or_keeps_take_readiness_away(
    probe, monkeypatch, settings, tmp_path
):
    settings.PRODUCTION, settings.BACKUP_STATUS = True, tmp_path / "backups.json"
    monkeypatch.setattr(health, "_is_archived", lambda *_: True)

    def told(**hours_ago):
        at = {what: datetime.now(UTC) - timedelta(hours=h) for what, h in hours_ago.items()}
        settings.BACKUP_STATUS.write_text(json.dumps({w: t.isoformat() for w, t in at.items()}))
        found = probe.get("/readyz").json()
        return found["backup"], found["archive"]

    assert told() == (False, False)
    assert told(verified_at=25, wal_kept_at=0) == (True, True)
    assert told(verified_at=27, wal_kept_at=1) == (False, False)
    settings.BACKUP_STATUS.write_text("half of")
    assert probe.get("/readyz").json()["backup"] is False


# ── Figures ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_figures_name_routes_and_kinds_and_nothing_of_anybody(tmp_path, client, probe, settings):
    settings.BACKUP_STATUS = tmp_path / "backups.json"
    settings.BACKUP_STATUS.write_text(json.dumps({"backup_at": datetime.now(UTC).isoformat()}))
    store_patient(tmp_path / "b", study_id="CANARY-1")
    client.force_login(neurologist("C1"))
    client.get("/patients/CANARY-1/")
    client.get("/patients/CANARY-2/?as_of=2021-01-20")
    count_fault(OperationalError())
    Patient.objects.update(version=F("version") + 1)  # whom nobody has looked at since

    told = probe.get("/metrics").content.decode()

    assert 'latency_seconds_by_view_method_count{method="GET",view="patients:detail"}' in told
    assert 'mmn_database_faults_total{kind="OperationalError"}' in told
    assert "mmn_database_up 1.0" in told
    assert [line for line in told.splitlines() if line.startswith("mmn_stale")] == [
        "mmn_stale_patients 1.0"
    ]
    for name in ("seal_lag_seconds", "backup_age_seconds"):
        assert f"\nmmn_{name} " in told
    assert "CANARY" not in told
    assert "hospital.example" not in told


@pytest.mark.parametrize(
    ("token", "sent", "status"),
    [
        ("", {"REMOTE_ADDR": "127.0.0.1"}, 200),
        ("", {"REMOTE_ADDR": "10.0.0.9"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "10.0.0.9"}, 404),  # by a proxy on this machine
        ("secret", {"REMOTE_ADDR": "127.0.0.1"}, 404),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer guessed"}, 404),
        ("secret", {"HTTP_AUTHORIZATION": "Bearer secret", "REMOTE_ADDR": "10.0.0.9"}, 200),
    ],
)
def test_figures_are_for_this_machine_or_who_has_the_token(
    monkeypatch, settings, token, sent, status
):
    monkeypatch.setattr(health, "measured", dict)
    settings.METRICS_TOKEN = token

    answer = Client().get("/metrics", **sent)

    assert answer.status_code == status
    assert ("mmn_database_up 0.0" in answer.content.decode()) is (status == 200)


def test_a_web_process_goes_on_with_the_figures_of_one_that_ended(monkeypatch):
    monkeypatch.setattr(gunicorn_hooks, "_slots", {})
    server = SimpleNamespace(WORKERS={})

    def forked(age):
        worker = SimpleNamespace(age=age)
        gunicorn_hooks.pre_fork(server, worker)
        server.WORKERS[age] = worker
        return gunicorn_hooks._slots[age]

    assert [forked(1), forked(2), forked(3)] == [0, 1, 2]
    del server.WORKERS[2]
    assert [forked(4), forked(5)] == [1, 3]


LATE, SOON = timedelta(minutes=6), timedelta(minutes=1)
SEGMENT = "0000000100000002000000{:02X}".format


@pytest.mark.parametrize(
    ("archiver", "is_archived"),
    [
        ((False, False, LATE, None, SEGMENT(1)), None),  # none is configured
        ((True, False, SOON, SEGMENT(1), SEGMENT(9)), True),
        ((True, False, LATE, SEGMENT(1), SEGMENT(2)), True),  # nothing was finished since
        ((True, False, LATE, SEGMENT(1), SEGMENT(3)), False),
        ((True, True, LATE, SEGMENT(1), SEGMENT(2)), False),
        ((True, False, LATE, None, SEGMENT(1)), False),
    ],
)
def test_an_archive_lags_when_a_finished_segment_waits_for_minutes(archiver, is_archived):
    assert health._is_archived(*archiver) is is_archived


# ── One line per request ────────────────────────────────────────────────────────────────────


@pytest.fixture
def lines():
    text, log = io.StringIO(), logging.getLogger("mmn_registry.requests")
    handler = logging.StreamHandler(text)
    handler.setFormatter(NoValuesAsJson())
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in text.getvalue().splitlines()]
    log.removeHandler(handler)
    log.setLevel(level)


@pytest.mark.django_db
def test_a_request_is_a_line_with_its_number_its_page_and_nothing_that_was_asked(
    lines, tmp_path, client
):
    store_patient(tmp_path / "b")
    user = neurologist("C1")
    client.force_login(user)

    page = client.get("/patients/P-1/?as_of=2021-01-20")
    nowhere = Client().get("/no-such-page/P-1/")
    probed = Client().get("/healthz")

    told = [{**line} for line in lines()]
    assert all(line.pop("milliseconds") >= 0 for line in told)
    for line in told:
        at = datetime.fromisoformat(line.pop("at"))
        assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    same = {"level": "INFO", "logger": "mmn_registry.requests", "method": "GET"}
    assert told == [
        same
        | {
            "request_id": page.headers["MMN-Request-Id"],
            "route": "patients:detail",
            "user": str(user.pk),
            "status": 200,
        },
        same
        | {
            "request_id": nowhere.headers["MMN-Request-Id"],
            "route": None,
            "user": None,
            "status": nowhere.status_code,
        },
    ]
    assert "MMN-Request-Id" not in probed.headers
    assert principal.request_id() == ""


@pytest.mark.django_db
def test_the_trail_names_the_request(tmp_path, client):
    store_patient(tmp_path / "b")
    client.force_login(neurologist("C1"))

    page = client.get("/patients/P-1/", headers={"MMN-Request-Id": "mine", "X-Request-Id": "mine"})

    noted = Entry.objects.filter(kind="read").values_list("request_id", flat=True)
    assert set(noted) == {page.headers["MMN-Request-Id"]}
    assert page.headers["MMN-Request-Id"] != "mine"


def test_an_error_as_json_has_no_values_either():
    try:
        raise ValueError("H-4711")
    except ValueError as error:
        problem = (type(error), error, error.__traceback__)
    record = logging.LogRecord("r", logging.ERROR, __file__, 1, "Went %s", ("H-4711",), problem)

    with principal.answering("7f3a"):
        told = json.loads(NoValuesAsJson().format(record))

    assert "H-4711" not in str(told)
    assert (told["what"], told["request_id"]) == ("Went %s", "7f3a")
    assert told["where"].startswith("ValueError at ")
