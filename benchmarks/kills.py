"""Visits typed by four people while web processes and PostgreSQL are killed under them.

Each is sent until it is acknowledged, with the key of its form: afterwards every acknowledged
visit is there, once, with its grades. On a registry aside, by the server of a registry in service
(gunicorn's sync workers).
"""

import http.client
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks.aside import Registry, children_of, registry_aside
from benchmarks.clone import _free_port
from benchmarks.figures import Figure
from mmn_registry.postgres import processes

WRITES, CLIENTS, KILLS_OF_WORKERS, KILLS_OF_SERVER, SEED = 10_000, 4, 20, 10, 7
RECOVERS_WITHIN_SECONDS, GIVES_UP_AFTER_SECONDS = 10, 90
PATIENTS_PER_CLIENT, FIRST_DAY = 100, date(2010, 1, 1)
GRADES = {
    "g-wrist_extension-right": "4",
    "g-wrist_extension-left": "4+",
    "g-elbow_flexion-left": "5",
}
AGAIN = {502, 503, 504}
SIGN_IN = """
import json
from django.conf import settings
from django.test import Client
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from tests.accounts.signing_in import sign_in
doctor = open_account("doctor@hospital.example", "Anne Example")
grant_role(doctor, Role.NEUROLOGIST, centre=Centre.objects.get())
client = Client(SERVER_NAME="localhost")
sign_in(client, doctor)
client.get("/patients/K-0-0/visits/new/")
names = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
print(json.dumps({name: client.cookies[name].value for name in names}))
"""
STORED = """
SELECT p.study_id, v.visited_on, count(DISTINCT v.id), min(s.scores)
FROM patients_visit AS v JOIN patients_patient AS p ON p.id = v.patient_id
CROSS JOIN LATERAL (
    SELECT count(*) AS scores FROM patients_musclescore WHERE visit_id = v.id
) AS s GROUP BY 1, 2
"""


@dataclass
class Told:
    """What the clients saw."""

    acknowledged: dict[tuple[str, date], float] = field(default_factory=dict)
    answers: Counter = field(default_factory=Counter)
    given_up: int = 0


def whether_a_write_is_lost() -> Iterator[Figure]:
    with registry_aside() as registry:
        _fill(registry)
        cookies = registry.python(SIGN_IN)
        told, kills = Told(), []
        began = time.monotonic()
        with _web_server(registry) as (port, master):
            _wait_for(port)
            clients = [
                threading.Thread(target=_write, args=(number, port, cookies, told))
                for number in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            kills += _kill(registry, master, told, clients)
            for client in clients:
                client.join()
        seconds = time.monotonic() - began
        registry.wait_until_up()
        yield from _figures(registry, told, kills, seconds)


def _fill(registry: Registry) -> None:
    patients = [
        f"K-{client}-{number},C1,female,2009-01-01,no"
        for client in range(CLIENTS)
        for number in range(PATIENTS_PER_CLIENT)
    ]
    header = "study_id,centre,sex,included_on,prior_immunoglobulin"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "patients.csv").write_text("\n".join([header, *patients]) + "\n")
        registry.manage("load_bundle", folder)


@contextmanager
def _web_server(registry: Registry) -> Iterator[tuple[int, int]]:
    port = _free_port()
    command = ["-m", "gunicorn", "mmn_registry.wsgi", f"--bind=127.0.0.1:{port}"]
    command += ["--worker-class=sync", "--workers=2", "--timeout=35", "--no-control-socket"]
    process = registry.start(*command)
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + GIVES_UP_AFTER_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("The web server did not become ready.")


def _write(client: int, port: int, cookies: dict[str, str], told: Told) -> None:
    """One visit after the other, each until it is acknowledged."""
    for number in range(WRITES // CLIENTS):
        patient, day = divmod(number, -(-WRITES // CLIENTS // PATIENTS_PER_CLIENT))
        study_id, visited_on = f"K-{client}-{patient}", FIRST_DAY + timedelta(days=day)
        typed = {"form_key": str(uuid4()), "visited_on": f"{visited_on:%d %b %Y}", **GRADES}
        began = time.monotonic()
        while True:
            status = _post(port, f"/patients/{study_id}/visits/new/", typed, cookies)
            told.answers[status] += 1
            if status == http.HTTPStatus.FOUND:
                told.acknowledged[study_id, visited_on] = time.monotonic()
                break
            if time.monotonic() - began > GIVES_UP_AFTER_SECONDS:
                told.given_up += 1
                break
            time.sleep(0.1)


def _post(port: int, address: str, typed: dict[str, str], cookies: dict[str, str]) -> int:
    """The answer's status; 0 where none came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        connection.request("POST", address, urlencode(typed), headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return 0
    else:
        return answer.status
    finally:
        connection.close()


def _kill(
    registry: Registry, master: int, told: Told, clients: list[threading.Thread]
) -> list[float]:
    """At random between the first and the last write; when each was."""
    random = Random(SEED)  # noqa: S311
    plan = ["worker"] * KILLS_OF_WORKERS + ["server"] * KILLS_OF_SERVER
    random.shuffle(plan)
    at = []
    for number, what in enumerate(plan, start=1):
        due = number * WRITES // (len(plan) + 1)
        while len(told.acknowledged) < due and any(client.is_alive() for client in clients):
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.1))  # anywhere in a request
        if what == "worker":
            processes.send(random.choice(children_of(master)), signal.SIGKILL)
        else:
            registry.kill_server()
        at.append(time.monotonic())
    return at


def _figures(
    registry: Registry, told: Told, kills: list[float], seconds: float
) -> Iterator[Figure]:
    with registry.superuser() as database:
        stored = {
            (study_id, day): (visits, scores)
            for study_id, day, visits, scores in database.execute(STORED).fetchall()
        }
    note = (
        f"of {len(told.acknowledged)} in {seconds:.0f} s, {CLIENTS} clients, "
        f"{KILLS_OF_WORKERS} kills of web processes, {KILLS_OF_SERVER} of PostgreSQL"
    )
    lost = sum(key not in stored for key in told.acknowledged) + told.given_up
    yield Figure("acknowledged visits lost", lost, "visits", limit=0, note=note)
    twice = sum(visits != 1 for visits, _scores in stored.values())
    yield Figure("visits stored twice", twice, "visits", limit=0)
    halves = sum(scores != len(GRADES) for _visits, scores in stored.values())
    yield Figure("visits without all of their grades", halves, "visits", limit=0)
    seen = ", ".join(f"{count} × {status}" for status, count in sorted(told.answers.items()))
    bad = sum(
        count
        for status, count in told.answers.items()
        if status not in AGAIN | {0, http.HTTPStatus.FOUND}
    )
    yield Figure(
        "answers other than saved, or come back", bad, "answers", limit=0, note=f"{seen} (0: none)"
    )
    recovered = [_recovery(told, kill) for kill in kills]
    yield Figure(
        "longest until a visit was saved again after a kill",
        max(recovered),
        "s",
        limit=RECOVERS_WITHIN_SECONDS,
        note=f"of {len(kills)} kills",
    )


def _recovery(told: Told, kill: float) -> float:
    return min((at - kill for at in told.acknowledged.values() if at > kill), default=0.0)


DRILLS = (whether_a_write_is_lost,)
