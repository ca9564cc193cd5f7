"""Writing by REST: a visit with 28 scores beside the usual ways, and programs that write at once.

All of them stand behind the same stack: token, roles, row-level security, trail.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

from django.db import connection, connections, transaction
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from benchmarks.people import coordinator
from benchmarks.rounds import in_turns, seconds_of
from infusions.models import Infusion
from mmn_registry import principal
from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.actions import make_token
from mmn_registry.rest.views import RegistryView
from mmn_registry.urls import urlpatterns as registry_patterns
from patients.models import MuscleScore, Patient, Visit
from patients.vocabulary import Muscle, Side

PATIENTS = 1_000
FEW = 5  # of them are examined again and again
VISITS = 20  # in a round
FIRST_DAY = date(2026, 1, 10)  # after all that was made up
KEYS, PARALLEL = 50, 10
CLIENTS, CHANGES, SHARED_VISITS = 8, 50, 10
PLACES = [(muscle.value, side.value) for muscle in list(Muscle)[:14] for side in Side]
RAW_VISIT = """
INSERT INTO patients_visit (id, patient_id, visited_on, recorded_by_id)
SELECT %(id)s, patient.id, (%(sent)s::jsonb->>'visited_on')::date, %(by)s
FROM patients_patient AS patient WHERE patient.study_id = %(sent)s::jsonb->>'study_id'
"""
RAW_SCORES = """
INSERT INTO patients_musclescore (visit_id, muscle, side, mrc_grade, origin, recorded_by_id)
SELECT %(id)s, score.muscle, score.side, score.mrc_grade, score.origin, %(by)s
FROM jsonb_to_recordset(%(sent)s::jsonb->'muscle_scores')
    AS score(muscle text, side text, mrc_grade text, origin text)
"""


class NestedScore(serializers.ModelSerializer):
    class Meta:
        model = MuscleScore
        fields = ("muscle", "side", "mrc_grade", "origin")


class NestedVisit(serializers.ModelSerializer):
    """As the documentation of REST framework writes nested records."""

    patient = serializers.SlugRelatedField(slug_field="study_id", queryset=Patient.objects.all())
    muscle_scores = NestedScore(many=True)

    class Meta:
        model = Visit
        fields = ("patient", "visited_on", "weight_kg", "muscle_scores")

    def create(self, validated_data):
        scores = validated_data.pop("muscle_scores")
        by = self.context["request"].user
        with acting(by, "recorded a visit"):
            visit = Visit.objects.create(recorded_by=by, **validated_data)
            for score in scores:
                MuscleScore.objects.create(visit=visit, recorded_by=by, **score)
        return visit


class Contender(RegistryView):
    schema = None
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)


class Nested(Contender):
    def post(self, request):
        serializer = NestedVisit(
            data=request.data | {"patient": request.data["study_id"]}, context={"request": request}
        )
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class Raw(Contender):
    """A statement per table, since a policy sees a part's parent only then: neither rules in
    words, nor questions, nor a key."""

    def post(self, request):
        with acting(request.user, "recorded a visit"), connection.cursor() as cursor:
            sent = {"id": uuid4(), "sent": json.dumps(request.data), "by": request.user.pk}
            cursor.execute(RAW_VISIT, sent)
            cursor.execute(RAW_SCORES, sent)
        return Response(request.data, status=201)


handler500 = "mmn_registry.faults.answer"
urlpatterns = [
    path("beside/nested/", Nested.as_view()),
    path("beside/raw/", Raw.as_view()),
    path("", include(registry_patterns)),
]
for _pattern in urlpatterns[:2]:
    _pattern.callback.login_required = False


class Program:
    """Signs in with a token and sends visits, each of a day and a patient of its own."""

    def __init__(self) -> None:
        owner = coordinator()
        _token, secret = make_token(owner, "A program", days=1, scope="write")
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = self.new_client()
        self.study_ids = list(Patient.objects.values_list("study_id", flat=True)[:FEW])
        self._next = count()
        for _patient in self.study_ids:
            self.send("/api/v1/visits/")  # and from now on nothing differs from the last time

    def new_client(self) -> Client:
        return Client(SERVER_NAME="localhost", headers=self.headers)

    def visit(self) -> dict[str, object]:
        number = next(self._next)
        patients = len(self.study_ids)
        return {
            "study_id": self.study_ids[number % patients],
            "visited_on": (FIRST_DAY + timedelta(days=number // patients)).isoformat(),
            "muscle_scores": [
                {"muscle": muscle, "side": side, "mrc_grade": "4", "origin": "graded"}
                for muscle, side in PLACES
            ],
        }

    def send(self, address: str) -> None:
        body = self.visit()
        answer = self.post(address, body)
        if answer.status_code == 422:  # a grade changed by three points or more
            keys = [question["key"] for question in answer.json()["questions"]]
            answer = self.post(address, body | {"confirm": keys})
        if answer.status_code != 201:
            raise RuntimeError(f"{address} answered {answer.status_code}: that is not timed.")

    def post(self, address: str, body: dict, key: str = "", client: Client | None = None):
        headers = {"Idempotency-Key": key or str(uuid4())}
        sender = client or self.client
        return sender.post(address, body, content_type="application/json", headers=headers)

    def questions_about(self, infusion: dict) -> list[str]:
        """The keys of what is asked; of a record that cannot be stored, so that none is."""
        impossible = infusion | {"lots": [{"lot_number": "L", "dose_g": 399}]}
        answer = self.post("/api/v1/infusions/", impossible)
        keys = [one["key"] for one in answer.json()["questions"]]
        return [key for key in keys if not key.startswith("lots_exceed_dose")]


LIMITS = {"API_READS_PER_MINUTE": 10**9, "API_WRITES_PER_MINUTE": 10**9}


def figures(patients: int, rounds: int = 5) -> Iterator[Figure]:
    with (
        filled_database(min(patients, PATIENTS)),
        as_operator(),
        override_settings(ROOT_URLCONF=__name__, **LIMITS),
    ):
        program = Program()
        with principal.in_force(None):
            ours = _each(program, "/api/v1/visits/")
            nested, raw = (_each(program, f"/beside/{way}/") for way in ("nested", "raw"))
            seconds = in_turns(rounds, {"ours": ours, "nested": nested, "raw": raw})
    name = "a visit with 28 scores by REST, visits/s against"
    yield Figure(
        f"{name} nested ModelSerializers",
        seconds["nested"] / seconds["ours"],
        "×",
        limit=4,
        at_least=True,
        against="REST framework's nested ModelSerializer, same stack",
        rounds=rounds,
        seconds={way: seconds[way] for way in ("ours", "nested")},
    )
    yield Figure(
        f"{name} SQL",
        seconds["raw"] / seconds["ours"],
        "×",
        limit=0.4,
        at_least=True,
        against="one statement of SQL per table, same stack, nothing checked in words",
        rounds=rounds,
        seconds={way: seconds[way] for way in ("ours", "raw")},
    )


def _each(program: Program, address: str) -> Callable[[], float]:
    def timed() -> float:
        program.send(address)  # connected
        return seconds_of(lambda: [program.send(address) for _ in range(VISITS)]) / VISITS

    return timed


# ── At once ──────────────────────────────────────────────────────────────────────────────────


def programs_that_write_at_once() -> Iterator[Figure]:
    with filled_database(40), as_operator(), override_settings(**LIMITS):
        program = Program()
        yield _keys(program)
        yield _changes(program)


def _at_once(clients: int, work: Callable[[int], object]) -> list:
    gate = threading.Barrier(clients)

    def run(number: int):
        try:
            with principal.in_force(None):
                gate.wait(30)
                return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(clients) as pool:
        return [*pool.map(run, range(clients))]


def _keys(program: Program) -> Figure:
    """Fifty records, each sent by ten at once under one key."""
    before, differing = Infusion.objects.count(), 0
    for number in range(KEYS):
        body = {
            "study_id": program.study_ids[number % len(program.study_ids)],
            "given_on": (date(2026, 2, 1) + timedelta(days=number)).isoformat(),
            "route": "FSC",
            "product": "HyQvia",
            "dose_g": 30,
        }
        body["confirm"] = program.questions_about(body)
        answers = _at_once(
            PARALLEL,
            lambda _n, body=body, number=number: program.post(
                "/api/v1/infusions/", body, key=f"key-{number}", client=program.new_client()
            ),
        )
        differing += len({answer.content for answer in answers}) - 1
    stored = Infusion.objects.count() - before
    note = f"{stored} records, {differing} differing answers"
    return Figure(
        f"of {KEYS} keys sent by {PARALLEL} at once, not one record each",
        abs(stored - KEYS) + differing,
        "keys",
        limit=0,
        note=note,
    )


def _changes(program: Program) -> Figure:
    """Everybody adds one to a scale of a visit that all others change, too."""
    addresses = []
    for _visit in range(SHARED_VISITS):
        body = program.visit() | {"muscle_scores": []}
        addresses.append(program.post("/api/v1/visits/", body).headers["Location"])
    stale = _at_once(CLIENTS, lambda number: _count_up(program.new_client(), addresses, number))
    with transaction.atomic():
        versions = Visit.objects.filter(
            pk__in=[address.split("/")[-2] for address in addresses]
        ).values_list("version", flat=True)
        kept = sum(version - 1 for version in versions)
    return Figure(
        f"of {CLIENTS} × {CHANGES} changes of {SHARED_VISITS} visits, lost",
        CLIENTS * CHANGES - kept,
        "changes",
        limit=0,
        note=f"{sum(stale)} met another's version and read again",
    )


def _count_up(client: Client, addresses: list[str], number: int) -> int:
    stale = 0
    for change in range(CHANGES):
        address = addresses[(number + change) % len(addresses)]
        while True:
            read = client.get(address)
            rods = ((read.json()["result"]["mmn_rods"] or 0) + 1) % 51
            answer = client.patch(
                address,
                {"mmn_rods": rods, "reason": "One more."},
                content_type="application/json",
                headers={"If-Match": read.headers["ETag"]},
            )
            if answer.status_code == 200:
                break
            if answer.status_code != 412:
                raise RuntimeError(f"A change was answered with {answer.status_code}.")
            stale += 1
    return stale


DRILLS = (programs_that_write_at_once,)
