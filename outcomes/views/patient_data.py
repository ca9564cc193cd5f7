"""The page on which a patient's own data are amended."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import can
from outcomes.cards.changes import changes
from outcomes.dashboards.patient import patient_dashboard
from outcomes.dashboards.patient_data import with_patient_data
from outcomes.selectors import load_records
from outcomes.views.recording import RecordPage
from patients.forms.patient import PatientForm
from patients.forms.record import as_inputs
from patients.models import Patient
from patients.models.record import Record
from patients.views.voiding import voided_sentence


class PatientDataPage(RecordPage):
    form_class = PatientForm
    name = "patient"
    template_name = "patients/patient_data.html"
    look_template_name = "forms/_look.html"

    def record_id(self, ids: Mapping[str, UUID]) -> UUID:
        return self.patient.pk

    def list_records(self) -> QuerySet[Patient]:
        return Patient.including_voided.filter(pk=self.patient.pk)

    def day_of(self, record: Patient) -> date:
        return record.included_on

    def named(self, record: Patient) -> str:
        return _("data of %(study_id)s") % {"study_id": record.study_id}

    def saved_words(self, named: str) -> str:
        return _("The %s are saved.") % named

    def unchanged_words(self, named: str) -> str:
        return _("The %s are as they were: nothing was changed.") % named

    def _address(self, action: str, record: Record | None = None) -> str:
        return reverse(f"patients:{self.name}_{action}", args=[self.patient.study_id])

    def _as_new(self, typed: QueryDict, voided: Patient) -> HttpResponse:
        """A registration is not repeated by the way: its records are gone with it."""
        messages.warning(self.request, voided_sentence(voided, voided.study_id))
        return redirect("patients:list")

    def context(self, form: PatientForm) -> dict[str, object]:
        may_offer = can(self.request.user, Permission.EXPORT_RECORDS, self.patient.centre)
        return {"slots": form._meta.fields, "may_offer": may_offer}

    def consequences(self, form: PatientForm) -> dict[str, object]:
        as_of = self._as_of(form)
        stored = load_records(Patient.objects.filter(pk=self.patient.pk))
        values = as_inputs(form.values_of(form.instance))
        typed = with_patient_data(stored, self.patient.study_id, self.patient.centre.code, values)
        before = patient_dashboard(self.patient, as_of, records=stored)
        after = patient_dashboard(self.patient, as_of, records=typed)
        return {"changes": changes(before, after)}
