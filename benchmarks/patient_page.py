"""A patient's page, beside a page of the same site that shows nothing."""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client, override_settings
from django.urls import include, path

from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from benchmarks.people import coordinator
from benchmarks.rounds import in_turns, seconds_of
from mmn_registry import principal
from outcomes.freshness import rebuild
from patients.models import Patient
from tests.accounts.signing_in import sign_in

MOST_PATIENTS = 1_000  # the page is one patient's, however many there are
REQUESTS = 5  # of each in a round
EXAMINATIONS = 12


def empty_page(request: HttpRequest) -> HttpResponse:
    """Frame, menu and who is signed in."""
    return render(request, "base.html")


urlpatterns = [path("empty/", empty_page), path("", include("mmn_registry.urls"))]


def figures(patients: int = MOST_PATIENTS, rounds: int = 5) -> Iterator[Figure]:
    with filled_database(min(patients, MOST_PATIENTS)), as_operator():
        rebuild()
        counted = Patient.objects.annotate(scores=Count("visits__muscle_scores"))
        patient = counted.filter(scores__gte=EXAMINATIONS * 26).earliest("study_id")
        client = Client(SERVER_NAME="localhost")
        sign_in(client, coordinator(patient.centre))
        pages = {"patient page": f"/patients/{patient.study_id}/", "empty page": "/empty/"}
        with override_settings(ROOT_URLCONF=__name__), principal.in_force(None):
            asked = {name: _asking(client, address) for name, address in pages.items()}
            for ask in asked.values():
                ask()  # what is loaded once
            seconds = in_turns(rounds, {name: _each(ask) for name, ask in asked.items()})
    yield Figure(
        "patient page, 12 visits × 28 muscles",
        seconds["patient page"] / seconds["empty page"],
        "×",
        limit=4,
        against="an empty signed-in page",
        note=f"{patient.scores} scores",
        rounds=rounds,
        seconds=seconds,
    )


def _asking(client: Client, address: str) -> Callable[[], None]:
    def ask() -> None:
        status = client.get(address).status_code
        if status != HTTPStatus.OK:
            raise RuntimeError(f"{address} answered {status}: that is not what is timed.")

    return ask


def _each(ask: Callable[[], None]) -> Callable[[], float]:
    return lambda: seconds_of(lambda: [ask() for _ in range(REQUESTS)]) / REQUESTS
