"""The timeline's geometry: what is drawn where, and what is not drawn at all."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from outcomes.charts.scales import DayScale, axis_around, axis_from_zero, calendar_lines
from outcomes.charts.timeline import (
    NARROW,
    WIDE,
    Course,
    DoseStep,
    Event,
    InfusionDay,
    Landmark,
    Lane,
    Observation,
    Series,
    Stretch,
    timeline,
)
from outcomes.charts.timeline.dose import stacked

START = date(2020, 1, 1)


def on(day):
    return START + timedelta(days=day)


def course(**parts):
    return Course(**{"first_on": START, "last_on": on(1000), **parts})


def lane(*values, **options):
    """A lane of one series: a value a hundred days, None where there is none."""
    observations = tuple(Observation(on(100 * i), value) for i, value in enumerate(values))
    return Lane("mrc", "MRC-60 sum", "of 60", (Series("mrc", "", observations),), **options)


def drawn(a_lane, layout=WIDE, **parts):
    return timeline(course(lanes=(a_lane,), **parts), layout).lanes[-1]


def test_days_keep_their_distances_and_stay_inside_the_plot():
    drawing = timeline(course(visits=(on(0), on(500), on(1000))))
    first, middle, last = (mark.x for mark in drawing.visits)

    assert first > 0
    assert last < 10_000
    assert middle - first == pytest.approx(last - middle, abs=1)


def test_a_missing_sum_is_a_cross_below_the_axis_and_never_a_zero():
    drawing = drawn(lane(50.0, None, 58.0, ceiling=60))
    marks = [(mark.code, mark.y) for mark in drawing.marks]

    assert [code for code, _ in marks] == ["mrc", "mrc", "no-value"]
    assert marks[-1][1] > drawing.y_floor
    assert all(y < drawing.y_floor for code, y in marks if code == "mrc")


def test_the_line_across_a_missing_value_is_dashed_and_beside_it_solid():
    drawing = drawn(lane(50.0, None, 58.0, 59.0, ceiling=60))

    assert [path.code for path in drawing.paths] == ["line line-mrc", "line-dashed line-mrc"]
    assert [path.d.count("M") for path in drawing.paths] == [1, 1]


def test_blocks_are_dashed_because_nothing_was_looked_at_between():
    drawing = drawn(lane(3, 1, from_zero=True, unobserved_between=True))

    assert [path.code for path in drawing.paths] == ["line-dashed line-mrc"]


def test_a_lane_without_a_value_is_not_drawn():
    assert timeline(course(lanes=(lane(None, None),))).lanes == ()


def test_a_cut_axis_says_where_it_begins():
    cut = drawn(lane(132, 135, ceiling=140, cut_note="axis from {floor}"))
    whole = drawn(lane(2, 1, from_zero=True, cut_note="axis from {floor}"))

    assert cut.note == "of 60; axis from 130"
    assert whole.note == "of 60"


def test_an_axis_never_passes_the_highest_possible_score():
    axis = axis_around([58, 60], y_floor=100, y_top=0, ceiling=60)

    assert (axis.floor, axis.top, axis.ticks[0], axis.ticks[-1]) == (57, 60, 57, 60)


def test_a_dose_axis_begins_at_nothing():
    axis = axis_from_zero(16.25, y_floor=100, y_top=0)

    assert axis.ticks == (0, 10, 20)
    assert axis.y(0) == 100


def test_routes_add_up_and_a_pause_is_nothing():
    steps = [
        DoseStep("IV", on(0), on(28), 30),
        DoseStep("SC", on(14), on(28), 10),
        DoseStep("SC", on(40), on(60), 10),
    ]

    assert stacked(steps, on(50)) == [
        (on(0), on(14), {"IV": 30}),
        (on(14), on(28), {"IV": 30, "SC": 10}),
        (on(28), on(40), {}),
        (on(40), on(50), {"SC": 10}),
    ]


def test_after_the_last_dose_the_line_runs_on_at_nothing():
    steps = [DoseStep("IV", on(0), on(28), 30)]

    assert stacked(steps, on(50))[-1] == (on(28), on(50), {})


def test_equal_doses_are_one_step():
    steps = [DoseStep("IV", on(28 * i), on(28 * (i + 1)), 16.25) for i in range(30)]

    assert stacked(steps, on(28 * 30)) == [(on(0), on(28 * 30), {"IV": 16.25})]


def test_routes_are_told_apart_by_shape():
    days = (InfusionDay(on(0), "IV"), InfusionDay(on(300), "SC"), InfusionDay(on(600), "FSC"))
    steps = (DoseStep("IV", on(0), on(28), 30),)

    dose = timeline(course(infusion_days=days, dose_steps=steps)).lanes[0]

    assert [path.code for path in dose.paths] == ["dose-iv", "dose-outline", "iv-ticks"]
    assert {mark.code: mark.shape for mark in dose.marks} == {"sc": "ring", "fsc": "small-square"}


def test_marks_too_dense_to_tell_apart_become_a_bar_with_its_ends():
    weekly = tuple(InfusionDay(on(7 * i), "SC", planned=True) for i in range(60))
    steps = (DoseStep("SC", on(0), on(420), 10),)

    dose = timeline(course(infusion_days=weekly, dose_steps=steps)).lanes[0]

    assert [bar.code for bar in dose.bars] == ["run-sc-planned"]
    assert len(dose.marks) == 2


def test_values_are_printed_at_baseline_month_6_and_last():
    landmarks = (
        Landmark(on(100), "Baseline", "Base", "10 Apr"),
        Landmark(on(300), "Month 6", "M 6", "27 Oct"),
    )
    a_lane = lane(48, 50, 52, 54, 56, 58, 60, 60, 60, 57, ceiling=60)

    drawing = drawn(a_lane, landmarks=landmarks)

    assert {label.text for label in drawing.labels} == {"48", "50", "54", "57"}


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
def test_landmarks_of_a_long_course_do_not_write_over_each_other(layout):
    landmarks = (
        Landmark(on(0), "Baseline", "Base", "1 Jan"),
        Landmark(on(183), "Month 6", "M 6", "2 Jul"),
    )
    drawing = timeline(course(last_on=on(9000), landmarks=landmarks), layout)

    assert [mark.name.anchor for mark in drawing.landmarks] == ["end", "start"]


def test_a_few_events_carry_their_words():
    events = (Event("start", on(10), "First infusion"), Event("stop", on(900), "IV stopped"))

    drawing = timeline(course(events=events))

    assert not drawing.numbered
    assert [(e.label.text, e.label.anchor) for e in drawing.events] == [
        ("First infusion", "start"),
        ("IV stopped", "start"),
    ]


def test_many_events_are_numbered_for_the_list_below():
    events = tuple(Event("reaction", on(5 * i), "Headache, mild") for i in range(20))

    drawing = timeline(course(events=events))

    assert drawing.numbered
    assert [event.label.text for event in drawing.events] == [str(n) for n in range(1, 21)]


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
@pytest.mark.parametrize("apart_days", [0, 3, 40, 200])
def test_marks_of_events_in_one_row_never_touch(layout, apart_days):
    events = tuple(Event("attempt", on(apart_days * i), "Dose reduction") for i in range(5))
    drawing = timeline(course(events=events), layout)

    rows = {}
    for event in drawing.events:
        rows.setdefault(event.mark.y, []).append(event.mark.x)

    px = layout.plot_px / 10_000
    gaps = [(b - a) * px for xs in rows.values() for a, b in pairwise(sorted(xs))]
    assert all(gap >= 12 for gap in gaps)


def test_a_stretch_says_as_much_as_it_has_room_for():
    names = ("on IV immunoglobulin, 36 courses", "IV, 36 courses", "IV")
    long, short, shortest = (
        Stretch("on", on(0), on(600), names),
        *(Stretch("on", on(700), on(700 + days), names) for days in (150, 3)),
    )
    drawing = timeline(course(treatment=(long, short)))
    tiny = timeline(course(treatment=(shortest,)))

    assert [bar.label.text for bar in drawing.band] == [names[0], names[1]]
    assert tiny.band[0].label is None


def test_a_drug_whose_name_finds_no_room_behind_it_is_named_before_it():
    late = Stretch("drug", on(990), on(1000), ("mycophenolate",))

    (bar,) = timeline(course(other_drugs=(late,))).lanes[0].bars

    assert bar.label.anchor == "end"


def test_years_have_a_line_each_and_a_label_where_there_is_room():
    decades = DayScale(date(1990, 3, 1), date(2020, 3, 1), 290)

    lines = calendar_lines(decades)

    assert [line.label for line in lines if line.label] == ["1995", "2000", "2005", "2010", "2015"]
    assert sum(line.x is not None for line in lines) == 30


def test_a_short_course_counts_in_months():
    lines = calendar_lines(DayScale(date(2020, 1, 15), date(2020, 6, 15), 800))

    assert [line.label for line in lines] == [
        "Feb 2020",
        "Mar 2020",
        "Apr 2020",
        "May 2020",
        "Jun 2020",
    ]


def test_lanes_stand_below_each_other():
    lanes = (lane(50, 58, ceiling=60), lane(3, 1, from_zero=True))
    drawing = timeline(course(lanes=lanes, events=(Event("start", on(0), "First infusion"),)))

    tops = [drawing.lanes[0].y_top, drawing.lanes[0].y_floor]
    tops += [drawing.lanes[1].y_top, drawing.lanes[1].y_floor, drawing.events_lane.y_top]
    assert tops == sorted(tops)
    assert drawing.events_lane.y_floor <= drawing.y_axis < drawing.height
