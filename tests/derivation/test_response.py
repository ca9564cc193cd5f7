"""Short-term response (rules, section 3)."""

from dataclasses import replace

import pandas as pd
import pytest

from outcomes.derivation.derive import derive
from outcomes.derivation.rules import RULES
from tests.derivation.drawn import cohort, derived, on, outcome, patient, timestamp

MUSCLES = ("wrist_extension", "finger_extension", "thumb_abduction", "elbow_flexion")


def graded(before, after="", days=(0, 183)):
    """Draw grades of as many muscles as there are words, at baseline and at month 6."""
    first, last = days
    afters = after.split() or [""] * len(before.split())
    rows = zip(MUSCLES, before.split(), afters, strict=False)
    table = "\n".join(f"left {muscle} | {one} | {two}" for muscle, one, two in rows)
    return f"muscle | {first} | {last}\n-+-+-\n{table}"


def response(before, after="", **drawn):
    found = outcome(patient(infusions="0 28", grades=graded(before, after), **drawn))
    return found["short_term_response"], found["short_term_reason"]


RESPONDER = ("responder", "IMPROVED")
NON_RESPONDER = ("non_responder", "NOT_IMPROVED")
TOO_FEW = ("not_evaluable", "FEWER_THAN_2_IMPROVABLE")
MISSING = ("not_evaluable", "MISSING_GRADES")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # The values printed with the rule.
        ("4 3 2", "5 4 2", RESPONDER),
        ("4+ 4+ 5-", "5 5 5", TOO_FEW),
        ("3 3 4", "4 NT 4", MISSING),
        ("3 3", "4 3", NON_RESPONDER),
        ("3 3 4 5", "4 4 4 4", RESPONDER),
        # A point is three thirds.
        ("3- 3-", "4- 4-", RESPONDER),
        ("4 4", "4+ 4+", NON_RESPONDER),
        ("3- 3-", "3+ 3+", NON_RESPONDER),
        ("4- 4-", "5- 5-", RESPONDER),
        ("0 0", "1 1", RESPONDER),
        # Improvable is at most 4, affected below 5.
        ("4 4", "5 5", RESPONDER),
        ("4 4+", "5 5", TOO_FEW),
        ("5 5", "5 5", TOO_FEW),
        ("4 5", "5 5", TOO_FEW),
        # Muscles without a grade at month 6 may still have gained.
        ("3 3 5", "NT NT 5", MISSING),
        ("3 3 3", "4 3 NT", MISSING),
        ("3 3 3", "3 3 NT", NON_RESPONDER),
        ("3 3 3", "4 4 NT", RESPONDER),
        ("3 3 4+", "4 3 NT", NON_RESPONDER),  # a muscle that cannot gain a point is not awaited
        ("3 3 NT", "4 3 4", NON_RESPONDER),  # no grade at baseline: not improvable
    ],
)
def test_short_term_response(before, after, expected):
    assert response(before, after) == expected


def test_two_muscles_of_one_name_are_two_when_their_sides_differ():
    grades = """
        muscle                | 0 | 183
        ----------------------+---+----
        left wrist_extension  | 3 | 4
        right wrist_extension | 3 | 4
    """

    assert outcome(patient(infusions="0", grades=grades))["short_term_reason"] == "IMPROVED"


def test_the_counts_of_a_response():
    found = outcome(patient(infusions="0", grades=graded("4 4+ 5 2", "5 3+ 4 NT")))

    counts = found[["affected", "improvable", "improved", "ungraded", "worsened"]]
    assert counts.tolist() == [3, 2, 1, 1, 2]


def test_counts_are_missing_without_the_examinations_they_need():
    no_month_6 = outcome(patient(infusions="0", grades=graded("4 3")))
    no_baseline = outcome(patient(infusions="0", grades=graded("4 3", "4 4", days=(1, 183))))
    no_infusion = outcome(patient(grades=graded("4 3", "5 4")))

    columns = ["affected", "improvable", "improved", "worsened"]
    assert no_month_6[columns].tolist() == [2, 2, pd.NA, pd.NA]
    assert no_baseline[columns].tolist() == [pd.NA] * 4
    assert no_infusion[columns].tolist() == [pd.NA] * 4


def test_line_1_no_infusion():
    found = outcome(patient(grades=graded("3 3", "4 4")))

    assert found["short_term_reason"] == "NO_INFUSION"
    assert pd.isna(found["provisional"])
    assert pd.isna(found["strict_response"])


def test_line_2_no_baseline():
    found = outcome(patient(infusions="0", grades=graded("3 3", "4 4", days=(1, 183))))

    assert found["short_term_reason"] == "NO_BASELINE"
    assert found["month6_on"] == timestamp(183)


def test_line_3_comes_before_a_stop_for_inefficacy():
    assert response("3", regimens=stopped(started=0, ended=100)) == TOO_FEW


def stopped(started, ended, reason="inefficacy", route="IV"):
    return f"""
        started_on | route | ended_on | end_reason
        -----------+-------+----------+-----------
        {started} | {route} | {ended} | {reason}
    """


STOPPED = ("non_responder", "STOPPED_FOR_INEFFICACY")
NO_EXAMINATION = ("not_evaluable", "NO_EXAMINATION")


@pytest.mark.parametrize(
    ("regimen", "expected"),
    [
        (stopped(started=0, ended=100), STOPPED),
        (stopped(started=0, ended=0), STOPPED),
        (stopped(started=0, ended=243), STOPPED),
        (stopped(started=0, ended=244), NO_EXAMINATION),
        (stopped(started=-300, ended=0), STOPPED),  # also one begun earlier
        (stopped(started=-300, ended=-1), NO_EXAMINATION),
        (stopped(started=0, ended=100, route="SC"), STOPPED),  # any route
        (stopped(started=0, ended=100, reason="remission"), NO_EXAMINATION),
        (stopped(started=0, ended="", reason=""), NO_EXAMINATION),
    ],
)
def test_line_4_a_stop_for_inefficacy_is_a_non_response(regimen, expected):
    assert response("3 3", regimens=regimen) == expected


def test_line_4_asks_only_without_a_month_6_examination():
    regimens = stopped(started=0, ended=100)

    assert response("3 3", "4 4", regimens=regimens) == RESPONDER
    assert response("3 3", "NT NT", regimens=regimens) == STOPPED  # no grade, no examination


def test_line_4_names_the_day():
    drawn = patient(infusions="0", grades=graded("3 3"), regimens=stopped(started=0, ended=100))

    assert outcome(drawn)["stopped_for_inefficacy_on"] == timestamp(100)
    assert outcome(drawn, as_of=99)["short_term_reason"] == "PENDING"  # the end is not known yet
    assert outcome(drawn, as_of=100)["short_term_reason"] == "STOPPED_FOR_INEFFICACY"


@pytest.mark.parametrize(
    ("as_of", "reason", "provisional"),
    [(243, "PENDING", True), (244, "NO_EXAMINATION", False)],
)
def test_lines_5_and_6_it_is_pending_until_day_243(as_of, reason, provisional):
    found = outcome(patient(infusions="0", grades=graded("3 3")), as_of=as_of)

    assert (found["short_term_reason"], found["provisional"]) == (reason, provisional)


def test_a_result_is_provisional_until_day_243_although_it_cannot_change():
    drawn = patient(infusions="0", grades=graded("3 3", "4 4"))

    assert outcome(drawn, as_of=243)["provisional"]
    assert not outcome(drawn, as_of=244)["provisional"]
    assert outcome(patient(infusions="0"), as_of=243)["provisional"]  # without a baseline too


@pytest.mark.parametrize(
    ("before", "after", "strict"),
    [
        ("3 3 4 5", "4 4 4 4", False),  # one muscle lost a point
        ("3 3 4 5", "4 4 4 4+", True),  # two thirds of one
        ("3 3", "4 4", True),
        ("3 3", "4 3", False),
        ("3 3 5", "NT NT 5", pd.NA),
    ],
)
def test_a_strict_response_loses_no_point(before, after, strict):
    found = outcome(patient(infusions="0", grades=graded(before, after)))["strict_response"]

    assert found is strict or found == strict


def test_who_stopped_for_inefficacy_has_no_strict_response():
    drawn = patient(infusions="0", grades=graded("3 3"), regimens=stopped(started=0, ended=100))

    assert outcome(drawn)["strict_response"] == False  # noqa: E712  (missing would be neither)


@pytest.mark.parametrize(
    ("infusions", "few"),
    [("0", True), ("0 183", False), ("0 184", True), ("0 1", True), ("", False)],
)
def test_fewer_than_two_courses_by_day_183_are_flagged(infusions, few):
    assert outcome(patient(infusions=infusions))["few_courses"] == few


def drug(started, ended=""):
    return f"drug | started_on | ended_on\n-+-+-\nrituximab | {started} | {ended}"


@pytest.mark.parametrize(
    ("started", "month_6", "flagged"),
    [
        (182, "4 4", True),
        (183, "4 4", False),
        (182, "", True),
        (183, "", False),
        (-50, "4 4", True),
    ],
)
def test_another_immunotherapy_before_month_6_is_flagged(started, month_6, flagged):
    drawn = patient(infusions="0", grades=graded("3 3", month_6), immunosuppressants=drug(started))

    assert outcome(drawn)["co_treated"] == flagged


def with_origins(before, after):
    drawn = patient(infusions="0", grades=graded("3 3", "4 4"))
    scores = drawn["muscle_scores"]
    is_baseline = scores["visited_on"] == on(0).isoformat()
    return {
        **drawn,
        "muscle_scores": scores.assign(origin=is_baseline.map({True: before, False: after})),
    }


@pytest.mark.parametrize(
    ("before", "after", "flagged"),
    [
        ("graded", "graded", False),
        ("carried_forward", "graded", True),
        ("graded", "carried_forward", True),
        ("rest_normal", "", False),
    ],
)
def test_grades_carried_forward_are_flagged(before, after, flagged):
    assert outcome(with_origins(before, after))["carried_forward_month6"] == flagged


def test_the_same_without_grades_carried_forward():
    without = replace(RULES, leave_out_carried_forward=True)

    assert outcome(with_origins("graded", "carried_forward"))["short_term_reason"] == "IMPROVED"
    left = outcome(with_origins("graded", "carried_forward"), rules=without)
    assert left["short_term_reason"] == "NO_EXAMINATION"


def test_muscle_changes_are_the_evidence_of_a_response():
    found = derived(patient(infusions="0", grades=graded("3 5 4+ 2", "4+ 4 4 NT"))).muscle_changes

    assert found["muscle"].tolist() == [
        "elbow_flexion",
        "wrist_extension",
        "finger_extension",
        "thumb_abduction",
    ]
    assert found["side"].tolist() == ["left"] * 4
    assert found["baseline_thirds"].tolist() == [6, 9, 15, 13]
    assert found["month6_thirds"].fillna(-1).tolist() == [-1, 13, 12, 12]
    assert found["improvable"].tolist() == [True, True, False, False]
    assert found["change"].tolist() == ["ungraded", "improved", "worsened", "unchanged"]


def test_without_month_6_every_muscle_of_the_baseline_is_ungraded():
    both = derived(
        patient("A", infusions="0", grades=graded("3 3")), patient("B", grades=graded("3 3"))
    ).muscle_changes

    assert both["study_id"].tolist() == ["A", "A"]
    assert both["change"].tolist() == ["ungraded", "ungraded"]


def test_patients_are_judged_one_by_one_and_together_alike():
    drawn = [
        patient("A", infusions="0", grades=graded("3 3", "4 4")),
        patient("B", infusions="5", grades=graded("3 3", "4 3", days=(5, 190))),
        patient("C", grades=graded("3 3", "4 4")),
        patient("D", infusions="0", grades=graded("4+ 5", "5 5")),
    ]

    together = derived(*drawn).patients
    alone = pd.concat([derived(one).patients for one in drawn])

    pd.testing.assert_frame_equal(together, alone)


def test_a_muscle_not_due_to_mmn_is_left_out_on_that_day_only():
    drawn = patient(infusions="0", grades=graded("3 3 3", "4 4 3"))
    scores = drawn["muscle_scores"]
    is_flagged = (scores["visited_on"] == on(183).isoformat()) & (
        scores["muscle"] == "wrist_extension"
    )
    flags = is_flagged.map({True: "yes", False: ""})

    found = outcome({**drawn, "muscle_scores": scores.assign(not_due_to_mmn=flags)})

    assert found["improvable"] == 3
    assert found["short_term_reason"] == "MISSING_GRADES"


def test_the_records_given_stay_as_they_are():
    records = cohort(patient(infusions="0", grades=graded("3 3", "4 4"), regimens=stopped(0, 100)))
    before = {name: table.copy() for name, table in vars(records).items()}

    derive(records, on(50))

    for name, table in vars(records).items():
        pd.testing.assert_frame_equal(table, before[name])
