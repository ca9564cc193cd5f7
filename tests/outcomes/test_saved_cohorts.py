"""Cohorts kept by name: whose they are, who else sees them, and what becomes of them."""

import pytest
from django.db import Error, connection, transaction

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.principal import in_force
from outcomes.models import SavedCohort
from tests.outcomes.pages import links, words
from tests.outcomes.stories import neurologist

pytestmark = pytest.mark.django_db(transaction=True)
SAVED = "/cohort/saved/"
QUERY = "history=naive&included_from=2018"


@pytest.fixture
def people():
    """Two of C1, one of C2, one who reads all for research."""
    first, second, other = neurologist("C1"), neurologist("C1", "C2"), neurologist("C2")
    statistician = open_account("s@hospital.example", "Sam Example")
    grant_role(statistician, Role.STATISTICIAN, centre=None)
    return {"first": first, "second": second, "other": other, "statistician": statistician}


def acting_as(client, person):
    client.force_login(person)
    return client


def save(client, person, name, centre="", query=QUERY):
    shared = Centre.objects.get(code=centre).pk if centre else ""
    there = f"{SAVED}?{query}"
    return acting_as(client, person).post(there, {"name": name, "shared_with": shared})


def names(client, person):
    html = acting_as(client, person).get(SAVED).content.decode()
    found = {link.words: link.address for link in links(html, "/cohort/")}
    return {name: address for name, address in found.items() if name in html and "?" in address}


def test_a_cohort_is_saved_as_it_stands_in_an_address_and_opened_again(client, people):
    answer = save(
        client,
        people["first"],
        "Naive of late",
        query="included_from=1 Jan 2018&sex=&history=naive",
    )

    assert (answer.status_code, answer.url) == (302, SAVED)
    assert SavedCohort.objects.count() == 0  # nobody acts: nothing is seen
    assert names(client, people["first"]) == {"Naive of late": f"/cohort/?{QUERY}"}
    html = words(client.get(SAVED).content.decode())
    assert "Naive patients of C1, included since 2018, as of" in html
    opened = client.get(f"/cohort/?{QUERY}")
    assert opened.context["asked"].cohort.address == QUERY


def test_it_is_seen_by_its_owner_and_by_the_centre_that_it_is_shared_with(client, people):
    save(client, people["first"], "Mine")
    save(client, people["first"], "Ours", "C1")
    save(client, people["second"], "Theirs", "C2")

    seen = {who: set(names(client, person)) for who, person in people.items()}

    assert seen == {
        "first": {"Mine", "Ours"},
        "second": {"Ours", "Theirs"},
        "other": {"Theirs"},
        "statistician": {"Ours", "Theirs"},
    }


def test_only_its_owner_renames_shares_and_deletes_it(client, people):
    save(client, people["first"], "Ours", "C1")
    with in_force(principal_for(people["first"])):
        there = f"{SAVED}{SavedCohort.objects.get().pk}/"

    for who in ("second", "other", "statistician"):
        acting_as(client, people[who])
        assert client.post(there, {"name": "Stolen"}).status_code == 404
        assert client.post(f"{there}delete/").status_code == 404
    acting_as(client, people["first"])
    assert client.post(there, {"name": "Renamed", "shared_with": ""}).status_code == 302
    assert set(names(client, people["second"])) == set()
    assert set(names(client, people["first"])) == {"Renamed"}
    assert client.post(f"{there}delete/").status_code == 302
    assert names(client, people["first"]) == {}
    with in_force(principal_for(people["first"])):
        told = Entry.objects.filter(table_name="outcomes_savedcohort").order_by("seq")
        assert not told  # no right to the trail of what belongs to no patient


def test_what_cannot_be_saved_is_said_beside_its_field(client, people):
    save(client, people["first"], "Mine")

    again = save(client, people["first"], "Mine")
    unnamed = save(client, people["first"], "  ")
    foreign = save(client, people["first"], "Away", "C2")
    misasked = save(client, people["first"], "Wrong", query="sex=nonsense")

    assert [a.status_code for a in (again, unnamed, foreign, misasked)] == [422] * 4
    assert "You have a cohort of this name already." in words(again.content.decode())
    assert "Give the cohort a name, so that it is found again." in words(unnamed.content.decode())
    assert "Select a valid choice." in words(foreign.content.decode())
    assert "could not be asked and is left out" in words(misasked.content.decode())
    assert set(names(client, people["first"])) == {"Mine"}


def test_the_database_holds_to_it_whatever_the_code_does(people):
    other = Centre.objects.get(code="C2")
    with in_force(principal_for(people["first"])):
        SavedCohort.objects.create(owner=people["first"], name="Ours")
        for wrong in (
            {"owner": people["second"], "name": "In another name"},
            {"owner": people["first"], "name": "Elsewhere", "shared_with": other},
        ):
            with pytest.raises(Error, match="row-level security"), transaction.atomic():
                SavedCohort.objects.create(**wrong)
    with in_force(principal_for(people["other"])):
        assert SavedCohort.objects.count() == 0
        assert SavedCohort.objects.update(name="Mine now") == 0
        assert SavedCohort.objects.all().delete()[0] == 0


def test_the_interface_lists_them_with_what_they_ask(client, people):
    save(client, people["first"], "Ours", "C1")

    answer = acting_as(client, people["second"]).get("/api/v1/cohort/saved/").json()

    [found] = answer["results"]
    assert (found["name"], found["query"], found["shared_with"], found["is_own"]) == (
        "Ours",
        QUERY,
        "C1",
        False,
    )
    summary = client.get(f"/api/v1/cohort/summary/?{found['query']}").json()
    assert summary["cohort"]["sentence"] == found["sentence"]


def test_who_reads_nobody_saves_nothing(client, people):
    auditor = open_account("a@hospital.example", "Al Example")
    grant_role(auditor, Role.AUDITOR, centre=None)

    assert acting_as(client, auditor).get(SAVED).status_code == 403
    assert save(client, auditor, "Mine").status_code == 403
    assert connection.in_atomic_block is False
