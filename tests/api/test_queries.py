"""So many queries for an answer, however many rows it has."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mmn_registry.bundle import load_bundle
from tests.api.asking import get
from tests.bundles import bundle
from tests.outcomes.stories import neurologist

# Three queries tell who asks: session, user, roles; the rest read one table each. Outcomes that
# are fresh are one table, too, and say so themselves.
WHO = 3
# Each request is counted among those of its minute, in PostgreSQL, for all processes alike.
COUNTED = 1
# Rounds in which the thirteen tables that shape outcomes are read: one patient's outcomes are
# derived, with their reasons.
OF_RECORDS = 3
# The trail notes that an answer was read; of a table, that it begins and how far it came.
NOTED = {"json": 1, "csv": 2}
QUERIES = {
    "patients/": WHO + 1,
    "patients/P0/": WHO + 1 + 1,  # its version before it, for who will amend it
    "visits/": WHO + 1,
    "muscle-scores/": WHO + 1,
    "infusions/": WHO + 1,
    "nerve-segments/": WHO + 1,
    "outcomes/": WHO + 1,
    # The patient first, the records in a transaction of theirs; reactions stand on the page.
    "outcomes/P0/": WHO + 1 + OF_RECORDS + 2 + 1,
    "cohort/summary/": WHO + 2,  # and the names of the centres
}


@pytest.fixture(params=[1, 3])
def patients(request, transactional_db, tmp_path, client):
    """One patient or three, each with a record of every kind that is listed."""
    names = [f"P{n}" for n in range(request.param)]

    def table(columns, cells):
        return "\n".join([f"study_id | {columns}", *(f"{name} | {cells}" for name in names)])

    load_bundle(
        bundle(
            tmp_path,
            patients=table(
                "centre | sex | included_on | prior_immunoglobulin", "C1 | male | 2020-01-01 | no"
            ),
            visits=table("visited_on | weight_kg", "2020-01-02 | 70"),
            muscle_scores=table(
                "visited_on | muscle | side | mrc_grade",
                "2020-01-02 | wrist_extension | left | 3",
            ),
            infusions=table(
                "given_on | route | product | dose_g", "2020-01-03 | IV | Privigen | 70"
            ),
            nerve_segments=table(
                "studied_on | nerve | side | distal_site | proximal_site",
                "2020-01-04 | median | left | wrist | elbow",
            ),
        )
    )
    client.force_login(neurologist("C1"))
    return request.param


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize(("address", "so_many"), QUERIES.items())
def test_an_answer_asks_the_database_so_often(client, patients, address, so_many, form):
    with CaptureQueriesContext(connection) as queries:
        answer = get(client, address, format=form)
        body = answer.getvalue().decode()

    assert body.count("P0") >= 1 or address == "cohort/summary/"
    asked = [query["sql"] for query in queries]
    assert len(asked) == so_many + COUNTED + NOTED[form], asked
    assert len([sql for sql in asked if "INTO accounts_requestcount" in sql]) == COUNTED


@pytest.mark.parametrize("address", [a for a in QUERIES if "P0" not in a])
def test_asking_for_a_centre_costs_one_query_more(client, patients, address):
    with CaptureQueriesContext(connection) as queries:
        get(client, address, centre="C1")

    assert len(queries) == QUERIES[address] + COUNTED + NOTED["json"] + 1
