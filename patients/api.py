"""Observed records for REST clients: read-only lists of what the signed-in person may see."""

from django import forms
from django.db.models import Case, CharField, DateField, F, FloatField, Func, Value, When
from django.db.models.functions import Cast, Round

from mmn_registry.rest.filters import DatedFilter, ListFilter
from mmn_registry.rest.views import RowDetailView, RowListView
from patients.models import MuscleScore, NerveSegment, Patient, Visit
from patients.serializers import (
    MuscleScoreSerializer,
    NerveSegmentSerializer,
    PatientSerializer,
    VisitSerializer,
)
from patients.vocabulary import DatePrecision, MotorNerve, Muscle, Sex, Side

FORMATS = {
    DatePrecision.YEAR: "YYYY",
    DatePrecision.MONTH: "YYYY-MM",
    DatePrecision.DAY: "YYYY-MM-DD",
}


def partial_date(kind: str) -> Case:
    """A partial date as people write it."""
    return Case(
        *(
            When(
                **{f"{kind}_precision": precision.value},
                then=Func(F(f"{kind}_on"), Value(form), function="to_char"),
            )
            for precision, form in FORMATS.items()
        ),
        output_field=CharField(null=True),
    )


def choices(words) -> list[tuple[str, str]]:
    return [("", ""), *((word.value, word.value) for word in words)]


def _patients(user, asked: dict):
    """Patients included by the asked day, with what was known of them then."""
    known_death = When(deceased_on__lte=asked["as_of"], then=F("deceased_on"))
    return (
        Patient.objects.visible_to(user)
        .filter(included_on__lte=asked["as_of"])
        .annotate(
            onset_text=partial_date("onset"),
            diagnosed_text=partial_date("diagnosed"),
            deceased_known_on=Case(known_death, output_field=DateField(null=True)),
        )
    )


class PatientListFilter(ListFilter):
    sex = forms.ChoiceField(required=False, choices=choices(Sex), help_text="Sex.")


class PatientList(RowListView):
    """Patients included on or before the day, by study id."""

    serializer_class = PatientSerializer
    filter_form = PatientListFilter
    ordering = ("study_id",)
    file_name = "patients"

    def rows(self, asked):
        rows = _patients(self.request.user, asked)
        if asked["patient"]:
            rows = rows.filter(study_id=asked["patient"])
        if asked["centre"]:
            rows = rows.filter(centre__code=asked["centre"])
        if asked["sex"]:
            rows = rows.filter(sex=asked["sex"])
        return rows


class PatientDetail(RowDetailView):
    """One patient by study id."""

    serializer_class = PatientSerializer
    file_name = "patient"

    def row(self, asked):
        return _patients(self.request.user, asked).filter(study_id=self.kwargs["study_id"])


class VisitList(RowListView):
    """Visits with weight and disability scores."""

    serializer_class = VisitSerializer
    filter_form = DatedFilter
    ordering = ("patient__study_id", "visited_on")
    file_name = "visits"
    model = Visit
    dated_by = "visited_on"


class MuscleScoreFilter(DatedFilter):
    muscle = forms.ChoiceField(required=False, choices=choices(Muscle), help_text="One muscle.")
    side = forms.ChoiceField(required=False, choices=choices(Side), help_text="One side.")


class MuscleScoreList(RowListView):
    """Grades of single muscles, as text and as number."""

    serializer_class = MuscleScoreSerializer
    filter_form = MuscleScoreFilter
    ordering = ("visit__patient__study_id", "visit__visited_on", "muscle", "side")
    file_name = "muscle_scores"
    model = MuscleScore
    patient_path = "visit__patient"
    dated_by = "visit__visited_on"
    equal_to = ("muscle", "side")

    def rows(self, asked):
        points = Cast("mrc_thirds", FloatField()) / 3.0
        return super().rows(asked).annotate(mrc_value=Round(points, precision=4))


class NerveSegmentFilter(DatedFilter):
    nerve = forms.ChoiceField(required=False, choices=choices(MotorNerve), help_text="One nerve.")
    side = forms.ChoiceField(required=False, choices=choices(Side), help_text="One side.")


class NerveSegmentList(RowListView):
    """Nerve segments as measured; the derived grades stand with the outcomes."""

    serializer_class = NerveSegmentSerializer
    filter_form = NerveSegmentFilter
    ordering = (
        "study__patient__study_id",
        "study__studied_on",
        "nerve",
        "side",
        "distal_site",
        "proximal_site",
    )
    file_name = "nerve_segments"
    model = NerveSegment
    patient_path = "study__patient"
    dated_by = "study__studied_on"
    equal_to = ("nerve", "side")
