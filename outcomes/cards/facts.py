"""Lines of "Records used" that several cards have."""

from datetime import date

from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.cards.card import Fact, day_of_exam
from outcomes.dashboards.patient import Course, PatientDashboard, Regimen
from outcomes.sentences import RecordKind, UsedAs, UsedRecord, day_text


def first_infusion(dashboard: PatientDashboard) -> Fact | None:
    day = dashboard.outcome["index_on"]
    record = day and infusion_record(dashboard, day, UsedAs.FIRST_INFUSION)
    return Fact(_("First infusion"), day_text(day), record) if day else None


def last_infusion(dashboard: PatientDashboard) -> Fact | None:
    day = dashboard.outcome["last_infusion_on"]
    record = day and infusion_record(dashboard, day, UsedAs.LAST_INFUSION)
    return Fact(_("Last infusion"), day_text(day), record) if day else None


def last_contact(dashboard: PatientDashboard) -> Fact | None:
    """The latest visit or recorded infusion."""
    day = dashboard.outcome["last_contact_on"]
    if day is None:
        return None
    was_visit = any(visit.on == day for visit in dashboard.visits)
    kind = RecordKind.VISITS if was_visit else RecordKind.INFUSIONS
    record = UsedRecord(kind, UsedAs.LAST_CONTACT, day)
    return Fact(_("Last contact"), day_text(day), record)


def examination(
    dashboard: PatientDashboard, term: str, day: date | None, used_as: UsedAs
) -> Fact | None:
    if day is None:
        return None
    return Fact(term, day_of_exam(dashboard, day), UsedRecord(RecordKind.VISITS, used_as, day))


def regimen(term: str, regimen: Regimen, used_as: UsedAs) -> Fact:
    """IV, 15 Jan 2020 to 20 Dec 2020."""
    days = {"first": day_text(regimen.started_on)}
    if regimen.ended_on:
        words = _("%(route)s, %(first)s to %(last)s")
        days["last"] = day_text(regimen.ended_on)
    else:
        words = _("%(route)s, since %(first)s")
    text = words % {"route": labels.ROUTE[regimen.route], **days}
    return Fact(term, text, regimen_record(regimen, used_as, regimen.end_reason or None))


def regimen_record(
    regimen: Regimen, used_as: UsedAs, value: str | float | None = None
) -> UsedRecord:
    key = {"route": regimen.route}
    return UsedRecord(
        RecordKind.REGIMENS, used_as, regimen.started_on, regimen.ended_on, key, value
    )


def infusion_record(dashboard: PatientDashboard, day: date, used_as: UsedAs) -> UsedRecord:
    """The infusion of a day, or the home regimen that stands for it where nobody recorded one."""
    given = [c for c in dashboard.courses if c.started_on <= day <= c.ended_on]
    planned = [regimen for c in given if (regimen := home_regimen(dashboard, c, day))]
    if planned and len(planned) == len(given):
        return regimen_record(planned[0], used_as)
    return UsedRecord(RecordKind.INFUSIONS, used_as, day)


def home_regimen(dashboard: PatientDashboard, course: Course, day: date) -> Regimen | None:
    """The home regimen that a course was planned by; None where its infusions were recorded."""
    if not course.from_regimen:
        return None
    running = (
        regimen
        for regimen in dashboard.regimens
        if regimen.route == course.route
        and regimen.started_on <= day
        and (regimen.ended_on is None or day < regimen.ended_on)
    )
    return next(running, None)
