"""Conduction block of each nerve segment: what was lost, and its grade (rules, section 5).

`block_criteria` holds the criteria sets, `block_change` what became of block between two studies.
"""

from functools import cache
from typing import TypeVar

import numpy as np
import pandas as pd

from outcomes.derivation.block_criteria import (
    EXACT_DECIMALS,
    NERVE_WORDS,
    SITE_WORDS,
    Measures,
    named_criteria,
)
from outcomes.derivation.columns import Columns, Floats, Ints, Table, Words
from outcomes.derivation.rules import RULES, Rules
from outcomes.derivation.timeline import codes, labels, sorted_timeline, take_or_nan

# Values of segments as they come: a Series in a notebook, an array here.
Measured = TypeVar("Measured", pd.Series, Floats)

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


def cmap_area_loss(distal_mv_ms: Measured, proximal_mv_ms: Measured) -> Measured:
    """Fraction of CMAP area lost between distal and proximal stimulation. [-]

    Parameters
    ----------
    distal_mv_ms, proximal_mv_ms : Series or arrays, one value per nerve segment
        Negative-peak area of the response. [mV·ms]

    Returns
    -------
    As ``distal_mv_ms``, rounded to 9 decimals so that decimal boundaries are
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
    lost = _share_lost(np.asarray(distal_mv_ms), np.asarray(proximal_mv_ms))
    return _like(distal_mv_ms, lost)


def cmap_amplitude_loss(distal_mv: Measured, proximal_mv: Measured) -> Measured:
    """Fraction of CMAP amplitude lost between distal and proximal stimulation. [-]

    Parameters
    ----------
    distal_mv, proximal_mv : Series or arrays, one value per nerve segment
        Negative-peak amplitude of the response. [mV]

    Returns
    -------
    As ``distal_mv``, rounded to 9 decimals. Missing where either amplitude is
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
    return _like(distal_mv, _share_lost(np.asarray(distal_mv), np.asarray(proximal_mv)))


def cmap_duration_increase(
    distal_ms: Measured, proximal_ms: Measured, proximal_area_mv_ms: Measured
) -> Measured:
    """Lengthening of the CMAP from distal to proximal stimulation. [-]

    Parameters
    ----------
    distal_ms, proximal_ms : Series or arrays, one value per nerve segment
        Duration of the negative peak. [ms]
    proximal_area_mv_ms : Series or array
        Area of the proximal response; 0 means that there was none. [mV·ms]

    Returns
    -------
    As ``distal_ms``, rounded to 9 decimals: 0.3 means 30 % longer. An absent
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
    distal = np.where(distal_ms > 0, distal_ms, np.nan)
    increase = np.round(np.asarray(proximal_ms) / distal - 1, EXACT_DECIMALS)
    return _like(distal_ms, np.where(proximal_area_mv_ms == 0, 0.0, increase))


def lower_limits_of_normal(
    nerve_segments: pd.DataFrame, patients: Table, lower_limits: Table
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
    limits = _limits(Columns.of(nerve_segments), Columns.of(patients), Columns.of(lower_limits))
    return limits.frame(nerve_segments.index)


def _limits(segments: Columns, patients: Columns, lower_limits: Columns) -> Columns:
    own_mv = segments.floats("distal_amplitude_lln_mv")
    has_own = np.isfinite(own_mv)
    limit_mv = np.where(has_own, own_mv, _centre_limits_mv(segments, patients, lower_limits))
    source = np.select([has_own, np.isfinite(limit_mv)], [1, 2], 0)
    return Columns.named(
        {"lower_limit_mv": limit_mv, "lower_limit_from": labels(source, LIMIT_SOURCES)}
    )


def graded_segments(
    nerve_segments: pd.DataFrame,
    patients: Table,
    lower_limits: Table,
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
    return graded_columns(nerve_segments, patients, lower_limits, rules).frame(nerve_segments.index)


def graded_columns(
    nerve_segments: Table, patients: Table, lower_limits: Table, rules: Rules = RULES
) -> Columns:
    """What `graded_segments` returns, as columns."""
    segments = Columns.of(nerve_segments)
    criteria = named_criteria(rules.criteria)
    limits = _limits(segments, Columns.of(patients), Columns.of(lower_limits))
    measures = _measures(segments, limits.floats("lower_limit_mv"))
    lines = criteria.lines(measures, rules)
    deciding = np.select([line.applies for line in lines], list(range(len(lines))))
    return segments.select(_KEPT).assign(
        area_loss=measures.area_loss,
        amplitude_loss=measures.amplitude_loss,
        duration_increase=measures.duration_increase,
        lower_limit_mv=limits["lower_limit_mv"],
        lower_limit_from=limits["lower_limit_from"],
        grade=_of_line([line.grade for line in lines], deciding),
        grade_reason=_of_line([line.reason for line in lines], deciding),
        line=_of_line([line.number for line in lines], deciding),
    )


def _of_line(words: list[str], deciding: Ints) -> Words:
    """The word of the deciding lines, compactly: many segments share few words."""
    distinct = list(dict.fromkeys(words))
    code = np.array([distinct.index(word) for word in words])
    return Words(code[deciding], _index_of(tuple(distinct)))


@cache
def _index_of(words: tuple[str, ...]) -> pd.Index:
    return pd.Index(words, dtype="str")


def _share_lost(distal: Floats, proximal: Floats) -> Floats:
    lost: Floats = np.round(1 - proximal / np.where(distal > 0, distal, np.nan), EXACT_DECIMALS)
    return lost


def _like(measured: Measured, values: Floats) -> Measured:
    """Values as what was measured came: a Series with its index, or an array."""
    return pd.Series(values, measured.index) if isinstance(measured, pd.Series) else values


def _refuse_negative(quantity: str, *measured: pd.Series | Floats) -> None:
    if any((values < 0).any() for values in measured):
        raise ValueError(f"A {quantity} cannot be negative: check the signs in the exported study.")


def _measures(segments: Columns, lower_limit_mv: Floats) -> Measures:
    proximal_area = segments.floats("proximal_area_mv_ms")
    return Measures(
        nerve=codes(segments.words("nerve"), NERVE_WORDS),
        distal_site=codes(segments.words("distal_site"), SITE_WORDS),
        proximal_site=codes(segments.words("proximal_site"), SITE_WORDS),
        is_excluded=~segments.words("excluded").is_(""),
        distal_mv=segments.floats("distal_amplitude_mv"),
        lower_limit_mv=lower_limit_mv,
        area_loss=cmap_area_loss(segments.floats("distal_area_mv_ms"), proximal_area),
        amplitude_loss=cmap_amplitude_loss(
            segments.floats("distal_amplitude_mv"), segments.floats("proximal_amplitude_mv")
        ),
        duration_increase=cmap_duration_increase(
            segments.floats("distal_duration_ms"),
            segments.floats("proximal_duration_ms"),
            proximal_area,
        ),
        distance_mm=segments.floats("distance_mm"),
    )


def _centre_limits_mv(segments: Columns, patients: Columns, lower_limits: Columns) -> Floats:
    centres = lower_limits.words("centre")
    centre_of_patient = np.append(codes(patients.words("centre"), centres.words), -1)
    whose = patients.words("study_id")
    patient_of_word = np.full(len(whose.words) + 1, -1)
    patient_of_word[whose.code] = np.arange(len(patients))
    patient = patient_of_word[codes(segments.words("study_id"), whose.words)]
    tables, order = sorted_timeline(
        _table_of(centres.code, lower_limits.words("nerve")), lower_limits.key_days("valid_from")
    )
    table = _table_of(centre_of_patient[patient], segments.words("nerve"))
    latest = tables.last_until(table, segments.key_days("studied_on"))
    return take_or_nan(lower_limits.floats("distal_amplitude_lln_mv")[order], latest)


def _table_of(centre: Ints, nerves: Words) -> Ints:
    """A number for each centre and nerve; -1 where either is unknown."""
    nerve = codes(nerves, NERVE_WORDS)
    return np.where((centre < 0) | (nerve < 0), -1, centre * len(NERVE_WORDS) + nerve)
