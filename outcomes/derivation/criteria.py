"""Who of a cohort is asked for: criteria, who meets them, and why the others are out.

One reading for page, list, export, interface and saved cohorts. A patient of whom a criterion
cannot be answered is out because of that, and counted apart: not known is never no.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import pandas as pd

from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.columns import Bools
from outcomes.derivation.diagnosis import DiagnosisCategory
from outcomes.derivation.dose import DoseReason, DoseTrend
from outcomes.derivation.long_term import GROUP_OF, LongTermGroup, LongTermStatus
from outcomes.derivation.recorded import KINDS, RECORDED_COLUMNS
from outcomes.derivation.response import Response, ResponseReason
from patients.vocabulary import Sex

PRIMARY, SECONDARY, NAIVE_SC = "primary", "secondary", "naive_sc"
EVALUABLE, NOT_EVALUABLE = "evaluable", "not_evaluable"
CLASSIFIED, NOT_CLASSIFIED = "classified", "not_classified"
UNTREATED = "none"
DECLINING = "declining"
WEIGHT, LOST = "weight", "contact"
UNKNOWN = "unknown"


class Antibody(StrEnum):
    """The latest anti-GM1 IgM that was interpreted; raised is positive or high."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    BORDERLINE = "borderline"


@dataclass(frozen=True)
class Criteria:
    """What is asked of a patient; what is empty asks nothing. Days are included in their span.

    ``route`` is that of the first course. ``product`` was ever given or prescribed by the day.
    """

    history: str = ""
    diagnosis: str = ""
    onset_from: date | None = None
    onset_to: date | None = None
    included_from: date | None = None
    included_to: date | None = None
    treated_from: date | None = None
    treated_to: date | None = None
    route: str = ""
    product: str = ""
    sex: str = ""
    antibody: str = ""
    response: str = ""
    group: str = ""
    status: str = ""
    blocks: str = ""
    dose: str = ""
    missing: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class Out:
    """Patients whom a criterion leaves out, each counted at the first one that does.

    ``not_known`` are those of them of whom it cannot be answered.
    """

    criterion: str
    patients: int
    not_known: int


@dataclass(frozen=True)
class Chosen:
    """``out_by`` names for each row the criterion that leaves it out, "" for who is in."""

    is_in: Bools
    out_by: np.ndarray
    is_not_known: Bools
    out: tuple[Out, ...]


# ── What a word stands for: finer words, of which every patient has one ──────────────────────

_EVALUABLE_BECAUSE = {
    "responder": {ResponseReason.IMPROVED.value},
    "non_responder": {
        ResponseReason.NOT_IMPROVED.value,
        ResponseReason.STOPPED_FOR_INEFFICACY.value,
    },
}
_DECIDED = set().union(*_EVALUABLE_BECAUSE.values())
_UNDECIDED = {reason.value for reason in ResponseReason} - _DECIDED
_CHANGES = {c.value for c in BlockChange} - {NOT_EVALUABLE}
_GROUPS = {g.value for g in LongTermGroup} - {NOT_CLASSIFIED}

Atoms = Mapping[str, frozenset[str]]


def _atoms(words: Mapping[str, set[str]], singles: set[str]) -> Atoms:
    alone = {word: frozenset({word}) for word in sorted(singles)}
    return MappingProxyType({w: frozenset(a) for w, a in words.items()} | alone)


ATOMS: dict[str, Atoms] = {
    "history": _atoms(
        {"naive": {PRIMARY, NAIVE_SC}, SECONDARY: {NAIVE_SC, "pretreated", UNKNOWN}},
        {PRIMARY, NAIVE_SC, "pretreated", UNKNOWN},
    ),
    "response": _atoms(
        {EVALUABLE: _DECIDED, **_EVALUABLE_BECAUSE, NOT_EVALUABLE: _UNDECIDED},
        {ResponseReason.STOPPED_FOR_INEFFICACY.value, *_UNDECIDED},
    ),
    "group": _atoms({CLASSIFIED: _GROUPS}, {*_GROUPS, NOT_CLASSIFIED}),
    "blocks": _atoms(
        {EVALUABLE: _CHANGES, NOT_EVALUABLE: {r.value for r in BlockChangeReason}},
        _CHANGES | {r.value for r in BlockChangeReason},
    ),
}
CODES: dict[str, frozenset[str]] = {
    **{name: frozenset(words) for name, words in ATOMS.items()},
    "diagnosis": frozenset(c.value for c in DiagnosisCategory),
    "route": frozenset({"IV", "SC", "FSC", UNTREATED}),
    "sex": frozenset(s.value for s in Sex),
    "antibody": frozenset({*(a.value for a in Antibody), UNKNOWN}),
    "status": frozenset(s.value for s in LongTermStatus),
    "dose": frozenset({*(t.value for t in DoseTrend), DECLINING, *(r.value for r in DoseReason)}),
    "missing": frozenset({*KINDS, WEIGHT, LOST}),
}
_UNCLASSIFIED = frozenset(
    s.value for s in LongTermStatus if GROUP_OF[s] == LongTermGroup.NOT_CLASSIFIED
)
# Words that ask for those of whom something is not known.
_NOT_KNOWN: dict[str, frozenset[str]] = {
    "history": frozenset({UNKNOWN, SECONDARY}),
    "diagnosis": frozenset({NOT_EVALUABLE}),
    "route": frozenset({UNTREATED}),
    "sex": frozenset({UNKNOWN}),
    "antibody": frozenset({UNKNOWN}),
    "response": frozenset({NOT_EVALUABLE, *_UNDECIDED}),
    "group": frozenset({NOT_CLASSIFIED}),
    "status": _UNCLASSIFIED,
    "blocks": frozenset({NOT_EVALUABLE, *(r.value for r in BlockChangeReason)}),
    "dose": frozenset(r.value for r in DoseReason),
}
SPANS = {
    "onset": "onset_middle",
    "included": "included_on",
    "treated": "index_on",
}
# In the order in which they are asked, and in which they stand in an address.
CRITERIA = (
    *("history", "diagnosis", "onset", "included", "treated", "route", "product", "sex"),
    *("antibody", "response", "group", "status", "blocks", "dose", "missing"),
)
# The columns of `cohort_rows.cohort_rows` that a criterion reads.
_READS: dict[str, tuple[str, ...]] = {
    "history": ("treatment_history", "in_primary_table"),
    "diagnosis": ("diagnosis_category",),
    "included": ("included_on",),
    "treated": ("index_on",),
    "route": ("first_route",),
    "sex": ("sex",),
    "response": ("short_term_response", "short_term_reason"),
    "group": ("long_term_group",),
    "status": ("long_term_status",),
    "blocks": ("block_change", "block_change_reason"),
    "dose": ("dose_trend", "dose_reason", "declining_responsiveness"),
    "missing": ("lost_to_follow_up", *RECORDED_COLUMNS),
}
# Columns that stand in no outcome and are read beside them, where they are asked for.
ONSET, PRODUCT_GIVEN, PRODUCT_KNOWN, ANTIBODY = (
    *("onset_middle", "product_given", "product_known", "antibody"),
)


def asked(criteria: Criteria) -> tuple[str, ...]:
    """Name the criteria that ask something, in their order."""
    return tuple(name for name in CRITERIA if _asks(criteria, name))


def _asks(criteria: Criteria, name: str) -> bool:
    if name in SPANS:
        return any(_span(criteria, name))
    return bool(getattr(criteria, name))


def _span(criteria: Criteria, name: str) -> tuple[date | None, date | None]:
    return getattr(criteria, f"{name}_from"), getattr(criteria, f"{name}_to")


def columns_asked(criteria: Criteria) -> tuple[str, ...]:
    """Name the columns of `cohort_rows.cohort_rows` that these criteria read."""
    return tuple(
        dict.fromkeys(column for name in asked(criteria) for column in _READS.get(name, ()))
    )


def choose(rows: pd.DataFrame, criteria: Criteria) -> Chosen:
    """Ask every patient, criterion by criterion.

    Parameters
    ----------
    rows : DataFrame as `cohort_rows.cohort_rows` returns, or its columns of `columns_asked`
        Where they are asked for, beside these: ``onset_middle`` (datetime64[s], the middle of a
        partial date, NaT = not recorded), ``product_given`` and ``product_known`` (bool),
        ``antibody`` (a word of `Antibody`, "" = none interpreted).
    criteria : Criteria

    Returns
    -------
    Chosen, one value per row in their order. Who is out is counted at the first criterion, in the
    order of `CRITERIA`, that leaves them out: those in and all counts add up to the rows.
    """
    is_in = np.ones(len(rows), dtype=np.bool_)
    is_not_known = np.zeros(len(rows), dtype=np.bool_)
    out_by = np.full(len(rows), "", dtype=object)
    out = []
    for name in asked(criteria):
        meets, known = _QUESTIONS[name](rows, criteria)
        if name in _NOT_KNOWN and getattr(criteria, name) in _NOT_KNOWN[name]:
            known = np.ones(len(rows), dtype=np.bool_)  # to be known is not what is asked
        leaves = is_in & ~meets
        unknown = leaves & ~known
        out_by[leaves] = name
        is_not_known |= unknown
        is_in &= meets
        out.append(Out(name, int(leaves.sum()), int(unknown.sum())))
    return Chosen(is_in, out_by, is_not_known, tuple(out))


def both(criteria: Criteria, other: Criteria) -> Criteria | None:
    """What asks for the patients who meet both, where words can say that; else None.

    A number on a page is counted within the cohort that was asked for, so the list behind it has
    to ask for both.
    """
    found: dict[str, object] = {}
    for field in fields(Criteria):
        one, two = getattr(criteria, field.name), getattr(other, field.name)
        if not one or not two or one == two:
            found[field.name] = one or two
        elif field.name.endswith("_from"):
            found[field.name] = max(one, two)
        elif field.name.endswith("_to"):
            found[field.name] = min(one, two)
        elif (word := _word_for_both(field.name, one, two)) is not None:
            found[field.name] = word
        else:
            return None
    return replace(criteria, **found)  # type: ignore[arg-type]


def _word_for_both(name: str, one: str, two: str) -> str | None:
    words = ATOMS.get(name, {})
    if not words:
        return None
    wanted = words[one] & words[two]
    return next((word for word, atoms in words.items() if atoms == wanted), None)


# ── The questions: who meets a criterion, and of whom it is known ────────────────────────────

Answer = tuple[Bools, Bools]
Question = Callable[[pd.DataFrame, Criteria], Answer]


def _truth(column: pd.Series) -> Bools:
    return column.fillna(False).to_numpy(dtype=np.bool_)


def _text(rows: pd.DataFrame, column: str) -> np.ndarray:
    return rows[column].to_numpy(dtype=object)


def _among(words: np.ndarray, wanted: frozenset[str]) -> Bools:
    return pd.Series(words, dtype=object).isin(wanted).to_numpy(dtype=np.bool_)


def _history(rows: pd.DataFrame, criteria: Criteria) -> Answer:
    recorded = _text(rows, "treatment_history")
    naive = np.where(_truth(rows["in_primary_table"]), PRIMARY, NAIVE_SC)
    finest = np.where(recorded == "naive", naive, recorded)
    return _among(finest, ATOMS["history"][criteria.history]), recorded != UNKNOWN


def _response(rows: pd.DataFrame, criteria: Criteria) -> Answer:
    reason = _text(rows, "short_term_reason")
    is_known = _text(rows, "short_term_response") != Response.NOT_EVALUABLE.value
    return _among(reason, ATOMS["response"][criteria.response]), is_known


def _group(rows: pd.DataFrame, criteria: Criteria) -> Answer:
    group = _text(rows, "long_term_group")
    return _among(group, ATOMS["group"][criteria.group]), group != NOT_CLASSIFIED


def _status(rows: pd.DataFrame, criteria: Criteria) -> Answer:
    status = _text(rows, "long_term_status")
    return status == criteria.status, ~_among(status, _UNCLASSIFIED)


def _blocks(rows: pd.DataFrame, criteria: Criteria) -> Answer:
    change = _text(rows, "block_change")
    is_known = change != BlockChange.NOT_EVALUABLE.value
    finest = np.where(is_known, change, _text(rows, "block_change_reason"))
    return _among(finest, ATOMS["blocks"][criteria.blocks]), is_known


def _dose(rows: pd.DataFrame, criteria: Criteria) -> Answer:
    """A trend, or the reason why a dose, its ratio or its share per kg is missing."""
    trend, code = _text(rows, "dose_trend"), criteria.dose
    if code == DECLINING:
        declining = rows["declining_responsiveness"]
        return _truth(declining), declining.notna().to_numpy(dtype=np.bool_)
    return (trend == code) | (_text(rows, "dose_reason") == code), trend != ""


def _missing(rows: pd.DataFrame, criteria: Criteria) -> Answer:
    return _truth(lacks(rows, criteria.missing)), np.ones(len(rows), dtype=np.bool_)


def lacks(rows: pd.DataFrame, kind: str) -> pd.Series:
    """Tell who has no record of a kind: one of `KINDS`, weight at each visit, or recent contact."""
    if kind == LOST:
        return rows["lost_to_follow_up"].fillna(False).astype(bool)
    if kind == WEIGHT:
        return (rows["weighed_visits"] < rows["visits"]).astype(bool)
    return ~rows[f"has_{kind}"]


def _word(column: str, name: str, *, not_known: str, asked_as: str = "") -> Question:
    """A word of a column; ``not_known`` is the column's word for it, ``asked_as`` the asker's."""

    def question(rows: pd.DataFrame, criteria: Criteria) -> Answer:
        word, code = _text(rows, column), getattr(criteria, name)
        wanted = not_known if code == (asked_as or not_known) else code
        return word == wanted, word != not_known

    return question


def _within(name: str) -> Question:
    def question(rows: pd.DataFrame, criteria: Criteria) -> Answer:
        days = rows[SPANS[name]]
        first, last = _span(criteria, name)
        is_known = days.notna().to_numpy(dtype=np.bool_)
        meets = is_known.copy()
        if first is not None:
            meets &= (days >= pd.Timestamp(first)).to_numpy(dtype=np.bool_)
        if last is not None:
            meets &= (days <= pd.Timestamp(last)).to_numpy(dtype=np.bool_)
        return meets, is_known

    return question


def _product(rows: pd.DataFrame, _criteria: Criteria) -> Answer:
    return _truth(rows[PRODUCT_GIVEN]), _truth(rows[PRODUCT_KNOWN])


_QUESTIONS: dict[str, Question] = {
    "history": _history,
    "diagnosis": _word("diagnosis_category", "diagnosis", not_known=NOT_EVALUABLE),
    **{name: _within(name) for name in SPANS},
    "route": _word("first_route", "route", not_known="", asked_as=UNTREATED),
    "product": _product,
    "sex": _word("sex", "sex", not_known=UNKNOWN),
    "antibody": _word(ANTIBODY, "antibody", not_known="", asked_as=UNKNOWN),
    "response": _response,
    "group": _group,
    "status": _status,
    "blocks": _blocks,
    "dose": _dose,
    "missing": _missing,
}
