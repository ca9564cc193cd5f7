"""What a patient's page links to and offers of treatment, for who may record it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from infusions.selectors import (
    list_adverse_reactions,
    list_dose_attempts,
    list_immunosuppressants,
    list_open_plans,
    list_regimens,
)
from outcomes.figures.plans import PlanRow, plan_row
from outcomes.figures.records import Addresses, Key
from patients.calendar import registry_today
from patients.models import Patient


@dataclass(frozen=True)
class TreatmentLinks:
    """Addresses by the keys of the rows that they belong to; none for who may only read."""

    infusions: dict[tuple[str, date], str] = field(default_factory=dict)
    treatment: dict[Key, Addresses] = field(default_factory=dict)
    plans: tuple[PlanRow, ...] = ()


def treatment_links(patient: Patient) -> TreatmentLinks:
    return TreatmentLinks(_infusions(patient), _treatment(patient), plan_rows(patient))


def plan_rows(patient: Patient) -> tuple[PlanRow, ...]:
    """What is planned and not given yet, the next first."""
    today = registry_today()
    return tuple(
        plan_row(
            planned,
            today,
            give=reverse("patients:planned_infusion_give", args=[patient.study_id, planned.pk]),
            amend=reverse("patients:planned_infusion_amend", args=[patient.study_id, planned.pk]),
            cancel=reverse("patients:planned_infusion_void", args=[patient.study_id, planned.pk]),
        )
        for planned in list_open_plans(patient)
    )


def _infusions(patient: Patient) -> dict[tuple[str, date], str]:
    """The infusion of a route and day, or where all are listed if that day had several."""
    given = list(patient.infusions.values_list("route", "given_on", "pk"))
    of_day = Counter((route, day) for route, day, _pk in given)
    every = reverse("patients:infusions", args=[patient.study_id])
    alone = _alone(set(of_day))
    return {
        (route, day): reverse("patients:infusion_amend", args=[patient.study_id, pk])
        if of_day[route, day] == 1 and (route, day) in alone
        else f"{every}#d{day.isoformat()}"
        for route, day, pk in given
    }


def _alone(days: set[tuple[str, date]]) -> set[tuple[str, date]]:
    """Days with no other infusion of the route within the days that a course may span."""
    near = 7
    return {
        (route, day)
        for route, day in days
        if not any(
            (route, date.fromordinal(day.toordinal() + step)) in days
            for step in range(-near, near + 1)
            if step
        )
    }


def _treatment(patient: Patient) -> dict[Key, Addresses]:
    rows: list[tuple[str, Key, object]] = [
        *(("regimen", (r.started_on, r.route), r.pk) for r in list_regimens(patient)),
        *(("dose_attempt", (a.attempted_on,), a.pk) for a in list_dose_attempts(patient)),
        *(
            ("immunosuppressant", (i.started_on, i.drug), i.pk)
            for i in list_immunosuppressants(patient)
        ),
        *(
            ("adverse_reaction", (r.occurred_on, r.reaction), r.pk)
            for r in list_adverse_reactions(patient)
        ),
    ]
    return {(kind, *key): _addresses(patient, kind, pk) for kind, key, pk in rows}


def _addresses(patient: Patient, kind: str, pk: object) -> Addresses:
    args = [patient.study_id, pk]
    may_run = kind in ("regimen", "immunosuppressant")
    end = reverse(f"patients:{kind}_end", args=args) if may_run else ""
    return Addresses(reverse(f"patients:{kind}_amend", args=args), end)
