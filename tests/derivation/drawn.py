"""Tables drawn in text, and patients drawn by days.

Day 0 is 1 January 2020. In a drawn record a whole number in a date column is a day.
"""

from datetime import date, timedelta

import pandas as pd

from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.frames import COLUMNS, Records, complete
from outcomes.derivation.rules import RULES, Rules

DAY_0 = date(2020, 1, 1)
LONG_AGO, LONG_AFTER = -4000, 4000


def frame(drawing: str) -> pd.DataFrame:
    """Read a drawn table. Columns of numbers or dates are typed; an empty cell is missing there."""
    written = text_frame(drawing)
    return pd.DataFrame({column: _typed(written[column]) for column in written})


def text_frame(drawing: str) -> pd.DataFrame:
    """Read a drawn table as text; an empty cell is an empty text."""
    lines = [line.strip() for line in drawing.strip().splitlines()]
    header, _, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    ragged = [row for row in rows if len(row) != len(header)]
    assert not ragged, f"Not {len(header)} cells: {ragged}"
    return pd.DataFrame(rows, columns=header, dtype="str")


def on(day: int) -> date:
    """The date of a day."""
    return DAY_0 + timedelta(days=day)


def timestamp(day: int) -> pd.Timestamp:
    return pd.Timestamp(on(day)).as_unit("s")


def days_of(column: pd.Series) -> list[int | None]:
    """Dates back as days; None where there is none."""
    return [None if pd.isna(day) else (day.date() - DAY_0).days for day in column]


def patient(
    study_id: str = "P1",
    *,
    infusions: str = "",
    grades: str = "",
    grips: str = "",
    visits: str = "",
    recorded: dict[str, str] | None = None,
    **tables: str,
) -> dict[str, pd.DataFrame]:
    """Draw one patient.

    `infusions`: days of 40 g by IV ("0 28 56"), or a drawn table. `grades`: muscles by days, with
    a column `muscle` ("right wrist_extension"). `grips`: sides by days, in kPa. `visits`: further
    days of visits, or a drawn table. `recorded`: fields of the patient. The rest: drawn tables of
    the bundle.
    """
    told = {"included_on": str(LONG_AGO), "prior_immunoglobulin": "no", **(recorded or {})}
    drawn = {name: _dated(text_frame(drawing)) for name, drawing in tables.items()}
    drawn["patients"] = _dated(pd.DataFrame([told], dtype="str"))
    drawn["infusions"] = _infusions(infusions)
    drawn["muscle_scores"] = _by_days(grades, "mrc_grade")
    drawn["grip_strengths"] = _by_days(grips, "value")
    drawn["visits"] = _visits(visits, drawn)
    return {name: table.assign(study_id=study_id) for name, table in drawn.items() if len(table)}


def cohort(*patients: dict[str, pd.DataFrame]) -> Records:
    """Put drawn patients together as recorded tables."""
    tables = {}
    for name in COLUMNS:
        drawn = [patient[name] for patient in patients if name in patient]
        together = pd.concat(drawn, ignore_index=True) if drawn else pd.DataFrame()
        tables[name] = complete(name, together.fillna("").astype("str"))
    return Records(**tables)


def derived(
    *patients: dict[str, pd.DataFrame], as_of: int = LONG_AFTER, rules: Rules = RULES
) -> Outcomes:
    return derive(cohort(*patients), on(as_of), rules)


def outcome(
    drawn: dict[str, pd.DataFrame], as_of: int = LONG_AFTER, rules: Rules = RULES
) -> pd.Series:
    """What the rules say about one patient."""
    return derived(drawn, as_of=as_of, rules=rules).patients.loc[drawn["patients"]["study_id"][0]]


def _typed(column: pd.Series) -> pd.Series:
    filled = column[column != ""]
    if filled.str.fullmatch(r"-?\d+(\.\d+)?").all():
        return pd.to_numeric(column.where(column != "")).astype("float64")
    if filled.str.fullmatch(r"\d{4}-\d\d-\d\d").all():
        return pd.to_datetime(column.where(column != "")).astype("datetime64[s]")
    return column


def _dated(written: pd.DataFrame) -> pd.DataFrame:
    """Turn whole numbers in date columns into dates; partial dates (2003) are written with `y`."""
    dates = [column for column in written if column.endswith("_on")]
    return written.assign(**{column: written[column].map(_date) for column in dates})


def _date(cell: str) -> str:
    if cell.startswith("y"):
        return cell[1:]
    return on(int(cell)).isoformat() if cell.lstrip("-").isdigit() else cell


def _infusions(drawing: str) -> pd.DataFrame:
    if "|" in drawing:
        given = _dated(text_frame(drawing))
    else:
        given = _dated(pd.DataFrame({"given_on": drawing.split()}, dtype="str"))
    defaults = {"route": "IV", "product": "Kiovig", "dose_g": "40"}
    return given.assign(**{name: value for name, value in defaults.items() if name not in given})


def _visits(drawing: str, drawn: dict[str, pd.DataFrame]) -> pd.DataFrame:
    if "|" in drawing:
        visits = _dated(text_frame(drawing))
    else:
        visits = _dated(pd.DataFrame({"visited_on": drawing.split()}, dtype="str"))
    examined = [drawn[name] for name in ("muscle_scores", "grip_strengths") if len(drawn[name])]
    seen = [visits, *(table[["visited_on"]] for table in examined)]
    return pd.concat(seen, ignore_index=True).drop_duplicates("visited_on").fillna("")


def _by_days(drawing: str, value: str) -> pd.DataFrame:
    """Melt a table of muscles or sides by days; an empty cell is nothing recorded."""
    if not drawing:
        return pd.DataFrame(columns=["visited_on", value])
    wide = text_frame(drawing)
    keys = [column for column in wide if not column.lstrip("-").isdigit()]
    rows = wide.melt(id_vars=keys, var_name="visited_on", value_name=value)
    rows = _dated(rows[rows[value] != ""].reset_index(drop=True).astype("str"))
    if "muscle" in rows:
        side_muscle = rows["muscle"].str.split(" ", expand=True)
        return rows.assign(side=side_muscle[0], muscle=side_muscle[1])
    return rows if "device" in rows else rows.assign(device="vigorimeter_kpa")
