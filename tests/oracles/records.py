"""Bundles as plain lists of rows: the oracle's own small reader (bundle.md).

A bundle is ``{table: [row, …]}``; a row is ``{column: value}``. Full dates are ``date`` or None,
numbers are exact ``Fraction`` or None, everything else is text, "" where nothing was recorded.
Partial dates stay text ("2003", "2003-05", "2003-05-17").
"""

import csv
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

COLUMNS = {
    table: columns.split()
    for table, columns in {
        "patients": "study_id centre sex birth_year onset_on diagnosed_on included_on"
        " prior_immunoglobulin clinician_response atrophy_at_baseline deceased_on",
        "visits": "study_id visited_on weight_kg onls_arm onls_leg incat_arm incat_leg mmn_rods",
        "muscle_scores": "study_id visited_on muscle side mrc_grade not_tested_reason"
        " not_due_to_mmn origin",
        "grip_strengths": "study_id visited_on side device value",
        "infusions": "study_id given_on route product dose_g",
        "regimens": "study_id started_on route product planned_dose_g planned_interval_days"
        " ended_on end_reason",
        "dose_attempts": "study_id attempted_on kind outcome",
        "immunosuppressants": "study_id drug started_on ended_on",
        "nerve_segments": "study_id studied_on nerve side distal_site proximal_site"
        " distal_amplitude_mv proximal_amplitude_mv distal_area_mv_ms proximal_area_mv_ms"
        " distal_duration_ms proximal_duration_ms distal_amplitude_lln_mv distance_mm excluded"
        " reported_block",
        "laboratory": "study_id taken_on test value unit interpretation method cutoff",
        "findings": "study_id observed_on finding state",
        "lower_limits": "centre nerve valid_from distal_amplitude_lln_mv",
    }.items()
}
KEY_DATE = {
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
PARTIAL_DATES = {"onset_on": "onset_precision", "diagnosed_on": "diagnosed_precision"}
FULL_DATES = set(KEY_DATE.values()) | {"ended_on", "deceased_on"}
NUMBERS = {
    *("birth_year", "weight_kg", "onls_arm", "onls_leg", "incat_arm", "incat_leg", "mmn_rods"),
    *("value", "dose_g", "planned_dose_g", "planned_interval_days", "distance_mm"),
    *("distal_amplitude_mv", "proximal_amplitude_mv", "distal_area_mv_ms", "proximal_area_mv_ms"),
    *("distal_duration_ms", "proximal_duration_ms", "distal_amplitude_lln_mv"),
}


def read_value(column, text):
    """One cell of a CSV file, as the module's docstring says."""
    if column in FULL_DATES:
        return date.fromisoformat(text) if text else None
    if column in NUMBERS:
        return Fraction(text) if text else None
    return text


def from_texts(texts):
    """A bundle of text cells, with values; absent tables and columns are not recorded."""
    bundle = {}
    for table, columns in COLUMNS.items():
        bundle[table] = [
            {column: read_value(column, row.get(column) or "") for column in columns}
            for row in texts.get(table, [])
        ]
    return bundle


def read_texts(folder):
    """The CSV files of a bundle folder as rows of text."""
    texts = {}
    for table in COLUMNS:
        path = Path(folder) / f"{table}.csv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                texts[table] = list(csv.DictReader(file))
    return texts


def read_bundle(folder):
    return from_texts(read_texts(folder))


def _text_of(value):
    """A cell of a frame as the text that a bundle would hold."""
    if value is None or value != value:  # NaN and NaT differ from themselves  # noqa: PLR0124
        return ""
    if isinstance(value, str):
        return value
    if hasattr(value, "date"):
        return value.date().isoformat()
    return repr(float(value)) if isinstance(value, float) else str(value)


def _partial_text(first_day, precision):
    """The partial date that a frame stores as its first day and its precision."""
    length = {"year": 4, "month": 7, "day": 10}.get(_text_of(precision), 0)
    return _text_of(first_day)[:length]


def from_frames(records):
    """A bundle from the frames of ``outcomes.derivation.frames.Records``."""
    texts = {}
    for table in COLUMNS:
        rows = getattr(records, table).to_dict("records")
        texts[table] = [{column: _text_of(value) for column, value in row.items()} for row in rows]
        for text, row in zip(texts[table], rows, strict=True):
            for column, precision in PARTIAL_DATES.items():
                if column in row:
                    text[column] = _partial_text(row[column], row[precision])
    return from_texts(texts)


def known_on(bundle, as_of):
    """§0: "A record is dated by its key date; an ended_on (with its reason), withdrawn_on or
    deceased_on after as_of counts as not recorded; undated fields of a patient count always."
    """
    known = {}
    for table, rows in bundle.items():
        known[table] = []
        for row in rows:
            if row[KEY_DATE[table]] > as_of:
                continue
            row = dict(row)  # noqa: PLW2901  the caller's rows stay as they are
            if row.get("ended_on") and row["ended_on"] > as_of:
                row["ended_on"] = None
                if "end_reason" in row:
                    row["end_reason"] = ""
            if row.get("deceased_on") and row["deceased_on"] > as_of:
                row["deceased_on"] = None
            known[table].append(row)
    return known


class Own(dict):
    """One patient's known rows, by table; equal only to itself, so answers can be remembered."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__
    __ne__ = object.__ne__


# For answers that many rules ask of the same patient. Nobody may change what is returned.
remembered = lru_cache(maxsize=16)


def patients_known_on(bundle, as_of):
    """§0: "A cohort at as_of = patients included on or before it." One bundle each, by study id."""
    known = known_on(bundle, as_of)
    rows_of = {}
    for table, rows in known.items():
        for row in rows:
            rows_of.setdefault((table, row.get("study_id")), []).append(row)
    for patient in sorted(known["patients"], key=lambda row: row["study_id"].encode()):
        own = Own(patient=patient)
        for table in known:
            own[table] = rows_of.get((table, patient["study_id"]), [])
        own["lower_limits"] = [
            row for row in known["lower_limits"] if row["centre"] == patient["centre"]
        ]
        yield own
