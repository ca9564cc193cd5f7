"""Both results side by side, by the registry's rules and by others, and who changes class."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mmn_registry.months import Month
from outcomes import labels
from outcomes.cohorts import Cohort
from outcomes.dashboards.rows import plain_values
from outcomes.derivation.cohort import Table
from outcomes.derivation.cohort_rows import TABLE_COLUMNS, tables_of_rows
from outcomes.derivation.columns import Columns
from outcomes.derivation.masking import HIDDEN, SMALLEST_SHOWN, masked
from outcomes.derivation.response import ResponseReason
from outcomes.derivation.what_if import Compared, changed, transitions
from outcomes.figures.cohort.reasons import BLOCK_CHANGE_REASON, LONG_TERM_REASON, SHORT_TERM_REASON
from outcomes.figures.cohort.words import p_text, share_and_interval
from outcomes.labels import Words
from outcomes.sentences import two_days

MOST_LISTED = 100
SHOWN_COLUMNS = (
    *("centre", "baseline_on", "month6_on", "improved", "improvable", "ungraded"),
    *("short_term_response", "short_term_reason", "long_term_group", "long_term_status"),
    *("block_change", "block_change_reason", "blocks_first", "blocks_last"),
)
WHAT_IF_COLUMNS = tuple(dict.fromkeys((*TABLE_COLUMNS, *SHOWN_COLUMNS)))

NAMES: Words = {
    Compared.RESPONSE: gettext_lazy("Response, month 6"),
    Compared.GROUP: gettext_lazy("Long-term group"),
    Compared.BLOCKS: gettext_lazy("Change in blocks"),
}
CLASSES: dict[str, Words] = {
    Compared.RESPONSE: labels.SHORT_TERM_RESPONSE,
    Compared.GROUP: labels.LONG_TERM_GROUP,
    Compared.BLOCKS: {**labels.BLOCK_CHANGE, "not_evaluable": gettext_lazy("not compared")},
}


@dataclass(frozen=True)
class Line:
    """A number by the registry's rule and by the other."""

    name: str
    ours: str
    theirs: str

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs


@dataclass(frozen=True)
class Move:
    """Patients who go from one class to another."""

    name: str
    before: str
    after: str
    n: int


@dataclass(frozen=True)
class Told:
    """A result of a patient by both, each with its sentence."""

    name: str
    before: str
    before_why: str
    after: str
    after_why: str


@dataclass(frozen=True)
class ChangedPatient:
    study_id: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class WhatIfPanel:
    """`listed` are the first of those who change; `changed` is their number."""

    patients: int
    lines: tuple[Line, ...]
    moves: tuple[Move, ...]
    changed: int
    listed: tuple[ChangedPatient, ...]


def what_if_panel(ours: Cohort, theirs: Cohort, coarse: Collection[str] = ()) -> WhatIfPanel:
    """``coarse``: codes of the centres whose patients are shown in months."""
    found, hides_small = changed(ours.rows, theirs.rows), bool(coarse)
    tables = [_tables(cohort, hides_small=hides_small) for cohort in (ours, theirs)]
    return WhatIfPanel(
        patients=tables[0]["patients"],
        lines=_lines(*tables),
        # Both tables side by side tell moves by difference, too: who reads for research gets none.
        moves=() if hides_small else tuple(_moves(ours.rows, theirs.rows)),
        changed=HIDDEN if hides_small and len(found) < SMALLEST_SHOWN else len(found),
        listed=_listed(found[:MOST_LISTED], ours, theirs, coarse),
    )


def _tables(cohort: Cohort, *, hides_small: bool) -> Table:
    tables = tables_of_rows(cohort.rows, cohort.as_of, cohort.rules)
    return masked(tables) if hides_small else tables


# ── The tables, line by line ─────────────────────────────────────────────────────────────────


def _lines(ours: Table, theirs: Table) -> tuple[Line, ...]:
    return tuple(Line(str(name), read(ours), read(theirs)) for name, read in _LINES)


def _n_of(table: Table, n: str, of: str) -> str:
    return f"{table[n]}/{table[of]}, {share_and_interval(table)} %" if table[of] else "–"


def _responders(name: str) -> Callable[[Table], str]:
    return lambda t: _n_of(t["short_term"][name], "responders", "evaluable")


def _group(name: str) -> Callable[[Table], str]:
    def read(tables: Table) -> str:
        table = tables["long_term"]
        return _n_of({**table[name], "of": table["classified"]}, "n", "of")

    return read


def _blocks(name: str) -> Callable[[Table], str]:
    def read(tables: Table) -> str:
        table = tables["block_change"]["naive"]
        return f"{table[name]}/{table['evaluable']}" if table["evaluable"] else "–"

    return read


def _p(tables: Table) -> str:
    return p_text(tables["short_term"]["naive"]["p_value"])


def _reference(tables: Table) -> str:
    return f"{tables['short_term']['naive']['reference'] * 100:.4g} %"


def _not_evaluable(tables: Table) -> str:
    table = tables["short_term"]["naive"]
    return f"{sum(table['not_evaluable'].values())}/{table['patients']}"


def _strict(tables: Table) -> str:
    return _n_of(tables["short_term"]["naive_variants"]["strict"], "n", "of")


_LINES: tuple[tuple[object, Callable[[Table], str]], ...] = (
    (gettext_lazy("Responders, naive first by IV"), _responders("naive")),
    (gettext_lazy("Tested against"), _reference),
    (gettext_lazy("p, exact binomial"), _p),
    (gettext_lazy("Not evaluable, naive first by IV"), _not_evaluable),
    (gettext_lazy("Strict responders"), _strict),
    (gettext_lazy("Responders, pretreated"), _responders("pretreated")),
    (gettext_lazy("Remission, of those classified"), _group("remission")),
    (gettext_lazy("Periodic immunoglobulin, of those classified"), _group("dependent")),
    (gettext_lazy("Other, of those classified"), _group("other")),
    (gettext_lazy("Blocks decreased, naive"), _blocks("decreased")),
    (gettext_lazy("Blocks unchanged, naive"), _blocks("unchanged")),
    (gettext_lazy("Blocks increased, naive"), _blocks("increased")),
)


def _moves(ours: pd.DataFrame, theirs: pd.DataFrame):
    for column in Compared:
        words = CLASSES[column]
        for (before, after), n in transitions(ours, theirs, column.value).items():
            yield Move(str(NAMES[column]), str(words[before]), str(words[after]), n)


# ── The patients, one by one ─────────────────────────────────────────────────────────────────


def _listed(
    found: pd.DataFrame, ours: Cohort, theirs: Cohort, coarse: Collection[str]
) -> tuple[ChangedPatient, ...]:
    before, after = (_plain_rows(cohort.rows.loc[found.index], coarse) for cohort in (ours, theirs))
    return tuple(
        ChangedPatient(
            str(study_id),
            tuple(
                Told(
                    str(NAMES[column]),
                    *_class_and_why(column, before[place]),
                    *_class_and_why(column, after[place]),
                )
                for column in Compared
                if has_changed[column.value]
            ),
        )
        for place, (study_id, has_changed) in enumerate(found.to_dict("index").items())
    )


def _plain_rows(rows: pd.DataFrame, coarse: Collection[str]) -> list[dict[str, Any]]:
    shown = Columns.of(rows)
    columns = {name: plain_values(shown[name]) for name in SHOWN_COLUMNS}
    plain = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    return [_in_months(row) if row["centre"] in coarse else row for row in plain]


def _in_months(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Month.of(v) if isinstance(v, date) else v for name, v in row.items()}


def _class_and_why(column: Compared, row: Mapping[str, Any]) -> tuple[str, str]:
    return str(CLASSES[column][row[column.value]]), _WHY[column](row)


def _why_response(row: Mapping[str, Any]) -> str:
    counted = row["baseline_on"] and row["month6_on"] and row["improvable"]
    reason = str(SHORT_TERM_REASON.get(row["short_term_reason"], ""))
    if row["short_term_reason"] == ResponseReason.FEWER_THAN_2_IMPROVABLE:
        return _("%(n)s muscles could gain, which is too few") % {"n": row["improvable"]}
    if not counted:
        return reason
    gained = _("%(n)s of %(of)s muscles that could gain gained between %(days)s") % {
        "n": row["improved"],
        "of": row["improvable"],
        "days": two_days(row["baseline_on"], row["month6_on"]),
    }
    return f"{gained}; {reason}" if reason else gained


def _why_group(row: Mapping[str, Any]) -> str:
    status = row["long_term_status"]
    return str({**labels.LONG_TERM_STATUS, **LONG_TERM_REASON}[status])


def _why_blocks(row: Mapping[str, Any]) -> str:
    if row["block_change_reason"]:
        return str(BLOCK_CHANGE_REASON[row["block_change_reason"]])
    return _("%(first)s → %(last)s segments with block") % {
        "first": row["blocks_first"],
        "last": row["blocks_last"],
    }


_WHY: dict[Compared, Callable[[Mapping[str, Any]], str]] = {
    Compared.RESPONSE: _why_response,
    Compared.GROUP: _why_group,
    Compared.BLOCKS: _why_blocks,
}
