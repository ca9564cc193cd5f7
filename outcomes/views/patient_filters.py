"""What the list of patients can be asked for, and what is said about what cannot."""

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from mmn_registry.accounts.models import Centre
from outcomes import labels
from outcomes.dashboards.patient_list import (
    CLASSIFIED,
    DECLINING,
    EVALUABLE,
    LOST,
    NAIVE_SC,
    NOT_CLASSIFIED,
    NOT_EVALUABLE,
    PRIMARY,
    SECONDARY,
)
from outcomes.figures.cohort.reasons import (
    BLOCK_CHANGE_REASON,
    DOSE_REASON,
    SHORT_TERM_REASON,
    STATUS,
)
from outcomes.labels import Words

STUDY_ID_LENGTH = 40

HISTORIES: Words = {
    "naive": gettext_lazy("naive"),
    "pretreated": gettext_lazy("pretreated"),
    "unknown": gettext_lazy("history unknown"),
    PRIMARY: gettext_lazy("primary table: naive, first by IV"),
    NAIVE_SC: gettext_lazy("naive, first by SC"),
    SECONDARY: gettext_lazy("outside the primary table"),
}
RESPONSES: Words = {
    EVALUABLE: gettext_lazy("evaluable"),
    "responder": gettext_lazy("responder"),
    "non_responder": gettext_lazy("non-responder"),
    "STOPPED_FOR_INEFFICACY": gettext_lazy("non-responder, stopped for inefficacy"),
    NOT_EVALUABLE: gettext_lazy("not evaluable"),
}
GROUPS: Words = {
    CLASSIFIED: gettext_lazy("classified"),
    "remission": labels.LONG_TERM_GROUP["remission"],
    "dependent": labels.LONG_TERM_GROUP["dependent"],
    "other": labels.LONG_TERM_GROUP["other"],
    NOT_CLASSIFIED: labels.LONG_TERM_GROUP["not_classified"],
}
BLOCKS: Words = {
    EVALUABLE: gettext_lazy("compared"),
    **{code: labels.BLOCK_CHANGE[code] for code in ("decreased", "unchanged", "increased")},
    NOT_EVALUABLE: gettext_lazy("not evaluable"),
}
DOSES: Words = {**labels.DOSE_TREND, DECLINING: gettext_lazy("declining responsiveness")}
LACKING: Words = {
    "onls": gettext_lazy("ONLS"),
    "anti_gm1": gettext_lazy("anti-GM1 IgM"),
    "weight": gettext_lazy("weight at a visit"),
    "grip": gettext_lazy("grip strength"),
    "mmn_rods": gettext_lazy("MMN-RODS"),
    LOST: gettext_lazy("contact: lost to follow-up"),
}


def choices(any_words: object, words: Words, **parts: Words) -> list:
    """All, then each result; below headings what stands behind "not evaluable"."""
    listed: list = [("", any_words), *_pairs(words)]
    return [*listed, *((_PARTS[name], _pairs(part)) for name, part in parts.items())]


def _pairs(words: Words) -> list[tuple[str, str]]:
    return [(str(code), capfirst(str(word))) for code, word in words.items()]


_PARTS = {
    "not_evaluable": gettext_lazy("Not evaluable because"),
    "not_known": gettext_lazy("Not known because"),
}


class OneOf(forms.ChoiceField):
    """A list to choose from; what is not in it is answered with what was taken instead."""

    def __init__(self, **options):
        super().__init__(
            required=False,
            error_messages={
                "invalid_choice": gettext_lazy(
                    "“%(value)s” is not in this list, so it was left out. Choose one."
                )
            },
            **options,
        )


class PatientListForm(forms.Form):
    """What the list is asked for; anything that cannot be is left out, and said so."""

    q = forms.CharField(
        label=_("Study id"),
        required=False,
        max_length=STUDY_ID_LENGTH,
        error_messages={
            "max_length": gettext_lazy(
                "A study id has at most %(limit_value)d characters, this has %(show_value)d: "
                "it was left out."
            )
        },
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    centre = OneOf(label=gettext_lazy("Centre"))
    history = OneOf(
        label=gettext_lazy("Treatment history"),
        choices=lambda: choices(gettext_lazy("any"), HISTORIES),
    )
    response = OneOf(
        label=gettext_lazy("Response, month 6"),
        choices=lambda: choices(gettext_lazy("any"), RESPONSES, not_evaluable=SHORT_TERM_REASON),
    )
    group = OneOf(
        label=gettext_lazy("Long-term group"),
        choices=lambda: choices(gettext_lazy("any"), GROUPS),
    )
    status = OneOf(
        label=gettext_lazy("Long-term status"),
        choices=lambda: choices(gettext_lazy("any"), STATUS),
    )
    blocks = OneOf(
        label=pgettext_lazy("filter", "Blocks"),
        choices=lambda: choices(gettext_lazy("any"), BLOCKS, not_evaluable=BLOCK_CHANGE_REASON),
    )
    dose = OneOf(
        label=gettext_lazy("Dose trend"),
        choices=lambda: choices(gettext_lazy("any"), DOSES, not_known=DOSE_REASON),
    )
    missing = OneOf(
        label=gettext_lazy("Lacks"), choices=lambda: choices(gettext_lazy("nothing asked"), LACKING)
    )

    def __init__(self, *args, centres: Iterable[Centre], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["centre"].choices = [
            ("", gettext_lazy("all")),
            *((centre.code, centre_name(centre)) for centre in centres),
        ]
        for name, field in self.fields.items():
            kind = "form-control" if name == "q" else "form-select"
            note = f"note-{name}"
            field.widget.attrs |= {"class": kind, "aria-describedby": note}


# Asked seldom, or by a link of the cohort page: folded away until one of them is asked.
SELDOM = ("status", "blocks", "dose", "missing")


def centre_name(centre: Centre) -> str:
    return f"{centre.code} · {centre.name}" if centre.name else centre.code


def read_question(
    query: Mapping[str, str], centres: Iterable[Centre]
) -> tuple[dict[str, str], dict[str, str]]:
    """What can be asked, by name, and a note on each value that cannot."""
    form = PatientListForm(query, centres=centres)
    form.is_valid()
    notes = {name: errors[0] for name, errors in form.errors.items()}
    return {name: value for name, value in form.cleaned_data.items() if value}, notes
