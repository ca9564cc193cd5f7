"""Which values of a nerve study are asked about: possible ones, but seldom right."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from patients.models import Confirmation
from patients.unusual_conduction import (
    Measured,
    StudyBefore,
    segment_input,
    unusual_in_study,
    unusual_limit,
    unusual_segment,
)
from patients.vocabulary import MotorNerve, Side, StimulationSite

MEDIAN = ("median", "right", "wrist", "elbow")
NOTHING_BEFORE = StudyBefore()
SHORT = ("ulnar", "right", "below_elbow", "above_elbow")


def measured(**values):
    return Measured(**{name: v if name == "excluded" else Decimal(v) for name, v in values.items()})


def asked(values, segment=MEDIAN, before=NOTHING_BEFORE):
    return [(q.code.value, q.field) for q in unusual_segment(segment, measured(**values), before)]


def question(segment=MEDIAN, before=NOTHING_BEFORE, **values):
    (only,) = unusual_segment(segment, measured(**values), before)
    return only


@pytest.mark.parametrize("site", ["distal", "proximal"])
@pytest.mark.parametrize(("mv", "is_asked"), [("25", False), ("25.1", True), ("50", True)])
def test_an_amplitude_is_asked_about_above_what_a_muscle_gives(site, mv, is_asked):
    values = {f"{site}_amplitude": mv}

    assert bool(asked(values)) == is_asked


def test_microvolts_are_offered_in_millivolts():
    only = question(distal_amplitude="40")

    assert only.sentence == (
        "Right median nerve, wrist–elbow: a distal amplitude of 40 mV is seldom. "
        "Was it 40 µV, which is 0.04 mV?"
    )
    assert only.suggestion == "0.04"
    assert only.key == "perhaps_microvolts:distal_amplitude-median-right-wrist-elbow:40"


@pytest.mark.parametrize(("mv", "is_asked"), [("19.9", False), ("20", True)])
def test_an_amplitude_is_asked_about_from_a_thousand_times_the_last(mv, is_asked):
    before = StudyBefore(date(2020, 3, 3), {MEDIAN: measured(distal_amplitude="0.02")})

    assert bool(asked({"distal_amplitude": mv}, before=before)) == is_asked


def test_the_last_amplitude_is_told_with_its_day():
    before = StudyBefore(date(2020, 3, 3), {MEDIAN: measured(distal_amplitude="0.02")})

    assert question(before=before, distal_amplitude="20").sentence == (
        "Right median nerve, wrist–elbow: the distal amplitude is 20 mV and was 0.02 mV on "
        "3 Mar 2020. Was it 20 µV, which is 0.02 mV?"
    )


def test_another_segment_is_no_comparison_and_nothing_is_a_thousand_times_nothing():
    before = StudyBefore(
        date(2020, 3, 3),
        {SHORT: measured(distal_amplitude="0.02"), MEDIAN: measured(distal_amplitude="0")},
    )

    assert asked({"distal_amplitude": "20"}, before=before) == []


@pytest.mark.parametrize(
    ("distal", "proximal", "is_asked"),
    [
        ("8", "10", False),
        ("8", "10.1", True),
        ("1", "1.9", False),
        ("1", "2", True),
        ("0", "1", True),
    ],
)
def test_a_response_that_grows_on_the_way_is_asked_about(distal, proximal, is_asked):
    values = {"distal_amplitude": distal, "proximal_amplitude": proximal}

    assert bool(asked(values)) == is_asked


@pytest.mark.parametrize(
    ("distal", "proximal", "is_asked"),
    [("20", "25", False), ("20", "25.1", True), ("1", "3.9", False)],
)
def test_so_is_an_area_that_grows(distal, proximal, is_asked):
    assert bool(asked({"distal_area": distal, "proximal_area": proximal})) == is_asked


@pytest.mark.parametrize(
    ("excluded", "is_asked"),
    [("anastomosis", False), ("submaximal", False), ("cold", True), ("other", True)],
)
def test_an_exclusion_may_explain_it(excluded, is_asked):
    values = {"distal_amplitude": "5", "proximal_amplitude": "9", "excluded": excluded}

    assert bool(asked(values)) == is_asked


@pytest.mark.parametrize(
    ("ms", "is_asked"),
    [("0", False), ("1.9", True), ("2", False), ("25", False), ("25.1", True)],
)
def test_a_duration_is_asked_about_outside_that_of_a_negative_peak(ms, is_asked):
    assert bool(asked({"proximal_duration": ms})) == is_asked


@pytest.mark.parametrize(("area", "is_asked"), [("42", False), ("42.1", True), ("0", False)])
def test_an_area_is_asked_about_that_is_larger_than_the_box_around_its_peak(area, is_asked):
    values = {"distal_amplitude": "8", "distal_duration": "5", "distal_area": area}

    assert bool(asked(values)) == is_asked
    del values["distal_duration"]
    assert asked(values) == []


@pytest.mark.parametrize(
    ("segment", "mm", "is_asked", "suggestion"),
    [
        (MEDIAN, "100", False, ""),
        (MEDIAN, "99", True, ""),
        (MEDIAN, "24", True, "240"),
        (MEDIAN, "600", False, ""),
        (MEDIAN, "601", True, ""),
        (SHORT, "25", False, ""),
        (SHORT, "9", True, "90"),
    ],
)
def test_a_distance_is_asked_about_where_centimetres_would_fit_better(
    segment, mm, is_asked, suggestion
):
    found = [*unusual_segment(segment, measured(distance=mm))]

    assert [q.suggestion for q in found] == ([suggestion] if is_asked else [])


@pytest.mark.parametrize(
    ("mv", "is_asked"), [("0.19", True), ("0.2", False), ("15", False), ("15.1", True)]
)
def test_a_lower_limit_is_asked_about_that_no_laboratory_works_with(mv, is_asked):
    assert bool([*unusual_limit(Decimal(mv))]) == is_asked
    assert bool(asked({"lower_limit": mv})) == is_asked


def test_an_ordinary_study_raises_no_question():
    usual = measured(
        distal_amplitude="8",
        proximal_amplitude="3.5",
        distal_area="24",
        proximal_area="9.6",
        distal_duration="5",
        proximal_duration="6.6",
        distance="240",
        lower_limit="4",
    )
    absent = measured(distal_amplitude="8", proximal_amplitude="0", proximal_area="0")

    assert unusual_in_study({MEDIAN: usual, SHORT: absent}) == []


def test_a_confirmation_can_name_every_value_of_every_segment():
    longest = Confirmation._meta.get_field("field").max_length
    names = [name for name in Measured.__dataclass_fields__ if name != "excluded"]
    sites = [site.value for site in StimulationSite]
    segments = product([n.value for n in MotorNerve], [s.value for s in Side], sites, sites)

    assert max(len(segment_input(n, s)) for s in segments for n in names) <= longest
