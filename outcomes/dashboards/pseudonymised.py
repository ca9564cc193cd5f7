"""A patient's page for who reads it pseudonymised: worked out in full, shown in months and bands.

What is recorded is shown as its field is classified; of what is derived, days become months.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from typing import Any, TypeVar

from mmn_registry.disclosure import Shown, is_pseudonymised, pseudonymised_fields
from mmn_registry.months import Month
from patients.vocabulary import age_band

Page = TypeVar("Page")
# Parts of a page that are recorded rows, by their name, and the model they are of.
RECORDED_AS = {
    "RecordedVisit": "patients.Visit",
    "Regimen": "infusions.Regimen",
    "DoseAttempt": "infusions.DoseAttempt",
    "Immunosuppressant": "infusions.Immunosuppressant",
    "LaboratoryResult": "patients.LaboratoryResult",
    "Finding": "patients.Finding",
    "Reaction": "infusions.AdverseReaction",
}
# The day asked for is the reader's own, and the rules are everybody's.
OF_THE_QUESTION = ("as_of", "rules")
NO_TEXT = ""


def pseudonymised_dashboard(dashboard: Page) -> Page:
    """The same patient: every count and duration as it is, every day by its month."""
    coarse = {
        field.name: _coarse(getattr(dashboard, field.name))
        for field in fields(dashboard)
        if field.name not in OF_THE_QUESTION
    }
    coarse["recorded"] = _coarse_row("patients.Patient", dashboard.recorded)
    coarse["recorded"]["age_band"] = _band(dashboard.recorded)
    coarse["outcome"] = _coarse_row("patients.Patient", dashboard.outcome)
    return replace(dashboard, **coarse)


def _band(recorded: Mapping[str, Any]) -> str:
    if recorded["birth_year"] is None:
        return ""
    return age_band(recorded["included_on"].year - int(recorded["birth_year"]))


def _coarse_row(label: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in which columns of a model may stand beside derived ones."""
    shows = pseudonymised_fields(label)
    return {name: shows.get(name, _coarse)(value) for name, value in row.items()}


def in_months(value: Any) -> Any:
    """A derived row, or records used by it, with every day as its month."""
    return _coarse(value)


def _coarse(value: Any) -> Any:
    if isinstance(value, date):
        return Month.of(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _shown(value, f.name) for f in fields(value)})
    if isinstance(value, tuple):
        return tuple(_coarse(one) for one in value)
    if isinstance(value, Mapping):
        return {_coarse(key): _coarse(one) for key, one in value.items()}
    return value


def _shown(row: Any, name: str) -> Any:
    value = getattr(row, name)
    label = RECORDED_AS.get(type(row).__name__)
    show = _shows(label)[name] if label else _coarse
    left = show(value)
    return NO_TEXT if left is None and isinstance(value, str) else left


@cache
def _shows(label: str) -> dict[str, Shown]:
    return pseudonymised_fields(label)


# ── Lists ────────────────────────────────────────────────────────────────────────────────────


def pseudonymised_rows(rows: tuple[Page, ...], codes: Collection[str]) -> tuple[Page, ...]:
    """Rows of a list, those of some centres in months and bands."""
    return tuple(_row(row) if row.centre in codes else row for row in rows)


def _row(row: Page) -> Page:
    return replace(_coarse(row), birth_year=None)  # the band stands beside it


def pseudonymised_codes(centres) -> set[str]:
    """Codes of those centres whose patients who is acting reads pseudonymised."""
    return {centre.code for centre in centres if is_pseudonymised(centre.pk)}
