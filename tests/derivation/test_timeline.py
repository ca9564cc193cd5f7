"""Things of many owners in one sorted array."""

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.timeline import (
    codes,
    dates,
    distinct_days,
    labels,
    sorted_timeline,
    spread_ranges,
    study_id_index,
    take_or_nan,
    whole_days,
)

TIMELINE = distinct_days(np.array([2, 0, 0, 2, 0]), np.array([5, 10, -10, 7, 10]))


def test_one_thing_per_owner_and_day_sorted():
    assert TIMELINE.owner.tolist() == [0, 0, 2, 2]
    assert TIMELINE.day.tolist() == [-10, 10, 5, 7]


@pytest.mark.parametrize(
    ("owner", "day", "last", "first"),
    [
        (0, -11, -1, 0),
        (0, -10, 0, 0),
        (0, 9, 0, 1),
        (0, 11, 1, -1),
        (1, 8, -1, -1),  # between the others, with nothing of its own
        (2, 4, -1, 2),
        (2, np.inf, 3, -1),
        (2, -np.inf, -1, 2),
        (2, np.nan, -1, -1),
    ],
)
def test_the_last_before_and_the_first_after(owner, day, last, first):
    asked = np.array([owner]), np.array([day], dtype=float)

    assert TIMELINE.last_until(*asked).tolist() == [last]
    assert TIMELINE.first_from(*asked).tolist() == [first]


@pytest.mark.parametrize(
    ("first", "last", "positions"),
    [
        (-10, 10, [0, 1]),
        (-9, 9, []),
        (10, -10, []),
        (-np.inf, np.inf, [0, 1]),
        (np.nan, np.nan, []),
        (0, np.nan, []),
    ],
)
def test_all_within_a_window(first, last, positions):
    start, stop = TIMELINE.within(np.array([0]), np.array([first]), np.array([last]))

    assert list(range(start[0], stop[0])) == positions


def test_sorting_is_stable_and_says_how_it_sorted():
    timeline, order = sorted_timeline(np.array([1, 0, 1]), np.array([3, 3, 3]))

    assert timeline.owner.tolist() == [0, 1, 1]
    assert order.tolist() == [1, 0, 2]


def test_ranges_are_spread_position_by_position():
    owner, position = spread_ranges(np.array([3, 9, 5]), np.array([5, 9, 6]))

    assert owner.tolist() == [0, 0, 2]
    assert position.tolist() == [3, 4, 5]


def test_a_position_of_nothing_is_missing():
    taken = take_or_nan(np.array([7.0, 8.0]), np.array([1, -1]))

    assert taken[0] == 8
    assert np.isnan(taken[1])


def test_days_and_dates_are_each_others_inverse():
    column = pd.Series(["1969-12-31", None, "2020-02-29"]).astype("datetime64[s]")

    days = whole_days(column)

    assert days[[0, 2]].tolist() == [-1, 18321]
    assert np.isnan(days[1])
    pd.testing.assert_series_equal(pd.Series(dates(days)), column)


WORDS = pd.Index(["a", "b", "c"], dtype="str")


@pytest.mark.parametrize("categories", [None, ["c", "x", "b", "a"], ["a", "b", "c"]])
def test_codes_are_positions_among_words_of_text_and_categories_alike(categories):
    column = pd.Series(
        ["b", "x", "a", "c", "b"] if categories != ["a", "b", "c"] else list("babcb")
    )
    if categories:
        column = pd.Series(pd.Categorical(column, categories=categories))

    found = codes(column, WORDS).tolist()

    assert found == ([1, 0, 1, 2, 1] if categories == ["a", "b", "c"] else [1, -1, 0, 2, 1])


def test_labels_are_the_words_back():
    assert labels(np.array([2, -1, 0]), WORDS).texts().tolist()[::2] == ["c", "a"]


@pytest.mark.parametrize("is_categorical", [False, True])
def test_study_ids_are_sorted_bytewise(is_categorical):
    column = pd.Series(["a", "B", "ä", "a", "A-10", "A-9"], dtype="str")

    found = study_id_index(column.astype("category") if is_categorical else column)

    assert found.tolist() == ["A-10", "A-9", "B", "a", "ä"]
