"""A cohort over the years, counted from drawn courses."""

import pandas as pd
import pytest

from outcomes.derivation.cohort_courses import (
    group_transitions,
    status_by_year,
    strength_changes,
    sum_scores_by_time,
)
from outcomes.derivation.cohort_treatment import treatment_table
from outcomes.derivation.completeness import completeness_by_centre
from outcomes.derivation.examinations import MUSCLES
from outcomes.derivation.kept_courses import STATUS_ORDER
from patients.vocabulary import MUSCLE_SETS


def letter(status: str) -> str:
    return chr(ord("a") + STATUS_ORDER.index(status))


def statuses(*rows: list[str]) -> pd.Series:
    signs = {"died": "+", "": "."}
    return pd.Series(
        ["".join(signs.get(s) or letter(s) for s in row).rstrip(".") for row in rows], dtype="str"
    )


COURSES = statuses(
    ["dependent", "dependent", "remission"],
    ["dependent", "relapsed_untreated", "died"],
    ["treated_without_response", "", ""],
    ["", "", ""],
)


def test_each_year_counts_those_who_were_followed_to_it():
    first, second, third = status_by_year(COURSES)

    assert (first["followed"], first["not_followed"]) == (3, 1)
    assert first["groups"] == {"remission": 0, "dependent": 3, "other": 0, "not_classified": 0}
    assert first["statuses"] == {"treated_without_response": 1, "dependent": 2}
    assert second["groups"] == {"remission": 0, "dependent": 1, "other": 1, "not_classified": 0}
    assert (third["followed"], third["died"], third["not_followed"]) == (1, 1, 2)


def test_transitions_have_those_as_denominator_of_whom_a_year_later_is_told():
    lines = {line["group"]: line for line in group_transitions(COURSES)}

    assert list(lines) == ["remission", "dependent", "other"]
    assert lines["dependent"] == {
        "group": "dependent",
        "patient_years": 3,
        "to": {"remission": 1, "dependent": 1, "other": 1, "not_classified": 0, "died": 0},
        "not_followed": 1,
    }
    assert (lines["other"]["patient_years"], lines["other"]["to"]["died"]) == (1, 1)
    assert (lines["remission"]["patient_years"], lines["remission"]["not_followed"]) == (0, 1)


def grades(*times: dict[str, int]) -> str:
    """Thirds by muscle and side at baseline, month 6 and the years."""
    return "".join(
        "".join(chr(ord("a") + at[key]) if (key := f"{s} {m}") in at else "." for m, s in MUSCLES)
        for at in times
    ).rstrip(".")


WRIST, THUMB = "right wrist_extension", "left thumb_abduction"


def test_a_muscle_is_averaged_over_those_in_whom_it_was_weak_and_graded_again():
    course = pd.Series(
        [
            grades({WRIST: 9, THUMB: 15}, {WRIST: 12, THUMB: 12}),
            grades({WRIST: 6}, {WRIST: 5}),
            grades({WRIST: 15}, {WRIST: 15}),
            grades({WRIST: 9}, {}),  # never again
            "",
        ],
        dtype="str",
    )
    lines = {(f"{x['side']} {x['muscle']}", x["time"]): x for x in strength_changes(course)}
    wrist, thumb = lines[WRIST, "month_6"], lines[THUMB, "month_6"]

    assert (wrist["graded"], wrist["affected"], wrist["gained"], wrist["lost"]) == (3, 2, 1, 0)
    assert wrist["mean_change"] == pytest.approx((1 - 1 / 3) / 2)
    assert (thumb["affected"], thumb["mean_change"], thumb["lost"]) == (0, None, 1)
    assert {muscle for muscle, _ in lines} == {WRIST, THUMB}


def test_a_sum_exists_where_the_whole_set_was_graded():
    whole = {f"{s} {m}": 15 for m, s in MUSCLES if m in MUSCLE_SETS["MRC-60"].muscles}
    weaker = whole | {WRIST: 9}
    partial = dict.fromkeys(list(whole)[1:], 15)
    course = pd.Series([grades(weaker, whole), grades(partial, whole)], dtype="str")
    baseline, month_6 = sum_scores_by_time(course)["MRC-60"][:2]

    assert (baseline["score"]["n"], baseline["score"]["median"]) == (1, 58)
    assert (month_6["score"]["n"], month_6["change"]["n"], month_6["change"]["median"]) == (2, 1, 2)
    assert sum_scores_by_time(course)["MRC-140"][0]["score"]["n"] == 0


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text).as_unit("s")


def treated(**columns) -> dict:
    usual = {
        "on_treatment": True,
        "index_on": day("2020-01-01"),
        "first_route": "IV",
        "last_route": "IV",
        "switched_to_sc_on": pd.NaT,
        "last_infusion_on": day("2024-01-01"),
        "dose_ratio": 1.0,
        "dose_trend": "stable",
        "weekly_dose_g_per_kg": 0.25,
        "declining_responsiveness": False,
        "median_interval_days": 28.0,
        "reference_median_interval_days": 28.0,
        "median_course_g": 70.0,
        "reference_median_course_g": 70.0,
        "weekly_dose_g": 17.5,
        "reference_weekly_dose_g": 17.5,
    }
    return usual | columns


def cohort(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), index=[f"P-{n}" for n in range(len(rows))])
    days = dict.fromkeys(("index_on", "switched_to_sc_on", "last_infusion_on"), "datetime64[s]")
    return frame.astype(days | {"declining_responsiveness": "boolean"})


def test_doses_then_and_now_are_of_the_same_patients_on_treatment():
    table = treatment_table(
        cohort(
            treated(median_interval_days=21.0, dose_trend="escalated", dose_ratio=1.33),
            treated(reference_median_interval_days=None, dose_trend=""),
            treated(on_treatment=False, median_interval_days=60.0, dose_trend="stopped"),
        )
    )
    pair = table["then_and_now"]["interval_days"]

    assert (table["patients"], table["on_treatment"]) == (3, 2)
    assert [pair[when]["n"] for when in ("then", "now", "change")] == [1, 1, 1]
    assert pair["change"]["median"] == -7
    assert (table["escalated"]["n"], table["escalated"]["of"]) == (1, 1)
    assert (table["declining"]["n"], table["declining"]["of"]) == (0, 3)


def test_switches_are_of_those_who_began_by_vein():
    table = treatment_table(
        cohort(
            treated(switched_to_sc_on=day("2022-01-01"), last_route="SC"),
            treated(switched_to_sc_on=day("2022-07-01")),
            treated(),
            treated(first_route="SC", last_route="SC"),
        )
    )["switch"]

    assert (table["switched"]["n"], table["switched"]["of"]) == (2, 3)
    assert table["by_year"] == {2022: 2}
    assert (table["still"]["n"], table["back"]["n"], table["back"]["of"]) == (1, 1, 2)
    assert 2 < table["years"]["median"] < 2.5


def test_each_centre_answers_the_questions_of_the_whole():
    usual = {
        "centre": "A",
        "in_primary_table": True,
        "treatment_history": "naive",
        "short_term_response": "responder",
        "long_term_group": "dependent",
        "block_change": "decreased",
        "dose_reason": "NO_WEIGHT",  # a trend, but no dose per kg
        "lost_to_follow_up": False,
        "visits": 4,
        "weighed_visits": 3,
        **{f"has_{kind}": True for kind in ("onls", "anti_gm1", "grip", "mmn_rods")},
    }
    lacking = {
        "centre": "B",
        "short_term_response": "not_evaluable",
        "treatment_history": "pretreated",
        "in_primary_table": False,
        "long_term_group": "not_classified",
        "block_change": "not_evaluable",
        "dose_reason": "NO_INFUSION",
        "lost_to_follow_up": None,
        "weighed_visits": 0,
        "has_grip": False,
    }
    rows = pd.DataFrame([usual, usual | lacking, usual | {"centre": "B"}])
    a, b = completeness_by_centre(rows.astype({"lost_to_follow_up": "boolean"}))

    assert (a["centre"], a["patients"], b["centre"], b["patients"]) == ("A", 1, "B", 2)
    assert set(a["fields"].values()) == {(1, 1), (3, 4)}
    assert b["fields"] == {
        "short_term": (1, 1),
        "long_term": (1, 2),
        "blocks": (1, 1),
        "dose": (1, 2),
        "weight": (3, 8),
        "onls": (2, 2),
        "anti_gm1": (2, 2),
        "grip": (1, 2),
        "mmn_rods": (2, 2),
        "contact": (1, 1),
    }
