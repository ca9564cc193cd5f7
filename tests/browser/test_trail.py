"""The trail in a browser: an auditor's way to a change, a neurologist's to a record as it was."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mmn_registry import principal
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.audit.sealing import seal
from patients.actions import amend, record_visit, register_patient
from patients.models import MuscleScore, Visit
from patients.vocabulary import Muscle, Side
from tests.browser.conftest import DESK, PHONE, accessibility_problems, hidden_overflow
from tests.patients import examples

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "audit", "derive"])

DAY = date(2024, 1, 12)


@pytest.fixture
def anne():
    return person("Anne Example", Role.NEUROLOGIST)


@pytest.fixture
def auditor():
    return person("Aud Itor", Role.AUDITOR)


def person(name: str, role: Role):
    user = open_account(f"{name.split(maxsplit=1)[0].lower()}@hospital.example", name)
    grant_role(user, role, centre=examples.centre("SALP"))
    return user


@pytest.fixture
def visit(anne):
    """Anne's second visit of a patient: the scales were read wrongly, and one grade."""
    with principal.in_force(principal_for(anne), request_id="7f3a"):
        centre = examples.centre("SALP")
        patient = register_patient(examples.patient(study_id="MMN-001", centre=centre), by=anne)
        for day in (DAY, DAY + timedelta(180)):
            scores = [
                MuscleScore(muscle=muscle, side=side, mrc_grade="4+")
                for muscle in list(Muscle)[:14]
                for side in Side
            ]
            visit = record_visit(
                Visit(patient=patient, visited_on=day, weight_kg=Decimal(70)),
                muscle_scores=scores,
                by=anne,
            )
        reason = "The scales were read wrongly; corrected after a call from the ward."
        amend(visit, {"weight_kg": Decimal("72.5"), "mmn_rods": 41}, by=anne, reason=reason)
        amend(scores[0], {"mrc_grade": "3-"}, by=anne, reason="Read again.")
    seal()
    return visit


@pytest.fixture
def pages(client, anne, visit):
    """Every page of the trail, for somebody who treats and audits; and the record as it was."""
    grant_role(anne, Role.AUDITOR, centre=visit.patient.centre)
    anne.refresh_from_db()
    client.force_login(anne)
    history = f"/trail/patients/{visit.patient_id}/"
    recorded = Entry.objects.get(record_id=str(visit.pk), operation="insert")
    return {
        "activity": "/trail/",
        "history": f"{history}?reads=1",
        "record": f"{history}patients_visit/{visit.pk}/",
        "action": f"/trail/actions/{recorded.action_id}/",
        "known": f"/patients/MMN-001/?known_at={recorded.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "unknown": "/patients/MMN-001/?known_at=2001-01-01T00:00",
    }


@pytest.mark.parametrize(
    ("width", "look", "by_axe"),
    [
        (DESK, "light", ("activity", "action", "known")),
        (PHONE, "dark", ("history", "record", "unknown")),
    ],
)
def test_the_pages_are_accessible_and_fit(open_page, pages, width, look, by_axe):
    with open_page("/account/", width=width, look=look) as page:
        for name, address in pages.items():
            page.goto(address)
            for menu in page.locator("main .as-of summary").all():
                menu.press("Enter")
                assert hidden_overflow(page) <= 0, name
                menu.press("Enter")
            assert hidden_overflow(page) <= 0, name
            if name in by_axe:
                assert accessibility_problems(page) == [], name


def test_an_auditor_goes_from_a_line_to_the_field_and_meets_no_value(
    open_page, client, auditor, visit
):
    client.force_login(auditor)
    with open_page("/trail/") as page:
        page.get_by_label("What", exact=True).select_option("write")
        page.get_by_role("button", name="Show").click()
        line = re.compile("Details ?: Anne Example amended a visit of MMN-001")
        page.get_by_role("link", name=line).click()
        assert "corrected after a call" in page.locator("main").inner_text()
        page.get_by_role("link", name=re.compile("Its history ?: visit 1")).click()
        page.get_by_role("link", name="Weight [kg]", exact=True).click()
        page.wait_for_url(re.compile("field=weight_kg"))

        told = page.locator("main").inner_text()
        assert "Weight [kg]" in page.locator(".changes").inner_text()
        assert "changed" in page.locator(".changes").inner_text()
        for value in ("72.5", "70", "Jan 2024"):
            assert value not in told
        page.get_by_role("link", name="History of MMN-001").click()
        assert page.get_by_role("link", name="Record then").count() == 0


def test_a_neurologist_reads_a_history_and_the_record_as_it_was_by_keyboard(
    open_page, client, anne, visit
):
    client.force_login(anne)
    with open_page(f"/patients/MMN-001/visits/{visit.pk}/") as page:
        page.get_by_role("link", name="History of this visit").press("Enter")
        page.wait_for_url(re.compile("patients_visit"))
        graded, weighed, recorded = page.locator(".trail tbody tr").all_inner_texts()
        assert re.search(r"MRC grade\s+4\+\s+→\s+(became)?\s*3-", graded)
        assert re.search(r"70\s+→\s+(became)?\s*72.5", weighed)
        assert "28 muscle scores recorded" in recorded

        page.get_by_role("link", name="History of MMN-001").press("Enter")
        then = re.compile("Record then ?: Anne Example recorded a visit of MMN-001, 10 Jul 2024")
        page.get_by_role("link", name=then).press("Enter")
        page.wait_for_url(re.compile("known_at="))
        visits = page.locator("[aria-labelledby=visits-name] tbody tr")
        last_visit = visits.filter(has_text="10 Jul 2024")
        assert "As known on" in page.locator(".known-at").inner_text()
        assert "70" in last_visit.inner_text()
        assert page.get_by_role("link", name="New visit").count() == 0

        page.get_by_text("Another time").press("Enter")
        page.get_by_label("Show what had been recorded by").fill("2001-01-01T10:00:00")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("known_at=2001"))
        assert "did not know this patient" in page.locator("main").inner_text()

        page.get_by_role("link", name="Back to now").press("Enter")
        page.wait_for_url(re.compile(r"/patients/MMN-001/\??$"))
        assert page.locator(".known-at").count() == 0
        assert "72.5" in last_visit.inner_text()
