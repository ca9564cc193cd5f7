"""Diagnostic category in three-valued logic (rules, section 9)."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.diagnosis import QUESTIONS, diagnosis
from outcomes.derivation.frames import complete
from tests.derivation.drawn import on

# A patient with everything answered, core criteria met, nothing excluding and nothing supportive.
TYPICAL = {
    "weakness_over_1_month": "present",
    "weakness_in_2_nerves": "present",
    "sensory_loss_beyond_vibration": "absent",
    "upper_motor_neuron_signs": "absent",
    "marked_bulbar_involvement": "absent",
    "diffuse_symmetric_onset": "absent",
    "sensory_conduction_normal": "present",
    "improved_after_immunoglobulin": "absent",
    "anti_gm1_igm": "negative",
    "csf_protein": "negative",
    "plexus_mri_t2": "absent",
}
LABORATORY = ("anti_gm1_igm", "csf_protein")
NO_BLOCK = "median left none"
DEFINITE = "median left definite"
PROBABLE = "median left probable"
PROBABLE_IN_2 = "median left probable, ulnar left probable"


def findings(rows):
    columns = ["study_id", "observed_on", "finding", "state"]
    return complete("findings", pd.DataFrame(rows, columns=columns, dtype="str"))


def laboratory(rows):
    columns = ["study_id", "taken_on", "test", "value", "unit", "interpretation", "cutoff"]
    return complete("laboratory", pd.DataFrame(rows, columns=columns, dtype="str"))


def segments(graded):
    """Segments of "nerve side grade" texts, one patient's studies each."""
    rows = [
        (study_id, *segment.split())
        for study_id, text in graded.items()
        for segment in text.split(", ")
        if text
    ]
    return pd.DataFrame(rows, columns=["study_id", "nerve", "side", "grade"], dtype="str")


def diagnosed(block=NO_BLOCK, samples=None, also=(), **answers):
    """Category, reason and missing answers of one patient; an answer of "" was never given."""
    given = {**TYPICAL, **answers}
    day = on(0).isoformat()
    told = [
        ("P1", day, finding, state)
        for finding, state in given.items()
        if state and finding not in LABORATORY
    ]
    taken = [("P1", day, test, "0.7", "g/L", given[test], "") for test in LABORATORY if given[test]]
    found = diagnosis(
        findings([*told, *also]),
        segments({"P1": block}),
        laboratory(taken if samples is None else samples),
        pd.Index(["P1"]),
    )
    return tuple(found.iloc[0])


def category(*args, **answers):
    return diagnosed(*args, **answers)[0]


# --- The criteria -------------------------------------------------------------------------------


def test_definite_is_the_clinical_picture_and_definite_block_in_one_nerve():
    assert diagnosed(DEFINITE) == ("definite", "DEFINITE_BLOCK", "")


def test_probable_is_probable_block_in_two_nerves_or_in_one_with_two_supportive():
    supported = {"anti_gm1_igm": "positive", "plexus_mri_t2": "present"}

    assert diagnosed(PROBABLE_IN_2) == ("probable", "BLOCK_IN_2_NERVES", "")
    assert diagnosed(PROBABLE, **supported) == ("probable", "BLOCK_WITH_SUPPORT", "")
    assert category(PROBABLE, anti_gm1_igm="positive") == "not_met"
    assert category(NO_BLOCK, **supported) == "not_met"


@pytest.mark.parametrize(
    "supportive",
    [
        {"anti_gm1_igm": "high"},
        {"csf_protein": "high"},
        {"csf_protein": "positive"},
        {"plexus_mri_t2": "present"},
    ],
)
def test_improvement_after_immunoglobulin_is_supportive_beside_each_other_sign(supportive):
    improved = {"improved_after_immunoglobulin": "present"}

    assert category(PROBABLE, **supportive, **improved) == "probable"
    assert category(PROBABLE, **supportive) == "not_met"


def test_left_and_right_are_two_nerves_and_two_segments_of_a_nerve_are_one():
    assert category("median left probable, median right probable") == "probable"
    assert category("median left probable, median left probable") == "not_met"


def test_a_nerve_counts_by_its_highest_grade():
    assert category("median left none, median left definite, median left none") == "definite"


def test_possible_is_improvement_with_normal_sensory_studies():
    assert diagnosed(NO_BLOCK, improved_after_immunoglobulin="present") == (
        "possible",
        "IMPROVED_AFTER_IMMUNOGLOBULIN",
        "",
    )
    abnormal = {"sensory_conduction_normal": "absent"}
    assert category(NO_BLOCK, improved_after_immunoglobulin="present", **abnormal) == "not_met"


@pytest.mark.parametrize("block", [PROBABLE, PROBABLE_IN_2, DEFINITE])
def test_possible_is_block_in_a_patient_weak_in_one_nerve_only(block):
    one_nerve = {"weakness_in_2_nerves": "absent"}

    assert diagnosed(block, **one_nerve) == ("possible", "BLOCK_IN_WEAK_NERVE", "")
    assert category(NO_BLOCK, **one_nerve) == "not_met"
    assert category(block, weakness_over_1_month="absent", **one_nerve) == "not_met"
    # Sensory conduction is asked of the clinical picture, which needs two nerves.
    assert category(block, sensory_conduction_normal="absent", **one_nerve) == "possible"


@pytest.mark.parametrize(
    "exclusion",
    [
        "sensory_loss_beyond_vibration",
        "upper_motor_neuron_signs",
        "marked_bulbar_involvement",
        "diffuse_symmetric_onset",
    ],
)
def test_one_exclusion_is_enough_whatever_else_is_known_or_missing(exclusion):
    excluded = {exclusion: "present"}

    assert diagnosed(DEFINITE, **excluded) == ("not_met", "EXCLUDED", "")
    assert category(DEFINITE, weakness_in_2_nerves="absent", **excluded) == "not_met"
    unanswered = dict.fromkeys(TYPICAL, "") | excluded
    assert diagnosed("", **unanswered) == ("not_met", "EXCLUDED", "")


def test_sensory_conduction_must_be_normal_where_there_is_block():
    abnormal = {"sensory_conduction_normal": "absent"}

    assert diagnosed(DEFINITE, **abnormal) == ("not_met", "CRITERIA_NOT_MET", "")
    assert category(PROBABLE_IN_2, **abnormal) == "not_met"


def test_without_the_clinical_picture_block_alone_is_not_met():
    assert category(DEFINITE, weakness_over_1_month="absent") == "not_met"


# --- Answers ------------------------------------------------------------------------------------


def test_the_latest_answer_counts_and_not_examined_is_none():
    finding = "upper_motor_neuron_signs"

    later = [("P1", on(10).isoformat(), finding, "present")]
    assert category(DEFINITE, also=later) == "not_met"
    unexamined = [*later, ("P1", on(20).isoformat(), finding, "not_examined")]
    assert category(DEFINITE, also=unexamined) == "not_met"
    taken_back = [*unexamined, ("P1", on(30).isoformat(), finding, "absent")]
    assert category(DEFINITE, also=taken_back) == "definite"


def csf(value="", unit="g/L", interpretation="", cutoff="", day=0):
    return ("P1", on(day).isoformat(), "csf_protein", value, unit, interpretation, cutoff)


@pytest.mark.parametrize(
    ("sample", "is_supportive"),
    [
        (csf("0.7", interpretation="high"), True),
        (csf("0.999", interpretation="positive"), True),
        (csf("1", interpretation="high"), False),  # below 1 g/L
        (csf("0.7", interpretation="negative"), False),
        (csf(interpretation="negative"), False),
        (csf("0.46", cutoff="0.45"), True),
        (csf("0.45", cutoff="0.45"), False),
        (csf("1.2"), False),  # raised or not, it is not below 1 g/L
        (csf(interpretation="high"), None),  # below 1 g/L or not?
        (csf("0.7"), None),  # raised or not?
        (csf("0.7", interpretation="borderline", cutoff="0.45"), None),
        (csf("70", unit="mg/dL", interpretation="high"), None),
    ],
)
def test_csf_protein_supports_if_raised_and_below_1_g_per_l(sample, is_supportive):
    gm1 = ("P1", on(0).isoformat(), "anti_gm1_igm", "", "", "positive", "")

    found = diagnosed(PROBABLE, samples=[gm1, sample])

    expected = {
        True: ("probable", "BLOCK_WITH_SUPPORT", ""),
        False: ("not_met", "CRITERIA_NOT_MET", ""),
        None: ("not_evaluable", "MISSING_ANSWERS", "csf_protein"),
    }
    assert found == expected[is_supportive]


def test_the_latest_sample_that_tells_counts():
    gm1 = ("P1", on(0).isoformat(), "anti_gm1_igm", "", "", "positive", "")
    raised, silent = csf("0.7", interpretation="high"), csf("0.6", day=50)
    lower = csf("0.3", interpretation="negative", day=60)

    assert category(PROBABLE, samples=[gm1, raised, silent]) == "probable"
    assert category(PROBABLE, samples=[gm1, raised, silent, lower]) == "not_met"


def test_anti_gm1_is_read_from_the_latest_sample_with_an_interpretation():
    def gm1(day, interpretation):
        return ("P1", on(day).isoformat(), "anti_gm1_igm", "300", "", interpretation, "")

    def supports(*samples):
        present = {"plexus_mri_t2": "present"}
        return diagnosed(PROBABLE, samples=[csf(interpretation="negative"), *samples], **present)

    assert supports(gm1(0, "positive"), gm1(9, ""))[0] == "probable"
    assert supports(gm1(0, "positive"), gm1(9, "negative"))[0] == "not_met"
    assert supports(gm1(0, "positive"), gm1(9, "borderline"))[2] == "anti_gm1_igm"


# --- Missing answers ----------------------------------------------------------------------------


def test_a_missing_answer_that_could_change_the_result_is_named():
    assert diagnosed(DEFINITE, upper_motor_neuron_signs="") == (
        "not_evaluable",
        "MISSING_ANSWERS",
        "upper_motor_neuron_signs",
    )
    assert diagnosed(DEFINITE, weakness_in_2_nerves="", diffuse_symmetric_onset="")[2] == (
        "weakness_in_2_nerves diffuse_symmetric_onset"
    )


def test_a_missing_answer_that_could_not_is_passed_over():
    assert diagnosed(DEFINITE, anti_gm1_igm="", csf_protein="", plexus_mri_t2="") == (
        "definite",
        "DEFINITE_BLOCK",
        "",
    )
    # One of the missing supportive answers cannot make two.
    assert diagnosed(PROBABLE, csf_protein="")[0] == "not_met"
    assert diagnosed(PROBABLE, csf_protein="", anti_gm1_igm="positive")[2] == "csf_protein"
    assert diagnosed(NO_BLOCK, sensory_conduction_normal="")[0] == "not_met"


def test_without_an_assessable_segment_nerve_conduction_is_the_missing_answer():
    missing = ("not_evaluable", "MISSING_ANSWERS", "nerve_conduction")

    assert diagnosed("") == missing
    assert diagnosed("median left not_assessable, ulnar left not_assessable") == missing
    assert category("median left not_assessable, ulnar left none") == "not_met"


def test_lines_that_end_alike_leave_the_category_known():
    # Weak in two nerves it is line (a) of possible, in one nerve only line (b).
    answers = {"weakness_in_2_nerves": "", "improved_after_immunoglobulin": "present"}

    assert diagnosed(PROBABLE, **answers) == ("possible", "SAME_EITHER_WAY", "")


def test_nothing_answered_names_every_question():
    unanswered = dict.fromkeys(TYPICAL, "")

    assert diagnosed("", **unanswered) == (
        "not_evaluable",
        "MISSING_ANSWERS",
        " ".join(QUESTIONS),
    )


def test_nobody_has_no_diagnosis():
    nobody = diagnosis(findings([]), segments({}), laboratory([]), pd.Index([], dtype="str"))

    assert nobody.empty


BLOCKS = (NO_BLOCK, PROBABLE, PROBABLE_IN_2, DEFINITE)


def two_valued(answers):
    """Section 9, word by word, for a patient with every answer."""
    block = answers["nerve_conduction"]
    core_1 = answers["weakness_over_1_month"] and answers["weakness_in_2_nerves"]
    core_2 = not answers["sensory_loss_beyond_vibration"]
    exclusion = (
        answers["upper_motor_neuron_signs"]
        or answers["marked_bulbar_involvement"]
        or answers["sensory_loss_beyond_vibration"]
        or answers["diffuse_symmetric_onset"]
    )
    sensory_normal = answers["sensory_conduction_normal"]
    clinical_ok = core_1 and core_2 and not exclusion
    clinical_ok = clinical_ok and (sensory_normal or block == NO_BLOCK)
    supportive = ("anti_gm1_igm", "csf_protein", "plexus_mri_t2", "improved_after_immunoglobulin")
    support = sum(answers[question] for question in supportive)
    one_nerve = answers["weakness_over_1_month"] and not answers["weakness_in_2_nerves"]
    if clinical_ok and block == DEFINITE:
        return "definite"
    if clinical_ok and (block == PROBABLE_IN_2 or (block == PROBABLE and support >= 2)):
        return "probable"
    if clinical_ok and sensory_normal and answers["improved_after_immunoglobulin"]:
        return "possible"
    if core_2 and not exclusion and one_nerve and block != NO_BLOCK:
        return "possible"
    return "not_met"


def completions(told):
    """All ways to answer what is open (None)."""
    possible = [
        [answer] if answer is not None else BLOCKS if question == "nerve_conduction" else (0, 1)
        for question, answer in told.items()
    ]
    return [dict(zip(told, answers, strict=True)) for answers in product(*possible)]


def categories(told):
    return {two_valued(answers) for answers in completions(told)}


def could_change(told, question):
    """Whether two answers to an open question end differently, all others being equal."""
    others = [others | {question: None} for others in completions(told | {question: 0})]
    return any(len(categories(answers)) > 1 for answers in others)


def test_every_missing_answer_is_taken_both_ways():
    """Random patients with up to five open answers, against every completion tried one by one."""
    random = np.random.default_rng(9)
    drawn = []
    for _ in range(400):
        # Leaning towards the typical picture, so that the lines are reached.
        told = {question: bool(random.random() < 0.5) for question in QUESTIONS}
        told |= {q: bool(random.random() < 0.9) for q in QUESTIONS[:2]}
        told |= {q: bool(random.random() < 0.06) for q in QUESTIONS[2:6]}
        told["nerve_conduction"] = BLOCKS[random.integers(len(BLOCKS))]
        for question in random.permutation(QUESTIONS)[: random.integers(6)]:
            told[str(question)] = None
        drawn.append(told)
    ids = [f"P{number:03d}" for number in range(len(drawn))]

    found = diagnosis(*_recorded(dict(zip(ids, drawn, strict=True))), pd.Index(ids))

    for study_id, told in zip(ids, drawn, strict=True):
        possible = categories(told)
        expected = possible.pop() if len(possible) == 1 else "not_evaluable"
        open_questions = [question for question in QUESTIONS if told[question] is None]
        named = [q for q in open_questions if expected == "not_evaluable" and could_change(told, q)]
        assert found.loc[study_id, "diagnosis_category"] == expected
        assert found.loc[study_id, "diagnosis_missing"].split() == named
    assert set(found["diagnosis_category"]) == {
        "definite",
        "probable",
        "possible",
        "not_met",
        "not_evaluable",
    }


def _recorded(patients):
    day = on(0).isoformat()
    told, taken, graded = [], [], {}
    for study_id, answers in patients.items():
        for question, answer in answers.items():
            if question == "nerve_conduction":
                graded[study_id] = answer or ""
            elif answer is not None and question in LABORATORY:
                interpretation = "positive" if answer else "negative"
                taken.append((study_id, day, question, "0.7", "g/L", interpretation, ""))
            elif answer is not None:
                told.append((study_id, day, question, "present" if answer else "absent"))
    return findings(told), segments(graded), laboratory(taken)
