"""What an outcome card holds, and how its parts are written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels
from outcomes.dashboards.patient import PatientDashboard
from outcomes.sentences import day_text


@dataclass(frozen=True)
class Parameter:
    """A number of the rule; `is_choice` where the literature is silent and the registry chose."""

    name: str
    value: str
    is_choice: bool = False


@dataclass(frozen=True)
class Evidence:
    """A small table of the records used: one row per muscle, grip or segment."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Why:
    """What a result rests on, for who wants to check it."""

    code: str
    used: tuple[tuple[str, str], ...]
    evidence: Evidence | None
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class OutcomeCard:
    """Label, value with its mark, qualifier, sentence, rule; `mark` is "" where not evaluable."""

    key: str
    label: str
    value: str
    mark: str
    qualifier: str
    sentence: str
    rule: str
    flags: tuple[str, ...]
    why: Why

    @property
    def is_evaluable(self) -> bool:
        return self.mark != ""


def rule_text(dashboard: PatientDashboard, section: int, criteria: str = "") -> str:
    words = _("Rule %(section)s, v%(version)s")
    if criteria:
        words = _("Rule %(section)s, %(criteria)s, v%(version)s")
    return words % {
        "section": section,
        "version": dashboard.rules.version,
        "criteria": criteria,
    }


def day_of_exam(dashboard: PatientDashboard, day: date) -> str:
    """9 May 1997 (28 muscles, 12 days after an infusion, at peak)."""
    visit = next((v for v in dashboard.visits if v.on == day), None)
    exam = visit and visit.examination
    if not exam:
        return day_text(day)
    parts = [ngettext("%(n)s muscle", "%(n)s muscles", exam.graded) % {"n": exam.graded}]
    if exam.days_since_infusion is not None:
        since = round(exam.days_since_infusion)
        parts.append(
            ngettext("%(n)s day after an infusion", "%(n)s days after an infusion", since)
            % {"n": since}
        )
        parts.append(str(labels.CYCLE_PHASE[exam.cycle_phase or "other"]))
    return f"{day_text(day)} ({', '.join(parts)})"


def days_text(window: tuple[int, int]) -> str:
    return _("days %(first)s to %(last)s") % {
        "first": str(window[0]).replace("-", "−"),
        "last": window[1],
    }


def recorded_only(pairs: Iterable[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple((term, text) for term, text in pairs if text)
