"""What is evaluable or recorded, and the lists of those of whom it is not."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outcomes.dashboards.cohort import CohortDashboard, Completeness
from outcomes.derivation.criteria import PRIMARY
from outcomes.derivation.masking import Hidden
from outcomes.figures.cohort.counts import Count, count, reasons
from outcomes.figures.cohort.reasons import (
    BLOCK_CHANGE_REASON,
    DOSE_REASON,
    LONG_TERM_REASON,
    SHORT_TERM_REASON,
)
from outcomes.labels import Words


@dataclass(frozen=True)
class CompletenessRow:
    """`missing` opens the lists; `words` stands where there is nothing to open."""

    name: str
    n: int
    of: int
    percent: float | None  # None where a number is hidden
    missing: tuple[Count, ...]
    words: str


NAMES: Words = {
    "short_term": gettext_lazy("Short-term response, naive"),
    "long_term": gettext_lazy("Long-term status"),
    "blocks": gettext_lazy("Change in blocks, naive"),
    "dose": gettext_lazy("Dose trend"),
    "weight": gettext_lazy("Weight, of all visits"),
    "onls": gettext_lazy("ONLS, once or more"),
    "anti_gm1": gettext_lazy("Anti-GM1 IgM"),
    "grip": gettext_lazy("Grip, once or more"),
    "mmn_rods": gettext_lazy("MMN-RODS, once or more"),
    "contact": gettext_lazy("Not lost to follow-up"),
}
# How the patients behind each reason are asked for.
_ASKED: dict[str, tuple[Words, str, dict[str, str]]] = {
    "short_term": (SHORT_TERM_REASON, "response", {"history": PRIMARY}),
    "long_term": (LONG_TERM_REASON, "status", {}),
    "blocks": (BLOCK_CHANGE_REASON, "blocks", {"history": "naive"}),
    "dose": (DOSE_REASON, "dose", {}),
}


def completeness_rows(dashboard: CohortDashboard) -> tuple[CompletenessRow, ...]:
    return tuple(_row(entry) for entry in dashboard.completeness)


def _row(entry: Completeness) -> CompletenessRow:
    missing = _missing(entry)
    return CompletenessRow(
        name=str(NAMES[entry.what]),
        n=entry.n,
        of=entry.of,
        percent=_percent(entry.n, entry.of),
        missing=missing,
        words="" if missing else _words(entry),
    )


def _percent(n: int, of: int) -> float | None:
    if isinstance(n, Hidden) or isinstance(of, Hidden):
        return None
    return round(n / of * 100, 1) if of else 0


def _missing(entry: Completeness) -> tuple[Count, ...]:
    if entry.what in _ASKED:
        words, parameter, asked = _ASKED[entry.what]
        return reasons(dict(entry.reasons), words, parameter=parameter, **asked)
    lacking = entry.patients_lacking
    if not lacking:
        return ()
    say = _LACKING.get(entry.what, _not_recorded)
    return (count(lacking, say(entry), missing=entry.what),)


def _words(entry: Completeness) -> str:
    return _("complete") if entry.of else _("nobody to ask")


def _not_recorded(entry: Completeness) -> str:
    return _("never recorded") if not entry.n else _("not recorded")


def _without_weight(entry: Completeness) -> str:
    return ngettext(
        "patient has a visit without it",
        "patients have a visit without it",
        entry.patients_lacking,
    )


def _lost(_entry: Completeness) -> str:
    return _("lost to follow-up")


_LACKING: dict[str, Callable[[Completeness], str]] = {"weight": _without_weight, "contact": _lost}
