"""Words for the codes of what was observed: lower case, for the middle of a sentence.

Codes are stored and computed with; a word is chosen only when a page is written.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .vocabulary import (
    AttachmentKind,
    BlockGrade,
    ConsentScope,
    DiagnosisOpinion,
    FindingKind,
    FindingState,
    GripDevice,
    LaboratoryInterpretation,
    LaboratoryTest,
    MotorNerve,
    Muscle,
    NotTestedReason,
    ProtocolSides,
    SegmentExclusion,
    Sex,
    Side,
    StimulationSite,
)

Words = Mapping[str, str | Promise]

SEX: Words = {
    Sex.FEMALE: _("female"),
    Sex.MALE: _("male"),
    Sex.OTHER: pgettext_lazy("sex", "other"),
    Sex.UNKNOWN: _("sex unknown"),
}
SIDE: Words = {Side.RIGHT: pgettext_lazy("side", "right"), Side.LEFT: pgettext_lazy("side", "left")}
SIDES: Words = {
    ProtocolSides.BOTH: pgettext_lazy("sides", "both"),
    ProtocolSides.RIGHT: pgettext_lazy("side", "right"),
    ProtocolSides.LEFT: pgettext_lazy("side", "left"),
}
SIDE_LETTER: Words = {
    Side.RIGHT: pgettext_lazy("right, one letter", "R"),
    Side.LEFT: pgettext_lazy("left, one letter", "L"),
}
MUSCLE: Words = {
    Muscle.SHOULDER_ABDUCTION: _("shoulder abduction"),
    Muscle.ELBOW_FLEXION: _("elbow flexion"),
    Muscle.ELBOW_EXTENSION: _("elbow extension"),
    Muscle.WRIST_EXTENSION: _("wrist extension"),
    Muscle.WRIST_FLEXION: _("wrist flexion"),
    Muscle.FINGER_EXTENSION: _("finger extension"),
    Muscle.FINGER_FLEXION: _("finger flexion"),
    Muscle.FIRST_DORSAL_INTEROSSEOUS: _("first dorsal interosseous"),
    Muscle.THUMB_ABDUCTION: _("thumb abduction"),
    Muscle.THUMB_ADDUCTION: _("thumb adduction"),
    Muscle.THUMB_FLEXION: _("thumb flexion"),
    Muscle.THUMB_EXTENSION: _("thumb extension"),
    Muscle.HIP_FLEXION: _("hip flexion"),
    Muscle.KNEE_EXTENSION: _("knee extension"),
    Muscle.KNEE_FLEXION: _("knee flexion"),
    Muscle.ANKLE_DORSIFLEXION: _("ankle dorsiflexion"),
    Muscle.ANKLE_PLANTARFLEXION: _("ankle plantarflexion"),
    Muscle.GREAT_TOE_EXTENSION: _("great toe extension"),
}
NOT_TESTED_REASON: Words = {
    NotTestedReason.PAIN: _("pain"),
    NotTestedReason.IMMOBILISED: _("immobilised"),
    NotTestedReason.ABSENT_LIMB: _("absent limb"),
    NotTestedReason.REFUSED: _("refused"),
    NotTestedReason.NOT_DONE: _("not done"),
}
GRIP_UNIT: Words = {
    GripDevice.VIGORIMETER_KPA: pgettext_lazy("unit", "kPa"),
    GripDevice.JAMAR_KG: pgettext_lazy("unit", "kg"),
}
GRIP_DEVICE: Words = {
    GripDevice.VIGORIMETER_KPA: _("Martin vigorimeter"),
    GripDevice.JAMAR_KG: _("Jamar dynamometer"),
}
NERVE: Words = {
    MotorNerve.MEDIAN: pgettext_lazy("nerve", "median"),
    MotorNerve.ULNAR: pgettext_lazy("nerve", "ulnar"),
    MotorNerve.RADIAL: pgettext_lazy("nerve", "radial"),
    MotorNerve.MUSCULOCUTANEOUS: pgettext_lazy("nerve", "musculocutaneous"),
    MotorNerve.FIBULAR: pgettext_lazy("nerve", "fibular"),
    MotorNerve.TIBIAL: pgettext_lazy("nerve", "tibial"),
}
SITE: Words = {
    StimulationSite.WRIST: pgettext_lazy("site", "wrist"),
    StimulationSite.BELOW_ELBOW: pgettext_lazy("site", "below elbow"),
    StimulationSite.ELBOW: pgettext_lazy("site", "elbow"),
    StimulationSite.ABOVE_ELBOW: pgettext_lazy("site", "above elbow"),
    StimulationSite.AXILLA: pgettext_lazy("site", "axilla"),
    StimulationSite.ERB: pgettext_lazy("site", "Erb"),
    StimulationSite.ANKLE: pgettext_lazy("site", "ankle"),
    StimulationSite.FIBULAR_HEAD_BELOW: pgettext_lazy("site", "below fibular head"),
    StimulationSite.FIBULAR_HEAD_ABOVE: pgettext_lazy("site", "above fibular head"),
    StimulationSite.POPLITEAL_FOSSA: pgettext_lazy("site", "popliteal fossa"),
}
SEGMENT_EXCLUSION: Words = {
    SegmentExclusion.ANASTOMOSIS: _("anastomosis"),
    SegmentExclusion.SUBMAXIMAL: _("submaximal stimulation"),
    SegmentExclusion.COLD: _("cold limb"),
    SegmentExclusion.OTHER: pgettext_lazy("exclusion", "other reason"),
}
REPORTED_BLOCK: Words = {
    BlockGrade.NONE: pgettext_lazy("block", "none"),
    BlockGrade.PROBABLE: pgettext_lazy("block", "probable"),
    BlockGrade.DEFINITE: pgettext_lazy("block", "definite"),
}
LABORATORY_TEST: Words = {
    LaboratoryTest.ANTI_GM1_IGM: _("anti-GM1 IgM"),
    LaboratoryTest.CSF_PROTEIN: _("CSF protein"),
    LaboratoryTest.CK: _("CK"),
    LaboratoryTest.IGG_PRE: _("IgG before infusion"),
    LaboratoryTest.IGG_POST: _("IgG after infusion"),
    LaboratoryTest.IGA: _("IgA"),
    LaboratoryTest.HAEMOGLOBIN: _("haemoglobin"),
    LaboratoryTest.CREATININE: _("creatinine"),
}
INTERPRETATION: Words = {
    LaboratoryInterpretation.NEGATIVE: _("negative"),
    LaboratoryInterpretation.BORDERLINE: _("borderline"),
    LaboratoryInterpretation.POSITIVE: _("positive"),
    LaboratoryInterpretation.HIGH: pgettext_lazy("laboratory", "high"),
}
FINDING: Words = {
    FindingKind.WEAKNESS_OVER_1_MONTH: _("weakness for over 1 month"),
    FindingKind.WEAKNESS_IN_2_NERVES: _("weakness in ≥ 2 nerves"),
    FindingKind.SENSORY_LOSS_BEYOND_VIBRATION: _("sensory loss beyond vibration"),
    FindingKind.UPPER_MOTOR_NEURON_SIGNS: _("upper motor neuron signs"),
    FindingKind.MARKED_BULBAR_INVOLVEMENT: _("marked bulbar involvement"),
    FindingKind.DIFFUSE_SYMMETRIC_ONSET: _("diffuse symmetric onset"),
    FindingKind.REFLEXES_REDUCED_OR_ABSENT: _("reflexes reduced or absent"),
    FindingKind.CRAMPS_OR_FASCICULATIONS: _("cramps or fasciculations"),
    FindingKind.PLEXUS_MRI_T2: _("T2 signal on plexus MRI"),
    FindingKind.SENSORY_CONDUCTION_NORMAL: _("sensory conduction normal"),
    FindingKind.IMPROVED_AFTER_IMMUNOGLOBULIN: _("improved after immunoglobulin"),
}
FINDING_STATE: Words = {
    FindingState.PRESENT: pgettext_lazy("finding", "present"),
    FindingState.ABSENT: pgettext_lazy("finding", "absent"),
    FindingState.NOT_EXAMINED: pgettext_lazy("finding", "not examined"),
}
CONSENT_SCOPE: Words = {
    ConsentScope.REGISTRY: _("the registry"),
    ConsentScope.RESEARCH: _("research"),
    ConsentScope.CONTACT: _("being contacted again"),
}
DIAGNOSIS_OPINION: Words = {
    DiagnosisOpinion.DEFINITE: _("definite MMN"),
    DiagnosisOpinion.PROBABLE: _("probable MMN"),
    DiagnosisOpinion.POSSIBLE: _("possible MMN"),
    DiagnosisOpinion.NOT_MET: _("not MMN"),
}
ATTACHMENT: Words = {
    AttachmentKind.EMG_REPORT: _("EMG report"),
    AttachmentKind.LABORATORY_REPORT: _("laboratory report"),
    AttachmentKind.IMAGING_REPORT: _("imaging report"),
    AttachmentKind.LETTER: _("letter"),
    AttachmentKind.OTHER: pgettext_lazy("document", "other document"),
}
