"""The page on which a nerve conduction study is recorded or amended."""

from collections.abc import Mapping
from functools import cached_property

from outcomes.cards.changes import changes
from outcomes.dashboards.patient import patient_dashboard
from outcomes.dashboards.study import grades, with_study
from outcomes.derivation.block_criteria import CRITERIA
from outcomes.derivation.frames import Records
from outcomes.figures.study_sheet import last_words, segment_results
from outcomes.selectors import load_records
from outcomes.views.recording import RecordPage
from patients.calendar import registry_today
from patients.forms.segment_sheet import empty_inputs, in_order
from patients.forms.study import StudyForm
from patients.models import NerveConductionStudy, Patient
from patients.selectors import list_studies, protocol_of
from patients.unusual_conduction import Segment


class StudyPage(RecordPage):
    form_class = StudyForm
    name = "nerve_conduction_study"
    template_name = "patients/study.html"
    look_template_name = "patients/_study_look.html"
    fills = {
        "add": lambda form: form.add_typed_row(),
        "protocol": lambda form: form.add_protocol_rows(),
        "last": lambda form: form.add_rows_of_last_study(),
        **RecordPage.fills,
    }

    @cached_property
    def studies(self) -> list[NerveConductionStudy]:
        return list(list_studies(self.patient))

    @cached_property
    def protocol(self) -> list[Segment]:
        return protocol_of(self.patient.centre_id)

    @cached_property
    def records(self) -> Records:
        return load_records(Patient.objects.filter(pk=self.patient.pk))

    def make_form(self, **typed) -> StudyForm:
        return super().make_form(studies=self.studies, protocol=self.protocol, **typed)

    def suggested(self) -> Mapping[str, object] | None:
        """Rows of the last study, which can be compared; of the protocol for the first one."""
        if self.stored:
            return None
        last = self.studies[-1].segments.all() if self.studies else ()
        keys = [(s.nerve, s.side, s.distal_site, s.proximal_site) for s in last]
        rows = in_order(keys) or self.protocol
        return {"studied_on": registry_today(), **empty_inputs(rows)}

    def context(self, form: StudyForm) -> dict[str, object]:
        if form.is_bound:
            form.is_valid()
        self._tell_rows(form)
        return {
            "sheet": form.sheet,
            "criteria": [one.name for one in CRITERIA.values()],
            "before_on": form.before.studied_on,
            "lacks_protocol": any(key not in {r.key for r in form.sheet} for key in self.protocol),
        }

    def _tell_rows(self, form: StudyForm) -> None:
        """Beside each row what follows from it, what it was, and what is asked about it."""
        day, study_id = form.day or registry_today(), self.patient.study_id
        results = segment_results(grades(self.records, study_id, day, form.sheet.segments))
        last = self._last_words(form)
        for row in form.sheet:
            row.result, row.last = results.get(row.key), last.get(row.key, "")
            if form.is_bound:
                row.questions = [
                    (asked, is_confirmed)
                    for asked, is_confirmed in form.questions
                    if asked.field.endswith(f"-{row.name}")
                ]

    def _last_words(self, form: StudyForm) -> dict[Segment, str]:
        on = form.before.studied_on
        stored = next((s for s in self.studies if on and s.studied_on == on), None)
        if stored is None:
            return {}
        return last_words(
            grades(self.records, self.patient.study_id, on, list(stored.segments.all()))
        )

    def consequences(self, form: StudyForm) -> dict[str, object]:
        as_of = self._as_of(form)
        typed = with_study(
            self.records,
            self.patient.study_id,
            form.cleaned_data["studied_on"],
            form.sheet.segments,
            instead_of=form.stored.record.studied_on if form.stored else None,
        )
        before = patient_dashboard(self.patient, as_of, records=self.records)
        after = patient_dashboard(self.patient, as_of, records=typed)
        return {"changes": changes(before, after)}
