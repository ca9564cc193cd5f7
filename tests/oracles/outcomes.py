"""The row of `derive_outcomes` for one patient (bundle.md, "What the commands print")."""

from datetime import date
from fractions import Fraction

from . import long_term
from .conduction import block_change
from .dose import dose
from .examinations import baseline_on, month6_on
from .records import patients_known_on
from .response import muscle_counts, provisional, short_term, strict_response
from .treatment import HISTORY, courses, days_between, index_on, last_contact_on

TEXT_COLUMNS = [
    "study_id",
    "treatment_history",
    "index_on",
    "baseline_on",
    "month6_on",
    "affected",
    "improvable",
    "improved",
    "worsened",
    "short_term_response",
    "short_term_reason",
    "strict_response",
    "provisional",
    "last_contact_on",
    "follow_up_days",
    "off_days",
    "long_term_status",
    "long_term_group",
    "dependency_proven",
    "relapsed_after_remission",
    "lost_to_follow_up",
    "blocks_first",
    "blocks_last",
    "block_change",
    "block_change_reason",
    "courses",
    "weekly_dose_g",
    "weekly_dose_g_per_kg",
    "dose_ratio",
    "dose_trend",
    "dose_reason",
    "declining_responsiveness",
]


def outcome_row(own, as_of):
    """One patient's outcomes: dates, whole numbers, booleans, exact fractions, codes, None."""
    index, contact = index_on(own), last_contact_on(own)
    counts = muscle_counts(own)
    response, reason = short_term(own, as_of)
    status = long_term.status(own, as_of)
    row = {
        "study_id": own["patient"]["study_id"],
        "treatment_history": HISTORY[own["patient"]["prior_immunoglobulin"]],
        "index_on": index,
        "baseline_on": baseline_on(own),
        "month6_on": month6_on(own),
        **{name: counts[name] for name in ("affected", "improvable", "improved", "worsened")},
        "short_term_response": response,
        "short_term_reason": reason,
        "strict_response": strict_response(own, as_of),
        "provisional": provisional(own, as_of),
        "last_contact_on": contact,
        "follow_up_days": days_between(index, contact) if index else None,
        "off_days": long_term.off_days(own),
        "long_term_status": status,
        "long_term_group": long_term.group_of(status),
        "dependency_proven": long_term.dependency_proven(own, as_of),
        "relapsed_after_remission": long_term.relapsed_after_remission(own),
        "lost_to_follow_up": long_term.lost_to_follow_up(own, as_of),
        **block_change(own),
        "courses": len(courses(own)),
        **dose(own),
    }
    return {column: row[column] for column in TEXT_COLUMNS}


def as_text(value):
    """A cell of the CSV: dates ISO, booleans yes/no, doses to 4 decimals, empty without a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return f"{float(value):.4f}"
    return str(value)


def outcome_rows(bundle, as_of):
    return [outcome_row(own, as_of) for own in patients_known_on(bundle, as_of)]


def outcome_texts(bundle, as_of):
    return [
        {column: as_text(value) for column, value in row.items()}
        for row in outcome_rows(bundle, as_of)
    ]
