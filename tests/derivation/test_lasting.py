"""Rows kept from a patient's last record on say of every later day what the rules say of it."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.cohort_rows import cohort_rows, tables_of_rows
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import Records, known_on, read_bundle
from outcomes.derivation.lasting import as_on, lasting_rows
from tests import cohorts
from tests.agreement import frames_of
from tests.bundles import shared_bundle

FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LATER_DAYS = st.sampled_from([0, 1, 60, 121, 122, 182, 183, 243, 244, 365, 396, 397, 5000])
SHARED = [
    ("leger_2008_synthetic", date(2008, 12, 31)),
    ("edge_cases", date(2012, 7, 15)),
    ("edge_cases", date(2019, 3, 31)),
]


def derived(records: Records, as_of: date) -> pd.DataFrame:
    return cohort_rows(records, derive(records, as_of))


def kept(records: Records, as_of: date) -> pd.DataFrame:
    """The kept rows that answer for a day, finished for it."""
    rows = lasting_rows(records)
    is_settled = rows["recorded_until"] <= pd.Timestamp(as_of)
    return as_on(rows[is_settled], as_of).drop(columns="recorded_until")


@FIXED
@given(cohorts.cohorts(), LATER_DAYS)
def test_nothing_new_is_recorded_and_time_goes_by(cohort, days):
    bundle, first_day = cohort
    records, later = known_on(frames_of(bundle), first_day), first_day + timedelta(days=days)

    rows = kept(records, later)

    assert len(rows) == len(records.patients)
    pd.testing.assert_frame_equal(rows, derived(records, later))


@pytest.mark.parametrize("offset", [121, 183, 243, 272, 397, 454, 900, cohorts.FAR_FUTURE])
def test_a_row_answers_from_its_own_last_record_on_whatever_others_have(offset):
    records, day = frames_of(cohorts.random_cohort(seed=5, patients=400)), cohorts.day_of(offset)

    rows = kept(records, day)

    assert len(rows) > 10
    pd.testing.assert_frame_equal(rows, derived(records, day).loc[rows.index])


def test_a_row_is_silent_of_days_before_its_last_record():
    records = read_bundle(shared_bundle("leger_2008_synthetic"))

    assert kept(records, date(2001, 1, 1)).index.size < len(records.patients)


@pytest.mark.parametrize(("cohort", "as_of"), SHARED)
def test_the_tables_of_a_cohort_follow_from_its_rows_alone(cohort, as_of):
    records = read_bundle(shared_bundle(cohort))

    tables = tables_of_rows(derived(records, as_of), as_of)

    assert tables == cohort_summary(records, derive(records, as_of))


def test_the_predictors_and_carried_grades_of_many_follow_from_their_rows():
    records = frames_of(cohorts.predictable_cohort(seed=8, patients=60))
    as_of = cohorts.day_of(cohorts.FAR_FUTURE)

    tables = tables_of_rows(kept(records, as_of), as_of)

    assert any(line["p_value"] for line in tables["predictors"])
    assert tables == cohort_summary(records, derive(records, as_of))


def test_a_part_of_the_rows_is_the_cohort_of_those_patients():
    bundle = cohorts.random_cohort(seed=6, patients=80)
    some = cohorts.only(bundle, set(cohorts.study_ids(bundle)[::3]))
    as_of = cohorts.day_of(cohorts.FAR_FUTURE)
    rows = kept(frames_of(bundle), as_of)

    tables = tables_of_rows(rows[rows.index.isin(cohorts.study_ids(some))], as_of)

    records = frames_of(some)
    assert tables == cohort_summary(records, derive(records, as_of))
