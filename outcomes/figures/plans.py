"""A planned infusion in words: what, when, and whether it is overdue."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infusions.models import PlannedInfusion
from outcomes import labels
from outcomes.numbers import rounded
from outcomes.sentences import joined

# So many days before its day a planned infusion is what one comes to record.
DUE_DAYS = 3


@dataclass(frozen=True)
class PlanRow:
    on: date
    what: str
    when: str
    is_overdue: bool
    is_due: bool
    note: str
    give: str
    amend: str
    cancel: str


def plan_row(planned: PlannedInfusion, today: date, **addresses: str) -> PlanRow:
    days = (planned.planned_on - today).days
    what = [str(labels.ROUTE[planned.route]), planned.product]
    if planned.dose_g is not None:
        what.append(_("%s g") % rounded(float(planned.dose_g)))
    return PlanRow(
        on=planned.planned_on,
        what=joined(filter(None, what)),
        when=_when(days),
        is_overdue=days < 0,
        is_due=days <= DUE_DAYS,
        note=planned.note,
        **addresses,
    )


def _when(days: int) -> str:
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("overdue by %s day", "overdue by %s days", -days) % -days
    return ngettext("in %s day", "in %s days", days) % days
