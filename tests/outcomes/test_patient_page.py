"""The page of one patient: what stands on it, for whom, and what it costs."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.calendar import registry_today
from tests.outcomes.stories import close_data, neurologist, store_patient

pytestmark = pytest.mark.django_db
# Session, user, roles, patient, the note that says so; thirteen tables in three rounds and the
# reactions; consents and clinicians' diagnoses; for who may write, the drafts, the addresses of
# visits, studies, results and findings, of infusions and of the four tables of treatment, and what
# is planned. The birth of the database is asked once per process.
QUERIES = 22


@pytest.fixture
def look(client):
    """Sign in and return the page as plain text, as a reader meets it."""

    def page(address="/patients/P-1/", user=None):
        client.force_login(user or neurologist("C1"))
        answer = client.get(address)
        return answer, text_of(answer.content.decode())

    return page


def text_of(html):
    without_tags = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(script|style).*?</\1>", " ", html))
    return re.sub(r"\s+", " ", unescape(without_tags))


def test_the_header_says_who_is_meant_and_never_more_than_that(look, tmp_path):
    store_patient(tmp_path / "b")

    answer, text = look("/patients/P-1/?as_of=2021-06-30")

    assert answer.status_code == 200
    assert "P-1 Female, 61 y born 1960 · C1" in text
    assert "Onset Mar 2015 Diagnosed not recorded Included 15 Jan 2020" in text
    assert "Before inclusion no immunoglobulin Follow-up 1 y" in text


def test_each_card_says_result_reason_and_rule(look, tmp_path):
    store_patient(tmp_path / "b")

    _, text = look("/patients/P-1/?as_of=2021-06-30")

    assert (
        "Short-term response, month 6 Why Responder 2 of 2 improvable muscles "
        "2 of 2 improvable muscles gained a point between 10 Jan and 12 Jul 2020: right wrist "
        "extension 3 → 4, left wrist extension 4 → 5. No muscle lost a point. Rule 3, v1"
    ) in text
    assert "Conduction blocks Why Not evaluable no study" in text
    assert "reason code IMPROVED" in text
    assert "examination nearest to day 183, days 122 to 243 choice" in text


def test_what_was_never_recorded_is_said_in_words(look, tmp_path):
    store_patient(tmp_path / "b")

    _, text = look("/patients/P-1/?as_of=2021-06-30")

    assert "Grip strength: never recorded. Nerve conduction: never recorded." in text
    assert "No nerve conduction study is recorded." in text
    assert "Anti-GM1 IgM, CSF protein, CK not recorded" in text


def test_a_patient_without_any_record_has_a_page(look, tmp_path):
    store_patient(tmp_path / "b", visits=0, infusions="")

    answer, text = look("/patients/P-1/?as_of=2021-06-30")

    assert answer.status_code == 200
    assert "Nothing dated is recorded up to this day" in text
    assert "No muscle was graded up to this day." in text
    assert text.count("No infusion is recorded, and no home treatment.") >= 3


def test_an_untested_muscle_is_no_zero_in_map_and_sum(look, tmp_path):
    store_patient(tmp_path / "b")

    answer, _ = look("/patients/P-1/?as_of=2021-06-30")
    html = answer.content.decode()

    assert '<td class="nt key" title="not tested: pain">NT</td>' in html
    assert re.findall(r'class="g0[^"]*"[^>]*>', html.split("map-legend")[0]) == []


def test_only_what_was_known_on_the_day_counts(look, tmp_path):
    store_patient(tmp_path / "b")

    _, text = look("/patients/P-1/?as_of=2020-03-01")

    assert "Not evaluable month 6 still to come" in text
    assert "12 Jul 2020" not in text
    assert "2 courses" in text


def test_before_inclusion_nothing_is_known(look, tmp_path):
    store_patient(tmp_path / "b")

    answer, text = look("/patients/P-1/?as_of=2019-12-31")

    assert answer.status_code == 200
    assert "Included on 15 Jan 2020: as of 31 Dec 2019 nothing is known" in text


def test_a_closed_cohort_is_looked_at_on_the_day_it_was_closed(look, tmp_path):
    store_patient(tmp_path / "b")
    close_data("C1", date(2020, 12, 31))

    _, text = look()

    assert "As of 31 Dec 2020" in text
    assert "The data of this centre were closed on 31 Dec 2020." in text


@pytest.mark.parametrize(
    ("asked", "problem"),
    [("yesterday", "This is not a date."), ("tomorrow", "lies after today")],
)
def test_a_day_that_cannot_be_is_answered_beside_its_field(look, tmp_path, asked, problem):
    store_patient(tmp_path / "b")
    tomorrow = (registry_today() + timedelta(days=1)).isoformat()

    answer, text = look(f"/patients/P-1/?as_of={asked.replace('tomorrow', tomorrow)}")

    assert answer.status_code == 200
    assert problem in text
    assert 'aria-invalid="true"' in answer.content.decode()


def test_a_patient_of_another_centre_is_not_found(look, tmp_path):
    store_patient(tmp_path / "b")

    answer, text = look(user=neurologist("C2"))

    assert answer.status_code == 404
    assert "Not found" in text
    assert "Female" not in text


def test_a_stranger_is_asked_to_sign_in(client, tmp_path):
    store_patient(tmp_path / "b")

    answer = client.get("/patients/P-1/")

    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/sign-in/?next=/patients/P-1/",
    )


def test_a_demonstration_says_so(look, tmp_path):
    store_patient(tmp_path / "b")

    _, text = look()

    assert "DEMONSTRATION DATA" in text


def test_the_sign_in_page_says_what_the_registry_is_for(client):
    text = text_of(client.get("/sign-in/").content.decode())

    assert "does not decide on treatment and is not a medical device" in text


def test_names_in_records_are_text_and_never_markup(look, tmp_path):
    drugs = """
        study_id | drug | started_on
        P-1 | <b>rituximab</b> | 2020-02-01
    """
    store_patient(tmp_path / "b", immunosuppressants=drugs)

    answer, _ = look("/patients/P-1/?as_of=2021-06-30")

    assert "&lt;b&gt;rituximab&lt;/b&gt;" in answer.content.decode()
    assert "<b>rituximab" not in answer.content.decode()


@pytest.mark.parametrize("visits", [1, 3])
def test_the_page_asks_one_query_per_table(look, client, tmp_path, visits):
    store_patient(tmp_path / "b", visits=visits)
    look()

    with CaptureQueriesContext(connection) as queries:
        client.get("/patients/P-1/")

    assert len(queries) == QUERIES
