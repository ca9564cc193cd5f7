"""Where the derivation and the oracle disagree, and the fewest records that show it.

``python -m tests.agreement FIRST_SEED LAST_SEED PATIENTS`` searches by hand for longer than a test
may take, and prints every disagreement with its smallest example.
"""

import sys
from datetime import date
from fractions import Fraction

import pandas as pd

from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.frames import Records, complete
from outcomes.derivation.tables import outcome_table
from tests import cohorts, oracles
from tests.agreement_frames import frame_disagreements
from tests.oracles.more import more_columns

# A decimal is written to the nearest of four places; an exact tie may fall to either side.
HALF_A_PLACE = Fraction(1, 20_000)
NOISE = Fraction(1, 10**9)
DAYS_LOOKED_AT = (cohorts.FAR_FUTURE, 900, 454, 365, 272, 243, 183, 30)


def frames_of(bundle) -> Records:
    """A bundle of texts as the derivation reads it."""
    return Records(**{table: complete(table, _frame(rows)) for table, rows in bundle.items()})


def _frame(rows) -> pd.DataFrame:
    return pd.DataFrame(rows).fillna("").astype("str") if rows else pd.DataFrame()


def disagreements(bundle, as_of) -> list[tuple]:
    """(study id, column, derived, oracle's) wherever a text, a typed value or a curve differs."""
    records = frames_of(bundle)
    outcomes = derive(records, as_of)
    patients = list(oracles.patients_known_on(oracles.from_texts(bundle), as_of))
    rows = [oracles.outcome_row(own, as_of) for own in patients]
    return [
        *_texts(outcomes, rows),
        *_decimals(outcomes, rows),
        *_further_columns(outcomes, patients, as_of),
        *_frames(records, outcomes, patients),
    ]


def _texts(outcomes: Outcomes, rows) -> list[tuple]:
    derived = outcome_table(outcomes).to_dict("records")
    ids = [row["study_id"] for row in rows]
    if [row["study_id"] for row in derived] != ids:
        return [("all", "study_id", [row["study_id"] for row in derived], ids)]
    return [
        (ours["study_id"], column, theirs[column], oracles.as_text(value))
        for theirs, ours in zip(derived, rows, strict=True)
        for column, value in ours.items()
        if not _says_the_same(theirs[column], value)
    ]


def _says_the_same(text, value) -> bool:
    if text == oracles.as_text(value):
        return True
    if not isinstance(value, Fraction) or not text:
        return False
    return abs(Fraction(text) - value) <= HALF_A_PLACE + NOISE


def _decimals(outcomes: Outcomes, rows) -> list[tuple]:
    """Doses in full: a part in 10⁹ apart at most."""
    apart = []
    for row in rows:
        for column in ("weekly_dose_g", "weekly_dose_g_per_kg", "dose_ratio"):
            derived, exact = outcomes.patients.at[row["study_id"], column], row[column]
            is_same = pd.isna(derived) if exact is None else _is_close(derived, exact)
            if not is_same:
                apart.append((row["study_id"], column, derived, exact and float(exact)))
    return apart


def _frames(records: Records, outcomes: Outcomes, patients) -> list[tuple]:
    return [
        (row[0], name, *((row[1:], None) if who == "derived" else (None, row[1:])))
        for name, row, who in frame_disagreements(records, outcomes, patients)
    ]


def _is_close(number, exact) -> bool:
    if pd.isna(number):
        return False
    return abs(Fraction(float(number)) - Fraction(exact)) <= NOISE * max(1, abs(exact))


def _further_columns(outcomes: Outcomes, patients, as_of) -> list[tuple]:
    """What pages and curves read beside the printed columns."""
    apart = []
    derived = outcomes.patients.astype(object).to_dict("index")
    for own in patients:
        study_id = own["patient"]["study_id"]
        for column, ours in more_columns(own, as_of).items():
            theirs = derived[study_id][column]
            if not _is_same_value(theirs, ours):
                apart.append((study_id, column, theirs, ours))
    return apart


def _is_same_value(theirs, ours) -> bool:
    if ours is None:
        return bool(pd.isna(theirs)) or theirs == ""
    if pd.isna(theirs):
        return False
    if isinstance(ours, date):
        return pd.Timestamp(theirs).date() == ours
    if isinstance(ours, str | bool):
        return theirs == ours
    return _is_close(theirs, ours)


def smallest(bundle, as_of, column) -> dict:
    """The fewest rows that still disagree in a column, found by leaving out one after another."""

    def disagrees(candidate):
        return any(apart[1] == column for apart in disagreements(candidate, as_of))

    bundle = _only_one_patient(bundle, disagrees)
    size = None
    while size != sum(map(len, bundle.values())):
        size = sum(map(len, bundle.values()))
        for table in bundle:
            bundle = _with_fewer(bundle, table, disagrees)
    return {
        table: [{name: text for name, text in row.items() if text} for row in rows]
        for table, rows in bundle.items()
        if rows
    }


def _only_one_patient(bundle, disagrees):
    for study_id in cohorts.study_ids(bundle):
        own = cohorts.only(bundle, {study_id})
        if disagrees(own):
            return own
    return bundle


def _with_fewer(bundle, table, disagrees):
    """Leave out halves, quarters … of a table's rows, then single ones."""
    step = max(1, len(bundle[table]) // 2)
    while step:
        start = 0
        while start < len(bundle[table]):
            rows = bundle[table][:start] + bundle[table][start + step :]
            fewer = _without_orphans(bundle | {table: rows})
            if fewer["patients"] and disagrees(fewer):
                bundle = fewer
            else:
                start += step
        step //= 2
    return bundle


def _without_orphans(bundle):
    """Scores and grips belong to a visit."""
    visits = {(row["study_id"], row["visited_on"]) for row in bundle["visits"]}
    return bundle | {
        table: [row for row in bundle[table] if (row["study_id"], row["visited_on"]) in visits]
        for table in ("muscle_scores", "grip_strengths")
    }


def search(first_seed: int, last_seed: int, patients: int) -> int:
    """Compare random cohorts of these seeds on several days; print and count what disagrees."""
    shown, found = set(), 0
    for seed in range(first_seed, last_seed + 1):
        bundle = cohorts.random_cohort(seed, patients)
        for offset in DAYS_LOOKED_AT:
            as_of = cohorts.day_of(offset)
            apart = disagreements(bundle, as_of)
            found += len(apart)
            print(f"seed {seed}, as of {as_of}, {patients} patients: {len(apart)} values apart")
            for study_id, column, theirs, ours in apart:
                print(f"  {study_id} {column}: derived {theirs!r}, oracle {ours!r}")
                if column not in shown:
                    shown.add(column)
                    print("  ", smallest(bundle, as_of, column))
    return found


if __name__ == "__main__":
    sys.exit(search(*(int(argument) for argument in sys.argv[1:4])) > 0)
