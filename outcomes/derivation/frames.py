"""The recorded tables as frames: their columns, reading a bundle, and what counts on a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NoReturn, overload

import numpy as np
import pandas as pd

from outcomes.derivation.columns import Column, Columns, Words
from patients.vocabulary import MRC_THIRDS, DatePrecision

# Columns in the order of the bundle. Its other tables (lots, reactions, consents) shape no outcome.
COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "patients": "study_id centre sex birth_year onset_on onset_precision diagnosed_on "
        "diagnosed_precision included_on prior_immunoglobulin clinician_response "
        "atrophy_at_baseline deceased_on",
        "visits": "study_id visited_on weight_kg onls_arm onls_leg incat_arm incat_leg mmn_rods",
        "muscle_scores": "study_id visited_on muscle side mrc_grade mrc_thirds not_tested_reason "
        "not_due_to_mmn origin",
        "grip_strengths": "study_id visited_on side device value",
        "infusions": "study_id given_on route product dose_g",
        "regimens": "study_id started_on route product planned_dose_g planned_interval_days "
        "ended_on end_reason",
        "dose_attempts": "study_id attempted_on kind outcome",
        "immunosuppressants": "study_id drug started_on ended_on",
        "nerve_segments": "study_id studied_on nerve side distal_site proximal_site "
        "distal_amplitude_mv proximal_amplitude_mv distal_area_mv_ms proximal_area_mv_ms "
        "distal_duration_ms proximal_duration_ms distal_amplitude_lln_mv distance_mm excluded "
        "reported_block",
        "laboratory": "study_id taken_on test value unit interpretation method cutoff",
        "findings": "study_id observed_on finding state",
        "lower_limits": "centre nerve valid_from distal_amplitude_lln_mv",
    }.items()
}

# The date that dates a record: what lies after `as_of` is not known yet.
DATED_BY = {
    "patients": "included_on",
    "visits": "visited_on",
    "muscle_scores": "visited_on",
    "grip_strengths": "visited_on",
    "infusions": "given_on",
    "regimens": "started_on",
    "dose_attempts": "attempted_on",
    "immunosuppressants": "started_on",
    "nerve_segments": "studied_on",
    "laboratory": "taken_on",
    "findings": "observed_on",
    "lower_limits": "valid_from",
}

_PARTIAL_DATES = {"onset_on": "onset_precision", "diagnosed_on": "diagnosed_precision"}
_NUMBERS = (
    *("birth_year", "weight_kg", "mrc_thirds", "value", "distance_mm"),
    *("onls_arm", "onls_leg", "incat_arm", "incat_leg", "mmn_rods"),
    *("dose_g", "planned_dose_g", "planned_interval_days"),
    *("distal_amplitude_mv", "proximal_amplitude_mv", "distal_amplitude_lln_mv"),
    *("distal_area_mv_ms", "proximal_area_mv_ms", "distal_duration_ms", "proximal_duration_ms"),
)
# Columns that this module computes and that no bundle holds.
_COMPUTED = frozenset({"onset_precision", "diagnosed_precision", "mrc_thirds"})


class FrameError(ValueError):
    """A frame is not shaped as its readers need it; the message says what it lacks."""


class _Frame:
    """A table that is a frame for who asks for one, and was perhaps never made before."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, records: None, owner: type) -> NoReturn: ...
    @overload
    def __get__(self, records: Records, owner: type) -> pd.DataFrame: ...
    def __get__(self, records: Records | None, owner: type) -> pd.DataFrame:
        if records is None:
            raise AttributeError(self._name)  # a field without a default
        table: pd.DataFrame | Columns = vars(records)[self._name]
        if isinstance(table, Columns):
            table = vars(records)[self._name] = table.frame()
        return table

    def __set__(self, records: Records, table: pd.DataFrame | Columns) -> None:
        vars(records)[self._name] = table
        if isinstance(table, Columns):
            records.read_already()[self._name] = table


class _Read:
    """Tables that were read as columns; beside the fields, which are frames."""

    __slots__ = ("_columns",)
    _columns: dict[str, Columns]

    def read_already(self) -> dict[str, Columns]:
        if not hasattr(self, "_columns"):
            object.__setattr__(self, "_columns", {})
        return self._columns


@dataclass(frozen=True)
class Records(_Read):
    """The recorded tables of a cohort, one frame each, columns named as in the bundle.

    Days are datetime64[s] (NaT = not recorded), partial dates the first day they may mean with
    their precision beside them, codes text ("" = not recorded), numbers float64 (NaN = not
    recorded). Text columns may be categorical: the derivation reads either. A table may be given
    as `Columns`: it becomes a frame when somebody asks for one.
    """

    patients: _Frame = _Frame()
    visits: _Frame = _Frame()
    muscle_scores: _Frame = _Frame()
    grip_strengths: _Frame = _Frame()
    infusions: _Frame = _Frame()
    regimens: _Frame = _Frame()
    dose_attempts: _Frame = _Frame()
    immunosuppressants: _Frame = _Frame()
    nerve_segments: _Frame = _Frame()
    laboratory: _Frame = _Frame()
    findings: _Frame = _Frame()
    lower_limits: _Frame = _Frame()

    def columns(self, name: str) -> Columns:
        """A table by its name, as the rules read it."""
        columns = self.read_already()
        if name not in columns:
            columns[name] = Columns.of(vars(self)[name])
        return columns[name]


def empty_records() -> Records:
    """Records of nobody: every table with its columns and types, and no row."""
    return Records(**{name: complete(name, pd.DataFrame()) for name in COLUMNS})


def read_bundle(folder: str | Path) -> Records:
    """Read a bundle's folder of CSV files for a notebook or a test.

    Parameters
    ----------
    folder : path of a folder with the bundle's CSV files
        A file may be absent: no such records.

    Returns
    -------
    Records, typed, rows in the order of the files. Nothing is validated: `load_bundle` is the door
    that refuses.

    Raises
    ------
    FrameError
        If a file lacks a column that dates or names its records, or holds an unknown one.
    ValueError
        If a date, number or grade cannot be read.
    """
    return Records(**{name: _read_table(Path(folder), name) for name in COLUMNS})


def complete(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame every column of its table, typed; what it lacks is not recorded.

    Parameters
    ----------
    table : name of a field of `Records`
    frame : DataFrame with some of the table's columns, as text or typed already

    Returns
    -------
    DataFrame with the table's columns in their order and types.

    Raises
    ------
    FrameError
        If a frame with rows lacks the columns that say whose and of which day a record is, or has
        a column that the table does not know.
    """
    _check_columns(table, frame)
    columns = {column: _typed(column, frame) for column in COLUMNS[table]}
    return pd.DataFrame(columns, index=frame.index)


def known_on(records: Records, as_of: date) -> Records:
    """Keep what counts on a day (rules, section 0).

    Parameters
    ----------
    records : Records
    as_of : date
        The day; what is dated on it counts.

    Returns
    -------
    Records of the patients included on or before ``as_of``, dated on or before it. An end (with
    its reason) or a death after it counts as not recorded. The tables given are not changed.
    """
    day = int(np.datetime64(as_of, "D").astype(np.int64))
    recorded = records.columns("patients")
    patients = _dated_until(recorded, DATED_BY["patients"], day)
    is_included = patients.words("study_id") if len(patients) < len(recorded) else None
    kept = {"patients": _forget_after(patients, "deceased_on", day)}
    for name, dated_by in DATED_BY.items():
        if name == "patients":
            continue
        table = _dated_until(records.columns(name), dated_by, day, is_included)
        if "ended_on" in table:
            table = _forget_after(table, "ended_on", day, reason="end_reason")
        kept[name] = table
    return Records(**kept)


def _dated_until(
    table: Columns, dated_by: str, day: int, study_ids: Words | None = None
) -> Columns:
    """Rows dated on or before a day, and only of these patients if they are named."""
    is_known = table.days(dated_by) <= day
    if study_ids is not None and "study_id" in table:
        is_known &= table.words("study_id").is_among(study_ids)
    return table.where(is_known)


def _forget_after(table: Columns, column: str, day: int, reason: str = "") -> Columns:
    is_later = table.days(column) > day
    if not is_later.any():
        return table
    forgotten: dict[str, Column] = {
        column: np.where(is_later, np.datetime64("NaT"), table.dates(column))
    }
    if reason in table:
        forgotten[reason] = table.words(reason).with_(is_later, "")
    return table.assign(**forgotten)


def _read_table(folder: Path, table: str) -> pd.DataFrame:
    path = folder / f"{table}.csv"
    if not path.exists():
        return complete(table, pd.DataFrame())
    text = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    return complete(table, text)


def _check_columns(table: str, frame: pd.DataFrame) -> None:
    unknown = [column for column in frame.columns if column not in COLUMNS[table]]
    needed = ("study_id" if "study_id" in COLUMNS[table] else "centre", DATED_BY[table])
    lacking = [column for column in needed if column not in frame.columns] if len(frame) else []
    held = ", ".join(map(str, frame.columns))
    if unknown:
        raise FrameError(f"{table} knows no {', '.join(map(str, unknown))}; the frame has {held}.")
    if lacking:
        raise FrameError(f"{table} lacks {', '.join(lacking)}; the frame has {held}.")


def _typed(column: str, frame: pd.DataFrame) -> pd.Series:
    if column in _COMPUTED and column not in frame:
        return _computed(column, frame)
    if column not in frame:
        return _typed_text(column)(pd.Series("", index=frame.index, dtype="str"))
    if isinstance(frame[column].dtype, pd.StringDtype) or frame[column].dtype == object:
        return _typed_text(column)(frame[column].fillna("").astype("str"))
    return frame[column]


def _typed_text(column: str) -> Callable[[pd.Series], pd.Series]:
    if column in _PARTIAL_DATES:
        return _first_day
    if column == "valid_from" or column.endswith("_on"):
        return _day
    return _number if column in _NUMBERS else _text


def _computed(column: str, frame: pd.DataFrame) -> pd.Series:
    if column == "mrc_thirds":
        return _thirds(frame)
    partial = {precision: day for day, precision in _PARTIAL_DATES.items()}[column]
    written = frame.get(partial, pd.Series("", index=frame.index, dtype="str"))
    words = {0: "", 4: DatePrecision.YEAR, 7: DatePrecision.MONTH, 10: DatePrecision.DAY}
    return written.str.len().map(words).astype("str")


def _thirds(frame: pd.DataFrame) -> pd.Series:
    grades = frame.get("mrc_grade", pd.Series("", index=frame.index, dtype="str"))
    unknown = sorted(set(grades.unique()) - set(MRC_THIRDS) - {"NT"})
    if unknown:
        raise ValueError(f"No MRC grade is written {', '.join(map(repr, unknown))}.")
    by_grade = grades.astype("category")
    thirds = by_grade.cat.categories.map(MRC_THIRDS).to_numpy(dtype=float)
    return pd.Series(thirds[by_grade.cat.codes], index=frame.index, dtype="float64")


def _text(written: pd.Series) -> pd.Series:
    return written


def _number(written: pd.Series) -> pd.Series:
    return pd.to_numeric(written.where(written != "")).astype("float64")


def _day(written: pd.Series) -> pd.Series:
    return pd.to_datetime(written.where(written != ""), format="%Y-%m-%d").astype("datetime64[s]")


def _first_day(written: pd.Series) -> pd.Series:
    completed = written + written.str.len().map({0: "", 4: "-01-01", 7: "-01", 10: ""})
    return _day(completed.astype("str"))
