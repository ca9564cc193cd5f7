"""The page on which a visit is recorded or amended."""

from datetime import date

from django.db.models import Max

from outcomes.cards.changes import changes
from outcomes.dashboards.patient import PatientDashboard, affected_muscles, patient_dashboard
from outcomes.dashboards.visit import with_visit
from outcomes.numbers import points_text
from outcomes.selectors import load_records
from outcomes.views.recording import RecordPage
from patients.actions import amend_visit, record_visit
from patients.calendar import registry_today
from patients.forms.muscle_grid import REMARKS
from patients.forms.visit import GRIPS, VisitForm
from patients.models import Patient, Visit
from patients.selectors import Examination, get_examination, list_visits, standing_signature

# Where a question may stand; "" is the place under the grid.
SLOTS = ("visited_on", "weight_kg", *GRIPS, "")
NORMAL_POINTS = 5


class VisitPage(RecordPage):
    form_class = VisitForm
    name = "visit"
    template_name = "patients/visit.html"
    look_template_name = "patients/_visit_look.html"
    fills = {
        "copy": lambda form: form.grid.copy_previous(),
        "rest": lambda form: form.grid.fill_normal(),
        "uncopy": lambda form: form.grid.clear_copied(),
        **RecordPage.fills,
    }

    def read(self, record: Visit) -> Examination | None:
        return get_examination(record)

    def make_form(self, **typed) -> VisitForm:
        return super().make_form(visits=list(list_visits(self.patient)), **typed)

    def record(self, form: VisitForm) -> bool:
        record_visit(form.instance, confirmed=form.confirmed, by=self.request.user, **_parts(form))
        return True

    def amend(self, form: VisitForm) -> bool:
        return amend_visit(
            form.stored.visit,
            form.changes,
            confirmed=form.confirmed,
            as_read=form.as_read,
            by=self.request.user,
            reason=form.cleaned_data["reason"],
            **_parts(form),
        )

    def context(self, form: VisitForm) -> dict[str, object]:
        signature = standing_signature(form.stored.visit) if form.stored else None
        return {
            "signature": signature,
            "locked": signature is not None,
            "grid": form.grid,
            "remarks": REMARKS.items(),
            "who": _who(self.patient, form.day),
            "slots": SLOTS,
            **_last_infusion(self.patient, form.day),
        }

    def consequences(self, form: VisitForm) -> dict[str, object]:
        day, as_of = form.cleaned_data["visited_on"], self._as_of(form)
        stored = load_records(Patient.objects.filter(pk=self.patient.pk))
        typed = with_visit(
            stored,
            self.patient.study_id,
            form.changes,
            form.muscle_scores,
            form.grip_strengths,
            instead_of=form.stored.visit.visited_on if form.stored else None,
        )
        before = patient_dashboard(self.patient, as_of, records=stored)
        after = patient_dashboard(self.patient, as_of, records=typed)
        return {"changes": changes(before, after), "affected": _affected(after, day)}


def _parts(form: VisitForm) -> dict[str, list]:
    return {
        "muscle_scores": form.muscle_scores,
        "grip_strengths": form.grip_strengths,
        "findings": form.findings,
    }


def _who(patient: Patient, day: date | None) -> dict[str, object]:
    """Sex, and the age reached in the year of the visit."""
    until = day or registry_today()
    age = until.year - patient.birth_year if patient.birth_year else None
    return {"sex": patient.get_sex_display(), "age": age, "born": patient.birth_year}


def _last_infusion(patient: Patient, day: date | None) -> dict[str, object]:
    """Whether one examines at peak or at trough."""
    until = day or registry_today()
    given_on = (
        patient.infusions.filter(given_on__lte=until).aggregate(last=Max("given_on")).get("last")
    )
    days = (until - given_on).days if given_on else None
    return {"last_infusion_on": given_on, "last_infusion_days": days}


def _affected(after: PatientDashboard | None, day: date) -> dict[str, object] | None:
    """The sum of the muscles affected at baseline, on the day and the last time before."""
    summed = [v for v in after.visits if v.on <= day and v.affected_points] if after else []
    if not summed or summed[-1].on != day:
        return None
    muscles = len(affected_muscles(after.muscle_changes))
    last = summed[-2] if len(summed) > 1 else None
    return {
        "muscles": muscles,
        "points": points_text(summed[-1].affected_points),
        "most": muscles * NORMAL_POINTS,
        "last_points": points_text(last.affected_points) if last else "",
        "last_on": last.on if last else None,
    }
