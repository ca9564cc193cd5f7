"""What if the rules had other numbers: both results, who changes class, and never by mistake."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from django.http import QueryDict

from mmn_registry.accounts.models import User
from mmn_registry.bundle import load_bundle
from outcomes.asked import cohort as asked_room
from outcomes.asked.what_if import read_what_if, what_if_pairs
from outcomes.derivation.cohort_rows import cohort_rows, tables_of_rows
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from outcomes.derivation.rules import RULES
from outcomes.derivation.what_if import WhatIf, other_rules
from outcomes.models import PatientOutcome
from tests.outcomes.pages import LEGER, words
from tests.outcomes.stories import close_data, neurologist

CLOSED_ON = date(2008, 12, 31)


@pytest.fixture(scope="module")
def leger_cohort(django_db_setup, django_db_blocker):
    @contextmanager
    def stored():
        with django_db_blocker.unblock(), transaction.atomic():
            load_bundle(LEGER)
            close_data("SALP", CLOSED_ON)
            neurologist("SALP")
            yield
            transaction.set_rollback(True)

    with stored():
        yield


@pytest.fixture
def leger(leger_cohort, db, client):
    client.force_login(User.objects.get())
    return client


@pytest.fixture(scope="module")
def derived():
    """Rows of the cohort of 2008 from its files, by any rules."""
    records = read_bundle(LEGER)
    return lambda rules: cohort_rows(records, derive(records, CLOSED_ON, rules))


def lines(client, query):
    panel = client.get(f"/cohort/what-if/?{query}").context["panel"]
    return {line.name: (line.ours, line.theirs) for line in panel.lines}, panel


def test_both_results_stand_side_by_side_and_who_changes_is_named(leger, derived):
    found, panel = lines(leger, "if_muscles=3")

    ours, theirs = derived(RULES), derived(other_rules(WhatIf(muscles=3)))
    table = tables_of_rows(theirs, CLOSED_ON)["short_term"]["naive"]
    name = "Responders, naive first by IV"
    assert found[name][0].startswith("14/20, 70 (46–88)")
    assert found[name][1].startswith(f"{table['responders']}/{table['evaluable']}, ")
    compared = ["short_term_response", "long_term_group", "block_change"]
    expected = ours.index[(ours[compared] != theirs[compared]).any(axis=1)]
    assert panel.changed == len(expected) > 3
    assert [patient.study_id for patient in panel.listed] == list(expected)
    told = panel.listed[0].told[0]
    assert told.before != told.after
    assert "muscles that could gain gained between" in told.before_why


@pytest.mark.parametrize(
    ("query", "rules"),
    [
        ("if_gain=2", {"point_thirds": 2, "improvable_up_to_thirds": 13}),
        ("if_window_from=91&if_window_to=274", {"month_6_days": (91, 274)}),
        ("if_criteria=Utrecht", {"criteria": "Utrecht"}),
        ("if_reference=45", {"reference_proportion": 0.45}),
        (
            "if_muscles=1&if_gain=6",
            {"muscles_needed": 1, "point_thirds": 6} | {"improvable_up_to_thirds": 9},
        ),
    ],
)
def test_each_number_changes_its_rule_and_nothing_else(leger, derived, query, rules):
    page = leger.get(f"/cohort/?{query}").context["dashboard"]

    version = page.rules.version
    assert version.startswith("1 what if: ")
    assert page.rules == replace(RULES, version=version, **rules)
    assert page.summary == tables_of_rows(derived(page.rules), CLOSED_ON, page.rules)


def test_pages_say_loudly_that_they_are_no_rule_and_links_stay_with_it(leger):
    kept = PatientOutcome.objects.count()

    page = leger.get("/cohort/?if_muscles=3&history=naive").content.decode()
    listed = leger.get("/patients/?if_muscles=3&history=naive")
    compared = leger.get("/cohort/what-if/?if_muscles=3&history=naive").content.decode()

    for html in (page, listed.content.decode(), compared):
        assert "WHAT IF 3 muscles have to gain. These are not the registry's results." in words(
            html
        )
        assert 'href="?history=naive"' in html
    assert "history=primary&amp;response=responder&amp;if_muscles=3" in page
    assert listed.context["found"] == 22
    assert "WHAT IF" not in words(leger.get("/cohort/").content.decode())
    assert PatientOutcome.objects.count() == kept
    assert not PatientOutcome.objects.exclude(rule_id=RULES.rule_id)


def test_a_list_behind_a_number_is_by_the_same_rules(leger):
    page = leger.get("/cohort/?if_muscles=3").context

    responders = page["flow"].responders
    assert responders.n != 14
    assert leger.get(f"/patients/?{responders.query}").context["found"] == responders.n


def test_the_registrys_own_numbers_ask_nothing():
    query = QueryDict("if_muscles=2&if_gain=3&if_window_from=122&if_reference=20&if_criteria=")

    assert read_what_if(query).what_if == WhatIf()
    assert other_rules(WhatIf()) is RULES


@pytest.mark.parametrize(
    "number", ["if_muscles=0", "if_gain=4", "if_window_from=200", "if_reference=x"]
)
def test_a_number_that_cannot_be_is_said_beside_its_field_and_left_out(leger, number):
    found = read_what_if(QueryDict(number))
    html = leger.get(f"/cohort/what-if/?{number}").content.decode()

    assert found.what_if == WhatIf()
    [(name, note)] = found.notes.items()
    assert f'id="note-{name}" role="alert">{note}'.replace("'", "&#x27;") in html
    assert "WHAT IF" not in words(html)


def test_an_address_reads_back_as_it_was_written():
    asked = WhatIf(
        gain=2, muscles=3, window_from=91, window_to=274, criteria="Utrecht", reference=0.35
    )

    query = QueryDict("&".join(f"{name}={value}" for name, value in what_if_pairs(asked)))
    assert read_what_if(query).what_if == asked


def test_more_patients_than_can_be_derived_meanwhile_are_refused(leger, monkeypatch):
    monkeypatch.setattr(asked_room, "MOST_PATIENTS", 39)

    answer = leger.get("/cohort/what-if/?if_muscles=3")

    assert "at most 39 patients at a time, and these centres have 40" in words(
        answer.content.decode()
    )
    assert "panel" not in answer.context
