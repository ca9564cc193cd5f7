"""The work list in words: what is open, since when, and where it is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outcomes.dashboards.work_list import OpenTask
from outcomes.derivation.work_list import Task
from outcomes.sentences import day_text

NAMES = {
    Task.SIX_MONTH_REVIEW: gettext_lazy("Six-month review"),
    Task.PLANNED_INFUSION: gettext_lazy("Planned infusion"),
    Task.INFUSION_EXPECTED: gettext_lazy("Infusion expected, none recorded"),
    Task.WEARING_OFF: gettext_lazy("Weaker though the dose is as it was"),
    Task.YEARLY_REVIEW: gettext_lazy("Yearly review"),
    Task.REDUCTION_NOT_TRIED: gettext_lazy("No dose reduction tried for a year"),
    Task.BASELINE_MISSING: gettext_lazy("No examination before the first infusion"),
    Task.WEIGHT_OLD: gettext_lazy("Weight is old"),
    Task.DIAGNOSIS_OPEN: gettext_lazy("Questions of the diagnosis are open"),
}
WHY = {
    Task.SIX_MONTH_REVIEW: gettext_lazy(
        "Due 183 days after the first infusion; an examination in days 122–243 answers the "
        "short-term response."
    ),
    Task.PLANNED_INFUSION: gettext_lazy(
        "Not recorded as given: record it, put it off, or cancel it with a reason."
    ),
    Task.INFUSION_EXPECTED: gettext_lazy(
        "By the interval of the last courses. Record it, or what ended the treatment."
    ),
    Task.WEARING_OFF: gettext_lazy("Declining responsiveness, by rule 6."),
    Task.YEARLY_REVIEW: gettext_lazy("Due 365 days after the last visit."),
    Task.REDUCTION_NOT_TRIED: gettext_lazy(
        "Dependency is presumed until a reduction has been tried; the decision is yours."
    ),
    Task.BASELINE_MISSING: gettext_lazy(
        "Without one in the 90 days before, no response can be given. It may stand in the notes."
    ),
    Task.WEIGHT_OLD: gettext_lazy("Doses per kilogram rest on a weight of over 180 days ago."),
    Task.DIAGNOSIS_OPEN: gettext_lazy("The EFNS/PNS category needs their answers."),
}
# Which of them a new visit answers; the others open the patient's page.
BY_VISIT = frozenset({Task.SIX_MONTH_REVIEW, Task.YEARLY_REVIEW, Task.WEIGHT_OLD})


@dataclass(frozen=True)
class WorkLine:
    study_id: str
    when: str
    address: str
    what_to_do: str


@dataclass(frozen=True)
class WorkGroup:
    """All patients of whom one thing is open."""

    task: Task
    name: str
    why: str
    count: int
    lines: tuple[WorkLine, ...]
    more: int


def work_groups(
    tasks: Iterable[OpenTask], as_of: date, *, at_most: int, chosen: str = ""
) -> tuple[WorkGroup, ...]:
    """By task, in the order of `Task`; ``chosen`` is shown whole, of the others ``at_most``."""
    by_task: dict[Task, list[OpenTask]] = {}
    for one in tasks:
        by_task.setdefault(Task(one.task), []).append(one)
    return tuple(
        _group(task, found, as_of, len(found) if task == chosen else at_most)
        for task, found in by_task.items()
        if chosen in ("", task)
    )


def _group(task: Task, found: list[OpenTask], as_of: date, shown: int) -> WorkGroup:
    lines = tuple(_line(one, as_of) for one in found[:shown])
    return WorkGroup(
        task, str(NAMES[task]), str(WHY[task]), len(found), lines, len(found) - len(lines)
    )


def _line(one: OpenTask, as_of: date) -> WorkLine:
    is_visit = one.task in BY_VISIT
    page = "patients:visit_new" if is_visit else "patients:detail"
    return WorkLine(
        one.study_id,
        _when(one.due_on, as_of),
        reverse(page, args=[one.study_id]),
        _("New visit") if is_visit else _("Open"),
    )


def _when(due_on: date | None, as_of: date) -> str:
    if due_on is None:
        return ""
    days = (as_of - due_on).days
    if days > 0:
        text = ngettext("%(day)s, %(n)s day ago", "%(day)s, %(n)s days ago", days)
    elif days < 0:
        text = ngettext("%(day)s, in %(n)s day", "%(day)s, in %(n)s days", -days)
    else:
        text = _("%(day)s, today")
    return text % {"day": day_text(due_on), "n": abs(days)}
