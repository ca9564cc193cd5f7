"""Why-sentences: what a clinician reads, word for word."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from outcomes import sentences
from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.diagnosis import DiagnosisReason
from outcomes.derivation.dose import DoseReason, DoseTrend
from outcomes.derivation.long_term import LongTermStatus
from outcomes.derivation.response import ResponseReason
from outcomes.sentences import Result


@dataclass(frozen=True)
class Change:
    muscle: str
    side: str
    baseline_thirds: float
    month6_thirds: float | None
    improvable: bool
    change: str


@dataclass(frozen=True)
class Fall:
    visited_on: date
    kind: str
    muscle: str
    side: str
    reference_on: date
    reference_value: float
    value: float


@dataclass(frozen=True)
class Segment:
    nerve: str
    side: str
    distal_site: str
    proximal_site: str
    grade_first: str
    grade_last: str
    change: str


OUTCOME = {
    "index_on": date(2024, 1, 15),
    "baseline_on": date(2024, 1, 12),
    "month6_on": date(2024, 7, 9),
    "improvable": 3,
    "improved": 2,
    "worsened": 0,
    "stopped_for_inefficacy_on": date(2024, 5, 2),
    "last_contact_on": date(2026, 3, 1),
    "last_infusion_on": date(2024, 9, 1),
    "expected_interval_days": 28.5,
    "follow_up_days": 120,
    "off_days": 546,
    "dependency_proven": False,
    "response": "yes",
    "response_by": "rule",
    "reference_on": date(2024, 8, 1),
    "relapse_on": date(2025, 2, 1),
    "study_first_on": date(2023, 12, 1),
    "study_last_on": date(2026, 1, 5),
    "block_change": "decreased",
    "block_change_reason": "",
    "blocks_first": 1,
    "blocks_last": 0,
    "blocks_lost_to_axonal_loss": 1,
    "weekly_dose_g": 16.25,
    "weekly_dose_g_per_kg": 0.25,
    "dose_reason": "",
    "dose_trend": "stable",
    "dose_ratio": 1.0,
    "reference_weekly_dose_g": 16.25,
    "median_course_g": 97.5,
    "median_interval_days": 42.0,
    "reference_median_course_g": None,
    "reference_median_interval_days": None,
    "weight_kg": 65.0,
    "weight_on": date(2026, 3, 1),
    "stale_weight": False,
}
WRIST = Change("wrist_extension", "right", 9, 12, True, "improved")
THUMB = Change("thumb_abduction", "left", 8, 11, True, "improved")
ELBOW = Change("elbow_extension", "left", 12, None, True, "ungraded")
HIP = Change("hip_flexion", "right", 15, 12, False, "worsened")


def short_term(reason, *changes, **outcome):
    known = {**OUTCOME, **outcome, "short_term_reason": reason}
    return str(sentences.short_term(known, changes))


def long_term(status, falls=(), drugs=(), **outcome):
    known = {**OUTCOME, **outcome, "long_term_status": status}
    return str(sentences.long_term(known, falls, drugs))


def blocks(*changes, **outcome):
    return str(sentences.blocks({**OUTCOME, **outcome}, changes))


def dose(**outcome):
    return str(sentences.dose({**OUTCOME, **outcome}))


def test_a_reason_carries_its_code_and_the_values_of_its_sentence():
    reason = sentences.short_term({**OUTCOME, "short_term_reason": "NO_BASELINE"}, [])

    assert (reason.code, dict(reason.parameters)) == (
        "NO_BASELINE",
        {"index_on": date(2024, 1, 15), "baseline_days": (-90, 0)},
    )
    assert str(reason) == reason.sentence


def test_every_code_of_every_result_has_its_line():
    compared = set(BlockChange) - {BlockChange.NOT_EVALUABLE}
    codes = {
        Result.SHORT_TERM_RESPONSE: set(ResponseReason),
        Result.LONG_TERM_STATUS: set(LongTermStatus),
        Result.BLOCK_CHANGE: set(BlockChangeReason) | compared,
        Result.WEEKLY_DOSE_G: set(DoseReason) | set(DoseTrend),
        Result.DIAGNOSIS_CATEGORY: set(DiagnosisReason),
    }

    assert {result: set(lines) for result, lines in sentences.LINES.items()} == {
        result: {str(code) for code in named} for result, named in codes.items()
    }


def test_a_response_names_the_muscles_sides_grades_and_days():
    assert short_term("IMPROVED", WRIST, THUMB) == (
        "2 of 3 improvable muscles gained a point between 12 Jan and 9 Jul 2024: "
        "right wrist extension 3 → 4, left thumb abduction 3- → 4-. No muscle lost a point."
    )


def test_a_lost_point_is_told_beside_the_gains():
    assert short_term("IMPROVED", WRIST, THUMB, HIP).endswith(
        "Lost a point: right hip flexion 5 → 4."
    )


def test_no_response_says_how_many_muscles_it_takes():
    assert short_term("NOT_IMPROVED", replace(WRIST, month6_thirds=11, change="unchanged")) == (
        "None of 3 improvable muscles gained a point between 12 Jan and 9 Jul 2024. "
        "It takes 2. No muscle lost a point."
    )


def test_a_missing_grade_is_named():
    assert short_term("MISSING_GRADES", WRIST, ELBOW) == (
        "1 of 3 improvable muscles gained a point between 12 Jan and 9 Jul 2024: "
        "right wrist extension 3 → 4. "
        "No grade at month 6: left elbow extension; it takes 2 gains."
    )


def test_days_of_two_years_keep_both_years():
    said = short_term("IMPROVED", WRIST, month6_on=date(2025, 1, 3))

    assert "between 12 Jan 2024 and 3 Jan 2025" in said


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("NO_INFUSION", "No infusion is recorded, and no home treatment."),
        ("NO_BASELINE", "No examination in the 90 days up to the first infusion on 15 Jan 2024."),
        (
            "NO_EXAMINATION",
            "No examination between 16 May and 14 Sep 2024, 4 to 8 months after the first "
            "infusion.",
        ),
        (
            "PENDING",
            "No examination of month 6 yet: one between 16 May and 14 Sep 2024 would count.",
        ),
        (
            "STOPPED_FOR_INEFFICACY",
            "No examination between 16 May and 14 Sep 2024, and a regimen ended for inefficacy "
            "on 2 May 2024.",
        ),
    ],
)
def test_what_is_not_evaluable_says_what_is_missing(reason, sentence):
    assert short_term(reason) == sentence


@pytest.mark.parametrize(
    ("improvable", "sentence"),
    [
        (0, "At baseline, 12 Jan 2024, no muscle was graded 4 or less."),
        (
            1,
            "At baseline, 12 Jan 2024, 1 muscle was graded 4 or less. "
            "Only there can a whole point be gained, and it takes 2.",
        ),
    ],
)
def test_too_few_improvable_muscles_are_counted(improvable, sentence):
    assert short_term("FEWER_THAN_2_IMPROVABLE", improvable=improvable) == sentence


def test_remission_names_the_reference_and_the_days_off():
    assert long_term("remission") == (
        "Last infusion 1 Sep 2024, 546 days before the last visit. No relapse since: never did "
        "2 muscles lose a point against the reference examination of 1 Aug 2024."
    )


def test_dependency_is_presumed_until_it_is_proven():
    assert long_term("dependent") == (
        "On treatment at the last contact, 1 Mar 2026: last infusion 1 Sep 2024, one expected "
        "every 28.5 days. Dependency is presumed: no failed dose attempt and no relapse in a "
        "longer gap."
    )
    assert "Dependency is proven" in long_term("dependent", dependency_proven=True)


def test_a_drug_running_beside_is_named():
    said = long_term("dependent_with_immunosuppressant", drugs=["mycophenolate"])

    assert said.endswith("Running: mycophenolate.")


def test_a_relapse_tells_what_fell_at_the_first_visit_that_showed_it():
    before = date(2024, 8, 1)
    falls = [
        Fall(date(2025, 2, 1), "muscles", "wrist_extension", "right", before, 12, 9),
        Fall(date(2025, 2, 1), "grip", "", "left", before, 62.4, 28.1),
        Fall(date(2025, 9, 1), "grip", "", "left", before, 62.4, 20.0),
    ]

    assert long_term("relapsed_untreated", falls) == (
        "Last infusion 1 Sep 2024, last contact 1 Mar 2026. Relapse at the visit of 1 Feb 2025: "
        "right wrist extension 4 → 3, left grip 62.4 → 28.1 kPa. "
        "Compared with the reference examination of 1 Aug 2024."
    )


def test_blocks_name_segments_and_both_studies():
    changes = [
        Segment("median", "right", "wrist", "elbow", "definite", "none", "resolved"),
        Segment("ulnar", "left", "wrist", "below_elbow", "none", "none", "no_block"),
        Segment("radial", "left", "elbow", "axilla", "probable", "", "not_retested"),
    ]

    assert blocks(*changes) == (
        "Resolved: right median wrist–elbow (definite → none). "
        "1 segment with block was not tested again. "
        "1 Dec 2023 against 5 Jan 2026, 2 segments assessable in both."
    )


def test_many_segments_are_counted_instead_of_named():
    changes = [
        Segment("median", side, "wrist", proximal, "definite", "definite", "persistent")
        for side in ("right", "left")
        for proximal in ("elbow", "axilla")
    ]

    assert blocks(*changes).startswith("Persistent: 4 segments.")


def test_a_block_lost_to_axonal_loss_is_never_called_resolved():
    lost = Segment(
        "median", "right", "wrist", "elbow", "definite", "not_assessable", "lost_to_axonal_loss"
    )

    assert blocks(lost, block_change_reason="AXONAL_LOSS") == (
        "Block on 1 Dec 2023, distal response too small to judge on 5 Jan 2026: "
        "right median wrist–elbow. That is not counted as resolved."
    )


def test_a_dose_stands_with_its_window_course_and_reference():
    assert dose() == (
        "16.3 g/week (0.25 g/kg/week) in the 182 days up to 1 Mar 2026. "
        "A course of 97.5 g every 42 days. Before, in days 91–272: 16.3 g/week."
    )


@pytest.mark.parametrize(
    ("follow_up_days", "sentence"),
    [
        (300, "Nothing to compare with yet: these days begin before day 272 is over."),
        (900, "Nothing to compare with: no dose in days 91–272."),
    ],
)
def test_a_dose_without_reference_says_whether_one_may_still_come(follow_up_days, sentence):
    missing = {"dose_ratio": None, "dose_reason": "NO_REFERENCE"}

    assert sentence in dose(**missing, follow_up_days=follow_up_days)


def test_a_dose_without_a_weight_says_so():
    said = dose(weekly_dose_g_per_kg=None, weight_kg=None, dose_reason="NO_WEIGHT")

    assert said.startswith("16.3 g/week in the 182 days")
    assert said.endswith("No weight is recorded.")


@pytest.mark.parametrize(
    ("precision", "text"), [("year", "2003"), ("month", "May 2003"), ("day", "1 May 2003")]
)
def test_a_partial_date_stays_partial(precision, text):
    assert sentences.partial_date_text(date(2003, 5, 1), precision) == text


def test_a_diagnosis_names_its_line_or_the_answers_that_are_missing():
    known = {"diagnosis_category": "probable", "diagnosis_reason": "BLOCK_IN_2_NERVES"}
    open_ = {"diagnosis_category": "not_evaluable", "diagnosis_reason": "MISSING_ANSWERS"}

    assert str(sentences.diagnosis({**known, "diagnosis_missing": ""})) == (
        "Probable MMN: probable block in 2 nerves."
    )
    missing = {"diagnosis_missing": "anti_gm1_igm plexus_mri_t2"}
    assert str(sentences.diagnosis({**open_, **missing})) == (
        "Not evaluable; missing: anti-GM1 IgM, T2 signal on plexus MRI."
    )
