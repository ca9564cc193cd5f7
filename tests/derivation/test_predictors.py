"""Predictors of short-term response (rules, section 8). Numbers printed by R 4.2.2 beside calls."""

import json

import pandas as pd
import pytest

from outcomes.derivation.predictors import (
    LEVELS,
    NUMBERS,
    PREDICTORS,
    predictor_table,
    predictor_values,
)
from outcomes.derivation.rules import Rules
from tests.derivation.drawn import derived, patient

BETTER = """
    muscle                   | -5 | 183
    -------------------------+----+----
    right wrist_extension    | 3  | 4
    left wrist_extension     | 3  | 4
"""
SAME = """
    muscle                   | -5 | 183
    -------------------------+----+----
    right wrist_extension    | 3  | 3
    left wrist_extension     | 3  | 3
"""


def values_of(*patients, **options):
    return predictor_values(derived(*patients, **options))


def value(name, **drawn):
    """One predictor of one evaluable patient; None where missing."""
    drawn = {"infusions": "0 28 56", "grades": BETTER} | drawn
    found = values_of(patient(**drawn))[name].iloc[0]
    return None if pd.isna(found) else found


def answers(name, responders, others):
    """Values of one predictor, everything else missing."""
    patients = range(len(responders) + len(others))
    missing = {
        predictor: pd.Series(pd.NA, patients, dtype="boolean" if predictor in LEVELS else "Float64")
        for predictor in PREDICTORS
    }
    table = pd.DataFrame(missing, index=patients).astype(dict.fromkeys(NUMBERS, "float64"))
    dtype = "boolean" if name in LEVELS else "float64"
    return table.assign(
        **{name: pd.array([*responders, *others], dtype=dtype)},
        responder=[True] * len(responders) + [False] * len(others),
    )


def line(name, responders, others, **rules):
    table = predictor_table(answers(name, responders, others), Rules(**rules))
    return next(line for line in table if line["name"] == name)


# ── Who is compared ──


def test_only_evaluable_patients_of_the_primary_table_are_compared():
    found = values_of(
        patient("better", infusions="0 28", grades=BETTER),
        patient("same", infusions="0 28", grades=SAME),
        patient("not_evaluable", infusions="0 28"),
        patient("no_infusion", grades=BETTER),
        patient(
            "pretreated",
            infusions="0 28",
            grades=BETTER,
            recorded={"prior_immunoglobulin": "yes"},
        ),
        patient(
            "subcutaneous",
            infusions="given_on | route\n---\n0 | SC\n7 | SC",
            grades=BETTER,
        ),
    )

    assert found["responder"].to_dict() == {"better": True, "same": False}


def test_nobody_to_compare_leaves_every_line_with_no_patient():
    table = predictor_table(values_of(patient("no_infusion")))

    assert [line["name"] for line in table] == list(PREDICTORS)
    assert [(line["n"], line["missing"], line["p_value"], line["q_value"]) for line in table] == [
        (0, 0, None, None)
    ] * len(PREDICTORS)
    json.dumps(table, allow_nan=False)


# ── Values ──


@pytest.mark.parametrize(
    ("onset_on", "birth_year", "age"),
    [("y2003", "1950", 53), ("y2003-12", "1950", 53), ("y", "1950", None), ("y2003", "", None)],
)
def test_age_at_onset_is_a_difference_of_years(onset_on, birth_year, age):
    recorded = {"onset_on": onset_on, "birth_year": birth_year}

    assert value("age_at_onset_years", recorded=recorded) == age


@pytest.mark.parametrize(
    ("sex", "is_female"), [("female", True), ("male", False), ("other", None), ("unknown", None)]
)
def test_sex_has_two_levels_and_leaves_others_out(sex, is_female):
    assert value("sex", recorded={"sex": sex}) == is_female


def test_a_partial_onset_counts_as_its_middle_before_treatment():
    """Day 0 is 1 January 2020; a year counts as its 1 July, a month as its 15th."""
    assert value("onset_to_treatment_years", recorded={"onset_on": "y2018"}) == 549 / 365.25
    assert value("onset_to_treatment_years", recorded={"onset_on": "y2019-12"}) == 17 / 365.25


def test_affected_muscles_and_the_regions_they_lie_in_are_counted_at_baseline():
    grades = """
        muscle                        | -5 | 183
        ------------------------------+----+----
        right shoulder_abduction      | 3  | 4
        right elbow_flexion           | 4+ | 5
        left elbow_flexion            | 3  | 4
        right wrist_extension         | 5- | 5
        right thumb_abduction         | 0  | 0
        right hip_flexion             | 5  | 3
        left great_toe_extension      | 4  | 4
        left knee_flexion             | NT | 2
    """

    assert value("affected_muscles", grades=grades) == 6
    assert value("affected_limb_regions", grades=grades) == 4


def test_a_sum_score_needs_every_muscle_of_its_set():
    pairs = (
        "shoulder_abduction elbow_flexion wrist_extension hip_flexion knee_extension "
        "ankle_dorsiflexion first_dorsal_interosseous elbow_extension wrist_flexion "
        "finger_extension finger_flexion thumb_abduction ankle_plantarflexion great_toe_extension"
    )
    rows = [f"{side} {muscle} | 4- | 5" for muscle in pairs.split() for side in ("left", "right")]
    header = ["muscle | -5 | 183", "---"]

    assert value("mrc_140", grades="\n".join(header + rows)) == pytest.approx(28 * 11 / 3)
    assert value("mrc_140", grades="\n".join(header + rows[1:])) is None


@pytest.mark.parametrize(("answer", "level"), [("yes", True), ("no", False), ("unknown", None)])
def test_atrophy_is_as_recorded_at_baseline(answer, level):
    assert value("atrophy", recorded={"atrophy_at_baseline": answer}) == level


def studies(drawing):
    """Segments drawn as day, nerve, side and the area that is left of 20 mV·ms."""
    sites = {"median": "wrist | elbow", "ulnar": "elbow | axilla"}
    rows = [
        f"{day} | {nerve} | {side} | {sites[nerve]} | 8 | 20 | {area} | 10 | 10"
        for day, nerve, side, area in (row.split() for row in drawing.strip().splitlines())
    ]
    columns = (
        "studied_on | nerve | side | distal_site | proximal_site | distal_amplitude_mv"
        " | distal_area_mv_ms | proximal_area_mv_ms | distal_duration_ms | proximal_duration_ms"
    )
    return "\n".join([columns, "---", *rows])


EARLY_STUDIES = """
    -40 median right 9
    30  median right 9
    30  median left  13
    30  ulnar  left  19
    31  median right 9
"""


def test_definite_and_probable_blocks_of_the_last_early_study_are_counted():
    assert value("conduction_blocks", nerve_segments=studies(EARLY_STUDIES)) == 2


def test_blocks_are_counted_by_the_european_criteria_whatever_set_is_asked_for():
    drawn = patient(infusions="0 28", grades=BETTER, nerve_segments=studies(EARLY_STUDIES))

    assert values_of(drawn, rules=Rules(criteria="Utrecht"))["conduction_blocks"].tolist() == [2]


def test_a_patient_without_an_early_study_has_no_count_of_blocks():
    assert value("conduction_blocks") is None
    assert value("conduction_blocks", nerve_segments=studies("31 median right 9")) is None


def test_a_study_without_block_counts_none():
    assert value("conduction_blocks", nerve_segments=studies("0 median right 19")) == 0


@pytest.mark.parametrize(
    ("samples", "level"),
    [
        ({-9: "negative", 900: "positive"}, True),
        ({-9: "high"}, True),
        ({-9: "positive", 0: "negative"}, False),
        ({-9: "positive", 0: "borderline"}, None),
        ({-9: "positive", 0: ""}, True),  # not read: no answer
        ({}, None),
        ({-9: "positive", 5000: "negative"}, True),  # after the day asked about
    ],
)
def test_antibodies_are_those_of_the_latest_sample_that_was_read(samples, level):
    rows = [f"{day} | anti_gm1_igm | {read}" for day, read in samples.items()]
    laboratory = "\n".join(["taken_on | test | interpretation", "---", *rows])

    assert value("anti_gm1_igm", laboratory=laboratory) == level


@pytest.mark.parametrize(
    ("name", "test", "unit"),
    [("csf_protein_g_per_l", "csf_protein", "g/L"), ("ck_u_per_l", "ck", "U/L")],
)
def test_a_laboratory_value_is_the_latest_up_to_baseline_in_its_unit(name, test, unit):
    laboratory = f"""
        taken_on | test | value | unit
        ---------+------+-------+-----
        -90 | {test}    | 0.7   | {unit}
        -5  | {test}    | 0.8   | {unit}
        -5  | igg_pre   | 11    | {unit}
        -4  | {test}    | 0.9   | {unit}
    """
    elsewhere = laboratory.replace(f"0.8   | {unit}", "80 | other")
    unmeasured = laboratory.replace("0.8 ", "    ")

    assert value(name, laboratory=laboratory) == 0.8
    assert value(name, laboratory=elsewhere) == 0.7
    assert value(name, laboratory=unmeasured) == 0.7
    assert value(name) is None


@pytest.mark.parametrize(
    ("states", "level"),
    [
        ({-9: "absent", -5: "present"}, True),
        ({-9: "present", -5: "absent", -4: "present"}, False),
        ({-9: "present", -5: "not_examined"}, True),
        ({-4: "present"}, None),
        ({}, None),
    ],
)
def test_reflexes_are_the_latest_answer_up_to_baseline(states, level):
    rows = [f"{day} | reflexes_reduced_or_absent | {state}" for day, state in states.items()]
    others = ["-5 | cramps_or_fasciculations | present"]
    findings = "\n".join(["observed_on | finding | state", "---", *others, *rows])

    assert value("reflexes_lost", findings=findings) == level


def test_patients_do_not_borrow_each_others_values():
    laboratory = "taken_on | test | value | unit\n---\n-9 | ck | 180 | U/L"
    found = values_of(
        patient("a", infusions="0 28", grades=BETTER),
        patient("b", infusions="0 28", grades=SAME, laboratory=laboratory),
        patient("c", infusions="100 128", grades=BETTER.replace("-5", "95").replace("183", "283")),
    )

    assert found["ck_u_per_l"].fillna(-1).to_dict() == {"a": -1, "b": 180, "c": -1}
    assert found["affected_muscles"].to_dict() == {"a": 2, "b": 2, "c": 2}


def test_a_sample_after_the_day_asked_about_is_not_known_yet():
    laboratory = (
        "taken_on | test | interpretation\n---\n0 | anti_gm1_igm | negative\n"
        "300 | anti_gm1_igm | positive"
    )
    drawn = patient(infusions="0 28", grades=BETTER, laboratory=laboratory)

    before, after = (values_of(drawn, as_of=day)["anti_gm1_igm"].iloc[0] for day in (299, 300))

    assert (before, after) == (False, True)


# ── Lines ──

AGES = [31, 44, 52, 38, 61, 47, 29], [55, 63, 40, 58, 66]
MUSCLES = [4, 5, 5, 6, 8, 3, 7], [4, 4, 2, 3, 5]


def test_numbers_are_compared_exactly_as_responders_minus_non_responders():
    """wilcox.test(responders, others, exact = TRUE, conf.int = TRUE)"""
    compared = line("age_at_onset_years", *AGES)

    assert compared["p_value"] == pytest.approx(0.073232323232323232, abs=1e-9)
    assert [compared[key] for key in ("estimate", "ci_low", "ci_high")] == [-14, -28, 3]
    assert compared["groups"]["responder"]["median"] == 44
    assert {key: compared[key] for key in ("test", "method", "effect", "unit", "n")} == {
        "test": "mann_whitney",
        "method": "exact",
        "effect": "difference",
        "unit": "years",
        "n": 12,
    }


def test_tied_numbers_are_compared_by_the_normal_approximation():
    """wilcox.test(responders, others, exact = FALSE, conf.int = TRUE, tol.root = 1e-9)"""
    compared = line("affected_muscles", *MUSCLES)

    assert compared["method"] == "asymptotic"
    assert compared["p_value"] == pytest.approx(0.083153275458843226, abs=1e-9)
    assert [compared[key] for key in ("estimate", "ci_low", "ci_high")] == [2, 0, 4]


def test_an_odds_ratio_above_one_means_more_responders_among_yes_and_female():
    """fisher.test(matrix(c(5, 1, 2, 4), 2, byrow = TRUE)), its limits found with tol = 1e-15.

    As it stands, R searches the upper limit's reciprocal to 1e-4 and prints 585.2.
    """
    responders, others = [True] * 5 + [False] * 2, [True] + [False] * 4
    compared = line("sex", responders, others)

    assert compared["p_value"] == pytest.approx(0.24242424242424251, abs=1e-9)
    assert [compared[key] for key in ("estimate", "ci_low", "ci_high")] == pytest.approx(
        [7.95543953676437, 0.43090270531515923, 588.32015856288115], rel=1e-4
    )
    assert compared["levels"] == {
        "female": {"n": 6, "responders": 5, "proportion": 5 / 6},
        "male": {"n": 6, "responders": 2, "proportion": 2 / 6},
    }


def test_an_odds_ratio_without_bound_is_null_beside_its_p_value():
    """fisher.test(matrix(c(4, 0, 3, 5), 2, byrow = TRUE)): odds ratio Inf (0.5727 to Inf)"""
    compared = line("atrophy", [True] * 4 + [False] * 3, [False] * 5)

    assert compared["p_value"] == pytest.approx(0.080808080808080815, abs=1e-9)
    assert (compared["estimate"], compared["ci_high"]) == (None, None)
    assert compared["ci_low"] == pytest.approx(0.57269922006847096, rel=1e-3)


def test_missing_values_are_counted_and_left_out():
    compared = line("atrophy", [True, None, True, False, False], [None, False, False, False])

    assert (compared["n"], compared["missing"]) == (7, 2)


@pytest.mark.parametrize(
    ("name", "responders", "others"),
    [
        ("sex", [True] * 5 + [False] * 3, [True, False]),  # two non-responders
        ("sex", [True] * 2 + [False] * 3, [False] * 5),  # two of the first level
        ("sex", [True] * 4, [True] * 3 + [False] * 2),  # two of the second level
        ("ck_u_per_l", [150, 160], [170, 180, 190]),
        ("ck_u_per_l", [150, 160, 165], [170, None, 190]),
    ],
)
def test_a_level_or_group_of_fewer_than_3_is_only_described(name, responders, others):
    compared = line(name, responders, others)

    kept = ("p_value", "q_value", "estimate", "ci_low", "ci_high", "method")
    assert [compared[key] for key in kept] == [None] * len(kept)
    assert compared["n"] == len([answer for answer in [*responders, *others] if answer is not None])
    assert line(name, responders, others, group_needed=1)["p_value"] is not None


def test_levels_and_groups_of_3_are_compared():
    assert line("sex", [True] * 2 + [False], [True] + [False] * 2)["p_value"] == 1
    assert line("ck_u_per_l", [150, 160, 165], [170, 180, 190])["p_value"] == pytest.approx(0.1)


def test_equal_numbers_in_all_patients_are_a_line_with_p_of_1():
    compared = line("affected_limb_regions", [1] * 4, [1] * 3)

    assert [compared[key] for key in ("p_value", "estimate", "ci_low", "ci_high")] == [1, 0, 0, 0]


def test_q_values_are_adjusted_over_the_lines_that_have_a_p_value():
    """p.adjust(c(p of age, of sex, of muscles, of atrophy), "BH")"""
    values = answers("age_at_onset_years", *AGES).assign(
        sex=pd.array([True] * 5 + [False] * 2 + [True] + [False] * 4, dtype="boolean"),
        affected_muscles=[*MUSCLES[0], *MUSCLES[1]],
        atrophy=pd.array([True] * 4 + [False] * 8, dtype="boolean"),
        ck_u_per_l=[150.0] + [float("nan")] * 11,
    )

    adjusted = {line["name"]: line["q_value"] for line in predictor_table(values)}

    assert {name: q for name, q in adjusted.items() if q is not None} == pytest.approx(
        {
            "age_at_onset_years": 0.11087103394512429,
            "sex": 0.24242424242424251,
            "affected_muscles": 0.11087103394512429,
            "atrophy": 0.11087103394512429,
        },
        abs=1e-9,
    )
