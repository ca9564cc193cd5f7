"""The tables of a cohort: denominators, intervals, what is not evaluable (rules, 3 to 6)."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.cohort import (
    cohort_summary,
    patients_without_carried_forward,
    summarise,
)
from outcomes.derivation.cohort_text import cohort_text
from outcomes.derivation.curves import curves_by, event_curve, times_to_relapse, times_to_remission
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import empty_records, read_bundle
from outcomes.derivation.outcome_objects import outcome_objects
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.tables import outcome_table
from tests.derivation.drawn import cohort, derived, patient

BUNDLE = Path(__file__).parents[2] / "mmn_registry" / "demo_data" / "leger_2008_synthetic"
AS_OF = date(2008, 12, 31)
NOBODY = derive(empty_records(), AS_OF)


class Derived(NamedTuple):
    """Outcomes without what they rest on."""

    patients: pd.DataFrame
    rules: Rules = RULES
    as_of: date = AS_OF


# What a derived patient looks like of whom nothing is known.
BLANK = {
    "treatment_history": "naive",
    "in_primary_table": True,
    "centre": "A01",
    "diagnosis_category": "not_evaluable",
    "short_term_response": "not_evaluable",
    "short_term_reason": "NO_INFUSION",
    "strict_response": None,
    "provisional": None,
    "co_treated": False,
    "grip_response": "not_evaluable",
    "mrc_sum_response": "not_evaluable",
    "long_term_status": "unclassifiable",
    "long_term_group": "not_classified",
    "dependency_proven": None,
    "relapsed_after_remission": None,
    "lost_to_follow_up": None,
    "block_change": "not_evaluable",
    "block_change_reason": "NO_STUDY",
    "blocks_first": None,
    "blocks_last": None,
    "nerves_blocked_first": None,
    "nerves_blocked_last": None,
    "follow_up_days": None,
    "weekly_dose_g": np.nan,
    "weekly_dose_g_per_kg": np.nan,
    "dose_trend": "",
    "dose_reason": "NO_INFUSION",
    "declining_responsiveness": None,
    "remission_days": np.nan,
    "remission_event": False,
    "relapse_days": np.nan,
    "relapse_event": False,
    "death_days": np.nan,
}
RESPONDER = {"short_term_response": "responder", "short_term_reason": "IMPROVED"}
NON_RESPONDER = {"short_term_response": "non_responder", "short_term_reason": "NOT_IMPROVED"}


@pytest.fixture(scope="module")
def published():
    """The summary of the synthetic cohort built to equal the tables of 2008."""
    records = read_bundle(BUNDLE)
    return cohort_summary(records, derive(records, AS_OF))


def not_evaluable(reason):
    return {"short_term_response": "not_evaluable", "short_term_reason": reason}


def patients(*groups):
    """Derived patients: each group is how many of them, and what is known of each."""
    rows = [BLANK | known for n, known in groups for _ in range(n)]
    table = pd.DataFrame(rows, columns=list(BLANK))
    typed = NOBODY.patients.dtypes
    table = table.astype({column: typed[column] for column in BLANK})
    return table.set_axis(pd.Index([f"P{n:03}" for n in range(len(rows))], name="study_id"))


def summary_of(*groups, **options):
    return summarise(Derived(patients(*groups)), **options)


def naive_table(*groups):
    return summary_of(*groups)["short_term"]["naive"]


def test_diagnostic_categories_are_counted_surest_first():
    summary = summary_of(
        (1, {"diagnosis_category": "not_met"}), (3, {}), (2, {"diagnosis_category": "definite"})
    )

    assert list(summary["diagnosis"].items()) == [
        ("definite", 2),
        ("not_met", 1),
        ("not_evaluable", 3),
    ]


# ── Short-term response ──


def test_the_published_response_stands_in_the_primary_table():
    table = naive_table((14, RESPONDER), (6, NON_RESPONDER), (2, not_evaluable("NO_EXAMINATION")))

    assert [round(table[key], 4) for key in ("proportion", "ci_low", "ci_high")] == [
        0.7,
        0.4572,
        0.8811,
    ]
    assert f"{table['p_value']:.3e}" == "1.845e-06"
    assert {key: table[key] for key in ("patients", "evaluable", "responders", "reference")} == {
        "patients": 22,
        "evaluable": 20,
        "responders": 14,
        "reference": 0.2,
    }
    assert table["not_evaluable"] == {"NO_EXAMINATION": 2}


def test_worst_and_best_case_count_the_not_evaluable_as_no_and_as_yes():
    table = naive_table((14, RESPONDER), (6, NON_RESPONDER), (2, not_evaluable("PENDING")))

    assert (table["worst_case"]["n"], table["worst_case"]["of"]) == (14, 22)
    assert (table["best_case"]["n"], table["best_case"]["of"]) == (16, 22)


def test_reasons_stand_in_the_order_of_the_rule_without_those_that_nobody_has():
    table = naive_table(
        (1, not_evaluable("MISSING_GRADES")),
        (3, not_evaluable("NO_EXAMINATION")),
        (2, not_evaluable("NO_INFUSION")),
    )

    assert list(table["not_evaluable"].items()) == [
        ("NO_INFUSION", 2),
        ("NO_EXAMINATION", 3),
        ("MISSING_GRADES", 1),
    ]


def test_a_table_of_nobody_has_counts_and_no_numbers():
    table = naive_table((2, not_evaluable("NO_BASELINE")))

    assert [table[key] for key in ("proportion", "ci_low", "ci_high", "p_value")] == [None] * 4
    assert (table["evaluable"], table["responders"], table["reference"]) == (0, 0, 0.2)
    assert table["worst_case"]["proportion"] == 0


def test_nobody_and_everybody_responding_keep_an_exact_interval():
    nobody, everybody = naive_table((5, NON_RESPONDER)), naive_table((5, RESPONDER))

    assert (nobody["ci_low"], nobody["ci_high"]) == (0, pytest.approx(0.5218237501, abs=1e-9))
    assert (everybody["ci_low"], everybody["ci_high"]) == (pytest.approx(0.4781762499), 1)


def test_histories_and_first_routes_have_tables_of_their_own():
    pretreated = {"treatment_history": "pretreated", "in_primary_table": False}
    unknown = {"treatment_history": "unknown", "in_primary_table": False}
    summary = summary_of(
        (2, RESPONDER),
        (1, RESPONDER | {"in_primary_table": False}),
        (4, NON_RESPONDER | pretreated),
        (3, RESPONDER | unknown),
    )

    tables = summary["short_term"]
    counts = {
        name: (tables[name]["responders"], tables[name]["evaluable"])
        for name in ("naive", "naive_first_subcutaneous", "pretreated", "unknown_history")
    }
    assert counts == {
        "naive": (2, 2),
        "naive_first_subcutaneous": (1, 1),
        "pretreated": (0, 4),
        "unknown_history": (3, 3),
    }
    histories = [summary[key] for key in ("patients", "naive", "pretreated", "unknown_history")]
    assert histories == [10, 3, 4, 3]


def test_patients_with_another_immunotherapy_can_be_left_out():
    tables = summary_of((3, RESPONDER), (2, RESPONDER | {"co_treated": True}))["short_term"]

    assert tables["naive"]["evaluable"] == 5
    assert tables["naive_without_other_immunotherapy"]["evaluable"] == 3


def test_non_responders_by_a_stop_and_results_that_may_change_are_counted():
    stopped = NON_RESPONDER | {"short_term_reason": "STOPPED_FOR_INEFFICACY"}
    table = naive_table((2, stopped), (1, NON_RESPONDER), (3, RESPONDER | {"provisional": True}))

    assert (table["stopped_for_inefficacy"], table["provisional"]) == (2, 3)


def test_other_definitions_stand_beside_with_their_own_denominators():
    variants = summary_of(
        (3, RESPONDER | {"strict_response": True, "grip_response": "responder"}),
        (1, RESPONDER | {"strict_response": False, "mrc_sum_response": "non_responder"}),
        (4, NON_RESPONDER | {"strict_response": False, "grip_response": "non_responder"}),
        (2, {}),
    )["short_term"]["naive_variants"]

    assert {name: (table["n"], table["of"]) for name, table in variants.items()} == {
        "strict": (3, 8),
        "grip": (3, 7),
        "mrc_sum": (0, 1),
    }


def test_centres_stand_side_by_side_with_intervals():
    tables = summary_of(
        (2, RESPONDER | {"centre": "B02"}),
        (1, NON_RESPONDER | {"centre": "B02"}),
        (1, {"centre": "A01"}),
    )["short_term"]["naive_by_centre"]

    assert list(tables) == ["A01", "B02"]
    assert (tables["B02"]["responders"], tables["B02"]["evaluable"]) == (2, 3)
    assert tables["B02"]["ci_low"] == pytest.approx(0.0942993240)
    assert tables["A01"]["not_evaluable"] == {"NO_INFUSION": 1}


GRADES = """
    muscle                | -5 | 183
    ----------------------+----+----
    right wrist_extension | 3  | 4
    left wrist_extension  | 3  | 4
"""


def test_grades_carried_forward_can_be_left_out_without_touching_other_patients():
    copied = patient("copied", infusions="0 28", grades=GRADES)
    at_month_6 = copied["muscle_scores"]["visited_on"] > "2020-01-01"
    origin = at_month_6.map({True: "carried_forward", False: "graded"})
    copied["muscle_scores"] = copied["muscle_scores"].assign(origin=origin)
    drawn = (copied, patient("graded", infusions="0 28", grades=GRADES))
    records, outcomes = cohort(*drawn), derived(*drawn)

    again = patients_without_carried_forward(records, outcomes)
    tables = cohort_summary(records, outcomes)["short_term"]

    assert again["short_term_reason"].to_dict() == {
        "copied": "NO_EXAMINATION",
        "graded": "IMPROVED",
    }
    pd.testing.assert_series_equal(again.loc["graded"], outcomes.patients.loc["graded"])
    assert tables["naive"]["evaluable"] == 2
    assert tables["naive_without_carried_forward"]["not_evaluable"] == {"NO_EXAMINATION": 1}


def test_another_reference_and_its_rules_are_named():
    rules = Rules(version="1 with 30 %", reference_proportion=0.30)
    outcomes = Derived(patients((3, RESPONDER), (1, NON_RESPONDER)), rules)

    summary = summarise(outcomes)

    assert summary["short_term"]["naive"]["reference"] == 0.30
    assert summary["rules"] == {
        "name": RULES.rule_set,
        "version": "1 with 30 %",
        "criteria": "EFNS/PNS 2010",
    }


# ── Long-term status ──


def long_term(status, group, **known):
    return {"long_term_status": status, "long_term_group": group, **known}


PUBLISHED_GROUPS = (
    (8, long_term("remission", "remission")),
    (23, long_term("dependent", "dependent", dependency_proven=False)),
    (2, long_term("treated_without_response", "dependent", dependency_proven=True)),
    (4, long_term("non_responder", "other")),
    (3, long_term("unclassifiable", "not_classified")),
)


def test_the_published_groups_stand_with_the_denominator_they_were_printed_without():
    table = summary_of(*PUBLISHED_GROUPS)["long_term"]

    assert table["classified"] == 37
    assert [round(table[group]["proportion"], 2) for group in ("remission", "dependent")] == [
        0.22,
        0.68,
    ]
    assert [table[group]["n"] for group in ("remission", "dependent", "other")] == [8, 25, 4]
    assert table["dependent"]["without_response"] == 2
    assert table["not_classified"] == {"unclassifiable": 3}


def test_the_interval_of_a_group_is_exact_over_all_classified():
    """binom.test(8, 37)$conf.int"""
    remission = summary_of(*PUBLISHED_GROUPS)["long_term"]["remission"]

    assert remission == {
        "n": 8,
        "proportion": 8 / 37,
        "ci_low": pytest.approx(0.098265635835449269, abs=1e-9),
        "ci_high": pytest.approx(0.38213649177154951, abs=1e-9),
    }


def test_the_finest_statuses_add_up_to_all_patients():
    statuses = summary_of(*PUBLISHED_GROUPS)["long_term"]["statuses"]

    assert {name: (table["n"], table["group"]) for name, table in statuses.items()} == {
        "unclassifiable": (3, "not_classified"),
        "treated_without_response": (2, "dependent"),
        "dependent": (23, "dependent"),
        "non_responder": (4, "other"),
        "remission": (8, "remission"),
    }


def test_flags_count_only_those_who_can_have_them():
    table = summary_of(
        *PUBLISHED_GROUPS,
        (2, {"relapsed_after_remission": True, "lost_to_follow_up": False}),
        (3, {"relapsed_after_remission": False, "lost_to_follow_up": True}),
    )["long_term"]

    flags = ("dependency_proven", "relapsed_after_remission", "lost_to_follow_up")
    assert [(table[flag]["n"], table[flag]["of"]) for flag in flags] == [(2, 25), (2, 5), (3, 5)]


def test_nobody_classified_leaves_groups_without_proportions():
    table = summary_of((2, {}))["long_term"]

    assert table["classified"] == 0
    assert table["remission"] == {"n": 0, "proportion": None, "ci_low": None, "ci_high": None}
    assert table["not_classified"] == {"unclassifiable": 2}


# ── Blocks, follow-up, dose ──


def blocks(change, first, last, **known):
    counts = {"blocks_first": first, "blocks_last": last, "nerves_blocked_first": first}
    change = {"block_change": change, "block_change_reason": "", "nerves_blocked_last": 1}
    return counts | change | known


def test_the_published_blocks_stand_apart_and_merged():
    table = summary_of(
        (7, blocks("decreased", 3, 1)),
        (5, blocks("unchanged", 2, 2)),
        (2, blocks("increased", 1, 2)),
        (4, {"block_change_reason": "NO_STUDY"}),
        (4, {"block_change_reason": "FEWER_THAN_2_STUDIES"}),
        (9, blocks("decreased", 3, 1, treatment_history="pretreated")),
    )["block_change"]

    naive = table["naive"]
    assert [naive[kind] for kind in ("decreased", "unchanged", "increased")] == [7, 5, 2]
    assert naive["not_evaluable"] == {"NO_STUDY": 4, "FEWER_THAN_2_STUDIES": 4}
    merged = naive["decreased_or_unchanged"]
    assert (merged["n"], merged["of"], merged["proportion"]) == (12, 14, 12 / 14)
    assert (naive["evaluable"], naive["patients"]) == (14, 22)
    assert naive["segments_with_block"] == {"first": 33, "last": 21}
    assert naive["nerves_with_block"] == {"first": 33, "last": 14}
    assert table["all"]["decreased"] == 16


def test_follow_up_is_described_in_years_over_those_with_an_infusion():
    """x <- c(200, 400, 700, 1500) / 365.25; mean(x); sd(x); quantile(x, c(0.25, 0.5, 0.75))"""
    days = [{"follow_up_days": days} for days in (1500, 200, 700, 400)]

    spread = summary_of(*((1, known) for known in days), (3, {}))["follow_up_years"]

    assert spread == pytest.approx(
        {
            "n": 4,
            "mean": 1.9164955509924708,
            "sd": 1.5648120647485508,
            "median": 1.5058179329226558,
            "q1": 0.95824777549623541,
            "q3": 2.4640657084188913,
        },
        abs=1e-12,
    )


def test_one_follow_up_has_no_standard_deviation_and_none_has_nothing():
    one = summary_of((1, {"follow_up_days": 1461}))["follow_up_years"]
    none = summary_of((1, {}))["follow_up_years"]

    assert one == {"n": 1, "mean": 4, "sd": None, "median": 4, "q1": 4, "q3": 4}
    assert none == {"n": 0, "mean": None, "sd": None, "median": None, "q1": None, "q3": None}


def test_doses_and_their_trend_are_counted():
    dose = summary_of(
        (2, {"weekly_dose_g": 35, "weekly_dose_g_per_kg": 0.5, "dose_trend": "stable"}),
        (1, {"weekly_dose_g": 0, "dose_trend": "stopped", "dose_reason": "NO_WEIGHT"}),
        (1, {"weekly_dose_g": 70, "dose_trend": "escalated", "declining_responsiveness": True}),
        (3, {}),
    )["dose"]

    assert (dose["weekly_dose_g"]["n"], dose["weekly_dose_g"]["median"]) == (4, 35)
    assert dose["weekly_dose_g_per_kg"]["n"] == 2
    assert dose["trend"] == {"stopped": 1, "escalated": 1, "stable": 2}
    assert dose["incomplete"] == {"NO_INFUSION": 6, "NO_WEIGHT": 1}
    assert (dose["declining_responsiveness"]["n"], dose["declining_responsiveness"]["of"]) == (1, 1)


# ── Curves ──


def remission(days, event, **known):
    return 1, {"remission_days": days, "remission_event": event, **known}


def test_time_to_remission_is_that_of_naive_patients_with_an_infusion():
    table = patients(
        remission(400, True),
        remission(500, False),
        remission(300, True, treatment_history="pretreated"),
        (1, {}),
    )

    times = times_to_remission(table)

    assert times["days"].tolist() == [400, 500]
    assert times["event"].tolist() == [True, False]
    assert len(times_to_remission(table, ("naive", "pretreated"))) == 3


def test_death_leaves_the_curve_at_last_contact_and_the_incidence_at_death():
    curve = event_curve(
        times_to_remission(
            patients(
                remission(400, True, death_days=900),
                remission(300, False, death_days=350),
                remission(500, False),
            )
        )
    )

    assert (curve.patients, curve.events, curve.deaths) == (3, 1, 1)
    assert curve.survival["time"].tolist() == [300, 400, 500]
    assert curve.survival["survival"].tolist() == [1, 0.5, 0.5]
    assert curve.incidence["time"].tolist() == [350, 400, 500]
    assert curve.incidence["incidence"].tolist() == pytest.approx([0, 1 / 3, 1 / 3])


def test_time_to_relapse_begins_at_the_last_infusion_before_the_remission():
    """The remission of day 400 began with the infusion of day 217, so death came on day 283."""
    table = patients(
        remission(400, True, relapse_days=250, relapse_event=False, death_days=500),
        remission(600, True, relapse_days=700, relapse_event=True),
        remission(900, False),
    )

    times = times_to_relapse(table)

    assert times["days"].tolist() == [250, 700]
    assert times["death_days"].fillna(-1).tolist() == [283, -1]
    assert event_curve(times).incidence["competing"].tolist() == [1, 0]


def test_strata_have_a_curve_each_and_are_compared():
    table = patients(
        *(remission(days, True, centre="A01") for days in (200, 300, 400)),
        *(remission(days, False, centre="B02") for days in (800, 900)),
        remission(700, True, centre=""),
    )

    curves, test = curves_by(times_to_remission(table), table["centre"])

    assert {name: (curve.patients, curve.events) for name, curve in curves.items()} == {
        "A01": (3, 3),
        "B02": (2, 0),
    }
    assert test.strata["observed"].to_dict() == {"A01": 3, "B02": 0}
    assert 0 < test.p_value < 0.1


def test_a_curve_is_read_at_whole_years_while_somebody_is_at_risk():
    read = summary_of(remission(200, True), remission(800, False))["time_to_remission"]

    assert [(row["years"], row["at_risk"]) for row in read["at_years"]] == [(1, 1), (2, 1)]
    assert read["at_years"][0]["without_event"]["survival"] == 0.5
    assert read["at_years"][0]["incidence"]["incidence"] == 0.5
    assert (read["patients"], read["events"], read["median_days"]) == (2, 1, 200)


# ── Whole summaries ──


def test_an_empty_cohort_is_summarised_and_printed():
    summary = cohort_summary(empty_records(), NOBODY)

    assert (summary["patients"], summary["as_of"]) == (0, "2008-12-31")
    assert summary["long_term"]["not_classified"] == {}
    assert "0 patients" in cohort_text(json.loads(json.dumps(summary, allow_nan=False)))


def test_a_summary_is_json_of_plain_python_values(published):
    assert json.loads(json.dumps(published, allow_nan=False)) == published


def test_the_cohort_of_2008_has_the_published_tables(published):
    naive, groups = published["short_term"]["naive"], published["long_term"]
    blocks_of_naive = published["block_change"]["naive"]
    follow_up = published["follow_up_years"]
    assert (published["patients"], published["naive"]) == (40, 22)
    assert (naive["responders"], naive["evaluable"], naive["proportion"]) == (14, 20, 0.7)
    assert naive["not_evaluable"] == {"NO_EXAMINATION": 2}
    assert [groups[name]["n"] for name in ("remission", "dependent", "other")] == [8, 25, 4]
    assert (groups["classified"], groups["dependent"]["without_response"]) == (37, 2)
    assert groups["not_classified"] == {"unclassifiable": 3}
    assert [blocks_of_naive[kind] for kind in ("decreased", "unchanged", "increased")] == [7, 5, 2]
    assert (round(follow_up["mean"], 1), round(follow_up["sd"], 1)) == (2.2, 2.0)


def test_no_predictor_of_the_cohort_of_2008_shows_a_difference(published):
    """wilcox.test(…, exact = FALSE)$p.value, fisher.test(…)$p.value; p.adjust(p, "BH")

    All patients have one affected region: R divides 0 by 0 there, and p was taken as 1.
    """
    lines = published["predictors"]

    tested = {line["name"]: (line["p_value"], line["q_value"]) for line in lines if line["n"]}
    printed = {
        "age_at_onset_years": (0.321935491971927, 1),
        "sex": (0.549226006191951, 1),
        "onset_to_treatment_years": (0.710419046974169, 1),
        "affected_muscles": (1, 1),
        "affected_limb_regions": (1, 1),
        "mrc_140": (0.378841912727193, 1),
        "atrophy": (1, 1),
        "conduction_blocks": (0.0969613376569969, 0.872652038912972),
        "anti_gm1_igm": (0.628482972136223, 1),
    }
    assert tested == {name: pytest.approx(values, abs=1e-9) for name, values in printed.items()}


def test_the_cohort_of_2008_is_printed_with_every_denominator(published):
    text = cohort_text(published)

    rows = {" ".join(line.split()) for line in text.splitlines()}
    assert {
        "Cohort as of 2008-12-31",
        "40 patients: 22 naive, 18 pretreated, 0 with unknown history",
        "naive, first treated by IV 14 20 70.0 45.7–88.1 2",
        "Test against 20 %: p = 1.845e-06 (exact binomial, two-sided)",
        "Remission 8 37 21.6 9.8–38.2",
        "On periodic immunoglobulin 25 37 67.6 50.2–82.0",
        "… of them without a response 2 25",
        "Decreased 7 14",
        "Follow-up [years] 40 2.2 2.0 1.3 0.8 to 3.3",
        "sex 20 0 female 2/4, male 12/16 odds ratio 0.35 0.02 to 6.40 0.5492 1",
    } <= rows


def test_a_predictor_without_bound_or_test_is_printed_as_such():
    unbounded = {
        "name": "atrophy",
        "n": 12,
        "missing": 1,
        "p_value": 0.081,
        "q_value": 0.081,
        "effect": "odds_ratio",
        "unit": None,
        "estimate": None,
        "ci_low": 0.57,
        "ci_high": None,
        "levels": {"yes": {"n": 4, "responders": 4}, "no": {"n": 8, "responders": 3}},
    }
    untested = unbounded | {"name": "sex", "p_value": None, "q_value": None}

    text = cohort_text(summary_of((2, {}), predictors=[unbounded, untested]))

    rows = {" ".join(line.split()) for line in text.splitlines()}
    assert "atrophy 12 1 yes 4/4, no 3/8 odds ratio ∞ 0.57 to ∞ 0.081 0.081" in rows
    assert "sex 12 1 yes 4/4, no 3/8 too few for a test" in rows


# ── Outcomes as typed values ──


def test_outcomes_as_objects_say_what_the_csv_says_with_types():
    outcomes = derived(
        patient("no_infusion"),
        patient(
            "treated",
            infusions="0 28 56 84 112 140 168 196 224 252 280 308",
            grades=GRADES,
            visits="visited_on | weight_kg\n---\n310 | 70",
        ),
        as_of=400,
    )
    table = outcome_table(outcomes).set_index("study_id")

    nobody, treated = outcome_objects(outcomes.patients)

    assert list(treated) == ["study_id", *table.columns]
    assert (nobody["study_id"], nobody["index_on"], nobody["provisional"]) == (
        "no_infusion",
        None,
        None,
    )
    assert nobody["courses"] == 0
    assert {key: treated[key] for key in ("index_on", "improved", "strict_response")} == {
        "index_on": "2020-01-01",
        "improved": 2,
        "strict_response": True,
    }
    assert f"{treated['weekly_dose_g']:.4f}" == table.loc["treated", "weekly_dose_g"]
    assert treated["block_change_reason"] == "NO_STUDY"
    assert treated["dose_trend"] is None
    assert table.loc["treated", "dose_trend"] == ""
