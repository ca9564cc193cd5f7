"""What fresh outcomes cost: saving and reading one patient, and the cohort over HTTP meanwhile."""

import http.client
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from socketserver import ThreadingMixIn
from statistics import quantiles
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from benchmarks.cohorts import AS_OF
from benchmarks.database import as_operator, connected_to, filled_database
from benchmarks.figures import Figure
from benchmarks.rounds import in_turns, seconds_of

FEW = 1_000  # patients of the smaller registry
TURNS_A_ROUND = 10
SAVES_A_SECOND = 20
REQUESTS = 200
P95_SECONDS = 0.100
WITH, WITHOUT = "with its outcome", "without outcomes"


def figures(patients: int, rounds: int) -> Iterator[Figure]:
    """By mmn_app as an operator and mmn_derive; over HTTP by a statistician's token."""
    with filled_database(FEW):
        few = _saving(rounds)
    with filled_database(patients) as database:
        many = _saving(rounds)
        yield _freshness_costs(FEW, few, rounds)
        yield _freshness_costs(patients, many, rounds)
        yield Figure(
            f"record_visit of 28 scores + read its patient's fresh outcome, {patients:,} patients",
            many[WITH] / few[WITH],
            "×",
            limit=1.25,
            against=f"the same at {FEW:,} patients",
            rounds=rounds,
            seconds={f"{patients:,} patients": many[WITH], f"{FEW:,} patients": few[WITH]},
        )
        yield from _cohort_over_http(database, patients)


def _freshness_costs(patients: int, seconds: dict[str, float], rounds: int) -> Figure:
    return Figure(
        f"record_visit of 28 scores + read its patient's fresh outcome, {patients:,} patients",
        seconds[WITH] / seconds[WITHOUT],
        "×",
        limit=3,
        against="the same without outcomes",
        rounds=rounds,
        seconds=seconds,
    )


# ── Saving a visit and reading its patient ───────────────────────────────────────────────────


def _saving(rounds: int) -> dict[str, float]:
    """Median seconds of one visit, saved and read with its patient's outcome and without."""
    from outcomes.cohorts import load_cohort  # noqa: PLC0415 — settings are read by now
    from outcomes.derivation.derive import OUTCOME_COLUMNS  # noqa: PLC0415
    from outcomes.freshness import rebuild, refresh  # noqa: PLC0415
    from patients.models import Patient  # noqa: PLC0415

    visits = _Visits()

    def with_outcome() -> None:
        patient = visits.record()
        load_cohort(Patient.objects.filter(pk=patient.pk), date.today(), OUTCOME_COLUMNS)

    def without() -> None:
        patient = visits.record()
        Patient.objects.select_related("centre").get(pk=patient.pk)

    def turns(do) -> float:
        seconds = sum(seconds_of(do) for _turn in range(TURNS_A_ROUND)) / TURNS_A_ROUND
        refresh()  # what was read without leaves marks, which are not the next turn's
        return seconds

    with as_operator():
        rebuild()
        with_outcome(), without()
        return in_turns(
            rounds, {WITH: lambda: turns(with_outcome), WITHOUT: lambda: turns(without)}
        )


class _Visits:
    """Visits after the last recorded day, each of another patient."""

    def __init__(self, seed: int = 0) -> None:
        from patients.models import Patient  # noqa: PLC0415

        with as_operator():
            self.patients = list(Patient.objects.filter(deceased_on=None).order_by("?")[:500])
        self.random, self.number, self.seed = Random(seed), 0, seed  # noqa: S311

    def record(self):
        from benchmarks.cohorts import MUSCLES  # noqa: PLC0415
        from patients.actions import record_visit  # noqa: PLC0415
        from patients.models import MuscleScore, Visit  # noqa: PLC0415

        self.number += 1
        turn, place = divmod(self.number, len(self.patients))
        patient = self.patients[place]
        visit = Visit(
            patient=patient,
            visited_on=AS_OF + timedelta(days=1 + turn + 100 * self.seed),
            weight_kg=70,
        )
        scores = [
            MuscleScore(muscle=muscle, side=side, mrc_grade=self.random.choice(["3", "4", "5"]))
            for muscle, side in MUSCLES[:28]
        ]
        record_visit(visit, muscle_scores=scores, by=None)
        return patient


# ── The cohort over HTTP while others save ───────────────────────────────────────────────────


def _cohort_over_http(database: str, patients: int) -> Iterator[Figure]:
    """From a server of its own process, whole registry or one centre, drawn at random."""
    from mmn_registry.accounts.models import Centre  # noqa: PLC0415

    with as_operator():
        centres = list(Centre.objects.values_list("code", flat=True))
        token = _token()
    port = _free_port()
    with _beside(_serve, database, port), _beside(_save, database, SAVES_A_SECOND):
        _wait_for(port)
        for _warm in range(3):
            _summary(port, token, {})
        by_centre = _timed(port, token, [{"centre": code} for code in centres])
        any_filter = _timed(port, token, [{}, *({"centre": code} for code in centres)])
    for what, seconds in (("random filters", any_filter), ("one centre", by_centre)):
        yield Figure(
            f"cohort summary over HTTP, {what}, {SAVES_A_SECOND} saves/s, {patients:,} patients",
            quantiles(seconds, n=20)[-1] * 1000,
            "ms",
            limit=P95_SECONDS * 1000,
            against="absolute, p95",
            rounds=len(seconds),
            seconds={"median": sorted(seconds)[len(seconds) // 2]},
        )


def _token() -> str:
    from mmn_registry.accounts.actions import grant_role, make_token, open_account  # noqa: PLC0415
    from mmn_registry.accounts.roles import Role  # noqa: PLC0415

    user = open_account("statistician@benchmark.example", "Statistician")
    grant_role(user, Role.STATISTICIAN)
    return make_token(user, "benchmark", days=1)[1]


def _timed(port: int, token: str, filters: list[dict[str, str]]) -> list[float]:
    dice = Random(1)  # noqa: S311
    return [
        seconds_of(lambda: _summary(port, token, dice.choice(filters))) for _ in range(REQUESTS)
    ]


def _summary(port: int, token: str, asked: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    address = f"/api/v1/cohort/summary/?{urlencode(asked)}"
    connection.request("GET", address, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{address} answered {answer.status}: {body[:200]!r}")


@contextmanager
def _beside(work, *arguments) -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_arguments) -> None:
        pass


def _serve(database: str, port: int) -> None:
    import django  # noqa: PLC0415 — a fresh process

    django.setup()
    with connected_to(database):
        from mmn_registry.wsgi import application  # noqa: PLC0415

        make_server("127.0.0.1", port, application, _Server, _Silent).serve_forever()


def _save(database: str, a_second: int) -> None:
    """Visits at an even pace; one that comes late is not made up for."""
    import django  # noqa: PLC0415 — a fresh process

    django.setup()
    with connected_to(database), as_operator():
        visits = _Visits(seed=1)
        while True:
            began = time.monotonic()
            visits.record()
            time.sleep(max(0.0, 1 / a_second - (time.monotonic() - began)))


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def _wait_for(port: int) -> None:
    for _try in range(300):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("The server did not start.")
