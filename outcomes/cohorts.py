"""The outcomes of some patients as of a day: kept rows where they are true of it, else derived."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd
from django.db.models import F, QuerySet

from outcomes.derivation.cohort_rows import cohort_rows
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import Records
from outcomes.derivation.lasting import as_on
from outcomes.derivation.rules import RULES, Rules
from outcomes.freshness import refresh_these
from outcomes.packed import AnyOf
from outcomes.selectors import load_records
from outcomes.stored import StoredRows, read_rows
from patients.models import Patient

# What `as_on` needs, and what tells when the first patient was included.
_ALWAYS_READ = ("index_on", "last_contact_on", "included_on")


@dataclass(frozen=True)
class Cohort:
    """Outcomes of the patients included on or before a day, some columns of each.

    `first_included_on` is None where nobody ever was, whatever the day.
    """

    as_of: date
    rules: Rules
    rows: pd.DataFrame
    first_included_on: date | None


def load_cohort(patients: QuerySet[Patient], as_of: date, columns: Iterable[str]) -> Cohort:
    """Fresh outcomes, sorted bytewise by study id.

    What is stale even after a refresh, because it is not committed yet or was recorded a moment
    ago, is derived here from what this reader sees; so is who has a record after the day.
    """
    wanted = list(dict.fromkeys([*columns, *_ALWAYS_READ]))
    found = _read_fresh(patients, as_of, wanted)
    rows, included = as_on(found.rows, as_of, RULES), [found.rows["included_on"]]
    if others := [*found.stale, *found.later]:
        records = load_records(patients.filter(pk__in=others))
        included.append(records.patients["included_on"])
        rows = _together(rows, _derived(records, as_of, wanted))
    first = pd.concat(included).min()
    return Cohort(as_of, RULES, rows, None if pd.isna(first) else first.date())


def derive_cohort(
    patients: QuerySet[Patient], as_of: date, columns: Iterable[str], rules: Rules
) -> Cohort:
    """The same by any rules, derived whole from the records; nothing of it is kept."""
    wanted = list(dict.fromkeys([*columns, *_ALWAYS_READ]))
    records = load_records(patients)
    first = records.patients["included_on"].min()
    rows = cohort_rows(records, derive(records, as_of, rules))[wanted]
    return Cohort(as_of, rules, rows, None if pd.isna(first) else first.date())


def _read_fresh(patients: QuerySet[Patient], as_of: date, columns: list[str]) -> StoredRows:
    """Nobody waits for outcomes of patients who were not asked for."""
    found = read_rows(patients, columns, as_of)
    if not found.stale:
        return found
    refresh_these(found.stale)
    again = read_rows(patients.filter(AnyOf(F("pk"), found.stale)), columns, as_of)
    return StoredRows(_together(found.rows, again.rows), again.stale, [*found.later, *again.later])


def _derived(records: Records, as_of: date, columns: list[str]) -> pd.DataFrame:
    outcomes = derive(records, as_of)
    rows = outcomes.patients
    return (rows if {*columns} <= {*rows} else cohort_rows(records, outcomes))[columns]


def _together(kept: pd.DataFrame, derived: pd.DataFrame) -> pd.DataFrame:
    if kept.empty or derived.empty:
        return kept if derived.empty else derived
    return pd.concat([kept, derived]).sort_index()
