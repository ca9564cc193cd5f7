"""Short words for reasons and predictors, for the cohort page: "2 no visit near month 6"."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from outcomes.derivation.block_change import BlockChangeReason
from outcomes.derivation.dose import DoseReason
from outcomes.derivation.long_term import LongTermStatus
from outcomes.derivation.response import ResponseReason
from outcomes.labels import LONG_TERM_STATUS, Words

SHORT_TERM_REASON: Words = {
    ResponseReason.NO_INFUSION: _("no infusion"),
    ResponseReason.NO_BASELINE: _("no baseline"),
    ResponseReason.FEWER_THAN_2_IMPROVABLE: _("fewer than 2 improvable muscles"),
    ResponseReason.PENDING: _("month 6 to come"),
    ResponseReason.NO_EXAMINATION: _("no visit near month 6"),
    ResponseReason.MISSING_GRADES: _("grades missing"),
}
LONG_TERM_REASON: Words = {
    LongTermStatus.UNCLASSIFIABLE: _("untreated, or followed ≤ 183 days"),
    LongTermStatus.TREATMENT_UNCONFIRMED: _("treatment unconfirmed"),
    LongTermStatus.RECENTLY_STOPPED: _("recently stopped"),
    LongTermStatus.STOPPED_UNPROVEN: _("stopped, unproven"),
}
# Every status; those behind "not classified" by their reason.
STATUS: Words = {**LONG_TERM_STATUS, **LONG_TERM_REASON}
BLOCK_CHANGE_REASON: Words = {
    BlockChangeReason.NO_STUDY: _("no study"),
    BlockChangeReason.FEWER_THAN_2_STUDIES: _("one study"),
    BlockChangeReason.AXONAL_LOSS: _("axonal loss"),
    BlockChangeReason.NO_COMMON_SEGMENT: _("no segment in both"),
}
DOSE_REASON: Words = {
    DoseReason.NO_INFUSION: _("no infusion"),
    DoseReason.TOO_SHORT: _("follow-up too short"),
    DoseReason.NO_REFERENCE: _("no reference yet"),
    DoseReason.NO_WEIGHT: _("no weight"),
}
PREDICTOR: Words = {
    "age_at_onset_years": _("Age at onset, years"),
    "sex": pgettext_lazy("predictor", "Sex"),
    "onset_to_treatment_years": _("Onset to treatment, years"),
    "affected_muscles": _("Affected muscles"),
    "affected_limb_regions": _("Affected limb regions, of 8"),
    "mrc_140": _("MRC-140 at baseline, points"),
    "atrophy": _("Atrophy at baseline"),
    "conduction_blocks": _("Conduction blocks, segments"),
    "anti_gm1_igm": _("Anti-GM1 IgM"),
    "csf_protein_g_per_l": _("CSF protein, g/L"),
    "ck_u_per_l": _("CK, U/L"),
    "reflexes_lost": _("Reflexes reduced or absent"),
}
