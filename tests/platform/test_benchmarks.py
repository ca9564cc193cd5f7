"""What the benchmarks stand on: made-up cohorts, taking turns, the table of figures."""

import json
import os
from contextlib import contextmanager

import pandas as pd
import psycopg
import pytest
from django.db import connections

from benchmarks import api_lists, cohorts, freshness, imports, patient_page, saving
from benchmarks.figures import Figure, as_json, as_table
from benchmarks.one_by_one import derive_one_by_one
from benchmarks.rounds import in_turns
from infusions.models import Infusion
from mmn_registry.postgres import embedded, roles
from outcomes.freshness import Drift
from outcomes.selectors import derive_patients
from patients.models import MuscleScore, Patient

PATIENTS = 120
TRIGGERS = "SELECT tgrelid, tgname, tgenabled FROM pg_trigger ORDER BY tgrelid, tgname"


@pytest.fixture
def superuser(transactional_db):
    if os.environ.get("DATABASE_URL"):
        pytest.skip("Only the embedded server has a superuser that we know.")
    settings = embedded.connection_settings(roles.SUPERUSER)
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=connections["default"].settings_dict["NAME"],
    ) as connection:
        yield connection


def test_a_made_up_cohort_reaches_the_rules_corners_and_leaves_the_guards_awake(superuser):
    awake = superuser.execute(TRIGGERS).fetchall()

    cohorts.fill(superuser, PATIENTS)

    assert superuser.execute(TRIGGERS).fetchall() == awake
    patients = derive_patients(Patient.objects.all(), cohorts.AS_OF)
    assert len(patients) == PATIENTS
    assert {"IMPROVED", "NOT_IMPROVED", "NO_INFUSION", "PENDING", "NO_EXAMINATION"} <= set(
        patients["short_term_reason"]
    )
    assert patients["long_term_status"].nunique() > 5
    assert set(patients["first_route"]) == {"IV", ""}
    assert patients["dose_from_regimen"].any()
    scores, infusions = MuscleScore.including_voided, Infusion.objects
    assert 280 <= scores.count() / PATIENTS <= 400
    assert 70 <= infusions.count() / PATIENTS <= 130
    assert scores.filter(voided_at__isnull=False).exists()
    assert scores.filter(mrc_grade="NT").exists()


def test_the_same_cohort_again_is_the_same():
    centres = pd.DataFrame({"id": ["a", "b"], "code": ["A", "B"]})

    once, again = (cohorts._block(0, 30, centres) for _ in range(2))

    for make in cohorts.TABLES.values():
        pd.testing.assert_frame_equal(make(once), make(again))


def test_one_by_one_is_told_the_same_patients(superuser, monkeypatch):
    cohorts.fill(superuser, 10)
    derived = []
    derive = derive_one_by_one.__globals__["derive"]
    monkeypatch.setitem(
        derive_one_by_one.__globals__,
        "derive",
        lambda records, as_of: derived.append(derive(records, as_of).patients),
    )

    derive_one_by_one(list(Patient.objects.order_by("study_id")), cohorts.AS_OF)

    whole = derive_patients(Patient.objects.all(), cohorts.AS_OF)
    pd.testing.assert_frame_equal(pd.concat(derived), whole)


def test_what_is_compared_takes_turns_and_its_median_counts():
    order, given = [], {"fast": iter([1.0, 9.0, 2.0]), "slow": iter([4.0, 5.0, 6.0])}

    def take(name):
        order.append(name)
        return next(given[name])

    medians = in_turns(3, {"fast": lambda: take("fast"), "slow": lambda: take("slow")})

    assert order == ["fast", "slow"] * 3
    assert medians == {"fast": 2.0, "slow": 5.0}


@pytest.fixture
def in_the_tests_database(superuser, monkeypatch):
    """Benchmarks fill the database that is there already, with ten patients."""
    filled = []

    @contextmanager
    def there_already(_patients):
        if not filled:
            superuser.autocommit = False
            cohorts.fill(superuser, 10)
            filled.append(connections["default"].settings_dict["NAME"])
        yield filled[0]

    monkeypatch.setattr(saving, "SAVES", 1)
    monkeypatch.setattr(patient_page, "EXAMINATIONS", 1)
    for each in (api_lists, imports, patient_page, saving):
        monkeypatch.setattr(each, "filled_database", there_already)


@pytest.mark.parametrize(
    ("benchmark", "limits"),
    [
        (saving, ["≤ 3 ×", "≤ 1.25 ×"]),
        (patient_page, ["≤ 4 ×"]),
        (api_lists, ["≥ 8 ×", "≥ 50 %"]),
        (imports, ["≤ 1.5 ×", "≥ 5 ×"]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_benchmark_runs_on_few_patients_too(in_the_tests_database, benchmark, limits):
    figures = list(benchmark.figures(patients=3, rounds=1))

    assert [figure.reach for figure in figures] == limits
    assert all(figure.value > 0 and figure.against and figure.seconds for figure in figures)


def test_nobody_notes_stale_outcomes_while_what_they_cost_is_measured(superuser):
    superuser.autocommit = True
    awake = superuser.execute(TRIGGERS).fetchall()

    with saving._no_marks(superuser):
        assert superuser.execute(TRIGGERS).fetchall() != awake

    assert superuser.execute(TRIGGERS).fetchall() == awake


def test_a_drill_of_edits_finds_the_patient_whose_outcomes_drifted(
    in_the_tests_database, monkeypatch
):
    monkeypatch.setattr(freshness, "filled_database", api_lists.filled_database)

    (clean,) = freshness.random_edits_leave_no_drift(edits=3)
    monkeypatch.setattr(freshness.freshness, "drifts", lambda: iter([Drift("C001-000001", ())]))
    (drifted,) = freshness.random_edits_leave_no_drift(edits=3)

    assert (clean.held, drifted.held) == (True, False)


FASTER = Figure(
    *("derive", 49.0, "×"),
    limit=50,
    at_least=True,
    against="the ORM",
    rounds=5,
    seconds={"orm": 4.9, "packed": 0.1},
    peak_mb=300.0,
)


def test_a_figure_may_ask_for_at_least_so_much():
    assert FASTER.held is False
    assert Figure("derive", 50.0, "×", limit=50, at_least=True).held is True


def test_figures_are_told_to_programs_and_to_people():
    (told,) = json.loads(as_json([FASTER]))

    names = ("name", "against", "ratio", "reach", "met", "rounds", "peak_mb")
    assert [told[name] for name in names] == [
        *("derive", "the ORM", 49.0, "≥ 50 ×", False, 5, 300.0)
    ]
    assert told["seconds"] == {"orm": 4.9, "packed": 0.1}
    assert "| derive | the ORM | ≥ 50 × | 49 × | **missed** | orm 4.9, packed 0.1 |" in as_table(
        [FASTER]
    )
