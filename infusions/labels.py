"""Words for the codes of what was given: lower case, for the middle of a sentence.

Codes are stored and computed with; a word is chosen only when a page is written.
"""

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
from patients.labels import Words

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
