"""Criteria sets for conduction block: named, versioned lists of lines (rules, section 5).

The first line that applies decides a segment, and the result keeps which line that was.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from outcomes.derivation.columns import Bools, Floats, Ints
from outcomes.derivation.rules import Rules
from patients.vocabulary import UPPER_LIMB_NERVES, BlockGrade, MotorNerve, StimulationSite

NERVE_WORDS = pd.Index([nerve.value for nerve in MotorNerve], dtype="str")
SITE_WORDS = pd.Index([site.value for site in StimulationSite], dtype="str")

NOT_ASSESSABLE = "not_assessable"

# 13 ms against 10 ms is an increase of 0.30 exactly; in binary 13 / 10 - 1 is a little more.
EXACT_DECIMALS = 9


class BlockReason(StrEnum):
    """Why a segment cannot be graded."""

    EXCLUDED = "EXCLUDED"
    NERVE_NOT_IN_CRITERIA = "NERVE_NOT_IN_CRITERIA"
    MISSING_VALUES = "MISSING_VALUES"
    ENTRAPMENT_SITE = "ENTRAPMENT_SITE"
    DISTAL_RESPONSE_TOO_SMALL = "DISTAL_RESPONSE_TOO_SMALL"


@dataclass(frozen=True)
class Measures:
    """What the lines read: one value per segment, NaN where it is not known.

    Nerves and sites are positions in `NERVE_WORDS` and `SITE_WORDS`, -1 for any other word.
    """

    nerve: Ints
    distal_site: Ints
    proximal_site: Ints
    is_excluded: Bools
    distal_mv: Floats
    lower_limit_mv: Floats
    area_loss: Floats
    amplitude_loss: Floats
    duration_increase: Floats
    distance_mm: Floats


@dataclass(frozen=True)
class Line:
    """One line of a criteria set: it decides where it applies, unless an earlier line has."""

    number: str
    applies: Bools
    grade: str
    reason: str = ""


@dataclass(frozen=True)
class BlockCriteria:
    """A criteria set: its name, version and source, and its lines for given measures."""

    name: str
    version: str
    source: str
    lines: Callable[[Measures, Rules], list[Line]]


Sites = tuple[StimulationSite, ...]
_SITE = StimulationSite

NERVES_IN_CRITERIA = (*UPPER_LIMB_NERVES, MotorNerve.FIBULAR)

# Where a nerve is commonly trapped, a drop says nothing about MMN.
ENTRAPMENTS: tuple[tuple[MotorNerve, Sites, Sites], ...] = (
    (
        MotorNerve.ULNAR,
        (_SITE.WRIST, _SITE.BELOW_ELBOW),
        (_SITE.ELBOW, _SITE.ABOVE_ELBOW, _SITE.AXILLA, _SITE.ERB),
    ),
    (
        MotorNerve.FIBULAR,
        (_SITE.ANKLE, _SITE.FIBULAR_HEAD_BELOW),
        (_SITE.FIBULAR_HEAD_ABOVE, _SITE.POPLITEAL_FOSSA),
    ),
)

# Segments of an upper limb nerve that are long enough for a lesser loss to count.
LONG_ARM_SEGMENTS: tuple[tuple[Sites, Sites], ...] = (
    ((_SITE.WRIST,), (_SITE.BELOW_ELBOW, _SITE.ELBOW, _SITE.ABOVE_ELBOW)),
    ((_SITE.ELBOW, _SITE.ABOVE_ELBOW), (_SITE.AXILLA,)),
    ((_SITE.AXILLA,), (_SITE.ERB,)),
)


def _segment_table(runs: Iterable[tuple[MotorNerve, Sites, Sites]]) -> Bools:
    """A truth table by nerve, distal and proximal site; its last places answer -1 with no."""
    shape = (len(NERVE_WORDS) + 1, len(SITE_WORDS) + 1, len(SITE_WORDS) + 1)
    table = np.zeros(shape, dtype=np.bool_)
    for nerve, distal_sites, proximal_sites in runs:
        distal = SITE_WORDS.get_indexer(pd.Index(distal_sites))
        proximal = SITE_WORDS.get_indexer(pd.Index(proximal_sites))
        table[NERVE_WORDS.get_loc(nerve), distal[:, None], proximal] = True
    return table


_SPANS_ENTRAPMENT = _segment_table(ENTRAPMENTS)
_IS_LONG_ARM = _segment_table(
    (nerve, distal, proximal)
    for nerve in UPPER_LIMB_NERVES
    for distal, proximal in LONG_ARM_SEGMENTS
)
_NERVES_IN_CRITERIA = NERVE_WORDS.get_indexer(pd.Index(NERVES_IN_CRITERIA))


def _is_long_arm(measures: Measures) -> Bools:
    where = (measures.nerve, measures.distal_site, measures.proximal_site)
    return _IS_LONG_ARM[where]


def _spans_entrapment(measures: Measures) -> Bools:
    where = (measures.nerve, measures.distal_site, measures.proximal_site)
    return _SPANS_ENTRAPMENT[where]


def _is_too_small(measures: Measures, rules: Rules) -> Bools:
    """An unknown lower limit leaves its condition out: a comparison with NaN is false."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.round(measures.distal_mv / measures.lower_limit_mv, EXACT_DECIMALS)
    is_small = measures.distal_mv <= rules.distal_amplitude_min_mv
    return is_small | (share <= rules.distal_amplitude_min_lln_share)


def _not_assessable(number: str, applies: Bools, reason: BlockReason) -> Line:
    return Line(number, applies, NOT_ASSESSABLE, reason.value)


def _shared_lines(measures: Measures, rules: Rules) -> list[Line]:
    """Lines 0 to 3, the same in both criteria sets."""
    is_elsewhere = ~np.isin(measures.nerve, _NERVES_IN_CRITERIA)
    return [
        _not_assessable("0", measures.is_excluded, BlockReason.EXCLUDED),
        _not_assessable("0", is_elsewhere, BlockReason.NERVE_NOT_IN_CRITERIA),
        _not_assessable("1", np.isnan(measures.distal_mv), BlockReason.MISSING_VALUES),
        _not_assessable("2", _spans_entrapment(measures), BlockReason.ENTRAPMENT_SITE),
        _not_assessable("3", _is_too_small(measures, rules), BlockReason.DISTAL_RESPONSE_TOO_SMALL),
    ]


def _otherwise(number: str, measures: Measures) -> Line:
    return Line(number, np.ones(len(measures.nerve), dtype=np.bool_), BlockGrade.NONE.value)


def _efns_pns_2010_lines(measures: Measures, rules: Rules) -> list[Line]:
    lacks_values = np.isnan(measures.area_loss) | np.isnan(measures.duration_increase)
    loses_half = measures.area_loss >= rules.definite_area_loss
    loses_a_third = measures.area_loss >= rules.probable_area_loss
    is_compact = measures.duration_increase <= rules.duration_increase_max
    return [
        *_shared_lines(measures, rules),
        _not_assessable("4", lacks_values, BlockReason.MISSING_VALUES),
        Line("5", loses_half & is_compact, BlockGrade.DEFINITE.value),
        Line("6", loses_half & ~is_compact, BlockGrade.PROBABLE.value),
        Line("7", loses_a_third & is_compact & _is_long_arm(measures), BlockGrade.PROBABLE.value),
        _otherwise("8", measures),
    ]


def _utrecht_lines(measures: Measures, rules: Rules) -> list[Line]:
    """Each condition reads only its own values: what is missing makes it not met, no more."""
    is_long = _is_long_arm(measures)
    is_short = measures.distance_mm <= rules.short_segment_mm
    loses_area = measures.area_loss >= rules.utrecht_definite_area_loss
    loses_amplitude = measures.amplitude_loss >= rules.utrecht_amplitude_loss
    # Amplitudes alone test the last condition, so a missing distance never leaves nothing tested.
    tests_nothing = np.isnan(measures.area_loss) & np.isnan(measures.amplitude_loss)
    return [
        *_shared_lines(measures, rules),
        _not_assessable("4", tests_nothing, BlockReason.MISSING_VALUES),
        Line("5", loses_area & is_long, BlockGrade.DEFINITE.value),
        Line("6", loses_amplitude & is_short, BlockGrade.DEFINITE.value),
        Line("7", loses_amplitude & is_long, BlockGrade.PROBABLE.value),
        _otherwise("8", measures),
    ]


EFNS_PNS_2010 = BlockCriteria(
    name="EFNS/PNS 2010",
    version="1",
    source="EFNS/PNS Joint Task Force, J. Peripher. Nerv. Syst. 15(4):295-301, 2010",
    lines=_efns_pns_2010_lines,
)
UTRECHT = BlockCriteria(
    name="Utrecht",
    version="1",
    source="Van den Berg-Vos et al., Ann. Neurol. 48(6):919-926, 2000",
    lines=_utrecht_lines,
)
CRITERIA = {criteria.name: criteria for criteria in (EFNS_PNS_2010, UTRECHT)}


def named_criteria(name: str) -> BlockCriteria:
    """The criteria set of this name; ValueError, naming the known ones, if there is none."""
    if name not in CRITERIA:
        known = ", ".join(CRITERIA)
        raise ValueError(f"No criteria set is named {name!r}; there are {known}.")
    return CRITERIA[name]
