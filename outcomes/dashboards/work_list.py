"""What is open for the patients of some centres, as of a day."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery

from infusions.models import DoseAttempt, PlannedInfusion
from infusions.selectors import OPEN_PLAN
from outcomes.cohorts import load_cohort
from outcomes.dashboards.rows import rows_of
from outcomes.derivation.work_list import COLUMNS, Task, open_tasks
from patients.models import Patient, Visit


@dataclass(frozen=True)
class OpenTask:
    study_id: str
    task: Task
    due_on: date | None


def work_list(patients: QuerySet[Patient], as_of: date) -> tuple[OpenTask, ...]:
    """Everything open, by task, the longest due first."""
    rows = load_cohort(patients, as_of, COLUMNS).rows
    if rows.empty:
        return ()
    recorded = _recorded(patients, as_of).reindex(rows.index)
    known = rows.drop(columns=recorded.columns, errors="ignore").join(recorded)
    return rows_of(OpenTask, open_tasks(known, pd.Timestamp(as_of)))


def _recorded(patients: QuerySet[Patient], as_of: date) -> pd.DataFrame:
    """What no outcome says: the last visit and attempt, the next planned infusion, who has died."""
    found = patients.annotate(
        last_visit_on=_last(Visit, "visited_on", as_of),
        last_attempt_on=_last(DoseAttempt, "attempted_on", as_of),
        planned_on=_first_planned(),
    )
    days = ("included_on", "last_visit_on", "last_attempt_on", "planned_on", "deceased_on")
    names = ["study_id", *days]
    frame = pd.DataFrame.from_records(
        list(found.values_list(*names)), columns=names, index="study_id"
    )
    dates = frame.apply(pd.to_datetime).astype("datetime64[s]")
    is_dead = dates.pop("deceased_on") <= pd.Timestamp(as_of)
    return dates.assign(is_dead=is_dead)


def _last(model: type[Visit | DoseAttempt], day: str, as_of: date) -> Subquery:
    """The last day of a patient's records of a kind, up to a day."""
    of_patient = model.objects.filter(patient=OuterRef("pk"), **{f"{day}__lte": as_of})
    return Subquery(of_patient.order_by().values("patient").annotate(last=Max(day)).values("last"))


def _first_planned() -> Subquery:
    """The first day for which a patient's infusion is planned and not given."""
    open_plans = PlannedInfusion.objects.filter(OPEN_PLAN, patient=OuterRef("pk"))
    return Subquery(
        open_plans.order_by().values("patient").annotate(first=Min("planned_on")).values("first")
    )
