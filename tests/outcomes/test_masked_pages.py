"""Who reads for research sees no small number, on the page and in the interface alike."""

import re
from contextlib import contextmanager
from datetime import date
from urllib.parse import urlencode

import pytest
from django.db import transaction

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import User
from mmn_registry.accounts.roles import Role
from mmn_registry.bundle import load_bundle
from mmn_registry.demo_data.living import write_living_cohort
from outcomes.asked.tables import plain
from outcomes.derivation.masking import Hidden
from tests.outcomes.pages import LEGER, words
from tests.outcomes.stories import neurologist

DAY = date(2024, 5, 31)


@pytest.fixture(scope="module")
def two_centres(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("living")

    @contextmanager
    def stored():
        with django_db_blocker.unblock(), transaction.atomic():
            load_bundle(LEGER)
            write_living_cohort(folder, centre="NORD", today=DAY)
            load_bundle(folder)
            neurologist("SALP", "NORD")
            grant_role(open_account("s@x.example", "Sam Example"), Role.STATISTICIAN, centre=None)
            yield
            transaction.set_rollback(True)

    with stored():
        yield


@pytest.fixture
def statistician(two_centres, db, client):
    client.force_login(User.objects.get(email="s@x.example"))
    return client


QUERIES = (
    "",
    "history=naive",
    "history=pretreated&sex=female",
    "centre=SALP",
    "response=responder",
    "antibody=positive&included_from=2015",
    "group=remission",
    "route=SC",
    "sex=other",
    "missing=onls",
)


def small_numbers(node):
    if isinstance(node, dict):
        of_segments = ("segments_with_block", "nerves_with_block", "years")
        for name, inner in node.items():
            if name not in of_segments:
                yield from small_numbers(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from small_numbers(inner)
    elif isinstance(node, int) and not isinstance(node, bool | Hidden) and 0 < node < 5:
        yield node


@pytest.mark.parametrize("query", QUERIES)
def test_page_and_interface_tell_the_same_and_nothing_small(statistician, query):
    day = urlencode({"as_of": DAY.isoformat()})
    page = statistician.get(f"/cohort/?{query}&{day}")
    told = statistician.get(f"/api/v1/cohort/summary/?{query}{'&' if query else ''}{day}").json()

    assert page.status_code == 200
    summary = plain(page.context["dashboard"].summary)
    assert {name: told[name] for name in summary if name not in ("as_of", "rules")} == {
        name: table for name, table in summary.items() if name not in ("as_of", "rules")
    }
    assert (
        list(small_numbers({k: v for k, v in told.items() if k not in ("rules", "withheld")})) == []
    )
    said = words(page.content.decode())
    said = re.sub(r"[0-9]+ patients? (is|are) left out: consent", "", said)
    assert "fewer than 5 patients" in said
    # A number of patients before what they are, as every panel writes them.
    assert not re.findall(r"\b[1-4] (?:patients?|responders?|non-responders|pretreated)\b", said)
    assert "None" not in said
    assert "nan" not in said.lower().split()


def test_who_treats_sees_every_number(two_centres, db, client):
    client.force_login(User.objects.get(email="salp-nord@hospital.example"))

    page = client.get("/cohort/?as_of=2024-05-31")

    assert list(small_numbers(page.context["dashboard"].summary))
    assert "fewer than 5 patients" not in words(page.content.decode())
