"""The derivation says what a slow, plain reading of the same rules says, on thousands of patients.

Longer searches: ``python -m tests.agreement FIRST_SEED LAST_SEED PATIENTS``.
"""

import csv
from collections import Counter
from dataclasses import fields, replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import Records, empty_records, known_on, read_bundle
from outcomes.derivation.inference import binomial_p
from outcomes.derivation.predictors import predictor_values
from outcomes.derivation.rules import RULES
from outcomes.derivation.tables import outcome_table
from tests import agreement, cohorts, oracles
from tests.agreement import disagreements, frames_of
from tests.derivation.counterexamples import COUNTEREXAMPLES
from tests.oracles import statistics
from tests.oracles.predictors import predictor_values as values_of
from tests.oracles.response import in_primary_table, short_term

# The same examples on every machine; a failure is shrunk to the fewest records.
FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
IN_THE_MIDST = cohorts.day_of(900)
DAYS = [cohorts.FAR_FUTURE, 900, 454, 272, 243, 183]


@FIXED
@given(cohorts.cohorts())
def test_a_few_patients_are_derived_as_the_rules_say(cohort):
    bundle, as_of = cohort

    assert disagreements(bundle, as_of) == []


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_what_once_disagreed_agrees(name):
    bundle, as_of, column, expected = COUNTEREXAMPLES[name]

    derived = outcome_table(derive(frames_of(bundle), as_of))

    assert derived[column].tolist() == [expected]
    assert disagreements(bundle, as_of) == []


@pytest.fixture(scope="module")
def many():
    return cohorts.random_cohort(seed=20081231, patients=900)


@pytest.mark.parametrize("offset", DAYS)
def test_many_patients_are_derived_as_the_rules_say(many, offset):
    assert disagreements(many, cohorts.day_of(offset))[:20] == []


def test_the_many_patients_reach_every_answer_of_the_rules(many):
    found = {column: Counter() for column in EVERY_ANSWER}
    for offset in DAYS:
        for row in outcome_table(derive(frames_of(many), cohorts.day_of(offset))).to_dict(
            "records"
        ):
            for column, counter in found.items():
                counter[row[column]] += 1

    assert {column: sorted(counter) for column, counter in found.items()} == EVERY_ANSWER


YES_NO = ["", "no", "yes"]
EVERY_ANSWER = {
    "treatment_history": ["naive", "pretreated", "unknown"],
    "short_term_reason": [
        *("FEWER_THAN_2_IMPROVABLE", "IMPROVED", "MISSING_GRADES", "NOT_IMPROVED", "NO_BASELINE"),
        *("NO_EXAMINATION", "NO_INFUSION", "PENDING", "STOPPED_FOR_INEFFICACY"),
    ],
    "strict_response": YES_NO,
    "provisional": YES_NO,
    "long_term_status": [
        *("dependent", "dependent_with_immunosuppressant", "non_responder", "recently_stopped"),
        *("relapsed_untreated", "remission", "remission_on_immunosuppressant", "stopped_unproven"),
        *("treated_without_response", "treatment_unconfirmed", "unclassifiable"),
    ],
    "dependency_proven": YES_NO,
    "relapsed_after_remission": YES_NO,
    "lost_to_follow_up": YES_NO,
    "block_change": ["decreased", "increased", "not_evaluable", "unchanged"],
    "block_change_reason": [
        *("", "AXONAL_LOSS", "FEWER_THAN_2_STUDIES", "NO_COMMON_SEGMENT", "NO_STUDY"),
    ],
    "dose_trend": ["", "escalated", "reduced", "stable", "stopped"],
    "dose_reason": ["", "NO_INFUSION", "NO_REFERENCE", "NO_WEIGHT", "TOO_SHORT"],
    "declining_responsiveness": YES_NO,
}


# --- The cohort ---------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", DAYS[1:4])
def test_the_summary_counts_what_the_rules_count(many, offset):
    assert_summaries_agree(many, cohorts.day_of(offset))


@pytest.mark.parametrize("seed", range(12))
def test_predictors_are_read_and_tested_as_the_rules_say(seed):
    bundle = cohorts.predictable_cohort(seed, patients=6 + 2 * seed)

    assert_summaries_agree(bundle, cohorts.day_of(cohorts.FAR_FUTURE))
    assert_predictor_values_agree(bundle, cohorts.day_of(cohorts.FAR_FUTURE))


def test_predictors_of_many_patients_are_read_as_the_rules_say(many):
    for offset in DAYS[:3]:
        assert_predictor_values_agree(many, cohorts.day_of(offset))


def assert_summaries_agree(bundle, as_of):
    records = frames_of(bundle)
    derived = cohort_summary(records, derive(records, as_of))
    expected = oracles.summarise(oracles.from_texts(bundle), as_of)
    assert part_of(derived, expected) == close_to(expected)


# Counts by reason are compared whole: a reason too many is a difference.
COUNTED_WHOLE = {"not_evaluable", "not_classified"}


def part_of(derived, expected):
    """Of what the derivation says, that which the oracle says too."""
    if isinstance(expected, list):
        return [part_of(*pair) for pair in zip(derived, expected, strict=True)]
    if not isinstance(expected, dict):
        return derived
    return {
        name: derived[name] if name in COUNTED_WHOLE else part_of(derived[name], value)
        for name, value in expected.items()
    }


def close_to(expected):
    if isinstance(expected, dict):
        return {name: close_to(value) for name, value in expected.items()}
    if isinstance(expected, list):
        return [close_to(value) for value in expected]
    return pytest.approx(expected, rel=1e-9, abs=1e-12) if isinstance(expected, float) else expected


def assert_predictor_values_agree(bundle, as_of):
    records = frames_of(bundle)
    derived = predictor_values(derive(records, as_of)).drop(columns="responder")
    expected = {}
    for own in oracles.patients_known_on(oracles.from_texts(bundle), as_of):
        if in_primary_table(own) and short_term(own, as_of)[0] != "not_evaluable":
            values = values_of(own, as_of)
            expected[own["patient"]["study_id"]] = {name: number(values[name]) for name in values}
    plain = derived.astype(object).where(derived.notna(), None).to_dict("index")
    assert plain == {study_id: close_to(values) for study_id, values in expected.items()}


def number(value):
    """Two levels are true or false in the derivation: the first level is true."""
    if value is None:
        return None
    return value in {"yes", "female"} if isinstance(value, str) else float(value)


@pytest.mark.parametrize(
    ("responders", "evaluable"), [(0, 1), (1, 1), (0, 20), (20, 20), (4, 20), (14, 20), (40, 97)]
)
def test_the_binomial_test_adds_every_count_that_is_no_more_likely(responders, evaluable):
    assert binomial_p(responders, evaluable, 0.2) == pytest.approx(
        statistics.binomial_p(responders, evaluable), rel=1e-9
    )


# --- What must not matter -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def some():
    return cohorts.random_cohort(seed=7, patients=120)


def table_of(records: Records | dict, as_of: date = IN_THE_MIDST) -> pd.DataFrame:
    records = records if isinstance(records, Records) else frames_of(records)
    return outcome_table(derive(records, as_of)).set_index("study_id")


def test_the_order_of_rows_does_not_matter(some):
    pd.testing.assert_frame_equal(table_of(cohorts.shuffled(some, seed=3)), table_of(some))


def test_a_study_id_is_only_a_name(some):
    names = {old: f"X{len(old)}-{old[::-1]}" for old in cohorts.study_ids(some)}

    renamed = table_of(cohorts.renamed(some, names))

    expected = table_of(some).rename(index=names).loc[renamed.index]
    pd.testing.assert_frame_equal(renamed, expected)
    assert list(renamed.index) == sorted(names.values(), key=str.encode)


def test_patients_do_not_borrow_from_each_other(some):
    whole = table_of(some)
    for place in range(3):
        chosen = set(cohorts.study_ids(some)[place::3])
        alone = table_of(cohorts.only(some, chosen))
        pd.testing.assert_frame_equal(alone, whole[whole.index.isin(chosen)])


@pytest.mark.parametrize("offset", DAYS)
def test_what_is_dated_later_does_not_matter(some, offset):
    as_of = cohorts.day_of(offset)
    records = frames_of(some)

    pd.testing.assert_frame_equal(
        table_of(known_on(records, as_of), as_of), table_of(records, as_of)
    )


def test_text_columns_may_be_categories(some):
    records = frames_of(some)
    categories = {
        table.name: getattr(records, table.name).astype(
            {
                column: "category"
                for column, dtype in getattr(records, table.name).dtypes.items()
                if isinstance(dtype, pd.StringDtype)
            }
        )
        for table in fields(records)
    }

    pd.testing.assert_frame_equal(table_of(Records(**categories)), table_of(records))


def test_before_anyone_was_included_there_is_nobody(some):
    as_of = date(1950, 1, 1)

    assert table_of(some, as_of).empty
    assert_summaries_agree(some, as_of)


def test_records_of_nobody_give_an_empty_table():
    assert table_of(empty_records()).empty


def test_a_patient_may_have_no_record_at_all(some):
    lonely = cohorts.only(some, set(cohorts.study_ids(some)[:3]))
    lonely = {table: rows if table == "patients" else [] for table, rows in lonely.items()}

    assert disagreements(lonely, IN_THE_MIDST) == []


def test_a_folder_and_frames_in_memory_are_read_alike(some, tmp_path):
    for table, rows in some.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        with (tmp_path / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)

    from_folder = read_bundle(tmp_path)

    pd.testing.assert_frame_equal(table_of(from_folder), table_of(some))
    assert oracles.read_bundle(tmp_path) == oracles.from_texts(some)
    assert sorted_rows(oracles.from_frames(from_folder)) == sorted_rows(oracles.from_texts(some))


def sorted_rows(bundle):
    return {table: sorted(map(repr, rows)) for table, rows in bundle.items()}


def test_a_disagreement_would_be_noticed(some, monkeypatch):
    """The comparison itself: a derivation with another rule differs from the oracle."""
    a_third_is_a_point = replace(RULES, point_thirds=1)
    monkeypatch.setattr(
        agreement, "derive", lambda records, as_of: derive(records, as_of, a_third_is_a_point)
    )

    columns = {column for _, column, _, _ in disagreements(some, IN_THE_MIDST)}

    assert columns >= {"improved", "short_term_response", "long_term_status", "relapses"}
