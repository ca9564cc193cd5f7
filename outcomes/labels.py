"""Words for codes, as people read them: lower case, for the middle of a sentence.

Codes are stored and computed with; a word is chosen only when a page is written.
"""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from infusions.vocabulary import (
    DoseAttemptKind,
    DoseAttemptOutcome,
    Reaction,
    RegimenEndReason,
    Route,
    Severity,
)
from patients.vocabulary import (
    BlockGrade,
    FindingKind,
    FindingState,
    GripDevice,
    LaboratoryInterpretation,
    LaboratoryTest,
    MotorNerve,
    Muscle,
    NotTestedReason,
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
BLOCK_GRADE: Words = {
    BlockGrade.NONE: pgettext_lazy("block", "none"),
    BlockGrade.PROBABLE: pgettext_lazy("block", "probable"),
    BlockGrade.DEFINITE: pgettext_lazy("block", "definite"),
    "not_assessable": pgettext_lazy("block", "not assessable"),
}
# The words of the block criteria's own reasons (rules, section 5).
BLOCK_REASON: Words = {
    "EXCLUDED": _("marked as excluded"),
    "NERVE_NOT_IN_CRITERIA": _("nerve not in the criteria"),
    "MISSING_VALUES": _("values missing"),
    "ENTRAPMENT_SITE": _("spans a common entrapment site"),
    "DISTAL_RESPONSE_TOO_SMALL": _("distal response too small"),
}
SEGMENT_CHANGE: Words = {
    "persistent": _("persistent"),
    "resolved": _("resolved"),
    "new": pgettext_lazy("block", "new"),
    "no_block": pgettext_lazy("block", "none"),
    "lost_to_axonal_loss": _("lost to axonal loss"),
    "not_retested": _("not retested"),
    "first_seen": _("first seen"),
    "not_compared": _("not compared"),
}
ROUTE: Words = {
    Route.IV: pgettext_lazy("route", "IV"),
    Route.SC: pgettext_lazy("route", "SC"),
    Route.FSC: pgettext_lazy("route", "FSC"),
}
REGIMEN_END: Words = {
    RegimenEndReason.INEFFICACY: _("inefficacy"),
    RegimenEndReason.REMISSION: _("remission"),
    RegimenEndReason.ADVERSE_EVENT: _("adverse event"),
    RegimenEndReason.PATIENT_CHOICE: _("patient's choice"),
    RegimenEndReason.ACCESS: _("access"),
    RegimenEndReason.SWITCH: _("switch"),
    RegimenEndReason.OTHER: pgettext_lazy("reason", "other reason"),
}
DOSE_ATTEMPT: Words = {
    DoseAttemptKind.REDUCTION: _("dose reduction"),
    DoseAttemptKind.LONGER_INTERVAL: _("longer interval"),
    DoseAttemptKind.STOP: _("trial of stopping"),
}
ATTEMPT_OUTCOME: Words = {
    DoseAttemptOutcome.TOLERATED: pgettext_lazy("dose attempt", "tolerated"),
    DoseAttemptOutcome.FAILED: pgettext_lazy("dose attempt", "failed"),
    DoseAttemptOutcome.UNKNOWN: pgettext_lazy("dose attempt", "outcome unknown"),
}
REACTION: Words = {
    Reaction.HEADACHE: _("headache"),
    Reaction.FLUSHING_OR_CHILLS: _("flushing or chills"),
    Reaction.FEVER: _("fever"),
    Reaction.NAUSEA_OR_VOMITING: _("nausea or vomiting"),
    Reaction.FATIGUE: _("fatigue"),
    Reaction.MYALGIA_OR_BACK_PAIN: _("myalgia or back pain"),
    Reaction.HYPOTENSION: _("hypotension"),
    Reaction.HYPERTENSION: _("hypertension"),
    Reaction.TACHYCARDIA: _("tachycardia"),
    Reaction.CHEST_TIGHTNESS: _("chest tightness"),
    Reaction.RASH_OR_PRURITUS: _("rash or pruritus"),
    Reaction.LOCAL_SITE_REACTION: _("local site reaction"),
    Reaction.ASEPTIC_MENINGITIS: _("aseptic meningitis"),
    Reaction.HAEMOLYSIS: _("haemolysis"),
    Reaction.THROMBOEMBOLISM: _("thromboembolism"),
    Reaction.RENAL_FAILURE: _("renal failure"),
    Reaction.ANAPHYLAXIS: _("anaphylaxis"),
    Reaction.RAISED_TRANSAMINASES: _("raised transaminases"),
    Reaction.NEUTROPENIA: _("neutropenia"),
    Reaction.LUNG_INJURY: _("lung injury"),
    Reaction.OTHER: _("other reaction"),
}
SEVERITY: Words = {
    Severity.MILD: _("mild"),
    Severity.MODERATE: _("moderate"),
    Severity.SEVERE: _("severe"),
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
YES_NO: Words = {"yes": _("yes"), "no": _("no"), "unknown": _("unknown")}
TREATMENT_HISTORY: Words = {
    "naive": _("no immunoglobulin"),
    "pretreated": _("immunoglobulin"),
    "unknown": _("not known"),
}
CYCLE_PHASE: Words = {
    "trough": _("at trough"),
    "peak": _("at peak"),
    "other": pgettext_lazy("cycle phase", "between peak and trough"),
}
SHORT_TERM_RESPONSE: Words = {
    "responder": _("responder"),
    "non_responder": _("non-responder"),
    "not_evaluable": _("not evaluable"),
}
LONG_TERM_STATUS: Words = {
    "unclassifiable": _("not classified"),
    "treated_without_response": _("treated without response"),
    "dependent_with_immunosuppressant": _("dependent, with immunosuppressant"),
    "dependent": _("dependent"),
    "treatment_unconfirmed": _("treatment unconfirmed"),
    "relapsed_untreated": _("relapsed, untreated"),
    "non_responder": _("non-responder"),
    "recently_stopped": _("recently stopped"),
    "stopped_unproven": _("stopped, unproven"),
    "remission_on_immunosuppressant": _("remission on immunosuppressant"),
    "remission": _("remission"),
}
LONG_TERM_GROUP: Words = {
    "remission": _("remission"),
    "dependent": _("periodic immunoglobulin"),
    "other": pgettext_lazy("long-term group", "other"),
    "not_classified": _("not classified"),
}
BLOCK_CHANGE: Words = {
    "decreased": pgettext_lazy("blocks", "decreased"),
    "unchanged": pgettext_lazy("blocks", "unchanged"),
    "increased": pgettext_lazy("blocks", "increased"),
    "not_evaluable": _("not evaluable"),
}
DOSE_TREND: Words = {
    "stopped": pgettext_lazy("dose", "stopped"),
    "escalated": pgettext_lazy("dose", "escalated"),
    "reduced": pgettext_lazy("dose", "reduced"),
    "stable": pgettext_lazy("dose", "stable"),
}
DIAGNOSIS: Words = {
    "definite": _("definite MMN"),
    "probable": _("probable MMN"),
    "possible": _("possible MMN"),
    "not_met": _("criteria not met"),
    "not_evaluable": _("not evaluable"),
}

DIAGNOSIS_REASON: Words = {
    "DEFINITE_BLOCK": _("definite block in a nerve"),
    "BLOCK_IN_2_NERVES": _("probable block in 2 nerves"),
    "BLOCK_WITH_SUPPORT": _("probable block in 1 nerve, with 2 supportive criteria"),
    "IMPROVED_AFTER_IMMUNOGLOBULIN": _("normal sensory studies, improved after immunoglobulin"),
    "BLOCK_IN_WEAK_NERVE": _("weakness in one nerve only, with block in it"),
    "EXCLUDED": _("an exclusion criterion is present"),
    "CRITERIA_NOT_MET": _("neither block nor improvement fulfils a category"),
    "SAME_EITHER_WAY": _("whatever the missing answers are"),
    "MISSING_ANSWERS": _("answers missing that could change it"),
}
# What the diagnostic criteria may ask for: findings, two tests, and a study.
DIAGNOSTIC_QUESTION: Words = {
    **FINDING,
    **LABORATORY_TEST,
    "nerve_conduction": _("an assessable nerve conduction study"),
}

# Which words belong to which vocabulary: a test asks that no code is without its word.
WORDS_OF: dict[type[StrEnum], Words] = {
    Sex: SEX,
    Side: SIDE,
    Muscle: MUSCLE,
    NotTestedReason: NOT_TESTED_REASON,
    GripDevice: GRIP_UNIT,
    MotorNerve: NERVE,
    StimulationSite: SITE,
    SegmentExclusion: SEGMENT_EXCLUSION,
    BlockGrade: BLOCK_GRADE,
    Route: ROUTE,
    RegimenEndReason: REGIMEN_END,
    DoseAttemptKind: DOSE_ATTEMPT,
    DoseAttemptOutcome: ATTEMPT_OUTCOME,
    Reaction: REACTION,
    Severity: SEVERITY,
    LaboratoryTest: LABORATORY_TEST,
    LaboratoryInterpretation: INTERPRETATION,
    FindingKind: FINDING,
    FindingState: FINDING_STATE,
}
