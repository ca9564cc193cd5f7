"""Conduction block of each nerve segment: what was lost, and its grade (rules, section 5).

`block_criteria` holds the criteria sets, `block_change` what became of block between two studies.
"""

import numpy as np
import pandas as pd

from outcomes.derivation.block_criteria import (
    EXACT_DECIMALS,
    NERVE_WORDS,
    SITE_WORDS,
    Measures,
    named_criteria,
)
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import (
    Floats,
    Ints,
    codes,
    key_days,
    labels,
    sorted_timeline,
    take_or_nan,
)

_KEPT = [
    "study_id",
    "studied_on",
    "nerve",
    "side",
    "distal_site",
    "proximal_site",
    "reported_block",
]

# Where a lower limit of normal comes from; "" says that it is unknown.
LIMIT_SOURCES = pd.Index(["", "segment", "centre"], dtype="str")


def cmap_area_loss(distal_mv_ms: pd.Series, proximal_mv_ms: pd.Series) -> pd.Series:
    """Fraction of CMAP area lost between distal and proximal stimulation. [-]

    Parameters
    ----------
    distal_mv_ms, proximal_mv_ms : Series, one value per nerve segment
        Negative-peak area of the response. [mV·ms]

    Returns
    -------
    Series on the index of ``distal_mv_ms``, rounded to 9 decimals so that decimal boundaries are
    exact: 0.5 means half was lost, below 0 a gain. Missing where either area is missing, or where
    there was no distal response.

    Raises
    ------
    ValueError
        If an area is negative.

    References
    ----------
    .. [1] EFNS/PNS Joint Task Force, "Guideline on management of multifocal motor neuropathy,"
       J. Peripher. Nerv. Syst. 15(4):295-301, 2010. doi:10.1111/j.1529-8027.2010.00290.x
    """
    _refuse_negative("CMAP area", distal_mv_ms, proximal_mv_ms)
    return _share_lost(distal_mv_ms, proximal_mv_ms)


def cmap_amplitude_loss(distal_mv: pd.Series, proximal_mv: pd.Series) -> pd.Series:
    """Fraction of CMAP amplitude lost between distal and proximal stimulation. [-]

    Parameters
    ----------
    distal_mv, proximal_mv : Series, one value per nerve segment
        Negative-peak amplitude of the response. [mV]

    Returns
    -------
    Series on the index of ``distal_mv``, rounded to 9 decimals. Missing where either amplitude is
    missing, or where there was no distal response.

    Raises
    ------
    ValueError
        If an amplitude is negative.

    References
    ----------
    .. [1] R. M. Van den Berg-Vos et al., "Multifocal motor neuropathy: diagnostic criteria that
       predict the response to immunoglobulin treatment," Ann. Neurol. 48(6):919-926, 2000.
    """
    _refuse_negative("CMAP amplitude", distal_mv, proximal_mv)
    return _share_lost(distal_mv, proximal_mv)


def cmap_duration_increase(
    distal_ms: pd.Series, proximal_ms: pd.Series, proximal_area_mv_ms: pd.Series
) -> pd.Series:
    """Lengthening of the CMAP from distal to proximal stimulation. [-]

    Parameters
    ----------
    distal_ms, proximal_ms : Series, one value per nerve segment
        Duration of the negative peak. [ms]
    proximal_area_mv_ms : Series
        Area of the proximal response; 0 means that there was none. [mV·ms]

    Returns
    -------
    Series on the index of ``distal_ms``, rounded to 9 decimals: 0.3 means 30 % longer. An absent
    proximal response is 0, no increase, whatever its durations. Otherwise missing where either
    duration is missing, or where the distal one is 0.

    Raises
    ------
    ValueError
        If a duration is negative.

    References
    ----------
    .. [1] EFNS/PNS Joint Task Force, J. Peripher. Nerv. Syst. 15(4):295-301, 2010.
    """
    _refuse_negative("CMAP duration", distal_ms, proximal_ms)
    increase = (proximal_ms / distal_ms.where(distal_ms > 0) - 1).round(EXACT_DECIMALS)
    return increase.mask(proximal_area_mv_ms == 0, 0.0)


def lower_limits_of_normal(
    nerve_segments: pd.DataFrame, patients: pd.DataFrame, lower_limits: pd.DataFrame
) -> pd.DataFrame:
    """Lower limit of normal (LLN) of each segment's distal amplitude. [mV]

    Parameters
    ----------
    nerve_segments : DataFrame as in `Records`, one row per segment
    patients : DataFrame with ``study_id`` and ``centre``
    lower_limits : DataFrame as in `Records`
        The centres' tables: one row per centre, nerve and first day of validity.

    Returns
    -------
    DataFrame on the index of ``nerve_segments``: ``lower_limit_mv``, the segment's own, else the
    latest of the patient's centre that is valid on the day of the study, else missing; and
    ``lower_limit_from``, which of them: ``segment``, ``centre`` or "".
    """
    own_mv = nerve_segments["distal_amplitude_lln_mv"].to_numpy(dtype=float)
    has_own = np.isfinite(own_mv)
    limit_mv = own_mv.copy()
    limit_mv[~has_own] = _centre_limits_mv(nerve_segments[~has_own], patients, lower_limits)
    source = np.select([has_own, np.isfinite(limit_mv)], [1, 2], 0)
    return pd.DataFrame(
        {"lower_limit_mv": limit_mv, "lower_limit_from": labels(source, LIMIT_SOURCES)},
        index=nerve_segments.index,
    )


def graded_segments(
    nerve_segments: pd.DataFrame,
    patients: pd.DataFrame,
    lower_limits: pd.DataFrame,
    rules: Rules = RULES,
) -> pd.DataFrame:
    """Grade of conduction block of each nerve segment, with the line that decided it.

    Parameters
    ----------
    nerve_segments : DataFrame as in `Records`, one row per segment
        Amplitudes [mV], areas [mV·ms], durations [ms], distance [mm].
    patients : DataFrame with ``study_id`` and ``centre``
    lower_limits : DataFrame as in `Records`
    rules : Rules
        ``rules.criteria`` names the criteria set.

    Returns
    -------
    DataFrame on the index of ``nerve_segments``: its key columns and ``reported_block`` (the
    laboratory's own opinion, never overwritten); ``area_loss``, ``amplitude_loss`` and
    ``duration_increase`` [-], missing where their values are; ``lower_limit_mv`` [mV] and
    ``lower_limit_from`` ("" = unknown, and its condition was left out); ``grade`` (``definite``,
    ``probable``, ``none``, ``not_assessable``), ``grade_reason`` (`BlockReason`, "" where graded)
    and ``line``, the number of the deciding line as text.

    Raises
    ------
    ValueError
        If the criteria set is unknown, or an area, amplitude or duration is negative.

    References
    ----------
    .. [1] EFNS/PNS Joint Task Force, "Guideline on management of multifocal motor neuropathy,"
       J. Peripher. Nerv. Syst. 15(4):295-301, 2010. doi:10.1111/j.1529-8027.2010.00290.x
    .. [2] R. M. Van den Berg-Vos et al., Ann. Neurol. 48(6):919-926, 2000.
    """
    criteria = named_criteria(rules.criteria)
    limits = lower_limits_of_normal(nerve_segments, patients, lower_limits)
    measures = _measures(nerve_segments, limits["lower_limit_mv"].to_numpy(dtype=float))
    lines = criteria.lines(measures, rules)
    deciding = np.select([line.applies for line in lines], list(range(len(lines))))
    return nerve_segments[_KEPT].assign(
        area_loss=measures.area_loss,
        amplitude_loss=measures.amplitude_loss,
        duration_increase=measures.duration_increase,
        lower_limit_mv=limits["lower_limit_mv"],
        lower_limit_from=limits["lower_limit_from"],
        grade=_of_line([line.grade for line in lines])[deciding],
        grade_reason=_of_line([line.reason for line in lines])[deciding],
        line=_of_line([line.number for line in lines])[deciding],
    )


def _of_line(words: list[str]) -> "pd.Categorical[str]":
    """A word per line, compactly: many segments share few words."""
    return pd.Categorical(words, categories=list(dict.fromkeys(words)))


def _share_lost(distal: pd.Series, proximal: pd.Series) -> pd.Series:
    return (1 - proximal / distal.where(distal > 0)).round(EXACT_DECIMALS)


def _refuse_negative(quantity: str, *measured: pd.Series) -> None:
    if any((values < 0).any() for values in measured):
        raise ValueError(f"A {quantity} cannot be negative: check the signs in the exported study.")


def _measures(segments: pd.DataFrame, lower_limit_mv: Floats) -> Measures:
    area_loss = cmap_area_loss(segments["distal_area_mv_ms"], segments["proximal_area_mv_ms"])
    amplitude_loss = cmap_amplitude_loss(
        segments["distal_amplitude_mv"], segments["proximal_amplitude_mv"]
    )
    duration_increase = cmap_duration_increase(
        segments["distal_duration_ms"],
        segments["proximal_duration_ms"],
        segments["proximal_area_mv_ms"],
    )
    return Measures(
        nerve=codes(segments["nerve"], NERVE_WORDS),
        distal_site=codes(segments["distal_site"], SITE_WORDS),
        proximal_site=codes(segments["proximal_site"], SITE_WORDS),
        is_excluded=(segments["excluded"] != "").to_numpy(dtype=bool),
        distal_mv=segments["distal_amplitude_mv"].to_numpy(dtype=float),
        lower_limit_mv=lower_limit_mv,
        area_loss=area_loss.to_numpy(dtype=float),
        amplitude_loss=amplitude_loss.to_numpy(dtype=float),
        duration_increase=duration_increase.to_numpy(dtype=float),
        distance_mm=segments["distance_mm"].to_numpy(dtype=float),
    )


def _centre_limits_mv(
    segments: pd.DataFrame, patients: pd.DataFrame, lower_limits: pd.DataFrame
) -> Floats:
    centres = pd.Index(lower_limits["centre"].unique())
    centre_of_patient = np.append(codes(patients["centre"], centres), -1)
    patient = codes(segments["study_id"], pd.Index(patients["study_id"]))
    tables, order = sorted_timeline(
        _table_of(codes(lower_limits["centre"], centres), lower_limits["nerve"]),
        key_days(lower_limits["valid_from"]),
    )
    table = _table_of(centre_of_patient[patient], segments["nerve"])
    latest = tables.last_until(table, key_days(segments["studied_on"]))
    limits_mv = lower_limits["distal_amplitude_lln_mv"].to_numpy(dtype=float)[order]
    return take_or_nan(limits_mv, latest)


def _table_of(centre: Ints, nerves: pd.Series) -> Ints:
    """A number for each centre and nerve; -1 where either is unknown."""
    nerve = codes(nerves, NERVE_WORDS)
    return np.where((centre < 0) | (nerve < 0), -1, centre * len(NERVE_WORDS) + nerve)
