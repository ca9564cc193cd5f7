"""Words for codes, as people read them: lower case, for the middle of a sentence.

Codes are stored and computed with; a word is chosen only when a page is written.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from infusions.labels import (
    ATTEMPT_OUTCOME,
    DOSE_ATTEMPT,
    REACTION,
    REGIMEN_END,
    ROUTE,
    SEVERITY,
)
from infusions.vocabulary import (
    DoseAttemptKind,
    DoseAttemptOutcome,
    Reaction,
    RegimenEndReason,
    Route,
    Severity,
)
from patients.labels import (  # noqa: F401 — the pages of outcomes say these, too
    FINDING,
    FINDING_STATE,
    GRIP_DEVICE,
    GRIP_UNIT,
    INTERPRETATION,
    LABORATORY_TEST,
    MUSCLE,
    NERVE,
    NOT_TESTED_REASON,
    SEGMENT_EXCLUSION,
    SEX,
    SIDE,
    SIDE_LETTER,
    SITE,
    Words,
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
