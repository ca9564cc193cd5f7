"""The registry's words: the codes that records may use, and nothing else.

Plain enumerations without Django, so that derivations and notebooks read the same words as the
database. The codes are those of the bundle; their order is the order in which people read them.
"""

from dataclasses import dataclass
from enum import StrEnum


class AgeBand(StrEnum):
    """Age at inclusion in tens of years: it does not move with the day that is asked for."""

    UNDER_10 = "0-9"
    FROM_10 = "10-19"
    FROM_20 = "20-29"
    FROM_30 = "30-39"
    FROM_40 = "40-49"
    FROM_50 = "50-59"
    FROM_60 = "60-69"
    FROM_70 = "70-79"
    FROM_80 = "80+"


def age_band(age_years: int) -> AgeBand:
    """The band of an age reached in a year; the very old are few and stand together."""
    bands = list(AgeBand)
    return bands[min(max(age_years, 0) // 10, len(bands) - 1)]


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class YesNoUnknown(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class DatePrecision(StrEnum):
    """How much of a partial date is known."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


class Side(StrEnum):
    """The patient's own side. Right stands first, as the examiner sees the patient."""

    RIGHT = "right"
    LEFT = "left"


class Muscle(StrEnum):
    """Muscle groups graded on the MRC scale, from shoulder to hand and from hip to foot."""

    SHOULDER_ABDUCTION = "shoulder_abduction"
    ELBOW_FLEXION = "elbow_flexion"
    ELBOW_EXTENSION = "elbow_extension"
    WRIST_EXTENSION = "wrist_extension"
    WRIST_FLEXION = "wrist_flexion"
    FINGER_EXTENSION = "finger_extension"
    FINGER_FLEXION = "finger_flexion"
    FIRST_DORSAL_INTEROSSEOUS = "first_dorsal_interosseous"
    THUMB_ABDUCTION = "thumb_abduction"
    THUMB_ADDUCTION = "thumb_adduction"
    THUMB_FLEXION = "thumb_flexion"
    THUMB_EXTENSION = "thumb_extension"
    HIP_FLEXION = "hip_flexion"
    KNEE_EXTENSION = "knee_extension"
    KNEE_FLEXION = "knee_flexion"
    ANKLE_DORSIFLEXION = "ankle_dorsiflexion"
    ANKLE_PLANTARFLEXION = "ankle_plantarflexion"
    GREAT_TOE_EXTENSION = "great_toe_extension"


@dataclass(frozen=True)
class MuscleSet:
    """Muscles that are examined and summed together, each on both sides.

    A change of the list is another version.
    """

    name: str
    version: str
    muscles: tuple[Muscle, ...]


_MRC_60 = (
    Muscle.SHOULDER_ABDUCTION,
    Muscle.ELBOW_FLEXION,
    Muscle.WRIST_EXTENSION,
    Muscle.HIP_FLEXION,
    Muscle.KNEE_EXTENSION,
    Muscle.ANKLE_DORSIFLEXION,
)
_MRC_70 = (*_MRC_60, Muscle.FIRST_DORSAL_INTEROSSEOUS)
_MRC_140 = (
    *_MRC_70,
    Muscle.ELBOW_EXTENSION,
    Muscle.WRIST_FLEXION,
    Muscle.FINGER_EXTENSION,
    Muscle.FINGER_FLEXION,
    Muscle.THUMB_ABDUCTION,
    Muscle.ANKLE_PLANTARFLEXION,
    Muscle.GREAT_TOE_EXTENSION,
)
# The sets of rules, section 7, the smallest first.
MUSCLE_SETS = {
    name: MuscleSet(name, "1", muscles)
    for name, muscles in (("MRC-60", _MRC_60), ("MRC-70", _MRC_70), ("MRC-140", _MRC_140))
}


class LimbRegion(StrEnum):
    """Quarter of a limb pair that a muscle belongs to (rules, section 8)."""

    UPPER_ARM = "upper_arm"
    LOWER_ARM_AND_HAND = "lower_arm_and_hand"
    UPPER_LEG = "upper_leg"
    LOWER_LEG_AND_FOOT = "lower_leg_and_foot"


LIMB_REGION = {
    Muscle.SHOULDER_ABDUCTION: LimbRegion.UPPER_ARM,
    Muscle.ELBOW_FLEXION: LimbRegion.UPPER_ARM,
    Muscle.ELBOW_EXTENSION: LimbRegion.UPPER_ARM,
    Muscle.WRIST_EXTENSION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.WRIST_FLEXION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.FINGER_EXTENSION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.FINGER_FLEXION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.FIRST_DORSAL_INTEROSSEOUS: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.THUMB_ABDUCTION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.THUMB_ADDUCTION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.THUMB_FLEXION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.THUMB_EXTENSION: LimbRegion.LOWER_ARM_AND_HAND,
    Muscle.HIP_FLEXION: LimbRegion.UPPER_LEG,
    Muscle.KNEE_EXTENSION: LimbRegion.UPPER_LEG,
    Muscle.KNEE_FLEXION: LimbRegion.UPPER_LEG,
    Muscle.ANKLE_DORSIFLEXION: LimbRegion.LOWER_LEG_AND_FOOT,
    Muscle.ANKLE_PLANTARFLEXION: LimbRegion.LOWER_LEG_AND_FOOT,
    Muscle.GREAT_TOE_EXTENSION: LimbRegion.LOWER_LEG_AND_FOOT,
}


class MrcGrade(StrEnum):
    """Grade of the Medical Research Council scale, with the refinements in use; NT = not tested."""

    GRADE_0 = "0"
    GRADE_1 = "1"
    GRADE_2_MINUS = "2-"
    GRADE_2 = "2"
    GRADE_2_PLUS = "2+"
    GRADE_3_MINUS = "3-"
    GRADE_3 = "3"
    GRADE_3_PLUS = "3+"
    GRADE_4_MINUS = "4-"
    GRADE_4 = "4"
    GRADE_4_PLUS = "4+"
    GRADE_5_MINUS = "5-"
    GRADE_5 = "5"
    NOT_TESTED = "NT"


def _thirds(grade: MrcGrade) -> int:
    digit, sign = int(grade[0]), grade[1:]
    return 3 * digit + {"-": -1, "": 0, "+": 1}[sign]


# A grade in thirds of a point, so that "one point" is exactly three; NT has none.
MRC_THIRDS = {grade: _thirds(grade) for grade in MrcGrade if grade != MrcGrade.NOT_TESTED}


class NotTestedReason(StrEnum):
    PAIN = "pain"
    IMMOBILISED = "immobilised"
    ABSENT_LIMB = "absent_limb"
    REFUSED = "refused"
    NOT_DONE = "not_done"


class GradeOrigin(StrEnum):
    """How a grade came to be on the form."""

    GRADED = "graded"
    CARRIED_FORWARD = "carried_forward"
    REST_NORMAL = "rest_normal"


class GripDevice(StrEnum):
    """Dynamometer with its unit: kilopascals and kilograms are never converted."""

    VIGORIMETER_KPA = "vigorimeter_kpa"
    JAMAR_KG = "jamar_kg"


class MotorNerve(StrEnum):
    MEDIAN = "median"
    ULNAR = "ulnar"
    RADIAL = "radial"
    MUSCULOCUTANEOUS = "musculocutaneous"
    FIBULAR = "fibular"
    TIBIAL = "tibial"


UPPER_LIMB_NERVES = (
    MotorNerve.MEDIAN,
    MotorNerve.ULNAR,
    MotorNerve.RADIAL,
    MotorNerve.MUSCULOCUTANEOUS,
)


class StimulationSite(StrEnum):
    WRIST = "wrist"
    BELOW_ELBOW = "below_elbow"
    ELBOW = "elbow"
    ABOVE_ELBOW = "above_elbow"
    AXILLA = "axilla"
    ERB = "erb"
    ANKLE = "ankle"
    FIBULAR_HEAD_BELOW = "fibular_head_below"
    FIBULAR_HEAD_ABOVE = "fibular_head_above"
    POPLITEAL_FOSSA = "popliteal_fossa"


class ProtocolSides(StrEnum):
    """On which sides a protocol examines a segment."""

    BOTH = "both"
    RIGHT = "right"
    LEFT = "left"


# What is examined, on both sides, where a centre has not said otherwise: every segment of the
# criteria that spans no common entrapment site.
USUAL_PROTOCOL: tuple[tuple[MotorNerve, StimulationSite, StimulationSite], ...] = (
    (MotorNerve.MEDIAN, StimulationSite.WRIST, StimulationSite.ELBOW),
    (MotorNerve.MEDIAN, StimulationSite.ELBOW, StimulationSite.AXILLA),
    (MotorNerve.MEDIAN, StimulationSite.AXILLA, StimulationSite.ERB),
    (MotorNerve.ULNAR, StimulationSite.WRIST, StimulationSite.BELOW_ELBOW),
    (MotorNerve.ULNAR, StimulationSite.ABOVE_ELBOW, StimulationSite.AXILLA),
    (MotorNerve.ULNAR, StimulationSite.AXILLA, StimulationSite.ERB),
    (MotorNerve.FIBULAR, StimulationSite.ANKLE, StimulationSite.FIBULAR_HEAD_BELOW),
)


class SegmentExclusion(StrEnum):
    ANASTOMOSIS = "anastomosis"
    SUBMAXIMAL = "submaximal"
    COLD = "cold"
    OTHER = "other"


class BlockGrade(StrEnum):
    """Conduction block of a segment, as a laboratory reports it."""

    NONE = "none"
    PROBABLE = "probable"
    DEFINITE = "definite"


class LaboratoryTest(StrEnum):
    ANTI_GM1_IGM = "anti_gm1_igm"
    CSF_PROTEIN = "csf_protein"
    CK = "ck"
    IGG_PRE = "igg_pre"
    IGG_POST = "igg_post"
    IGA = "iga"
    HAEMOGLOBIN = "haemoglobin"
    CREATININE = "creatinine"


class LaboratoryInterpretation(StrEnum):
    NEGATIVE = "negative"
    BORDERLINE = "borderline"
    POSITIVE = "positive"
    HIGH = "high"


class FindingKind(StrEnum):
    """Clinical findings that the diagnostic criteria ask for."""

    WEAKNESS_OVER_1_MONTH = "weakness_over_1_month"
    WEAKNESS_IN_2_NERVES = "weakness_in_2_nerves"
    SENSORY_LOSS_BEYOND_VIBRATION = "sensory_loss_beyond_vibration"
    UPPER_MOTOR_NEURON_SIGNS = "upper_motor_neuron_signs"
    MARKED_BULBAR_INVOLVEMENT = "marked_bulbar_involvement"
    DIFFUSE_SYMMETRIC_ONSET = "diffuse_symmetric_onset"
    REFLEXES_REDUCED_OR_ABSENT = "reflexes_reduced_or_absent"
    CRAMPS_OR_FASCICULATIONS = "cramps_or_fasciculations"
    PLEXUS_MRI_T2 = "plexus_mri_t2"
    SENSORY_CONDUCTION_NORMAL = "sensory_conduction_normal"
    IMPROVED_AFTER_IMMUNOGLOBULIN = "improved_after_immunoglobulin"


class FindingState(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    NOT_EXAMINED = "not_examined"


class DiagnosisOpinion(StrEnum):
    """How sure a clinician is of the diagnosis, in the words of the criteria."""

    DEFINITE = "definite"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    NOT_MET = "not_met"


class AttachmentKind(StrEnum):
    """What a document is that was kept with a patient."""

    EMG_REPORT = "emg_report"
    LABORATORY_REPORT = "laboratory_report"
    IMAGING_REPORT = "imaging_report"
    LETTER = "letter"
    OTHER = "other"


class ConsentScope(StrEnum):
    REGISTRY = "registry"
    RESEARCH = "research"
    CONTACT = "contact"


class TransferOutcome(StrEnum):
    """What became of an offer to take a patient over."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
