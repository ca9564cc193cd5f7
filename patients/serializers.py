"""What the API says of observed records: names, types and units of every column, in order.

A column's ``source`` is its path in the query; views read these columns as values and build no
object per row.
"""

from rest_framework import serializers

from mmn_registry.rest.columns import (
    code,
    code_or_null,
    count_or_null,
    day,
    day_or_null,
    number_or_null,
    text,
    truth_or_null,
)
from patients.vocabulary import (
    AgeBand,
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

STUDY_ID = "Study id of the patient."
CENTRE = "Code of the treating centre."
PARTIAL_DATE = "As far as it is known: 2003, 2003-05 or 2003-05-07."


class PatientSerializer(serializers.Serializer):
    study_id = text(STUDY_ID)
    centre = text(CENTRE, source="centre.code")
    sex = code(Sex)
    birth_year = count_or_null("Year of birth.")
    age_band = code_or_null(AgeBand, "Age at inclusion, in tens of years.")
    onset_on = text(f"First weakness. {PARTIAL_DATE}", source="onset_text", allow_null=True)
    diagnosed_on = text(f"Diagnosis. {PARTIAL_DATE}", source="diagnosed_text", allow_null=True)
    included_on = day("Inclusion in the registry.")
    prior_immunoglobulin = code(YesNoUnknown, "Immunoglobulin before inclusion.")
    clinician_response = code_or_null(YesNoUnknown, "Response, in the clinician's opinion.")
    atrophy_at_baseline = code_or_null(YesNoUnknown, "Atrophy of muscles at baseline.")
    deceased_on = day_or_null("Death. Null if after `as_of`.", source="deceased_known_on")


class GradeSerializer(serializers.Serializer):
    """What is recorded of a muscle at a visit."""

    muscle = code(Muscle)
    side = code(Side)
    mrc_grade = code(MrcGrade, "Grade as text, 0 to 5 with + and −; NT = not tested.")
    mrc_value = number_or_null("The same grade as a number [points]: 4- is 3.6667. NT has none.")
    not_tested_reason = code_or_null(NotTestedReason, "Why it was not tested.")
    not_due_to_mmn = truth_or_null("Weak for another reason than MMN.")
    origin = code_or_null(GradeOrigin, "How the grade came about.")


class VisitSerializer(serializers.Serializer):
    study_id = text(STUDY_ID, source="patient.study_id")
    centre = text(CENTRE, source="patient.centre.code")
    visited_on = day("Day of the visit.")
    weight_kg = number_or_null("Body weight [kg].")
    onls_arm = count_or_null("ONLS, arm scale, 0–5; 0 = normal.")
    onls_leg = count_or_null("ONLS, leg scale, 0–7; 0 = normal.")
    incat_arm = count_or_null("INCAT, arm scale, 0–5; 0 = normal.")
    incat_leg = count_or_null("INCAT, leg scale, 0–5; 0 = normal.")
    mmn_rods = count_or_null("MMN-RODS, raw total, 0–50; 50 = no limitation.")
    id = text("Its own id, which stays: by it the address of the visit names it.")
    muscle_scores = GradeSerializer(
        many=True,
        required=False,
        help_text="Grades of single muscles. Left out unless asked for by `include`.",
    )


class OfVisitSerializer(serializers.Serializer):
    study_id = text(STUDY_ID, source="visit.patient.study_id")
    centre = text(CENTRE, source="visit.patient.centre.code")
    visited_on = day("Day of the visit.", source="visit.visited_on")


class MuscleScoreSerializer(OfVisitSerializer, GradeSerializer):
    """The grade of a muscle, with its visit."""


class NerveSegmentSerializer(serializers.Serializer):
    study_id = text(STUDY_ID, source="study.patient.study_id")
    centre = text(CENTRE, source="study.patient.centre.code")
    studied_on = day("Day of the nerve conduction study.", source="study.studied_on")
    nerve = code(MotorNerve)
    side = code(Side)
    distal_site = code(StimulationSite, "Distal site of stimulation.")
    proximal_site = code(StimulationSite, "Proximal site of stimulation.")
    distal_amplitude_mv = number_or_null("CMAP amplitude, distal [mV].")
    proximal_amplitude_mv = number_or_null("CMAP amplitude, proximal [mV]; 0 = no response.")
    distal_area_mv_ms = number_or_null("CMAP negative-peak area, distal [mV·ms].")
    proximal_area_mv_ms = number_or_null(
        "CMAP negative-peak area, proximal [mV·ms]; 0 = no response."
    )
    distal_duration_ms = number_or_null("CMAP duration, distal [ms].")
    proximal_duration_ms = number_or_null("CMAP duration, proximal [ms].")
    distal_amplitude_lln_mv = number_or_null(
        "Lower limit of normal of the distal amplitude, as recorded with the segment [mV]."
    )
    distance_mm = number_or_null("Length of the segment [mm].")
    excluded = code_or_null(SegmentExclusion, "Why the segment cannot be assessed.")
    reported_block = code_or_null(
        BlockGrade, "The laboratory's own opinion, not the grade by the rules."
    )
