"""Every filter and check of the application taken away: PostgreSQL alone still refuses."""

import sys
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import get_resolver

from mmn_registry.accounts import selectors
from mmn_registry.accounts.models import Centre
from mmn_registry.audit.models import Entry
from mmn_registry.fhir_api import SERVER
from patients.identity import Person, record_identity
from patients.models import Draft, Patient
from patients.models.record import RecordQuerySet

from .permission_matrix import People, answers
from .two_centres import MODELS, THEIRS, of_centre, store_two_centres

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything"),
]
OWN = "A-1"
# Whatever tells of patients: pages, drafts, the trail, REST.
LISTS = [
    "/patients/",
    "/cohort/",
    "/api/v1/cohort/summary/",
    *(
        f"/api/v1/{name}/{notation}"
        for name in (
            "patients",
            "visits",
            "muscle-scores",
            "infusions",
            "nerve-segments",
            "outcomes",
        )
        for notation in ("", "?format=csv")
    ),
    # A Provenance names records and nobody.
    *(f"/fhir/{one.name}?_count=1000" for one in SERVER.types if one.name != "Provenance"),
]
OFFERS = "patients:offers"  # names whom the other centre has offered to ours
OF_PATIENTS = ("home", "patients:", "drafts:", "trail:", "outcomes:", "api:")


@pytest.fixture
def person(tmp_path):
    return store_two_centres(tmp_path)


@pytest.fixture
def _without_filters(person, monkeypatch):
    """Wherever they were imported to: all views are by now, and none while they are away."""
    assert get_resolver().url_patterns
    monkeypatch.setattr(RecordQuerySet, "visible_to", lambda rows, _user: rows)
    instead = {
        "visible_centres": lambda *_: Centre.objects.all(),
        "check_can": lambda *_: None,
        "can": lambda *_: True,
    }
    for name, nothing in instead.items():
        for module in _modules_with(name, getattr(selectors, name)):
            monkeypatch.setattr(module, name, nothing)
    yield
    monkeypatch.undo()
    assert [m for name, nothing in instead.items() for m in _modules_with(name, nothing)] == []


def _modules_with(name: str, what: object) -> list:
    return [module for module in list(sys.modules.values()) if vars(module).get(name) is what]


def names_of_foreign_rows() -> set[str]:
    """By which they would be known again: of patients, and of every record of theirs."""
    patients = Patient.objects.filter(centre__code=THEIRS).values_list("study_id", flat=True)
    rows = {str(key) for model in MODELS for key in of_centre(model, THEIRS).values_list("pk")}
    assert patients, "something that could leak"
    return {*patients, *rows}


@pytest.mark.parametrize("role", ["coordinator", "auditor", "token"])
@pytest.mark.usefixtures("_without_filters")
def test_no_answer_tells_of_a_foreign_row_and_none_is_written(role, settings):
    settings.SECOND_FACTOR = True
    people = People()
    names = names_of_foreign_rows()
    there = Entry.objects.filter(
        centre_id=Centre.objects.get(code=THEIRS).pk, kind__in=("write", "identity")
    )
    before, written = there.count(), []

    def look(cell):
        if there.count() != before:
            written.append(cell)

    found = answers(people, role, begin=OF_PATIENTS, meanwhile=look)

    assert any(OWN.encode() in answer.body for answer in found.values())
    told = {
        cell: name
        for cell, answer in found.items()
        for name in names
        if name.encode() in answer.body and cell[0] != OFFERS
    }
    assert told == {}
    # Who accepts an offered patient writes into the centre that offered.
    assert {cell[0] for cell in written} <= {"patients:offer_decide"}
    for (address, whose, method), answer in found.items():
        if whose == "foreign" and address != "patients:offer_decide":
            assert answer == found[address, "absent", method], (address, method)


@pytest.mark.usefixtures("_without_filters")
def test_what_is_typed_reaches_no_foreign_patient(client, person):
    """Forms as their pages send them, for a patient of the other centre."""
    foreign = Patient.objects.filter(centre__code=THEIRS).earliest("study_id")
    who = Person("Quokka", "Anna", hospital_number="H-4711")
    record_identity(foreign, who, by=None)
    visit = foreign.visits.earliest("visited_on")
    at = f"/patients/{foreign.study_id}/"
    client.force_login(person)
    form = {"form_key": uuid4(), "visited_on": "20 Jul 2021", "weight_kg": "71", "reason": "Wrong."}
    asked = {
        **form,
        "family_name": "Quokka",
        "hospital_number": "H-4711",
        "version": 1,
        "address": f"{at}visits/new/",
    }
    rows = {model: _versions(model) for model in MODELS}

    statuses = {
        address: client.post(address, asked).status_code
        for address in (
            f"{at}visits/new/",
            f"{at}visits/{visit.pk}/",
            f"{at}visits/{visit.pk}/void/",
            f"{at}visits/new/?look=",
            f"{at}identity/",
            f"{at}identity/record/",
            f"{at}identity/amend/",
            f"{at}identity/erase/",
            "/drafts/save/",
        )
    }

    assert set(statuses.values()) == {404}, statuses
    found = client.post("/patients/find/by-identity/", asked)
    assert found.status_code == 200
    assert foreign.study_id not in found.content.decode()
    assert not Draft.objects.exists()
    assert {model: _versions(model) for model in MODELS} == rows


def _versions(model) -> set[tuple]:
    return set(of_centre(model, THEIRS).values_list("pk", "version"))


@pytest.mark.usefixtures("_without_filters")
def test_lists_hold_own_patients_alone_in_every_notation(client, person):
    foreign = sorted(of_centre(Patient, THEIRS).values_list("study_id", flat=True))
    client.force_login(person)
    bodies = {}
    for address in LISTS:
        answer = client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        bodies[address] = body.decode()

    assert foreign, "something that could leak"
    without = [address for address, body in bodies.items() if OWN not in body]
    assert without == ["/cohort/", "/api/v1/cohort/summary/"]  # numbers
    leaks = {address: name for address, body in bodies.items() for name in foreign if name in body}
    assert leaks == {}
