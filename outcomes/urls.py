"""Addresses of the pages that show outcomes; the project joins them with those of the records."""

from django.urls import URLPattern, path

from outcomes.views.cohort import cohort_page
from outcomes.views.cohort_panels import cohort_figure, cohort_panel, cohort_table
from outcomes.views.cuts import cut_file, cut_page, cut_reissued, cuts_page
from outcomes.views.diagnosis import AnswersPage, DiagnosisOverridePage
from outcomes.views.export import export_file, export_page
from outcomes.views.infusions import InfusionPage, PlannedGivenPage, infusion_list
from outcomes.views.patient import patient_page
from outcomes.views.patient_data import PatientDataPage
from outcomes.views.patient_list import patient_list_page
from outcomes.views.plans import PlannedInfusionPage, PlannedInfusionVoid
from outcomes.views.questions import question_answered, questions_page
from outcomes.views.recording import RecordPage
from outcomes.views.records import ConsentPage, FindingPage, LaboratoryResultPage
from outcomes.views.registration import RegistrationPage
from outcomes.views.reports import cohort_pdf, patient_pdf
from outcomes.views.saved_cohorts import (
    change_saved_cohort,
    delete_saved_cohort,
    saved_cohorts_page,
)
from outcomes.views.study import StudyPage
from outcomes.views.treatment import (
    AdverseReactionPage,
    DoseAttemptPage,
    ImmunosuppressantEndPage,
    ImmunosuppressantPage,
    RegimenEndPage,
    RegimenPage,
)
from outcomes.views.visit import VisitPage
from outcomes.views.what_if import what_if_page
from outcomes.views.work_list import work_list_page
from patients.views.consent import ConsentVoid
from patients.views.study import StudyVoid
from patients.views.visit import VisitVoid
from patients.views.voiding import VoidPage


def record_paths(
    plural: str,
    page: type[RecordPage],
    void: type[VoidPage] = VoidPage,
    end: type[RecordPage] | None = None,
) -> list[URLPattern]:
    """Where records of a kind are recorded, amended, voided and, if they may run, ended."""
    name, base = page.name, f"<str:study_id>/{plural}/"
    one = f"{base}<uuid:{name}_id>/"
    voided = void.as_view(model=page.form_class._meta.model, name=name)
    ended = [path(f"{one}end/", end.as_view(), name=f"{name}_end")] if end else []
    return [
        path(f"{base}new/", page.as_view(), name=f"{name}_new"),
        path(one, page.as_view(), name=f"{name}_amend"),
        path(f"{one}void/", voided, name=f"{name}_void"),
        *ended,
    ]


# In the namespace "patients", beside the pages that record.
patient_pages = [
    path("", patient_list_page, name="list"),
    path("new/patient/", RegistrationPage.as_view(), name="patient_new"),
    path("<str:study_id>/", patient_page, name="detail"),
    path("<str:study_id>/summary.pdf", patient_pdf, name="summary_pdf"),
    path("<str:study_id>/data/", PatientDataPage.as_view(), name="patient_amend"),
    *record_paths("visits", VisitPage, VisitVoid),
    *record_paths("studies", StudyPage, StudyVoid),
    path("<str:study_id>/diagnosis/", AnswersPage.as_view(), name="answers_new"),
    *record_paths("diagnoses", DiagnosisOverridePage),
    *record_paths("findings", FindingPage),
    *record_paths("laboratory", LaboratoryResultPage),
    *record_paths("consents", ConsentPage, ConsentVoid),
    path("<str:study_id>/infusions/", infusion_list, name="infusions"),
    *record_paths("infusions", InfusionPage),
    *record_paths("planned", PlannedInfusionPage, PlannedInfusionVoid),
    path(
        "<str:study_id>/planned/<uuid:planned_infusion_id>/given/",
        PlannedGivenPage.as_view(),
        name="planned_infusion_give",
    ),
    *record_paths("regimens", RegimenPage, end=RegimenEndPage),
    *record_paths("dose-attempts", DoseAttemptPage),
    *record_paths("immunosuppressants", ImmunosuppressantPage, end=ImmunosuppressantEndPage),
    *record_paths("reactions", AdverseReactionPage),
]
cohort_pages = [
    path("", cohort_page, name="cohort"),
    path("report.pdf", cohort_pdf, name="report_pdf"),
    path("cuts/", cuts_page, name="cuts"),
    path("cuts/<uuid:cut_id>/", cut_page, name="cut"),
    path("cuts/<uuid:cut_id>/file/", cut_file, name="cut_file"),
    path("cuts/<uuid:cut_id>/anew/", cut_reissued, name="cut_reissued"),
    path("what-if/", what_if_page, name="what_if"),
    path("saved/", saved_cohorts_page, name="saved_cohorts"),
    path("saved/<uuid:cohort_id>/", change_saved_cohort, name="saved_cohort_change"),
    path("saved/<uuid:cohort_id>/delete/", delete_saved_cohort, name="saved_cohort_delete"),
    path("export/", export_page, name="export"),
    path("export/file/", export_file, name="export_file"),
    path("panels/<slug:panel>/", cohort_panel, name="cohort_panel"),
    path("panels/<slug:panel>/<slug:part>.svg", cohort_figure, name="cohort_figure"),
    path("panels/<slug:panel>/<slug:part>.csv", cohort_table, name="cohort_table"),
]
work_pages = [
    path("", work_list_page, name="list"),
    path("questions/", questions_page, name="questions"),
    path("questions/answer/", question_answered, name="question_answered"),
]
