"""Everything that may happen to what was given; ``amend`` and ``void`` are those of patients."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    InfusionLot,
    PlannedInfusion,
    Regimen,
)
from infusions.vocabulary import RegimenEndReason
from mmn_registry.accounts.acting import acting
from patients.actions import StaleRecord, amend, confirm, record, void
from patients.calendar import day_text
from patients.refusals import explained
from patients.unusual import Unusual

__all__ = [
    "StaleRecord",
    "amend",
    "end_immunosuppressant",
    "end_regimen",
    "plan_infusions",
    "record_as_planned",
    "record_course",
    "record_dose_attempt",
    "record_immunosuppressant",
    "record_infusion",
    "record_reaction",
    "record_regimen",
    "void",
]


def record_infusion(infusion: Infusion, *, lots: Iterable[InfusionLot] = (), by) -> Infusion:
    """An infusion with the lots it was taken from."""
    return record(infusion, parts=(lots,), by=by)


def record_course(
    course: Sequence[tuple[Infusion, Iterable[InfusionLot]]],
    *,
    confirmed: Iterable[Unusual] = (),
    by,
) -> Infusion:
    """Infusions of consecutive days, each with its lots, as one action; gives back the first."""
    days = len(course)
    verb = "recorded an infusion" if days == 1 else f"recorded a course of {days} infusions"
    first, _lots = course[0]
    with acting(by, verb), explained():
        for infusion, lots in course:
            record_infusion(infusion, lots=lots, by=by)
        confirm(first, confirmed, by=by)
    return first


def plan_infusions(series: Sequence[PlannedInfusion], *, by) -> PlannedInfusion:
    """Planned infusions of one series, as one action; gives back the first."""
    first, number = series[0], len(series)
    verb = "planned an infusion" if number == 1 else f"planned a series of {number} infusions"
    with acting(by, verb), explained():
        for planned in series:
            planned.series_id = first.series_id
            record(planned, by=by)
    return first


def record_as_planned(
    planned: PlannedInfusion,
    course: Sequence[tuple[Infusion, Iterable[InfusionLot]]],
    *,
    confirmed: Iterable[Unusual] = (),
    by,
) -> Infusion:
    """What was planned was given: record it, and let the plan name it.

    Raises
    ------
    ValidationError
        If somebody confirmed or cancelled the plan meanwhile, or as `record_course`.
    """
    with acting(by, "recorded a planned infusion as given"):
        now = PlannedInfusion.objects.select_for_update().filter(pk=planned.pk).first()
        if now is None:
            raise ValidationError(_("This planned infusion was cancelled meanwhile."), "cancelled")
        if now.is_given:
            message = _("This planned infusion was confirmed as given on %(day)s already.")
            params = {"day": day_text(now.infusion.given_on)}
            raise ValidationError(message, "given_already", params)
        first = record_course(course, confirmed=confirmed, by=by)
        amend(now, {"infusion": first}, by=by, reason=_("Given."))
    return first


def record_regimen(regimen: Regimen, *, by) -> Regimen:
    return record(regimen, by=by)


def end_regimen(regimen: Regimen, *, ended_on: date, end_reason: RegimenEndReason, by) -> Regimen:
    """Stop what was prescribed; ``ended_on`` is the first day without it."""
    changes = {"ended_on": ended_on, "end_reason": end_reason}
    return amend(regimen, changes, by=by, reason=_("Regimen ended."))


def record_dose_attempt(attempt: DoseAttempt, *, by) -> DoseAttempt:
    return record(attempt, by=by)


def record_immunosuppressant(treatment: Immunosuppressant, *, by) -> Immunosuppressant:
    return record(treatment, by=by)


def end_immunosuppressant(treatment: Immunosuppressant, *, ended_on: date, by) -> Immunosuppressant:
    return amend(treatment, {"ended_on": ended_on}, by=by, reason=_("Treatment ended."))


def record_reaction(reaction: AdverseReaction, *, by) -> AdverseReaction:
    return record(reaction, by=by)
