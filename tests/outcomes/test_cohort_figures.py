"""Words and geometry of the cohort page: nothing here reads a database."""

import itertools
from types import SimpleNamespace

import pandas as pd
import pytest

from outcomes.charts.cohort import BAR_PX, dot_plot, slopes, stacked_bar
from outcomes.charts.curve import HEIGHT_PX, event_curve
from outcomes.charts.intervals import interval
from outcomes.charts.scales import box_of, text_width_px
from outcomes.dashboards.cohort import BlockPath, Completeness, Dose
from outcomes.derivation.curves import event_curve as event_curve_of
from outcomes.derivation.inference import distribution, proportion
from outcomes.derivation.rules import RULES
from outcomes.figures.cohort.blocks import block_panel
from outcomes.figures.cohort.completeness import completeness_rows
from outcomes.figures.cohort.counts import Count, count, reasons
from outcomes.figures.cohort.dose import dose_panel
from outcomes.figures.cohort.flow import flow
from outcomes.figures.cohort.forest import forest_row, name_once
from outcomes.figures.cohort.predictors import predictor_panel
from outcomes.figures.cohort.remission import remission_panel
from outcomes.figures.cohort.response import response_panel
from outcomes.figures.cohort.words import (
    follow_up_text,
    interval_text,
    number_text,
    p_sentence,
    p_text,
    share_and_interval,
    unbroken,
    years_text,
)

NOBODY = proportion(0, 0)._asdict()


# ---------- Numbers as people read them ----------


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1, "1.00"),
        (0.5049, "0.50"),
        (0.0995, "0.10"),
        (0.09949, "0.099"),
        (0.00095, "0.001"),
        (0.000949, "9.5 × 10⁻⁴"),
        (1.8450057212723222e-06, "1.8 × 10⁻⁶"),
        (9.96e-05, "1.0 × 10⁻⁴"),
        (1e-17, "1.0 × 10⁻¹⁷"),
        (0.0, "< 10⁻³⁰⁰"),
        (None, "–"),
    ],
)
def test_a_p_value_keeps_two_digits_and_is_never_nothing(p, text):
    assert p_text(p) == text


def test_a_p_value_too_small_for_a_number_reads_as_smaller_than():
    assert p_sentence(0.03) == "p = 0.030"
    assert p_sentence(0.0) == "p < 10⁻³⁰⁰"


def test_shares_are_whole_per_cent_and_nothing_of_nobody():
    fourteen = proportion(14, 20)._asdict()

    assert interval_text(fourteen) == "46–88"
    assert share_and_interval(fourteen) == "70 (46–88)"
    assert share_and_interval(NOBODY) == "–"
    assert interval_text(NOBODY) == ""


def test_a_share_of_all_or_none_has_one_sided_limits():
    assert share_and_interval(proportion(5, 5)._asdict()) == "100 (48–100)"
    assert share_and_interval(proportion(0, 5)._asdict()) == "0 (0–52)"


def test_follow_up_of_one_patient_has_no_spread():
    one = {"n": 1, "mean": 1.449, "sd": None, "median": 1.449, "q1": 1.449, "q3": 1.449}

    assert follow_up_text(one) == "1.4 years, median 1.4 (IQR 1.4–1.4)"
    assert follow_up_text({**one, "n": 2, "sd": 0.05}).startswith("1.4 ± 0.1 years")


def test_numbers_below_nothing_have_a_minus():
    assert number_text(-7.5) == "−7.5"
    assert number_text(None) == "–"
    assert years_text(None) == "–"


def test_a_percent_sign_never_begins_a_line():
    assert unbroken("all yes, 73 %.") == "all yes, 73\u00a0%."


# ---------- Numbers that open lists ----------


def test_a_count_asks_for_its_patients_and_nobody_is_not_asked_for():
    assert count(2, "responders", history="primary", response="responder") == Count(
        2, "responders", "history=primary&response=responder"
    )
    assert count(0, "responders", response="responder").query == ""


def test_each_reason_is_asked_for_by_its_code():
    found = reasons({"A": 2, "B": 1}, {"A": "one", "B": "other"}, parameter="blocks", history="x")

    assert [(c.n, c.words, c.query) for c in found] == [
        (2, "one", "history=x&blocks=A"),
        (1, "other", "history=x&blocks=B"),
    ]


# ---------- Proportions in rows ----------


def test_a_row_stands_where_its_proportion_is():
    row = forest_row("Ours", "rule", proportion(14, 20)._asdict())

    assert (row.counts, row.percent) == ("14/20", "70 (46–88)")
    assert (row.mark.at, row.mark.low, row.mark.high) == (70, 45.72, 88.11)
    assert row.extremes is None


def test_a_row_without_denominator_has_no_mark():
    row = forest_row("Ours", "rule", NOBODY, is_own=True)

    assert (row.counts, row.percent, row.mark, row.extremes) == ("0/0", "–", None, None)


def test_only_the_own_row_spans_worst_to_best_case_and_only_if_they_differ():
    table = {
        **proportion(14, 20)._asdict(),
        "worst_case": proportion(14, 22)._asdict(),
        "best_case": proportion(16, 22)._asdict(),
    }
    certain = {**table, "worst_case": table["best_case"]}

    assert forest_row("Ours", "", table, is_own=True).extremes == (63.64, 72.73)
    assert forest_row("Theirs", "", table).extremes is None
    assert forest_row("Ours", "", certain, is_own=True).extremes is None


def test_squares_grow_with_the_root_of_n_between_two_sizes():
    assert [interval(0.5, 0, 1, n).square_px for n in (1, 9, 25, 49, 500)] == [6, 6, 10, 14, 14]
    assert interval(0.5, 0, 1, 25).offset == 5


def test_a_name_stands_once_above_its_rows():
    rows = name_once([forest_row(name, "", NOBODY) for name in ("A", "A", "B", "A")])

    assert [row.is_repeated for row in rows] == [False, True, False, False]


# ---------- One bar of a whole ----------


def groups(remission, dependent, without, other):
    return [
        ("Remission", [("remission", remission)]),
        (
            "Periodic immunoglobulin",
            [("dependent", dependent - without), ("dependent-no-response", without)],
        ),
        ("Other", [("other", other)]),
    ]


def test_parts_fill_the_bar_and_nobody_takes_no_room():
    bar = stacked_bar(groups(8, 25, 2, 4))

    assert [(part.code, part.n) for part in bar.parts] == [
        ("remission", 8),
        ("dependent", 23),
        ("dependent-no-response", 2),
        ("other", 4),
    ]
    assert bar.parts[0].percent == 0
    last = bar.parts[-1]
    assert last.percent + last.percent_width == pytest.approx(100, abs=0.02)
    assert [part.code for part in stacked_bar(groups(3, 2, 0, 0)).parts] == [
        "remission",
        "dependent",
    ]
    assert stacked_bar(groups(0, 0, 0, 0)) is None


def test_a_group_of_several_parts_has_a_line_over_all_of_them():
    names = {name.text: name for name in stacked_bar(groups(8, 25, 2, 4)).names}

    assert names["Periodic immunoglobulin"].line == (21.62, 89.19)
    assert (names["Remission"].anchor, names["Remission"].line) == ("start", None)
    assert (names["Other"].anchor, names["Other"].percent) == ("end", 100)


@pytest.mark.parametrize(
    "counts", [(8, 25, 2, 4), (1, 90, 40, 1), (40, 3, 1, 40), (1, 1, 0, 1), (40, 5, 0, 2)]
)
def test_names_over_the_bar_never_meet_nor_leave_it(counts):
    boxes = [
        box_of(name.percent / 100 * BAR_PX, text_width_px(name.text), name.anchor)
        for name in stacked_bar(groups(*counts)).names
    ]

    assert boxes
    for left, right in itertools.pairwise(boxes):
        assert left.right < right.left
    assert boxes[0].left >= 0
    assert boxes[-1].right <= BAR_PX


# ---------- Slopes ----------


def test_lines_run_from_first_to_last_count_the_most_patients_first():
    drawn = slopes([(3, 2, 4), (3, 4, 2), (2, 2, 1)])

    assert [(s.direction, s.patients) for s in drawn.slopes] == [
        ("decreased", 4),
        ("increased", 2),
        ("unchanged", 1),
    ]
    assert [n for n, _y in drawn.rows] == [4, 3, 2]
    places = dict(drawn.rows)
    assert (drawn.slopes[0].y_first, drawn.slopes[0].y_last) == (places[3], places[2])
    assert drawn.slopes[0].width_px > drawn.slopes[1].width_px > drawn.slopes[2].width_px


def test_labels_of_crossing_lines_step_aside_and_a_label_without_room_is_left_out():
    crossing = [(first, last, 1) for first in range(6) for last in range(6)]
    labels = [
        (s.label_percent / 100, s.y_label) for s in slopes(crossing).slopes if s.y_label is not None
    ]

    assert 6 <= len(labels) < 36
    for i, (x, y) in enumerate(labels):
        for other_x, other_y in labels[:i]:
            assert abs(y - other_y) >= 19 or abs(x - other_x) >= 0.13


def test_many_blocks_keep_the_drawing_low_and_name_every_other_count():
    drawn = slopes([(0, 30, 1), (30, 1, 2)])

    assert drawn.height < 250
    assert [n for n, _y in drawn.rows][:3] == [30, 28, 26]


def test_nobody_compared_draws_no_slopes():
    assert slopes([]) is None
    assert slopes([(2, 2, 3)]).rows == ((2, 14),)


# ---------- One dot a patient ----------


def test_dots_of_one_column_stand_on_each_other():
    drawn = dot_plot([(0.25, "stable", "A"), (0.251, "no-reference", "B"), (0.5, "", "C")], 0.251)

    by_name = {dot.name: dot for dot in drawn.dots}
    assert by_name["A"].percent == by_name["B"].percent
    assert by_name["A"].y - by_name["B"].y == pytest.approx(11)
    assert by_name["C"].y == by_name["A"].y
    assert drawn.ticks[0] == ("0", 0)
    assert drawn.ticks[-1] == ("0.5", 100)
    assert drawn.median_percent == 50.2
    assert drawn.median_anchor == "start"


def test_the_highest_dose_stays_inside_and_a_high_median_is_named_to_its_left():
    drawn = dot_plot([(0.6, "", "A"), (0.6, "", "B")], 0.6)

    assert {dot.percent for dot in drawn.dots} == {98.33}
    assert drawn.median_percent == 100
    assert drawn.median_anchor == "end"


def test_hundreds_of_patients_make_smaller_dots_not_a_higher_card():
    many = dot_plot([(0.25, "stable", f"P{n}") for n in range(300)], 0.25)

    assert many.height <= 171
    assert many.radius < 1
    assert dot_plot([], 0) is None


def test_doses_beyond_every_step_still_have_an_axis():
    assert dot_plot([(75.0, "", "A")], 75).ticks[-1][1] == 100


# ---------- Time to remission ----------


def curve(*times, year_days=100):
    """Days with a + for an event: "10+", "20"."""
    frame = pd.DataFrame(
        {
            "days": [float(str(t).rstrip("+")) for t in times],
            "event": [str(t).endswith("+") for t in times],
            "death_days": float("nan"),
        }
    )
    return event_curve(event_curve_of(frame).survival, year_days)


def test_a_rise_is_drawn_at_its_day_and_the_share_stays_until_the_next():
    drawn = curve("50+", 80, 90, 100, 100, 100, 100, 100)

    assert drawn.solid == "M0 200.0V200.0H5000V175.0H8000V175.0H9000V175.0H10000V175.0H10000"
    assert drawn.few is None
    assert drawn.faint == ""
    assert [(tick.years, tick.at_risk) for tick in drawn.ticks] == [(0, 8), (1, 5)]


def test_the_line_turns_faint_where_fewer_than_five_remain():
    drawn = curve(20, 40, "60+", 80, 90, 100)

    assert drawn.few.percent == 40  # after day 40 four are left
    assert drawn.solid.endswith("H4000V200.0H4000")
    assert drawn.faint.startswith("M4000 200.0")


def test_one_patient_is_faint_from_the_first_day_and_the_event_is_drawn():
    drawn = curve("60+", year_days=100)

    assert drawn.few.percent == 0
    assert drawn.solid == ""
    assert drawn.faint == "M0 200.0V200.0H6000V0.0H6000"
    assert (drawn.band_faint, drawn.censored) == ("", ())


def test_bands_are_drawn_only_where_there_is_an_interval():
    drawn = curve("10+", "20+", 30, 40, 50, 60, 70, 100)

    assert drawn.band_solid.startswith("M1000 ")
    assert drawn.band_solid.count("Z") == drawn.band_solid.count("M")


def test_words_beside_few_left_stand_where_the_curve_is_not():
    low, high = curve(10, 20, 30, 40, 50, 100), curve("1+", "2+", "3+", "4+", 50, 60, 70, 100)

    assert low.few.y < HEIGHT_PX / 2 < high.few.y
    assert curve(90, 95, 96, 97, 98, 100).few.anchor == "end"


def test_long_follow_up_names_every_other_year():
    drawn = curve(1500, 1600, 1700, year_days=100)

    assert [tick.years for tick in drawn.ticks] == [0, 3, 6, 9, 12, 15]


def test_nobody_treated_draws_no_curve():
    assert curve() is None


# ---------- Who is counted ----------


def response_table(responders, evaluable, not_evaluable=(), stopped=0):
    unknown = dict(not_evaluable)
    of = evaluable + sum(unknown.values())
    return {
        **proportion(responders, evaluable)._asdict(),
        "patients": of,
        "evaluable": evaluable,
        "responders": responders,
        "reference": 0.2,
        "p_value": 0.03 if evaluable else None,
        "not_evaluable": unknown,
        "stopped_for_inefficacy": stopped,
        "provisional": 0,
        "worst_case": proportion(responders, of)._asdict(),
        "best_case": proportion(of - evaluable + responders, of)._asdict(),
    }


def dashboard(**summary):
    """A dashboard with only what a panel reads."""
    nobody = response_table(0, 0)
    short_term = {
        "naive": nobody,
        "pretreated": nobody,
        "unknown_history": nobody,
        "naive_first_subcutaneous": nobody,
        "naive_without_other_immunotherapy": nobody,
        "naive_without_carried_forward": nobody,
        "naive_variants": {"strict": NOBODY, "grip": NOBODY, "mrc_sum": NOBODY},
        "naive_by_centre": {},
    } | summary.pop("short_term", {})
    long_term = {
        "classified": 0,
        "remission": {"n": 0},
        "dependent": {"n": 0, "without_response": 0},
        "other": {"n": 0},
        "not_classified": {},
    } | summary.pop("long_term", {})
    more = {name: summary.pop(name) for name in ("block_paths", "completeness") if name in summary}
    given = {"patients": 0, **summary, "short_term": short_term, "long_term": long_term}
    return SimpleNamespace(summary=given, rules=RULES, literature=(), **more)


def test_one_kind_of_patients_outside_the_table_leaves_by_its_own_name():
    drawn = flow(
        dashboard(patients=3, short_term={"pretreated": response_table(0, 0, {"NO_BASELINE": 3})})
    )

    leaving = drawn.steps[0].leaving
    assert (leaving.count.n, leaving.count.words) == (3, "pretreated")
    assert (leaving.count.query, leaving.reasons) == ("history=pretreated", ())


def test_several_kinds_outside_the_table_leave_together_each_with_its_list():
    tables = {
        "pretreated": response_table(1, 2),
        "unknown_history": response_table(0, 1),
        "naive_first_subcutaneous": response_table(0, 0, {"PENDING": 1}),
    }
    leaving = flow(dashboard(patients=4, short_term=tables)).steps[0].leaving

    assert (leaving.count.n, leaving.count.query) == (4, "history=secondary")
    assert [(r.n, r.query) for r in leaving.reasons] == [
        (2, "history=pretreated"),
        (1, "history=unknown"),
        (1, "history=naive_sc"),
    ]


def test_nobody_leaves_where_everybody_is_evaluable_and_classified():
    drawn = flow(
        dashboard(
            patients=2, short_term={"naive": response_table(1, 2)}, long_term={"classified": 2}
        )
    )

    assert [step.leaving for step in (*drawn.steps, *drawn.long_term)] == [None] * 5
    assert (drawn.responders.n, drawn.non_responders.n) == (1, 1)
    # Naive patients first treated under the skin are not of this table.
    assert drawn.responders.query == "history=primary&response=responder"


def test_every_reason_leaves_with_its_number_and_they_add_up():
    naive = response_table(1, 2, {"NO_BASELINE": 3, "PENDING": 1}, stopped=1)
    drawn = flow(
        dashboard(
            patients=6,
            short_term={"naive": naive},
            long_term={"classified": 4, "not_classified": {"recently_stopped": 2}},
        )
    )

    leaving = drawn.steps[1].leaving
    assert leaving.count.n == sum(reason.n for reason in leaving.reasons) == 4
    assert leaving.reasons[0].query == "history=primary&response=NO_BASELINE"
    assert drawn.long_term[0].leaving.reasons[0].query == "status=recently_stopped"
    assert drawn.stopped_for_inefficacy.query == "history=primary&response=STOPPED_FOR_INEFFICACY"


# ---------- Findings ----------


def test_the_finding_names_its_denominator_and_says_what_the_unknown_could_change():
    panel = response_panel(
        dashboard(short_term={"naive": response_table(14, 20, {"NO_EXAMINATION": 2})})
    )

    assert panel.title == "14 of 20 naive patients responded at month 6"
    assert panel.lead == "70\u00a0%"
    assert panel.sentence == (
        "(95\u00a0% CI 46–88); against 20\u00a0%: p = 0.030, exact binomial. "
        "If the 2 not evaluable were all no, 64\u00a0%; all yes, 73\u00a0%."
    )


def test_without_anybody_evaluable_no_percentage_is_said():
    panel = response_panel(dashboard())

    assert panel.title == "No naive patient is evaluable at month 6 yet"
    assert (panel.lead, "%" in panel.sentence) == ("", False)
    assert panel.rows[0].counts == "0/0"


def test_provisional_results_are_said_to_be():
    naive = response_table(1, 2) | {"provisional": 1}

    sentence = response_panel(dashboard(short_term={"naive": naive})).sentence

    assert sentence.endswith("1 is provisional: month 6 is not over.")


def test_centres_are_compared_only_where_there_are_several():
    one, two = response_table(1, 2, {"PENDING": 1}), response_table(0, 1)

    alone = response_panel(dashboard(short_term={"naive_by_centre": {"A": one}}))
    both = response_panel(dashboard(short_term={"naive_by_centre": {"A": one, "B": two}}))

    assert alone.by_centre == ()
    assert [(r.name, r.definition, r.counts) for r in both.by_centre] == [
        ("A", "1 of 3", "1/2"),
        ("B", "0 of 1", "0/1"),
    ]


def test_remission_says_how_many_of_how_many():
    table = {
        "patients": 22,
        "events": 4,
        "median_days": None,
        "ci_low": None,
        "ci_high": None,
        "at_years": [
            {
                "years": 1,
                "at_risk": 14,
                "without_event": {"survival": 0.8, "ci_low": 0.5, "ci_high": 0.9},
                "incidence": {"incidence": 0.19, "ci_low": None, "ci_high": None},
            }
        ],
    }
    survival = event_curve_of(
        pd.DataFrame({"days": [1.0], "event": [True], "death_days": [float("nan")]})
    )
    given = dashboard(time_to_remission=table)
    given.remission = survival

    panel = remission_panel(given)

    assert panel.title == "4 of 22 naive patients reached remission"
    assert panel.median == "Median time to remission: not reached."
    assert (panel.rows[0].percent, panel.rows[0].competing) == ("20 (10–50)", "19")


def test_a_median_without_an_upper_limit_says_that_it_is_not_reached():
    table = {
        "patients": 1,
        "events": 1,
        "median_days": 365.25,
        "ci_low": 36.525,
        "ci_high": None,
        "at_years": [],
    }
    given = dashboard(time_to_remission=table)
    given.remission = event_curve_of(
        pd.DataFrame({"days": [1.0], "event": [True], "death_days": [float("nan")]})
    )

    assert remission_panel(given).median == (
        "Median time to remission 1.0 years (95\u00a0% CI 0.1 to not reached)."
    )


def blocks(decreased, unchanged, increased, **more):
    of = decreased + unchanged + increased
    ends = {"first": 1, "last": 3}
    naive = {
        "decreased": decreased,
        "unchanged": unchanged,
        "increased": increased,
        "evaluable": of,
        "decreased_or_unchanged": proportion(decreased + unchanged, of)._asdict(),
        "segments_with_block": ends,
        "nerves_with_block": ends,
        "not_evaluable": {},
    }
    given = dashboard(block_change={"naive": naive | more}, block_paths=(BlockPath(2, 1, of),))
    return block_panel(given)


def test_few_patients_are_drawn_one_by_one_many_as_bars_on_one_scale():
    few, many = blocks(7, 5, 2), blocks(20, 10, 0)

    assert [(len(row.units), row.percent) for row in few.rows] == [(7, 0), (5, 0), (2, 0)]
    assert [(len(row.units), row.percent) for row in many.rows] == [(0, 100), (0, 50), (0, 0)]
    assert few.title == "Blocks decreased or unchanged in 12 of 14"
    assert few.merged == "12/14, 86 (57–98) %"
    assert (few.first.segments, few.last.nerves) == ("1 segment", "in 3 nerves")


def test_nobody_compared_says_so():
    panel = block_panel(
        dashboard(
            block_change={
                "naive": {
                    **dict.fromkeys(("decreased", "unchanged", "increased", "evaluable"), 0),
                    "decreased_or_unchanged": NOBODY,
                    "segments_with_block": {"first": 0, "last": 0},
                    "nerves_with_block": {"first": 0, "last": 0},
                    "not_evaluable": {"NO_STUDY": 4},
                }
            },
            block_paths=(),
        )
    )

    assert panel.title == "Conduction blocks: nobody can be compared yet"
    assert (panel.slopes, panel.merged) == (None, "")
    assert panel.not_evaluable[0].query == "history=naive&blocks=NO_STUDY"


def dose(trend, incomplete, doses=()):
    spread = distribution(pd.Series([d.weekly_g_per_kg for d in doses], dtype="float64"))
    given = dashboard(
        patients=10,
        dose={
            "trend": trend,
            "incomplete": incomplete,
            "declining_responsiveness": proportion(1, 3)._asdict(),
        },
        long_term={"dependent": {"n": 4, "without_response": 0}},
    )
    given.doses, given.dose_per_kg = tuple(doses), spread
    return dose_panel(given)


def test_trends_and_reasons_for_none_share_all_patients_and_a_missing_weight_is_no_reason():
    panel = dose(
        {"stable": 2, "stopped": 1},
        {"NO_INFUSION": 3, "TOO_SHORT": 2, "NO_REFERENCE": 2, "NO_WEIGHT": 1},
    )

    assert [(row.name, row.count.n, row.of, row.dot) for row in panel.trends] == [
        ("Stable, ratio 0.80–1.25", 2, 10, "stable"),
        ("Escalated, ratio ≥ 1.25", 0, 10, "escalated"),
        ("Reduced, ratio ≤ 0.80", 0, 10, "reduced"),
        ("Stopped, not drawn", 1, 10, "stopped"),
        ("No infusion", 3, 10, ""),
        ("Follow-up too short", 2, 10, ""),
        ("No reference yet", 2, 10, "no-reference"),
    ]
    assert sum(row.count.n for row in panel.trends) == 10
    assert (panel.no_weight.n, panel.no_weight.query) == (1, "dose=NO_WEIGHT")
    assert (panel.declining.count.n, panel.declining.of) == (1, 3)


def test_a_dose_says_of_whom_it_is_the_median():
    drawn = dose({"stable": 1}, {}, [Dose("A", 0.2, "stable"), Dose("B", 0.3, "")])
    nobody = dose({}, {"NO_INFUSION": 10})

    assert drawn.title == "Dose now, median 0.25 g/kg/week"
    assert drawn.note == "2 of 4 on periodic immunoglobulin, IQR 0.23–0.28"
    assert [dot.code for dot in drawn.dots.dots] == ["stable", "no-reference"]
    assert nobody.title == "Dose now: nobody on treatment has a dose per kg yet"
    assert (nobody.dots, nobody.note) == (None, "")


def test_completeness_names_who_lacks_what():
    rows = completeness_rows(
        dashboard(
            completeness=(
                Completeness("short_term", 20, 22, (("NO_EXAMINATION", 2),)),
                Completeness("onls", 40, 40),
                Completeness("grip", 0, 40, patients_lacking=40),
                Completeness("anti_gm1", 38, 40, patients_lacking=2),
                Completeness("weight", 7, 9, patients_lacking=1),
                Completeness("contact", 1, 4, patients_lacking=3),
                Completeness("mmn_rods", 0, 0),
            )
        )
    )

    said = [
        (row.percent, row.words or f"{row.missing[0].n} {row.missing[0].words}") for row in rows
    ]
    assert said == [
        (90.9, "2 no visit near month 6"),
        (100, "complete"),
        (0, "40 never recorded"),
        (95, "2 not recorded"),
        (77.8, "1 patient has a visit without it"),
        (25, "3 lost to follow-up"),
        (0, "nobody to ask"),
    ]
    assert rows[4].missing[0].query == "missing=weight"


def predictor(**changes):
    return {
        "name": "sex",
        "effect": "odds_ratio",
        "n": 20,
        "missing": 0,
        "levels": {"female": {"responders": 2, "n": 4}, "male": {"responders": 12, "n": 16}},
        "estimate": 0.35,
        "ci_low": 0.02,
        "ci_high": 6.4,
        "p_value": 0.55,
        "q_value": 1.0,
        **changes,
    }


def test_a_predictor_shows_its_groups_effect_and_both_p_values():
    (row,) = predictor_panel(dashboard(predictors=[predictor()])).rows

    assert row.groups == "women 2/4, men 12/16"
    assert (row.effect, row.p, row.q) == ("OR 0.35 (0.02 to 6.4)", "0.55", "1.00")


def test_an_effect_without_bound_is_infinite_and_without_test_is_not_said():
    infinite = predictor(estimate=None, ci_high=None)
    untested = predictor(estimate=None, ci_low=None, ci_high=None, p_value=None, q_value=None)

    panel = predictor_panel(dashboard(predictors=[infinite, untested]))

    assert [row.effect for row in panel.rows] == ["OR ∞ (0.02 to ∞)", "–"]
    assert panel.note == "1 of 2 tested, smallest q 1.00"
    assert predictor_panel(dashboard(predictors=[untested])).note == (
        "too few evaluable patients to test any"
    )


def test_medians_say_of_how_many():
    groups_of = {"responder": {"median": 41, "n": 14}, "non_responder": {"median": None, "n": 0}}
    line = predictor(name="age_at_onset_years", effect="difference", groups=groups_of)
    del line["levels"]

    (row,) = predictor_panel(dashboard(predictors=[line])).rows

    assert row.groups == "median 41 (n 14) against – (n 0)"
