"""A page of visits with their scores, beside plain REST framework and PostgreSQL's own JSON."""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from django.db import connection
from django.db.models import Prefetch
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import generics, pagination, serializers

from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from benchmarks.people import coordinator
from benchmarks.rounds import in_turns, seconds_of
from mmn_registry import principal
from mmn_registry.rest.views import RegistryView
from patients.models import MuscleScore, Visit
from tests.accounts.signing_in import sign_in

MOST_PATIENTS = 1_000  # a page is a page, however many there are
VISITS = 100
REQUESTS = 5  # of each in a round


class ScoreSerializer(serializers.ModelSerializer):
    mrc_value = serializers.SerializerMethodField()

    class Meta:
        model = MuscleScore
        fields = (
            *("muscle", "side", "mrc_grade", "mrc_value"),
            *("not_tested_reason", "not_due_to_mmn", "origin"),
        )

    def get_mrc_value(self, score: MuscleScore) -> float | None:
        return None if score.mrc_thirds is None else round(score.mrc_thirds / 3, 4)


class VisitSerializer(serializers.ModelSerializer):
    study_id = serializers.CharField(source="patient.study_id")
    centre = serializers.CharField(source="patient.centre.code")
    muscle_scores = ScoreSerializer(many=True)

    class Meta:
        model = Visit
        fields = (
            *("study_id", "centre", "visited_on", "weight_kg", "onls_arm", "onls_leg"),
            *("incat_arm", "incat_leg", "mmn_rods", "muscle_scores"),
        )


class Pages(pagination.CursorPagination):
    ordering = ("id",)
    page_size = VISITS


class PlainList(generics.ListAPIView):
    """As the tutorial of REST framework has it, behind the same authentication."""

    authentication_classes = RegistryView.authentication_classes
    permission_classes = RegistryView.permission_classes
    serializer_class = VisitSerializer
    pagination_class = Pages
    queryset = Visit.objects.select_related("patient__centre").prefetch_related(
        Prefetch("muscle_scores", MuscleScore.objects.order_by("muscle", "side"))
    )


JSON_OF_VISITS = """
SELECT json_build_object('results', json_agg(visit)) FROM (
    SELECT p.study_id, c.code AS centre, v.visited_on, v.weight_kg, v.onls_arm, v.onls_leg,
        v.incat_arm, v.incat_leg, v.mmn_rods, (
            SELECT json_agg(score) FROM (
                SELECT muscle, side, mrc_grade, round(mrc_thirds / 3.0, 4) AS mrc_value,
                    not_tested_reason, not_due_to_mmn, origin
                FROM patients_musclescore AS s
                WHERE s.visit_id = v.id AND s.voided_at IS NULL ORDER BY muscle, side
            ) AS score
        ) AS muscle_scores
    FROM patients_visit AS v JOIN patients_patient AS p ON p.id = v.patient_id
    JOIN accounts_centre AS c ON c.id = p.centre_id
    WHERE v.voided_at IS NULL AND p.voided_at IS NULL
    ORDER BY p.study_id, v.visited_on LIMIT 101
) AS visit
"""


class DatabaseList(RegistryView):
    """What PostgreSQL itself makes of the page, passed on as it comes."""

    def get(self, request):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT ({JSON_OF_VISITS})::text")
            return HttpResponse(cursor.fetchone()[0], content_type="application/json")


urlpatterns = [
    path("plain/", PlainList.as_view()),
    path("database/", DatabaseList.as_view()),
    path("", include("mmn_registry.urls")),
]
ADDRESSES = {
    "ours": f"/api/v1/visits/?include=muscle_scores&page_size={VISITS}",
    "ModelSerializer": "/plain/",
    "json_agg": "/database/",
}


def figures(patients: int = MOST_PATIENTS, rounds: int = 5) -> Iterator[Figure]:
    with filled_database(min(patients, MOST_PATIENTS)), as_operator():
        client = Client(SERVER_NAME="localhost")
        sign_in(client, coordinator())
        with override_settings(ROOT_URLCONF=__name__), principal.in_force(None):
            asked = {name: _asking(client, address) for name, address in ADDRESSES.items()}
            for ask in asked.values():
                ask()  # what is loaded once
            seconds = in_turns(rounds, {name: _each(ask) for name, ask in asked.items()})
    name = f"API list of {VISITS} visits with scores, signed in"
    yield Figure(
        name,
        seconds["ModelSerializer"] / seconds["ours"],
        "×",
        limit=8,
        at_least=True,
        against="DRF ModelSerializer with prefetch, requests/s",
        rounds=rounds,
        seconds={name: seconds[name] for name in ("ours", "ModelSerializer")},
    )
    yield Figure(
        name,
        100 * seconds["json_agg"] / seconds["ours"],
        "%",
        limit=50,
        at_least=True,
        against="PostgreSQL's own json_agg through the same stack, requests/s",
        rounds=rounds,
        seconds={name: seconds[name] for name in ("ours", "json_agg")},
    )


def _asking(client: Client, address: str) -> Callable[[], None]:
    def ask() -> None:
        status = client.get(address).status_code
        if status != HTTPStatus.OK:
            raise RuntimeError(f"{address} answered {status}: that is not what is timed.")

    return ask


def _each(ask: Callable[[], None]) -> Callable[[], float]:
    return lambda: seconds_of(lambda: [ask() for _ in range(REQUESTS)]) / REQUESTS
