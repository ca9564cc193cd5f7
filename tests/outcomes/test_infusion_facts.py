"""What follows from an infusion, by the functions that derive the outcomes."""

from datetime import date

import pytest

from infusions.forms.infusion import MOST_DAYS
from infusions.models import Infusion
from outcomes.dashboards.infusion import infusion_facts, last_course, with_infusions
from outcomes.derivation.courses import courses, infusion_days
from outcomes.derivation.dose import dose_steps
from outcomes.derivation.rules import RULES
from outcomes.selectors import load_records
from patients.models import Patient
from tests.outcomes.stories import store_patient

pytestmark = pytest.mark.django_db
REGIMENS = """
    study_id | started_on | route | product  | planned_dose_g | planned_interval_days
    P-1      | 2020-12-20 | SC    | Hizentra | 15             | 7
"""


@pytest.fixture
def records(tmp_path):
    store_patient(tmp_path, study_id="P-1", regimens=REGIMENS)
    return load_records(Patient.objects.all())


def given(day, route="IV", dose_g=70, product="Privigen"):
    return Infusion(given_on=day, route=route, product=product, dose_g=dose_g)


def facts_of(records, *infusions, **options):
    return infusion_facts(with_infusions(records, infusions, **options), infusions[0])


def test_a_typed_course_is_derived_as_a_recorded_one_would_be(records):
    typed = [given(date(2021, 1, 12), dose_g=35), given(date(2021, 1, 13), dose_g=35)]

    facts = facts_of(records, *typed)

    steps = dose_steps(courses(infusion_days(with_infusions(records, typed))))
    by_rule = steps[(steps["route"] == "IV")].iloc[-1]
    assert facts.weekly_g == by_rule["weekly_dose_g"]
    assert (facts.course_days, facts.course_g, facts.day_g) == (2, 70, 35)
    assert (facts.weight_kg, facts.weight_on) == (70, date(2020, 7, 12))
    assert (facts.day_g_per_kg, facts.course_g_per_kg) == (0.5, 1.0)
    assert (facts.interval_days, facts.last_on) == (28, date(2020, 12, 15))
    assert facts.recorded_g == 13 * 70
    # No regimen by vein: by the median of the last intervals, 30, 31, 30 and 28 days.
    assert facts.planned_interval_days is None
    assert facts.next_due_on == date(2021, 2, 11)


def test_by_another_route_the_regimen_says_when_the_next_is_due(records):
    facts = facts_of(records, given(date(2021, 1, 12), "SC", 15, "Hizentra"))

    assert (facts.interval_days, facts.last_on) == (None, None)
    assert (facts.planned_interval_days, facts.next_due_on) == (7, date(2021, 1, 19))


def test_an_amended_infusion_stands_in_place_of_itself(records):
    stored = Infusion.objects.get(given_on=date(2020, 12, 15))

    facts = facts_of(records, given(date(2020, 12, 14), dose_g=80), instead_of=stored)

    assert (facts.course_g, facts.recorded_g, facts.interval_days) == (80, 11 * 70 + 80, 29)


def test_two_products_of_a_day_are_one_infusion(records):
    facts = facts_of(records, given(date(2020, 12, 15), dose_g=10, product="Kiovig"))

    assert (facts.day_g, facts.course_g, facts.course_days) == (80, 80, 1)


def test_a_day_that_joins_a_course_has_no_interval_of_its_own(records):
    facts = facts_of(records, given(date(2020, 12, 16)))

    assert (facts.interval_days, facts.course_days, facts.course_on) == (
        None,
        2,
        date(2020, 12, 15),
    )


def test_without_a_weight_nothing_is_said_per_kg(records):
    facts = facts_of(records, given(date(2020, 1, 9)))

    assert (facts.weight_kg, facts.day_g_per_kg, facts.weekly_g_per_kg) == (None, None, None)


def test_the_last_course_is_the_last_that_was_recorded(records):
    infusions = list(Infusion.objects.order_by("given_on"))

    last = last_course(records, infusions)

    assert (last.given_on, last.route, last.dose_g, last.days) == (date(2020, 12, 15), "IV", 70, 1)


def test_nobody_has_a_last_course_without_an_infusion(tmp_path):
    store_patient(tmp_path, study_id="P-9", infusions="")

    assert last_course(load_records(Patient.objects.all()), []) is None


def test_what_is_typed_at_once_is_one_course_by_the_rules():
    assert RULES.course_span_days + 1 == MOST_DAYS
