"""Conduction block of a segment (rules, section 5): every line, and both sides of each boundary."""

from dataclasses import replace

import pandas as pd
import pytest

from outcomes.derivation.block_criteria import CRITERIA
from outcomes.derivation.conduction import (
    cmap_amplitude_loss,
    cmap_area_loss,
    cmap_duration_increase,
    graded_segments,
    lower_limits_of_normal,
)
from outcomes.derivation.frames import complete
from outcomes.derivation.rules import RULES
from tests.derivation.drawn import frame, text_frame

UTRECHT = replace(RULES, criteria="Utrecht")

# Short heads, so that a segment fits a line. What a drawing leaves out is unremarkable.
HEADS = {
    "amp_d": "distal_amplitude_mv",
    "amp_p": "proximal_amplitude_mv",
    "area_d": "distal_area_mv_ms",
    "area_p": "proximal_area_mv_ms",
    "dur_d": "distal_duration_ms",
    "dur_p": "proximal_duration_ms",
    "lln": "distal_amplitude_lln_mv",
    "mm": "distance_mm",
    "from": "distal_site",
    "to": "proximal_site",
}
UNREMARKABLE = {
    "study_id": "P1",
    "studied_on": "2020-01-01",
    "nerve": "median",
    "side": "left",
    "from": "wrist",
    "to": "elbow",
    "amp_d": "10",
    "amp_p": "10",
    "area_d": "20",
    "area_p": "20",
    "dur_d": "10",
    "dur_p": "10",
}
PATIENTS = complete(
    "patients", text_frame("study_id | centre | included_on\n-\nP1 | C1 | 2010-01-01")
)
NO_LIMITS = complete("lower_limits", pd.DataFrame())


def segments(drawing):
    """The segments of a drawing, and what it expects of them (columns with a question mark)."""
    drawn = text_frame(drawing)
    expected = drawn[[column for column in drawn if column.endswith("?")]]
    recorded = drawn.drop(columns=[*expected, "case"], errors="ignore")
    filled = recorded.assign(
        **{name: value for name, value in UNREMARKABLE.items() if name not in recorded}
    )
    return complete("nerve_segments", filled.rename(columns=HEADS)), expected


def assert_graded(drawing, rules=RULES):
    recorded, expected = segments(drawing)
    graded = graded_segments(recorded, PATIENTS, NO_LIMITS, rules)
    found = {"grade?": graded["grade"], "line?": graded["line"], "reason?": graded["grade_reason"]}
    found = pd.DataFrame({column: found[column].astype("str") for column in expected})
    pd.testing.assert_frame_equal(found, expected)


def test_area_loss_compares_proximal_with_distal():
    measured = frame("""
        segment    | distal | proximal | loss
        -----------+--------+----------+------
        halved     | 20     | 10       | 0.5
        gained     | 20     | 25       | -0.25
        blocked    | 20     | 0        | 1
        decimal    | 10     | 7        | 0.3
        unrecorded | 20     |          |
        absent     | 0      | 0        |
    """)

    loss = cmap_area_loss(measured["distal"], measured["proximal"])

    pd.testing.assert_series_equal(loss, measured["loss"], check_names=False, check_exact=True)


def test_amplitude_loss_compares_proximal_with_distal():
    measured = frame("""
        distal | proximal | loss
        -------+----------+-----
        10     | 7        | 0.3
               | 7        |
        0      | 0        |
    """)

    loss = cmap_amplitude_loss(measured["distal"], measured["proximal"])

    pd.testing.assert_series_equal(loss, measured["loss"], check_names=False, check_exact=True)


def test_duration_increase_is_exact_in_decimals_and_none_without_a_response():
    measured = frame("""
        response   | distal | proximal | area | increase
        -----------+--------+----------+------+---------
        longer     | 10     | 13       | 5    | 0.3
        shorter    | 10     | 8        | 5    | -0.2
        unrecorded | 10     |          | 5    |
        no distal  | 0      | 8        | 5    |
        absent     | 10     | 20       | 0    | 0
        absent     |        |          | 0    | 0
    """)

    increase = cmap_duration_increase(measured["distal"], measured["proximal"], measured["area"])

    pd.testing.assert_series_equal(
        increase, measured["increase"], check_names=False, check_exact=True
    )


@pytest.mark.parametrize("measure", [cmap_area_loss, cmap_amplitude_loss])
def test_a_negative_response_is_refused(measure):
    with pytest.raises(ValueError, match="cannot be negative"):
        measure(pd.Series([20.0]), pd.Series([-1.0]))


def test_a_negative_duration_is_refused():
    with pytest.raises(ValueError, match="CMAP duration cannot be negative"):
        cmap_duration_increase(pd.Series([-1.0]), pd.Series([1.0]), pd.Series([1.0]))


def test_an_excluded_segment_is_not_assessable_whatever_else_holds():
    assert_graded("""
        nerve  | excluded    | amp_d | area_p | grade?         | line? | reason?
        -------+-------------+-------+--------+----------------+-------+---------
        median | anastomosis | 10    | 0      | not_assessable | 0     | EXCLUDED
        median | submaximal  | 10    | 0      | not_assessable | 0     | EXCLUDED
        median | cold        | 10    | 0      | not_assessable | 0     | EXCLUDED
        median | other       |       | 0      | not_assessable | 0     | EXCLUDED
        tibial | other       | 10    | 0      | not_assessable | 0     | EXCLUDED
        median |             | 10    | 0      | definite       | 5     |
    """)


def test_the_tibial_nerve_is_not_in_the_criteria():
    assert_graded("""
        nerve            | from  | to                 | amp_d | area_p | reason?
        -----------------+-------+--------------------+-------+--------+----------------------
        tibial           | ankle | popliteal_fossa    |       | 0      | NERVE_NOT_IN_CRITERIA
        median           | wrist | elbow              | 10    | 0      |
        ulnar            | wrist | below_elbow        | 10    | 0      |
        radial           | elbow | axilla             | 10    | 0      |
        musculocutaneous | erb   | axilla             | 10    | 0      |
        fibular          | ankle | fibular_head_below | 10    | 0      |
    """)


def test_a_missing_distal_amplitude_stands_before_entrapment_and_small_responses():
    assert_graded("""
        nerve  | from  | to    | amp_d | grade?         | line? | reason?
        -------+-------+-------+-------+----------------+-------+---------------
        ulnar  | wrist | elbow |       | not_assessable | 1     | MISSING_VALUES
        ulnar  | wrist | elbow | 0.5   | not_assessable | 2     | ENTRAPMENT_SITE
    """)


ULNAR_PAIRS = [
    (distal, proximal, distal in ("wrist", "below_elbow"))
    for distal in ("wrist", "below_elbow", "elbow", "above_elbow")
    for proximal in ("elbow", "above_elbow", "axilla", "erb")
    if distal != proximal
]
FIBULAR_PAIRS = [
    ("ankle", "fibular_head_below", False),
    ("ankle", "fibular_head_above", True),
    ("ankle", "popliteal_fossa", True),
    ("fibular_head_below", "fibular_head_above", True),
    ("fibular_head_below", "popliteal_fossa", True),
    ("fibular_head_above", "popliteal_fossa", False),
]


@pytest.mark.parametrize(
    ("nerve", "distal", "proximal", "is_entrapment"),
    [
        *(("ulnar", *pair) for pair in ULNAR_PAIRS),
        *(("fibular", *pair) for pair in FIBULAR_PAIRS),
        ("ulnar", "wrist", "below_elbow", False),
        ("median", "wrist", "elbow", False),
        ("radial", "below_elbow", "elbow", False),
    ],
)
def test_a_segment_across_a_common_entrapment_site_is_not_assessable(
    nerve, distal, proximal, is_entrapment
):
    reason = "ENTRAPMENT_SITE" if is_entrapment else ""
    assert_graded(f"""
        nerve   | from     | to         | area_p | reason?
        --------+----------+------------+--------+---------
        {nerve} | {distal} | {proximal} | 0      | {reason}
    """)


def test_a_small_distal_response_cannot_be_judged():
    assert_graded("""
        case                   | amp_d | lln | area_p | line? | reason?
        -----------------------+-------+-----+--------+-------+--------------------------
        1 mV                   | 1     |     | 0      | 3     | DISTAL_RESPONSE_TOO_SMALL
        more than 1 mV         | 1.001 |     | 0      | 5     |
        20 % of its limit      | 1.2   | 6   | 0      | 3     | DISTAL_RESPONSE_TOO_SMALL
        20 %, uneven in binary | 1.32  | 6.6 | 0      | 3     | DISTAL_RESPONSE_TOO_SMALL
        more than 20 %         | 1.21  | 6   | 0      | 5     |
        limit unknown          | 1.2   |     | 0      | 5     |
        before missing values  | 1     |     |        | 3     | DISTAL_RESPONSE_TOO_SMALL
    """)


def test_areas_are_needed_and_durations_where_there_is_a_proximal_response():
    assert_graded("""
        case                       | area_d | area_p | dur_d | dur_p | grade?         | line?
        ---------------------------+--------+--------+-------+-------+----------------+------
        no distal area             |        | 10     | 10    | 10    | not_assessable | 4
        no proximal area           | 20     |        | 10    | 10    | not_assessable | 4
        distal area 0              | 0      | 10     | 10    | 10    | not_assessable | 4
        both areas 0               | 0      | 0      | 10    | 10    | not_assessable | 4
        no distal duration         | 20     | 20     |       | 10    | not_assessable | 4
        no proximal duration       | 20     | 20     | 10    |       | not_assessable | 4
        distal duration 0          | 20     | 20     | 0     | 10    | not_assessable | 4
        absent: no duration needed | 20     | 0      |       |       | definite       | 5
        absent: duration ignored   | 20     | 0      | 10    | 20    | definite       | 5
        absent: duration 0         | 20     | 0      | 0     | 0     | definite       | 5
    """)


def test_half_the_area_lost_is_block_and_temporal_dispersion_makes_it_probable():
    assert_graded("""
        case            | from  | to  | area_d | area_p | dur_d | dur_p  | grade?   | line?
        ----------------+-------+-----+--------+--------+-------+--------+----------+------
        exactly half    | elbow | erb | 20     | 10     | 10    | 13     | definite | 5
        uneven decimals | elbow | erb | 8.2    | 4.1    | 4.1   | 5.33   | definite | 5
        a little longer | elbow | erb | 20     | 10     | 10    | 13.001 | probable | 6
        less than half  | elbow | erb | 20     | 10.01  | 10    | 10     | none     | 8
        shorter         | elbow | erb | 20     | 10     | 10    | 5      | definite | 5
    """)


def test_a_lesser_loss_is_probable_in_a_long_arm_segment_without_dispersion():
    assert_graded("""
        case       | nerve   | from  | to                 | area_p | dur_p  | grade?   | line?
        -----------+---------+-------+--------------------+--------+--------+----------+------
        30 %       | median  | wrist | elbow              | 14     | 13     | probable | 7
        less       | median  | wrist | elbow              | 14.001 | 10     | none     | 8
        dispersed  | median  | wrist | elbow              | 14     | 13.001 | none     | 8
        not long   | median  | elbow | erb                | 14     | 10     | none     | 8
        lower limb | fibular | ankle | fibular_head_below | 14     | 10     | none     | 8
    """)


@pytest.mark.parametrize(
    ("distal", "proximal", "grade"),
    [
        ("wrist", "below_elbow", "probable"),
        ("wrist", "elbow", "probable"),
        ("wrist", "above_elbow", "probable"),
        ("wrist", "axilla", "none"),
        ("below_elbow", "elbow", "none"),
        ("below_elbow", "axilla", "none"),
        ("elbow", "above_elbow", "none"),
        ("elbow", "axilla", "probable"),
        ("above_elbow", "axilla", "probable"),
        ("above_elbow", "erb", "none"),
        ("axilla", "erb", "probable"),
        ("erb", "axilla", "none"),  # a segment runs from distal to proximal
    ],
)
def test_long_segments_of_the_arm_are_named(distal, proximal, grade):
    assert_graded(f"""
        nerve  | from     | to         | area_p | grade?
        -------+----------+------------+--------+--------
        radial | {distal} | {proximal} | 12     | {grade}
    """)


def test_every_result_keeps_what_it_was_decided_by():
    recorded, _ = segments("""
        amp_d | amp_p | area_p | dur_p | lln | reported_block
        ------+-------+--------+-------+-----+---------------
        8     | 6     | 9      | 12    | 5   | none
    """)

    graded = graded_segments(recorded, PATIENTS, NO_LIMITS).iloc[0]

    assert graded.drop(["studied_on"]).to_dict() == {
        "study_id": "P1",
        "nerve": "median",
        "side": "left",
        "distal_site": "wrist",
        "proximal_site": "elbow",
        "reported_block": "none",  # the laboratory's own opinion is never overwritten
        "area_loss": 0.55,
        "amplitude_loss": 0.25,
        "duration_increase": 0.2,
        "lower_limit_mv": 5,
        "lower_limit_from": "segment",
        "grade": "definite",
        "grade_reason": "",
        "line": "5",
    }


def test_the_lower_limit_is_the_segments_own_else_the_latest_of_its_centre_by_the_day():
    patients = complete(
        "patients",
        text_frame("""
            study_id | centre | included_on
            ---------+--------+------------
            P1       | C1     | 2010-01-01
            P2       | C2     | 2010-01-01
            P3       | C3     | 2010-01-01
        """),
    )
    limits = complete(
        "lower_limits",
        text_frame("""
            centre | nerve  | valid_from | distal_amplitude_lln_mv
            -------+--------+------------+------------------------
            C1     | median | 2020-01-01 | 4.5
            C1     | median | 2015-01-01 | 4
            C1     | ulnar  | 2015-01-01 | 7
            C2     | median | 2015-01-01 | 5
        """),
    )
    recorded, expected = segments("""
        study_id | studied_on | nerve  | lln | limit? | from?
        ---------+------------+--------+-----+--------+--------
        P1       | 2020-01-01 | median | 3   | 3.0    | segment
        P1       | 2020-01-01 | median |     | 4.5    | centre
        P1       | 2019-12-31 | median |     | 4.0    | centre
        P1       | 2015-01-01 | median |     | 4.0    | centre
        P1       | 2014-12-31 | median |     | nan    |
        P1       | 2021-01-01 | ulnar  |     | 7.0    | centre
        P1       | 2021-01-01 | radial |     | nan    |
        P2       | 2021-01-01 | median |     | 5.0    | centre
        P2       | 2021-01-01 | ulnar  |     | nan    |
        P3       | 2021-01-01 | median |     | nan    |
    """)

    found = lower_limits_of_normal(recorded, patients, limits)

    assert found["lower_limit_mv"].map(str).tolist() == expected["limit?"].tolist()
    assert found["lower_limit_from"].tolist() == expected["from?"].tolist()


def test_the_centres_limit_decides_like_the_segments_own():
    limits = complete(
        "lower_limits",
        text_frame("""
            centre | nerve  | valid_from | distal_amplitude_lln_mv
            -------+--------+------------+------------------------
            C1     | median | 2020-01-01 | 6
        """),
    )
    recorded, _ = segments("""
        studied_on | amp_d
        -----------+------
        2020-01-01 | 1.2
        2019-12-31 | 1.2
    """)

    graded = graded_segments(recorded, PATIENTS, limits)

    assert graded["grade"].tolist() == ["not_assessable", "none"]


def test_utrecht_asks_for_area_in_long_and_amplitude_in_short_segments():
    assert_graded(
        """
        case                | from  | to    | mm   | amp_p | area_p | grade?   | line?
        --------------------+-------+-------+------+-------+--------+----------+------
        half the area, long | wrist | elbow | 200  | 10    | 10     | definite | 5
        less, long          | wrist | elbow | 200  | 10    | 10.001 | none     | 8
        half, not long      | elbow | erb   | 200  | 10    | 0      | none     | 8
        amplitude, short    | elbow | erb   | 25   | 7     | 20     | definite | 6
        amplitude, longer   | elbow | erb   | 25.1 | 7     | 20     | none     | 8
        less, short         | elbow | erb   | 25   | 7.001 | 20     | none     | 8
        amplitude, long     | wrist | elbow | 200  | 7     | 20     | probable | 7
        less, long          | wrist | elbow | 200  | 7.001 | 20     | none     | 8
        """,
        UTRECHT,
    )


def test_utrecht_disregards_a_longer_duration():
    assert_graded(
        """
        area_p | dur_p | grade?
        -------+-------+---------
        10     | 20    | definite
        10     |       | definite
        """,
        UTRECHT,
    )


def test_a_value_that_utrecht_lacks_makes_only_its_own_condition_not_met():
    assert_graded(
        """
        case              | from  | to    | mm  | amp_p | area_d | area_p | grade?         | line?
        ------------------+-------+-------+-----+-------+--------+--------+----------------+------
        no area           | wrist | elbow | 200 | 7     |        | 10     | probable       | 7
        distal area 0     | wrist | elbow | 200 | 7     | 0      | 0      | probable       | 7
        no amplitude      | wrist | elbow | 200 |       | 20     | 10     | definite       | 5
        only a distance   | wrist | elbow | 20  |       | 20     |        | not_assessable | 4
        no distance       | elbow | erb   |     | 5     | 20     | 20     | none           | 8
        no distance, long | wrist | elbow |     | 5     | 20     | 20     | probable       | 7
        """,
        UTRECHT,
    )


def test_utrecht_shares_the_lines_before_the_values():
    assert_graded(
        """
        nerve  | from  | to              | excluded | amp_d | line? | reason?
        -------+-------+-----------------+----------+-------+-------+--------------------------
        median | wrist | elbow           | cold     | 10    | 0     | EXCLUDED
        tibial | ankle | popliteal_fossa |          | 10    | 0     | NERVE_NOT_IN_CRITERIA
        median | wrist | elbow           |          |       | 1     | MISSING_VALUES
        ulnar  | wrist | elbow           |          | 10    | 2     | ENTRAPMENT_SITE
        median | wrist | elbow           |          | 1     | 3     | DISTAL_RESPONSE_TOO_SMALL
        """,
        UTRECHT,
    )


def test_criteria_sets_are_named_and_versioned_and_another_is_refused():
    recorded, _ = segments("nerve\n-\nmedian")

    assert {name: criteria.version for name, criteria in CRITERIA.items()} == {
        "EFNS/PNS 2010": "1",
        "Utrecht": "1",
    }
    with pytest.raises(ValueError, match="No criteria set is named 'AAEM'; there are EFNS/PNS"):
        graded_segments(recorded, PATIENTS, NO_LIMITS, replace(RULES, criteria="AAEM"))


def test_what_if_another_share_of_area_makes_a_block():
    recorded, _ = segments("from | to | area_p\n-\nelbow | erb | 8")

    graded = graded_segments(recorded, PATIENTS, NO_LIMITS, replace(RULES, definite_area_loss=0.7))

    assert graded["grade"].tolist() == ["none"]


def test_no_segments_are_no_grades():
    graded = graded_segments(complete("nerve_segments", pd.DataFrame()), PATIENTS, NO_LIMITS)

    assert graded.empty
