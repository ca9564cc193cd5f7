"""Conduction block of a segment and its change between two studies (outcomes.md §5)."""

from datetime import timedelta
from fractions import Fraction

from .records import remembered
from .treatment import index_on

ARM = {"median", "ulnar", "radial", "musculocutaneous"}
LONG = {
    *(("wrist", "below_elbow"), ("wrist", "elbow"), ("wrist", "above_elbow")),
    *(("elbow", "axilla"), ("above_elbow", "axilla"), ("axilla", "erb")),
}
ENTRAPMENT = {
    "ulnar": (
        {"wrist", "below_elbow"},
        {"elbow", "above_elbow", "axilla", "erb"},
    ),
    "fibular": (
        {"ankle", "fibular_head_below"},
        {"fibular_head_above", "popliteal_fossa"},
    ),
}
KEY = ("nerve", "side", "distal_site", "proximal_site")
BLOCK = {"definite", "probable"}
NOT_ASSESSABLE = "not_assessable"


def lower_limit(own, row):
    """§5: "the segment's own, else the centre's table: the latest valid_from on or before the
    study; where unknown, its condition is left out".
    """
    if row["distal_amplitude_lln_mv"] is not None:
        return row["distal_amplitude_lln_mv"]
    valid = [
        (limit["valid_from"], limit["distal_amplitude_lln_mv"])
        for limit in own["lower_limits"]
        if limit["nerve"] == row["nerve"] and limit["valid_from"] <= row["studied_on"]
    ]
    return max(valid)[1] if valid else None


def is_long_arm_segment(row):
    return row["nerve"] in ARM and (row["distal_site"], row["proximal_site"]) in LONG


def spans_entrapment_site(row):
    distal, proximal = ENTRAPMENT.get(row["nerve"], ((), ()))
    return row["distal_site"] in distal and row["proximal_site"] in proximal


def reason_before_the_values(own, row):
    """§5, lines 0 to 3, which both sets of criteria share; "" where none applies."""
    amplitude, limit = row["distal_amplitude_mv"], lower_limit(own, row)
    lines = [
        (row["excluded"] != "", "EXCLUDED"),
        (row["nerve"] == "tibial", "NERVE_NOT_IN_CRITERIA"),
        (amplitude is None, "MISSING_VALUES"),
        (spans_entrapment_site(row), "ENTRAPMENT_SITE"),
        (amplitude is not None and amplitude <= 1, "DISTAL_RESPONSE_TOO_SMALL"),
        (
            amplitude is not None and limit is not None and amplitude <= Fraction(1, 5) * limit,
            "DISTAL_RESPONSE_TOO_SMALL",
        ),
    ]
    return next((reason for applies, reason in lines if applies), "")


def area_loss(row):
    """1 − area_p/area_d; None where an area is missing or the distal area is 0."""
    distal, proximal = row["distal_area_mv_ms"], row["proximal_area_mv_ms"]
    if distal is None or proximal is None or distal == 0:
        return None
    return 1 - proximal / distal


def amplitude_loss(row):
    distal, proximal = row["distal_amplitude_mv"], row["proximal_amplitude_mv"]
    if distal is None or proximal is None or distal == 0:
        return None
    return 1 - proximal / distal


def duration_increase(row):
    """dur_p/dur_d − 1; "An absent proximal response (area 0) …: its duration counts as no
    increase". None where it is needed and missing.
    """
    if row["proximal_area_mv_ms"] == 0:
        return Fraction(0)
    distal, proximal = row["distal_duration_ms"], row["proximal_duration_ms"]
    if distal is None or proximal is None or distal == 0:
        return None
    return proximal / distal - 1


def grade_efns(own, row):
    """§5 EFNS/PNS 2010: first line that applies. (grade, reason)"""
    reason = reason_before_the_values(own, row)
    if reason:
        return NOT_ASSESSABLE, reason
    lost, longer = area_loss(row), duration_increase(row)
    if lost is None or longer is None:
        return NOT_ASSESSABLE, "MISSING_VALUES"
    half, third = Fraction(1, 2), Fraction(3, 10)
    if lost >= half:
        return ("definite" if longer <= third else "probable"), ""
    if lost >= third and longer <= third and is_long_arm_segment(row):
        return "probable", ""
    return "none", ""


def grade_utrecht(own, row):
    """§5 Utrecht: "each condition needs only its own values … if no condition could be tested:
    not_assessable, MISSING_VALUES". (grade, reason)
    """
    reason = reason_before_the_values(own, row)
    if reason:
        return NOT_ASSESSABLE, reason
    area, amplitude, distance = area_loss(row), amplitude_loss(row), row["distance_mm"]
    if area is None and amplitude is None:
        return NOT_ASSESSABLE, "MISSING_VALUES"
    is_long = is_long_arm_segment(row)
    is_short = distance is not None and distance <= 25
    if is_long and area is not None and area >= Fraction(1, 2):
        return "definite", ""
    amplitude_fell = amplitude is not None and amplitude >= Fraction(3, 10)
    if is_short and amplitude_fell:
        return "definite", ""
    return ("probable" if is_long and amplitude_fell else "none"), ""


@remembered
def studies(own):
    """§5: "A study = all segments of one date." {day: {key: (grade, reason)}}."""
    found = {}
    for row in own["nerve_segments"]:
        key = tuple(row[column] for column in KEY)
        found.setdefault(row["studied_on"], {})[key] = grade_efns(own, row)
    return found


def first_and_last_study_on(own):
    """§5: "First = the last study on or before index_on + 30, else (or without an infusion) the
    earliest; last = the latest study on or before as_of".
    """
    days = sorted(studies(own))
    if not days:
        return None, None
    index = index_on(own)
    early = [day for day in days if index and day <= index + timedelta(days=30)]
    return (early[-1] if early else days[0]), days[-1]


def key_changes(first, last):
    """§5: the category of every key of the first study and of the last one. {key: category}"""
    changes = {}
    for key in first.keys() | last.keys():
        grade_first, _ = first.get(key, (NOT_ASSESSABLE, ""))
        grade_last, reason_last = last.get(key, (NOT_ASSESSABLE, "ABSENT"))
        if grade_first == NOT_ASSESSABLE:
            changes[key] = "first_seen"
        elif grade_last != NOT_ASSESSABLE:
            changes[key] = {
                (True, True): "persistent",
                (True, False): "resolved",
                (False, True): "new",
                (False, False): "no_block",
            }[grade_first in BLOCK, grade_last in BLOCK]
        elif grade_first in BLOCK:
            changes[key] = _block_no_longer_assessable(reason_last)
        else:
            changes[key] = "not_counted"
    return changes


def _block_no_longer_assessable(reason):
    if reason == "DISTAL_RESPONSE_TOO_SMALL":
        return "lost_to_axonal_loss"
    # "absent from the study, MISSING_VALUES or EXCLUDED"
    return "not_retested"


def block_change(own):
    """§5: blocks_first, blocks_last, category and reason."""
    day_first, day_last = first_and_last_study_on(own)
    result = {"blocks_first": None, "blocks_last": None, "block_change": "not_evaluable"}
    if day_first is None:
        return result | {"block_change_reason": "NO_STUDY"}
    if day_first == day_last:
        return result | {"block_change_reason": "FEWER_THAN_2_STUDIES"}
    first, last = studies(own)[day_first], studies(own)[day_last]
    changes = key_changes(first, last)
    shared = [
        key
        for key in first.keys() & last.keys()
        if first[key][0] != NOT_ASSESSABLE and last[key][0] != NOT_ASSESSABLE
    ]
    if shared:
        result["blocks_first"] = sum(first[key][0] in BLOCK for key in shared)
        result["blocks_last"] = sum(last[key][0] in BLOCK for key in shared)
    if "lost_to_axonal_loss" in changes.values():
        return result | {"block_change_reason": "AXONAL_LOSS"}
    if not shared:
        return result | {"block_change_reason": "NO_COMMON_SEGMENT"}
    difference = result["blocks_last"] - result["blocks_first"]
    category = "decreased" if difference < 0 else "increased" if difference else "unchanged"
    return result | {"block_change": category, "block_change_reason": ""}
