"""Numbers as people write them."""

import pytest

from outcomes.numbers import fixed, grade_text, points_text, rounded
from patients.vocabulary import MRC_THIRDS


@pytest.mark.parametrize(
    ("value", "text"), [(16.25, "16.3"), (0.0, "0"), (97.5, "97.5"), (14.0, "14"), (99.96, "100")]
)
def test_numbers_are_rounded_half_up_and_lose_an_empty_decimal(value, text):
    assert rounded(value) == text


def test_a_column_keeps_its_decimals():
    assert [fixed(value, 2) for value in (1.0, 0.265, 0.8)] == ["1.00", "0.27", "0.80"]


def test_every_grade_is_written_as_it_was_read():
    written = {grade: grade_text(thirds) for grade, thirds in MRC_THIRDS.items()}

    assert written == {grade: str(grade) for grade in MRC_THIRDS}


@pytest.mark.parametrize(("points", "text"), [(15, "15"), (46 / 3, "15⅓"), (47 / 3, "15⅔")])
def test_a_sum_of_refined_grades_keeps_its_thirds(points, text):
    assert points_text(points) == text
