"""Times to remission and out of it (rules, section 4, last point)."""

import pandas as pd
import pytest

from tests.derivation.drawn import days_of, outcome, patient

YES = {"clinician_response": "yes"}


def times(as_of=4000, recorded=YES, **drawn):
    found = outcome(patient(recorded=recorded, **drawn), as_of)
    days = [
        None if pd.isna(found[name]) else found[name] for name in ("remission_days", "relapse_days")
    ]
    events = bool(found["remission_event"]), bool(found["relapse_event"])
    return days[0], events[0], days[1], events[1]


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ("211", (28 + 183, True, 183, False)),
        ("210", (210, False, None, False)),
        ("900", (28 + 183, True, 900 - 28, False)),
        ("", (28, False, None, False)),
    ],
)
def test_remission_comes_183_days_after_the_last_infusion_if_a_visit_saw_it(visits, expected):
    assert times(infusions="0 28", visits=visits) == expected


@pytest.mark.parametrize(
    ("infusions", "expected"),
    [
        ("0 28 211", (28 + 183, True, 183, True)),
        ("0 28 210", (210, False, None, False)),
        ("0 28 400 428", (28 + 183, True, 400 - 28, True)),
        ("0 200 500", (183, True, 200, True)),  # the first of two long gaps
    ],
)
def test_remission_may_lie_between_two_infusions_and_ends_with_the_second(infusions, expected):
    assert times(infusions=infusions) == expected


@pytest.mark.parametrize("recorded", [{"clinician_response": "no"}, {}])
def test_without_a_response_there_is_no_remission(recorded):
    assert times(recorded=recorded, infusions="0 28", visits="900") == (900, False, None, False)


LOSS = """
    muscle                | 20 | {0}
    ----------------------+----+----
    left wrist_extension  | 4  | 3
    left finger_extension | 4  | 3
"""


def test_a_gap_with_a_relapse_in_it_is_no_remission():
    relapsing = LOSS.format(300)

    assert times(infusions="0 28", grades=relapsing, visits="500") == (500, False, None, False)
    # The next long gap may be one.
    assert times(infusions="0 28 400 428", grades=relapsing, visits="700") == (
        428 + 183,
        True,
        700 - 428,
        False,
    )


def test_a_relapse_on_the_day_of_the_next_infusion_is_not_in_the_gap():
    assert times(infusions="0 28 300", grades=LOSS.format(300))[:2] == (28 + 183, True)
    assert times(infusions="0 28 300", grades=LOSS.format(299))[:2] == (300, False)


def test_without_an_infusion_there_is_no_time():
    assert times(visits="500") == (None, False, None, False)


def test_a_remission_is_dated():
    drawn = patient(infusions="0 28", visits="500", recorded=YES)

    assert days_of([outcome(drawn)["remission_on"]]) == [211]
    assert days_of([outcome(drawn, as_of=300)["remission_on"]]) == [None]


def test_time_runs_from_the_index():
    assert times(infusions="100 128", visits="400")[0] == 28 + 183
