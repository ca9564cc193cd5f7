"""What can be asked of a cohort, in words: of the fields, of the sentence, of who is out."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from outcomes import labels
from outcomes.derivation.criteria import (
    CLASSIFIED,
    DECLINING,
    EVALUABLE,
    LOST,
    NAIVE_SC,
    NOT_CLASSIFIED,
    NOT_EVALUABLE,
    PRIMARY,
    SECONDARY,
    UNKNOWN,
    UNTREATED,
    WEIGHT,
    Antibody,
)
from outcomes.figures.cohort.reasons import (
    BLOCK_CHANGE_REASON,
    DOSE_REASON,
    SHORT_TERM_REASON,
    STATUS,
)
from outcomes.labels import Words
from patients.vocabulary import Sex

HISTORIES: Words = {
    "naive": _("naive"),
    "pretreated": _("pretreated"),
    "unknown": _("history unknown"),
    PRIMARY: _("primary table: naive, first by IV"),
    NAIVE_SC: _("naive, first by SC"),
    SECONDARY: _("outside the primary table"),
}
DIAGNOSES: Words = {
    "definite": _("definite"),
    "probable": _("probable"),
    "possible": _("possible"),
    "not_met": _("criteria not met"),
    NOT_EVALUABLE: _("not evaluable"),
}
ROUTES: Words = {
    "IV": labels.ROUTE["IV"],
    "SC": labels.ROUTE["SC"],
    "FSC": labels.ROUTE["FSC"],
    UNTREATED: _("no infusion"),
}
SEXES: Words = {sex.value: labels.SEX[sex] for sex in Sex}
ANTIBODIES: Words = {
    Antibody.POSITIVE: _("positive"),
    Antibody.NEGATIVE: _("negative"),
    Antibody.BORDERLINE: _("borderline"),
    UNKNOWN: _("not known"),
}
RESPONSES: Words = {
    EVALUABLE: _("evaluable"),
    "responder": _("responder"),
    "non_responder": _("non-responder"),
    "STOPPED_FOR_INEFFICACY": _("non-responder, stopped for inefficacy"),
    NOT_EVALUABLE: _("not evaluable"),
}
GROUPS: Words = {
    CLASSIFIED: _("classified"),
    "remission": labels.LONG_TERM_GROUP["remission"],
    "dependent": labels.LONG_TERM_GROUP["dependent"],
    "other": labels.LONG_TERM_GROUP["other"],
    NOT_CLASSIFIED: labels.LONG_TERM_GROUP["not_classified"],
}
BLOCKS: Words = {
    EVALUABLE: _("compared"),
    **{code: labels.BLOCK_CHANGE[code] for code in ("decreased", "unchanged", "increased")},
    NOT_EVALUABLE: _("not evaluable"),
}
DOSES: Words = {**labels.DOSE_TREND, DECLINING: _("declining responsiveness")}
LACKING: Words = {
    "onls": _("ONLS"),
    "anti_gm1": _("anti-GM1 IgM"),
    WEIGHT: _("weight at a visit"),
    "grip": _("grip strength"),
    "mmn_rods": _("MMN-RODS"),
    LOST: _("contact: lost to follow-up"),
}
# Every word that may be asked for, by criterion.
WORDS: dict[str, Words] = {
    "history": HISTORIES,
    "diagnosis": DIAGNOSES,
    "route": ROUTES,
    "sex": SEXES,
    "antibody": ANTIBODIES,
    "response": {**RESPONSES, **SHORT_TERM_REASON},
    "group": GROUPS,
    "status": STATUS,
    "blocks": {**BLOCKS, **BLOCK_CHANGE_REASON},
    "dose": {**DOSES, **DOSE_REASON},
    "missing": LACKING,
}
NAMES: Words = {
    "centre": _("Centre"),
    "history": _("Treatment history"),
    "diagnosis": _("Diagnosis"),
    "onset": _("Onset"),
    "included": _("Inclusion"),
    "treated": _("First treatment"),
    "route": _("First route"),
    "product": _("Product"),
    "sex": pgettext_lazy("filter", "Sex"),
    "antibody": _("Anti-GM1 IgM"),
    "response": _("Response, month 6"),
    "group": _("Long-term group"),
    "status": _("Long-term status"),
    "blocks": pgettext_lazy("filter", "Blocks"),
    "dose": _("Dose trend"),
    "missing": _("What is missing"),
}
# Why somebody is out of whom a criterion cannot be answered.
NOT_KNOWN: Words = {
    "history": _("history unknown"),
    "diagnosis": _("diagnosis not evaluable"),
    "onset": _("onset not recorded"),
    "included": _("inclusion not recorded"),
    "treated": _("never treated"),
    "route": _("never treated"),
    "product": _("no product recorded"),
    "sex": _("sex unknown"),
    "antibody": _("anti-GM1 IgM not known"),
    "response": _("response not evaluable"),
    "group": _("not classified"),
    "status": _("not classified"),
    "blocks": _("blocks not compared"),
    "dose": _("dose trend not known"),
    "missing": _("not known"),
}
# Why somebody is out of whom it can.
OTHERWISE: Words = {
    "history": _("another treatment history"),
    "diagnosis": _("another diagnosis"),
    "onset": _("onset outside these dates"),
    "included": _("included outside these dates"),
    "treated": _("first treated outside these dates"),
    "route": _("first by another route"),
    "product": _("never had this product"),
    "sex": _("another sex"),
    "antibody": _("another anti-GM1 IgM"),
    "response": _("another response"),
    "group": _("another long-term group"),
    "status": _("another long-term status"),
    "blocks": _("another change in blocks"),
    "dose": _("another dose trend"),
    "missing": _("not missing"),
}
