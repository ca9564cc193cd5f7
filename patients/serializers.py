"""What the API says of observed records: names, types and units of every column, in order.

A field's ``source`` is its path in the query; views read these columns as values and build no
object per row.
"""

from rest_framework import serializers

from patients.vocabulary import (
    BlockGrade,
    GradeOrigin,
    MotorNerve,
    MrcGrade,
    Muscle,
    NotTestedReason,
    SegmentExclusion,
    Sex,
    Side,
    StimulationSite,
    YesNoUnknown,
)

UNKNOWN_IS_EMPTY = "Empty text where nothing is recorded."
PARTIAL_DATE = "As far as it is known: 2003, 2003-05 or 2003-05-07."


def code(words, *, optional: bool = False, **options) -> serializers.ChoiceField:
    """A code of the registry's vocabulary."""
    if optional:
        options["help_text"] = f"{options.get('help_text', '')} {UNKNOWN_IS_EMPTY}".strip()
    return serializers.ChoiceField([w.value for w in words], allow_blank=optional, **options)


def quantity(help_text: str = "") -> serializers.FloatField:
    """A measured number, null where nothing is recorded."""
    return serializers.FloatField(allow_null=True, help_text=help_text)


def count(help_text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, help_text=help_text)


class PatientSerializer(serializers.Serializer):
    study_id = serializers.CharField()
    centre = serializers.CharField(source="centre.code", help_text="Code of the treating centre.")
    sex = code(Sex)
    birth_year = count()
    onset_on = serializers.CharField(
        source="onset_text", allow_null=True, help_text=f"Onset. {PARTIAL_DATE}"
    )
    diagnosed_on = serializers.CharField(
        source="diagnosed_text", allow_null=True, help_text=f"Diagnosis. {PARTIAL_DATE}"
    )
    included_on = serializers.DateField()
    prior_immunoglobulin = code(YesNoUnknown)
    clinician_response = code(YesNoUnknown, optional=True)
    atrophy_at_baseline = code(YesNoUnknown, optional=True)
    deceased_on = serializers.DateField(
        source="deceased_known_on", allow_null=True, help_text="Death, if known as of that day."
    )


class VisitSerializer(serializers.Serializer):
    study_id = serializers.CharField(source="patient.study_id")
    centre = serializers.CharField(source="patient.centre.code")
    visited_on = serializers.DateField()
    weight_kg = quantity("kg")
    onls_arm = count("0–5")
    onls_leg = count("0–7")
    incat_arm = count("0–5")
    incat_leg = count("0–5")
    mmn_rods = count("Total, 0–50.")


class MuscleScoreSerializer(serializers.Serializer):
    study_id = serializers.CharField(source="visit.patient.study_id")
    centre = serializers.CharField(source="visit.patient.centre.code")
    visited_on = serializers.DateField(source="visit.visited_on")
    muscle = code(Muscle)
    side = code(Side)
    mrc_grade = code(MrcGrade, help_text="The grade as text; NT = not tested.")
    mrc_value = quantity("The same grade as a number: 4- is 3.6667. Null where not tested.")
    not_tested_reason = code(NotTestedReason, optional=True)
    not_due_to_mmn = serializers.BooleanField(allow_null=True)
    origin = code(GradeOrigin, optional=True)


class NerveSegmentSerializer(serializers.Serializer):
    study_id = serializers.CharField(source="study.patient.study_id")
    centre = serializers.CharField(source="study.patient.centre.code")
    studied_on = serializers.DateField(source="study.studied_on")
    nerve = code(MotorNerve)
    side = code(Side)
    distal_site = code(StimulationSite)
    proximal_site = code(StimulationSite)
    distal_amplitude_mv = quantity("mV")
    proximal_amplitude_mv = quantity("mV")
    distal_area_mv_ms = quantity("Negative-peak area, mV·ms.")
    proximal_area_mv_ms = quantity("Negative-peak area, mV·ms; 0 = no response.")
    distal_duration_ms = quantity("ms")
    proximal_duration_ms = quantity("ms")
    distal_amplitude_lln_mv = quantity("Lower limit of normal of the laboratory, mV.")
    distance_mm = quantity("mm")
    excluded = code(SegmentExclusion, optional=True)
    reported_block = code(
        BlockGrade, optional=True, help_text="The laboratory's own opinion, not the derived grade."
    )
