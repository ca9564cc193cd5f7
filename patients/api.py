"""Observed records for REST clients: read-only lists of what the signed-in person may see."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    FloatField,
    Func,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, ExtractYear, Round
from django.utils.translation import gettext_lazy as _

from mmn_registry.disclosure import Disclosure
from mmn_registry.rest.etags import etag
from mmn_registry.rest.filters import (
    CodeField,
    DatedFilter,
    DayFilter,
    IncludeField,
    RecordFilter,
)
from mmn_registry.rest.parts import Parts
from mmn_registry.rest.rendering import CsvRenderer, JsonRenderer
from mmn_registry.rest.views import RowDetailView, RowListView
from patients.interchange import GRIP_STRENGTHS
from patients.models import MuscleScore, NerveSegment, Patient, Visit
from patients.resources.addresses import addresses_of
from patients.resources.kinds import KINDS
from patients.resources.lists import list_of
from patients.resources.views import One
from patients.selectors import version_of
from patients.serializers import (
    GradeSerializer,
    MuscleScoreSerializer,
    NerveSegmentSerializer,
    PatientSerializer,
    VisitSerializer,
)
from patients.vocabulary import AgeBand, DatePrecision, MotorNerve, Muscle, Sex, Side

FORMATS = {
    DatePrecision.YEAR: "YYYY",
    DatePrecision.MONTH: "YYYY-MM",
    DatePrecision.DAY: "YYYY-MM-DD",
}


def _partial_date(kind: str) -> Case:
    """A partial date as people write it."""
    return Case(
        *(
            When(
                **{f"{kind}_precision": known.value},
                then=Func(F(f"{kind}_on"), Value(written), function="to_char"),
            )
            for known, written in FORMATS.items()
        ),
        output_field=CharField(null=True),
    )


def _age_band() -> Case:
    """Age at inclusion in tens of years: of the year, as people count it in a registry."""
    *younger, oldest = AgeBand
    included_in = ExtractYear("included_on")
    return Case(
        When(birth_year__isnull=True, then=None),
        *(
            When(birth_year__gt=included_in - 10 * decades, then=Value(band.value))
            for decades, band in enumerate(younger, start=1)
        ),
        default=Value(oldest.value),
        output_field=CharField(null=True),
    )


# What stands in no column of its own: whose class counts for who reads pseudonymised.
SHOWN_AS = {
    "onset_text": "onset_on",
    "diagnosed_text": "diagnosed_on",
    "deceased_known_on": "deceased_on",
    "age_band": Disclosure.CLINICAL,
}


def with_what_is_known(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Patients with what stands in no column of its own, whatever the day."""
    return patients.annotate(
        onset_text=_partial_date("onset"),
        diagnosed_text=_partial_date("diagnosed"),
        age_band=_age_band(),
    )


def _patients(user, as_of: date) -> QuerySet[Patient]:
    """Patients included by a day, with what was known of them then."""
    had_died = When(deceased_on__lte=as_of, then=F("deceased_on"))
    included = Patient.objects.visible_to(user).filter(included_on__lte=as_of)
    return with_what_is_known(included).annotate(
        deceased_known_on=Case(had_died, output_field=DateField(null=True))
    )


class PatientFilter(RecordFilter):
    sex = CodeField(Sex, "Only patients of this sex.")


class PatientList(RowListView):
    """Patients who were included on or before the day.

    In the order of their study ids.
    """

    serializer_class = PatientSerializer
    filter_form = PatientFilter
    model = Patient
    ordering = ("study_id",)
    name = "patients"
    shown_as = SHOWN_AS

    def rows(self, asked):
        columns = {"patient": "study_id", "centre": "centre__code", "sex": "sex"}
        wanted = {column: asked[name] for name, column in columns.items() if asked[name]}
        wanted |= self.written_since(asked)
        return _patients(self.request.user, asked["as_of"]).filter(**wanted)


class PatientDetail(RowDetailView):
    """One patient, by study id."""

    serializer_class = PatientSerializer
    model = Patient
    name = "patient"
    shown_as = SHOWN_AS
    not_found = _("There is no such patient in your centres on that day.")

    def row(self, asked):
        patients = _patients(self.request.user, asked["as_of"])
        study_id = self.kwargs["study_id"]
        try:
            Patient._meta.get_field("study_id").run_validators(study_id)
        except ValidationError:  # nobody can be called so
            return patients.none()
        return patients.filter(study_id=study_id)


def _with_points(scores: QuerySet[MuscleScore]) -> QuerySet[MuscleScore]:
    points = Cast("mrc_thirds", FloatField()) / 3.0
    return scores.annotate(mrc_value=Round(points, precision=4))


GRADES_SHOWN_AS = {"mrc_value": "mrc_thirds"}
PARTS_OF_VISITS = {
    "muscle_scores": Parts(
        GradeSerializer,
        lambda: _with_points(MuscleScore.objects.all()),
        parent="visit",
        ordering=("muscle", "side"),
        shown_as=GRADES_SHOWN_AS,
    )
}


class VisitFilter(DatedFilter):
    include = IncludeField(PARTS_OF_VISITS, "These parts of each visit with it. For JSON only.")


class VisitList(RowListView):
    """Visits, with weight and disability scores.

    In the order of study id and day; at most one visit per patient and day. Asked to include them,
    each visit has its grades of single muscles with it, in the order of muscle and side.
    """

    serializer_class = VisitSerializer
    filter_form = VisitFilter
    model = Visit
    ordering = ("patient__study_id", "visited_on")
    name = "visits"
    dated_by = "visited_on"
    parts = PARTS_OF_VISITS


class MuscleScoreFilter(DatedFilter):
    muscle = CodeField(Muscle, "Only this muscle.")
    side = CodeField(Side, "Only this side.")


class MuscleScoreList(RowListView):
    """Grades of single muscles, as text and as number.

    In the order of study id, day, muscle and side. A muscle that was not graded at a visit has no
    row there; one that could not be tested has the grade NT.
    """

    serializer_class = MuscleScoreSerializer
    filter_form = MuscleScoreFilter
    model = MuscleScore
    ordering = ("visit__patient__study_id", "visit__visited_on", "muscle", "side")
    name = "muscle_scores"
    parents = ("visit", "visit__patient")
    dated_by = "visit__visited_on"
    equal_to = ("muscle", "side")
    shown_as = GRADES_SHOWN_AS

    def rows(self, asked):
        return _with_points(super().rows(asked))


class NerveSegmentFilter(DatedFilter):
    nerve = CodeField(MotorNerve, "Only this nerve.")
    side = CodeField(Side, "Only this side.")


class NerveSegmentList(RowListView):
    """Segments of motor nerves, as measured.

    In the order of study id, day, nerve, side and sites of stimulation. How the rules grade them
    follows with the outcomes.
    """

    serializer_class = NerveSegmentSerializer
    filter_form = NerveSegmentFilter
    model = NerveSegment
    ordering = (
        "study__patient__study_id",
        "study__studied_on",
        "nerve",
        "side",
        "distal_site",
        "proximal_site",
    )
    name = "nerve_segments"
    parents = ("study", "study__patient")
    dated_by = "study__studied_on"
    equal_to = ("nerve", "side")


class PatientOne(One, PatientDetail):
    """One patient, by study id."""

    filter_form = DayFilter
    serializer_class = PatientSerializer
    renderer_classes = (JsonRenderer, CsvRenderer)
    not_found = PatientDetail.not_found

    def get(self, request, **key):
        # The version first: what changes in between is refused to who amends by it, and stays.
        version = version_of(self._record(**key))
        answer = PatientDetail.get(self, request, **key)
        answer["ETag"] = etag(version)
        return answer

    def _subject(self, asked):
        return PatientDetail._subject(self, asked)


_LISTS = {"patients": PatientList, "visits": VisitList}
_ONE = {"patients": PatientOne}
# In the order of the interface.
ADDRESSES = {
    route: view
    for kind in KINDS
    for route, view in addresses_of(kind, _LISTS.get(kind.name), _ONE.get(kind.name, One)).items()
} | {
    "muscle-scores/": MuscleScoreList,
    "grip-strengths/": list_of(GRIP_STRENGTHS),
    "nerve-segments/": NerveSegmentList,
}
