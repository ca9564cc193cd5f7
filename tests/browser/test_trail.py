"""The pages of the trail in a browser: every width and look, axe, keyboard alone."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from mmn_registry import principal
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.audit.sealing import seal
from patients.actions import amend, record_visit, register_patient, void
from patients.models import MuscleScore, Visit
from patients.vocabulary import Muscle, Side
from tests.browser.conftest import DESK, PHONE, TABLET, accessibility_problems, hidden_overflow
from tests.patients import examples

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "audit"])

DAY = date(2024, 1, 12)


@pytest.fixture
def history(client):
    """A patient with a history, looked at by who treats and who audits the centre."""
    centre = examples.centre("SALP")
    anne = open_account("anne@hospital.example", "Anne Example")
    for role in (Role.NEUROLOGIST, Role.AUDITOR):
        grant_role(anne, role, centre=centre)
    with principal.in_force(principal_for(anne), request_id="7f3a"):
        patient = register_patient(examples.patient(study_id="MMN-001", centre=centre), by=anne)
        for number in range(3):
            scores = [
                MuscleScore(muscle=muscle, side=side, mrc_grade="4+")
                for muscle in list(Muscle)[:14]
                for side in Side
            ]
            visit = record_visit(
                Visit(patient=patient, visited_on=DAY + timedelta(180 * number), weight_kg=70),
                muscle_scores=scores,
                by=anne,
            )
        amend(
            visit,
            {"weight_kg": Decimal("72.5"), "mmn_rods": 41},
            by=anne,
            reason="The scales were read wrongly; corrected after a call from the ward.",
        )
        void(Visit.objects.earliest("visited_on"), by=anne, reason="Of another patient.")
    seal()
    client.force_login(anne)
    return patient, visit


def pages(history) -> dict[str, str]:
    patient, visit = history
    amended = Entry.objects.get(record_id=str(visit.pk), operation="update")
    recorded = Entry.objects.get(record_id=str(visit.pk), operation="insert")
    there, then = f"/trail/patients/{patient.pk}/", timezone.localtime(amended.at)
    return {
        "activity": "/trail/",
        "patient": f"{there}?reads=1",
        "action": f"/trail/actions/{recorded.action_id}/",
        "record": f"{there}patients_visit/{visit.pk}/",
        "then": f"/patients/MMN-001/?known_at={then:%Y-%m-%dT%H:%M:%S.%f}",
    }


PAGES = ("activity", "patient", "action", "record", "then")


@pytest.mark.parametrize(("width", "look"), [(DESK, "light"), (PHONE, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(open_page, history, name, width, look):
    with open_page(pages(history)[name], width=width, look=look) as page:
        assert accessibility_problems(page) == []
        assert hidden_overflow(page) <= 0


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_never_wider_than_its_window(open_page, history, name):
    for width in (PHONE, TABLET, 1024, DESK):
        with open_page(pages(history)[name], width=width) as page:
            assert hidden_overflow(page) <= 0, width


def test_from_a_line_to_its_details_to_the_history_of_a_field(open_page, history):
    with open_page("/trail/") as page:
        page.get_by_label("What", exact=True).select_option("write")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name=re.compile("Details ?: Anne Example amended a visit")).click()
        page.get_by_role("link", name=re.compile("Its history ?: visit 1")).click()
        page.get_by_role("link", name="Weight [kg]", exact=True).click()

        changes = page.locator(".changes").all_inner_texts()
        assert [re.findall(r"[\d.]+|recorded", text) for text in changes] == [
            ["70", "72.5"],
            ["70"],
        ]
        assert "corrected after a call" in page.locator("main").inner_text()


def test_the_record_as_it_was_known_is_reached_by_keyboard(open_page, history):
    patient, _visit = history
    with open_page(f"/trail/patients/{patient.pk}/") as page:
        page.get_by_text("Record as it was known").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Show what had been recorded by").fill("2001-01-01T10:00:00")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/patients/MMN-001/.known_at="))

        assert (
            "As the registry knew it on 1 Jan 2001, 10:00:00" in page.locator("main").inner_text()
        )
        page.get_by_role("link", name="Back to now").press("Enter")
        page.wait_for_url(re.compile(r"/patients/MMN-001/\??$"))
        assert page.locator(".known-at").count() == 0
