"""Regimens of one route follow each other; those of two routes may run side by side."""

from datetime import date

import pytest

from tests.patients.examples import error_codes, patient, refused_insert, saved

from .examples import regimen

pytestmark = pytest.mark.django_db

OVERLAPPING = {
    "begun while the first runs": (date(2020, 2, 29), None),
    "ended while the first runs": (date(2019, 1, 1), date(2020, 1, 2)),
    "within the first": (date(2020, 1, 10), date(2020, 1, 20)),
    "around the first": (date(2019, 1, 1), None),
}
APART = {
    "begun on the day the first ended": (date(2020, 3, 1), None),
    "ended on the day the first began": (date(2019, 1, 1), date(2020, 1, 1)),
    "of no day at all, within the first": (date(2020, 1, 10), date(2020, 1, 10)),
}


@pytest.fixture
def first():
    return saved(regimen(started_on=date(2020, 1, 1), ended_on=date(2020, 3, 1)))


@pytest.mark.parametrize("overlap", OVERLAPPING)
def test_two_regimens_of_a_route_do_not_overlap(first, overlap):
    started_on, ended_on = OVERLAPPING[overlap]
    second = regimen(started_on=started_on, ended_on=ended_on)

    assert error_codes(second) == {"__all__": ["overlapping_regimens"]}
    assert refused_insert(second) == "overlapping_regimens"


@pytest.mark.parametrize("apart", APART)
def test_one_may_begin_on_the_day_the_other_ends(first, apart):
    started_on, ended_on = APART[apart]
    second = regimen(started_on=started_on, ended_on=ended_on)

    assert error_codes(second) == {}
    saved(second)


def test_an_open_regimen_excludes_every_later_one():
    saved(regimen(started_on=date(2020, 1, 1)))

    assert refused_insert(regimen(started_on=date(2026, 1, 1))) == "overlapping_regimens"


def test_other_routes_other_patients_and_voided_regimens_do_not_count(first):
    elsewhere = saved(patient(study_id="SYN-002"))
    day = date(2020, 1, 10)

    saved(regimen(started_on=day, route="SC"))
    saved(regimen(started_on=day, patient=elsewhere))
    first.__class__.objects.update(version=2, voided_at="2020-05-01T00:00Z", void_reason="typo")
    saved(regimen(started_on=day))


def test_a_regimen_that_ends_before_it_starts_is_not_also_compared_with_others(first):
    backwards = regimen(started_on=date(2020, 2, 1), ended_on=date(2020, 1, 1))

    assert error_codes(backwards) == {"ended_on": ["ends_before_start"]}
