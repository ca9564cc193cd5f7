"""What changed since a cut was frozen, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from outcomes.cuts.compare import ClassChange

CLASS_NAMES = {
    "treatment_history": _("treatment history"),
    "short_term_response": _("short-term response"),
    "long_term_group": _("long-term group"),
    "long_term_status": _("long-term status"),
    "block_change": _("change in block"),
    "dose_trend": _("trend of the dose"),
    "diagnosis_category": _("category of the diagnosis"),
}


@dataclass(frozen=True)
class ChangeLine:
    study_id: str
    what: str
    then: str
    now: str


def change_lines(changes: Iterable[ClassChange]) -> tuple[ChangeLine, ...]:
    """Codes are written as the export writes them, so that both can be compared."""
    return tuple(
        ChangeLine(c.study_id, str(CLASS_NAMES[c.column]), c.then or "–", c.now or "–")
        for c in changes
    )
