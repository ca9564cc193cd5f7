"""Tables as arrays side by side: read from a frame, cut, changed, and a frame again."""

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.columns import Columns, Words, answered, counted, together
from tests.derivation.drawn import frame

WORDS = pd.Index(["left", "right"], dtype="str")


def drawn():
    return frame("""
        study_id | seen_on    | weight_kg | side
        ---------+------------+-----------+------
        P2       | 2020-03-01 | 70        | left
        P1       |            |           | right
        P2       | 2020-01-01 | 71.5      | left
    """)


@pytest.fixture(params=["texts", "categories"])
def columns(request):
    kinds = {} if request.param == "texts" else {"study_id": "category", "side": "category"}
    return Columns.of(drawn().astype(kinds))


def test_the_columns_of_a_frame_are_its_values(columns):
    assert columns.words("study_id").texts().tolist() == ["P2", "P1", "P2"]
    assert columns.floats("weight_kg").tolist()[::2] == [70.0, 71.5]
    assert np.isnan(columns.floats("weight_kg")[1])
    assert columns.days("seen_on").tolist()[::2] == [18_322.0, 18_262.0]
    assert np.isnan(columns.days("seen_on")[1])


def test_columns_and_the_frame_of_them_are_the_same(columns):
    again = columns.rows(np.arange(3)).frame()

    pd.testing.assert_frame_equal(again, columns.frame())


def test_rows_are_cut_as_a_frame_cuts_them(columns):
    chosen = columns.where(columns.words("side").is_("left"))

    expected = columns.frame().iloc[[0, 2]].reset_index(drop=True)
    pd.testing.assert_frame_equal(chosen.frame(), expected)
    assert chosen.where(np.array([True, True])) is chosen


def test_a_column_stands_in_place_of_another_or_besides(columns):
    changed = columns.assign(weight_kg=np.zeros(3), height_cm=np.ones(3))

    assert changed.names == (*columns.names, "height_cm")
    assert changed.floats("weight_kg").tolist() == [0.0, 0.0, 0.0]
    assert columns.floats("weight_kg")[0] == 70.0


def test_of_two_parts_with_one_name_the_later_counts(columns):
    both = together(columns, Columns.named({"weight_kg": np.zeros(3)}))

    assert both.names == columns.names
    assert both.floats("weight_kg").tolist() == [0.0, 0.0, 0.0]


def test_a_missing_word_is_none_of_any_words():
    sides = Words(np.array([1, -1, 0]), WORDS)

    assert sides.is_("right").tolist() == [True, False, False]
    assert sides.is_in(["right", "left", "elsewhere"]).tolist() == [True, False, True]
    assert sides.codes(pd.Index(["middle", "left"])).tolist() == [-1, -1, 1]
    assert sides.is_among(Words(np.array([-1, 0]), WORDS)).tolist() == [False, False, True]


def test_a_word_that_was_not_among_them_can_be_put_in_place():
    sides = Words(np.array([1, -1, 0]), WORDS)

    assert sides.with_(np.array([False, True, True]), "").texts().tolist() == ["right", "", ""]


def test_counts_and_answers_are_missing_where_there_is_none():
    is_there = np.array([True, False])

    assert counted(np.array([2.0, np.nan]), is_there).tolist() == [2, pd.NA]
    assert answered(np.array([True, True]), is_there).tolist() == [True, pd.NA]
