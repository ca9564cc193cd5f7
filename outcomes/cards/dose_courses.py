"""The courses behind a dose: each spread over the days it stands for (rule 6)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes import labels
from outcomes.cards.card import Evidence, EvidenceRow
from outcomes.cards.facts import home_regimen, regimen_record
from outcomes.dashboards.patient import Course, DoseStep, PatientDashboard, Regimen
from outcomes.numbers import rounded
from outcomes.sentences import RecordKind, UsedAs, UsedRecord, day_text


@dataclass(frozen=True)
class Window:
    """Days over which a dose is taken, both included."""

    used_as: UsedAs
    name: str
    first: date
    last: date

    def holds(self, step: DoseStep) -> bool:
        return step.started_on <= self.last and step.ended_before > self.first


def course_evidence(dashboard: PatientDashboard) -> Evidence | None:
    """The courses that reach into the days of the dose now, and of the one it is compared with.

    Home treatment that nobody recorded is one row for its regimen, whatever its planned courses.
    """
    lines = [line for window in _windows(dashboard) for line in _lines(dashboard, window)]
    if not lines:
        return None
    return Evidence(
        _("Courses behind the dose, each spread over the days it stands for"),
        (_("Course"), _("Dose"), _("Spread over"), _("Counts for")),
        tuple(lines),
    )


def _windows(dashboard: PatientDashboard) -> Iterator[Window]:
    outcome, rules = dashboard.outcome, dashboard.rules
    if outcome["weekly_dose_g"] is None:
        return
    last = outcome["last_contact_on"]
    first = last - timedelta(days=rules.maintenance_days - 1)
    yield Window(UsedAs.DOSE_NOW, _("now"), first, last)
    if outcome["dose_ratio"] is not None:
        days = (outcome["index_on"] + timedelta(days=day) for day in rules.reference_window_days)
        yield Window(UsedAs.DOSE_BEFORE, _("before"), *days)


def _lines(dashboard: PatientDashboard, window: Window) -> Iterator[EvidenceRow]:
    courses = {(course.route, course.started_on): course for course in dashboard.courses}
    steps = [step for step in dashboard.dose_steps if window.holds(step)]
    pairs = ((courses[step.route, step.started_on], step) for step in steps)
    planned_by = groupby(
        pairs, key=lambda pair: home_regimen(dashboard, pair[0], pair[0].started_on)
    )
    for regimen, found in planned_by:
        if regimen:
            yield _planned_line(regimen, [course for course, _step in found], window)
        else:
            yield from (_given_line(course, step, window) for course, step in found)


def _given_line(course: Course, step: DoseStep, window: Window) -> EvidenceRow:
    days = (step.ended_before - step.started_on).days
    spread = ngettext("%(n)s day, %(grams)s g/week", "%(n)s days, %(grams)s g/week", days)
    record = UsedRecord(
        RecordKind.INFUSIONS,
        window.used_as,
        course.started_on,
        until=course.ended_on if course.days > 1 else None,
        key={"route": course.route},
        value=course.dose_g,
    )
    cells = (
        f"{day_text(course.started_on)}, {labels.ROUTE[course.route]}",
        _("%s\u00a0g") % rounded(course.dose_g),
        spread % {"n": days, "grams": rounded(step.weekly_dose_g)},
        window.name,
    )
    return EvidenceRow(cells, (record,))


def _planned_line(regimen: Regimen, courses: Iterable[Course], window: Window) -> EvidenceRow:
    grams = [course.dose_g for course in courses]
    words = {"route": labels.ROUTE[regimen.route], "day": day_text(regimen.started_on)}
    every = regimen.planned_interval_days or 0
    cells = (
        _("%(route)s at home as planned since %(day)s") % words,
        _("%(n)s × %(grams)s\u00a0g") % {"n": len(grams), "grams": rounded(max(grams))},
        ngettext("%(n)s day each", "%(n)s days each", round(every)) % {"n": rounded(every)},
        window.name,
    )
    record = regimen_record(regimen, window.used_as, regimen.planned_dose_g)
    return EvidenceRow(cells, (record,))
