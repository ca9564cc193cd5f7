"""What an outcome card holds, and how its parts are written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels
from outcomes.dashboards.patient import PatientDashboard
from outcomes.sentences import Reason, Result, UsedRecord, day_text


@dataclass(frozen=True)
class Parameter:
    """A number of the rule; `is_choice` where the literature is silent and the registry chose."""

    name: str
    value: str
    is_choice: bool = False


@dataclass(frozen=True)
class Fact:
    """A line of "Records used"; what was worked out from several records has none of its own."""

    term: str
    text: str
    record: UsedRecord | None = None


@dataclass(frozen=True)
class EvidenceRow:
    """A row as people read it, and the records it tells of."""

    cells: tuple[str, ...]
    records: tuple[UsedRecord, ...]


@dataclass(frozen=True)
class Evidence:
    """A small table of the records used: one row per muscle, grip, segment or course."""

    caption: str
    columns: tuple[str, ...]
    lines: tuple[EvidenceRow, ...]

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return tuple(line.cells for line in self.lines)


@dataclass(frozen=True)
class Why:
    """What a result rests on, for who wants to check it."""

    reason: Reason
    facts: tuple[Fact, ...]
    evidence: Evidence | None
    parameters: tuple[Parameter, ...]

    @property
    def code(self) -> str:
        return self.reason.code

    @property
    def used(self) -> tuple[tuple[str, str], ...]:
        """The facts in words."""
        return tuple((fact.term, fact.text) for fact in self.facts)

    @property
    def records(self) -> tuple[UsedRecord, ...]:
        """All records behind facts and evidence, for programs."""
        of_facts = (fact.record for fact in self.facts if fact.record)
        of_evidence = (line.records for line in self.evidence.lines) if self.evidence else ()
        return (*of_facts, *(record for records in of_evidence for record in records))


@dataclass(frozen=True)
class AppliedRule:
    """A section of the rules, and their version; the criteria where there are several sets."""

    section: int
    version: str
    criteria: str = ""

    def __str__(self) -> str:
        words = _("Rule %(section)s, v%(version)s")
        if self.criteria:
            words = _("Rule %(section)s, %(criteria)s, v%(version)s")
        return words % {
            "section": self.section,
            "version": self.version,
            "criteria": self.criteria,
        }


@dataclass(frozen=True)
class OutcomeCard:
    """Label, value with its mark, qualifier, rule, why; `mark` is "" where not evaluable.

    ``result`` names the derived column whose value the card shows in words.
    """

    key: str
    result: Result
    label: str
    value: str
    mark: str
    qualifier: str
    rule: AppliedRule
    flags: tuple[str, ...]
    why: Why

    @property
    def is_evaluable(self) -> bool:
        return self.mark != ""

    @property
    def sentence(self) -> str:
        return self.why.reason.sentence


def applied_rule(dashboard: PatientDashboard, section: int, criteria: str = "") -> AppliedRule:
    return AppliedRule(section, dashboard.rules.version, criteria)


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


def known_only(facts: Iterable[Fact | None]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact)
