"""What is open, day by day."""

import pandas as pd
import pytest

from outcomes.derivation.work_list import Task, open_tasks

DAY = pd.Timestamp("2020-01-01")
NOT_YET = pd.NaT


def rows(**changes):
    """A patient of whom nothing is open on ``DAY``, but for what is changed."""
    quiet = {
        "included_on": "2019-12-01",
        "index_on": "2019-10-01",
        "baseline_on": "2019-09-20",
        "month6_on": NOT_YET,
        "last_contact_on": "2019-12-20",
        "last_infusion_on": "2019-12-20",
        "expected_interval_days": 28.0,
        "on_treatment": True,
        "declining_responsiveness": None,
        "stale_weight": False,
        "weight_on": "2019-12-20",
        "diagnosis_missing": "",
        "last_visit_on": "2019-12-20",
        "last_attempt_on": NOT_YET,
        "planned_on": NOT_YET,
        "is_dead": False,
    }
    frame = pd.DataFrame([quiet | changes], index=pd.Index(["P-1"], name="study_id"))
    for name in frame.columns:
        if name.endswith("_on"):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def found(as_of=DAY, **changes):
    tasks = open_tasks(rows(**changes), as_of)
    return {row.task: row.due_on for row in tasks.itertuples()}


def day(text):
    return pd.Timestamp(text)


def test_nothing_is_open_of_a_quiet_patient():
    assert found() == {}


@pytest.mark.parametrize(
    ("as_of", "is_open"),
    [
        ("2020-03-01", False),  # 31 days ahead
        ("2020-03-02", True),
        ("2020-05-31", True),  # the last day of the window: day 243
        ("2020-06-01", False),
    ],
)
def test_the_six_month_review_is_told_a_month_ahead_until_its_window_closes(as_of, is_open):
    tasks = found(day(as_of), last_infusion_on="2020-06-01", weight_on="2020-06-01")

    assert tasks == ({Task.SIX_MONTH_REVIEW: day("2020-04-01")} if is_open else {})


def test_a_visit_of_month_six_closes_it():
    assert Task.SIX_MONTH_REVIEW not in found(day("2020-05-01"), month6_on="2020-04-20")


@pytest.mark.parametrize(("as_of", "is_open"), [("2020-11-18", False), ("2020-11-19", True)])
def test_the_yearly_review_is_told_a_month_before_a_year_has_passed(as_of, is_open):
    tasks = found(day(as_of), on_treatment=False)

    assert (tasks.get(Task.YEARLY_REVIEW) == day("2020-12-19")) is is_open


def test_who_was_never_seen_is_due_a_year_after_inclusion():
    tasks = found(day("2020-12-01"), last_visit_on=NOT_YET, on_treatment=False)

    assert tasks[Task.YEARLY_REVIEW] == day("2020-11-30")


@pytest.mark.parametrize(("last", "is_open"), [("2019-12-12", False), ("2019-12-11", True)])
def test_the_next_infusion_is_told_a_week_ahead(last, is_open):
    assert (Task.INFUSION_EXPECTED in found(last_infusion_on=last)) is is_open


@pytest.mark.parametrize(
    ("planned", "is_open"), [("2020-01-09", False), ("2020-01-08", True), ("2019-11-01", True)]
)
def test_a_planned_infusion_is_told_a_week_ahead_until_it_is_given_or_cancelled(planned, is_open):
    assert (Task.PLANNED_INFUSION in found(planned_on=planned)) is is_open


def test_where_an_infusion_is_planned_its_day_is_what_is_waited_for():
    assert found(planned_on="2020-02-01", last_infusion_on="2019-12-01") == {}


def test_no_infusion_is_expected_off_treatment():
    assert found(last_infusion_on="2019-06-01", on_treatment=False) == {}


def test_no_reduction_for_a_year_counts_from_the_last_attempt_or_the_first_infusion():
    old = {"index_on": "2017-01-01", "month6_on": "2017-07-01"}

    assert found(**old)[Task.REDUCTION_NOT_TRIED] == day("2018-01-01")
    assert found(**old, last_attempt_on="2019-02-01") == {}
    assert Task.REDUCTION_NOT_TRIED in found(**old, last_attempt_on="2019-01-01")


def test_what_lacks_and_what_is_seen():
    assert found(baseline_on=NOT_YET) == {Task.BASELINE_MISSING: day("2019-10-01")}
    assert found(declining_responsiveness=True) == {Task.WEARING_OFF: day("2019-12-20")}
    assert found(stale_weight=True, weight_on="2019-06-01") == {Task.WEIGHT_OLD: day("2019-11-28")}
    (open_question,) = found(diagnosis_missing="reflexes").items()
    assert open_question[0] == Task.DIAGNOSIS_OPEN
    assert pd.isna(open_question[1])


def test_of_the_dead_nothing_is_open():
    assert found(day("2025-01-01"), is_dead=True, baseline_on=NOT_YET) == {}


def test_the_longest_due_stands_first():
    two = pd.concat([rows(baseline_on=NOT_YET), rows(baseline_on=NOT_YET, index_on="2019-09-30")])
    two.index = pd.Index(["P-1", "P-2"], name="study_id")

    assert list(open_tasks(two, DAY)["study_id"]) == ["P-2", "P-1"]
