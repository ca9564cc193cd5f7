"""Which laboratory results are asked about."""

from decimal import Decimal

import pytest

from patients.models import Confirmation
from patients.unusual_laboratory import unusual_result


def asked(test, value, unit):
    number = None if value is None else Decimal(value)
    return [
        (q.code.value, q.field, q.suggestion)
        for q in unusual_result(test=test, value=number, unit=unit)
    ]


@pytest.mark.parametrize(
    ("value", "is_asked"), [("0.09", True), ("0.1", False), ("5", False), ("5.1", True)]
)
def test_a_value_is_asked_about_outside_what_is_found_in_its_unit(value, is_asked):
    assert bool(asked("csf_protein", value, "g/L")) == is_asked


def test_the_unit_that_fits_is_offered_in_words():
    (question,) = unusual_result(test="haemoglobin", value=Decimal("140"), unit="g/dL")

    assert question.sentence == "140 g/dL is seldom found (haemoglobin). Was it g/L?"
    assert question.key == "seldom_result:value:140"


def test_a_number_without_its_unit_is_asked_about():
    assert asked("ck", "180", "") == [("result_without_unit", "value", "")]
    assert asked("ck", None, "") == []


def test_a_unit_that_cannot_be_compared_is_asked_about_and_its_spelling_offered():
    assert asked("csf_protein", "0.6", "g/l") == [("unknown_unit", "unit", "g/L")]
    assert asked("csf_protein", "0.6", "furlongs") == [("unknown_unit", "unit", "")]


def test_antibodies_have_as_many_units_as_laboratories():
    assert asked("anti_gm1_igm", "800", "") == []
    assert asked("anti_gm1_igm", "800", "BTU") == []


@pytest.mark.parametrize("unit", ["\u00b5mol/L", "\u03bcmol/L", "umol/L"])
def test_a_micro_is_written_in_three_ways(unit):
    assert asked("creatinine", "80", unit) == []
    assert asked("creatinine", "8", unit) == [("seldom_result", "value", "")]


def test_a_confirmation_holds_whatever_was_written_as_a_unit():
    (question,) = unusual_result(test="ck", value=Decimal(80), unit="x" * 200)

    assert len(question.value) == Confirmation._meta.get_field("value").max_length
