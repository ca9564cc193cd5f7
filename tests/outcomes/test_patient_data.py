"""A patient's own data: amended on one page, with what follows from them."""

import re
from datetime import date

import pytest

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.principal import in_force
from patients.actions import amend
from patients.models import Confirmation, Draft, Identity, Patient, Visit
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient
from tests.outcomes.test_visit_page import error_beside, form

pytestmark = pytest.mark.django_db
PAGE = "/patients/P-1/data/"


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path / "b")
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def typed(client, **values):
    return form(client, PAGE) | {"reason": "Asked again."} | values


def patient():
    return Patient.objects.get(study_id="P-1")


def said(answer):
    return words(answer.content.decode())


def test_the_form_shows_what_is_stored_as_people_write_it(anne, client):
    shown = form(client, PAGE)

    assert (shown["onset_on"], shown["included_on"]) == ("Mar 2015", "15 Jan 2020")
    assert (shown["sex"], shown["birth_year"], shown["deceased_on"]) == ("female", "1960", "")


def test_what_was_not_changed_is_not_written(anne, client):
    answer = client.post(PAGE, typed(client), follow=True)

    assert "The data of P-1 are as they were: nothing was changed." in said(answer)
    assert patient().version == 1


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2014", (date(2014, 1, 1), "year")),
        ("Oct 2014", (date(2014, 10, 1), "month")),
        ("October 2014", (date(2014, 10, 1), "month")),
        ("2014-10", (date(2014, 10, 1), "month")),
        ("10.2014", (date(2014, 10, 1), "month")),
        ("5 Oct 2014", (date(2014, 10, 5), "day")),
        ("05.10.2014", (date(2014, 10, 5), "day")),
        ("", (None, "")),
    ],
)
def test_a_partial_date_stays_as_partial_as_it_is_typed(anne, client, written, stored):
    client.post(PAGE, typed(client, onset_on=written))

    assert (patient().onset_on, patient().onset_precision) == stored


@pytest.mark.parametrize("written", ["14", "Okt 2014", "2014-13", "32.10.2014", "soon"])
def test_what_is_no_date_is_said_with_ways_to_write_it(anne, client, written):
    answer = client.post(PAGE, typed(client, onset_on=written))

    assert error_beside(answer, "onset_on") == (
        f"“{written}” is not a date. Write it like 2003, Oct 2003 or 5 Oct 2003."
    )
    assert patient().version == 1


def test_the_diagnosis_does_not_lie_before_the_onset(anne, client):
    answer = client.post(PAGE, typed(client, diagnosed_on="Feb 2015"))

    assert error_beside(answer, "diagnosed_on").startswith("The diagnosis of 2015-02-01 lies")


def test_a_death_is_recorded_and_shown_first(anne, client):
    answer = client.post(PAGE, typed(client, deceased_on="1 Feb 2021"), follow=True)

    assert patient().deceased_on == date(2021, 2, 1)
    assert "Died 1 Feb 2021" in said(answer)


def test_nobody_is_seen_after_death(anne, client):
    answer = client.post(PAGE, typed(client, deceased_on="19 Jan 2021"))

    assert "lies after this patient's death" in error_beside(answer, "deceased_on")
    assert patient().deceased_on is None


def test_the_clinicians_opinion_counts_where_the_rule_has_no_result(client, tmp_path):
    store_patient(tmp_path / "b", visits=0)
    client.force_login(neurologist("C1"))

    answer = client.post(PAGE, typed(client, clinician_response="yes"), follow=True)

    assert patient().clinician_response == "yes"
    assert "The data of P-1 are saved." in said(answer)


def test_what_would_follow_is_shown_while_one_types(anne, client):
    look = client.post(f"{PAGE}?look", typed(client, prior_immunoglobulin="no"))
    assert "Saved now, no outcome would change." in said(look)

    look = client.post(f"{PAGE}?look", typed(client, included_on="1 Jan 2020", birth_year="18"))
    assert "What follows is shown once every value can be read." in said(look)
    assert patient().version == 1


def test_an_unusual_age_is_asked_about_and_confirmed_by_name(anne, client):
    sent = typed(client, birth_year="2005")
    answer = client.post(PAGE, sent)
    assert "Born in 2005, 10 years old at onset. Is the year of birth right?" in said(answer)
    assert patient().birth_year == 1960

    keys = re.findall(r'name="confirmed" form="record" value="([^"]+)"', answer.content.decode())
    client.post(PAGE, sent | {"confirmed": keys})

    assert patient().birth_year == 2005
    assert {(c.code, c.value, c.confirmed_by) for c in Confirmation.objects.all()} == {
        ("seldom_age_at_onset", "2005", anne),
        ("seldom_age", "2005", anne),
    }


def test_two_people_choose_field_by_field(anne, client):
    mine = typed(client, onset_on="2014", sex="male")
    amend(patient(), {"onset_on": date(2013, 1, 1), "onset_precision": "year"}, by=None, reason="x")

    page = said(client.post(PAGE, mine))

    assert "1 value was changed by both of you: choose." in page
    assert "2013" in page
    assert "2014" in page
    assert "Mar 2015" in page
    chosen = mine | {
        "as_read": re.search(
            r'name="as_read" value="(\w+)"', client.post(PAGE, mine).content.decode()
        )[1],
        "theirs": '{"onset_on":"2013","sex":"female","birth_year":"1960"}',
        "contested": "onset_on",
        "choose-onset_on": "theirs",
        "choose-sex": "mine",
    }
    client.post(PAGE, chosen)
    assert (patient().onset_on, patient().sex) == (date(2013, 1, 1), "male")


def test_a_draft_is_kept_with_its_patient(anne, client):
    client.post("/drafts/save/", typed(client, onset_on="20"))

    with in_force(principal_for(anne)):
        assert Draft.objects.get().patient == patient()
    assert 'value="20"' in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("role", "centre", "status"),
    [
        (Role.NEUROLOGIST, "C1", 200),
        (Role.COORDINATOR, "C1", 200),
        (Role.NEUROLOGIST, "C2", 404),
        (Role.STATISTICIAN, None, 403),
        (Role.NATIONAL_COORDINATOR, None, 403),
        (Role.ADMINISTRATOR, None, 404),
    ],
)
def test_only_those_who_treat_amend(anne, client, role, centre, status):
    user = open_account("paul@hospital.example", "Paul Example")
    where = Centre.objects.get_or_create(code=centre)[0] if centre else None
    grant_role(user, role, centre=where)
    client.force_login(user)

    assert client.get(PAGE).status_code == status
    assert client.post(PAGE, {"form_key": "x"}).status_code in {status, 404}
    offered = 'href="/patients/P-1/data/"' in client.get("/patients/P-1/").content.decode()
    assert offered == (status == 200)
    assert patient().version == 1
    assert Visit.objects.exists()
    assert not Identity.objects.exists()
