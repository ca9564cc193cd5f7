"""What the list of patients can be asked for, and what is said about what cannot."""

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    "naive": _("naive"),
    "pretreated": _("pretreated"),
    "unknown": _("history unknown"),
    PRIMARY: _("primary table: naive, first by IV"),
    NAIVE_SC: _("naive, first by SC"),
    SECONDARY: _("outside the primary table"),
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
    "weight": _("weight at a visit"),
    "grip": _("grip strength"),
    "mmn_rods": _("MMN-RODS"),
    LOST: _("contact: lost to follow-up"),
}


ANY = _("any")


def choices(words: Words, below: tuple[object, Words] | None = None) -> list:
    """All, then each result; below a heading the reasons behind "not evaluable"."""
    listed: list = [("", ANY), *_pairs(words)]
    return [*listed, (below[0], _pairs(below[1]))] if below else listed


def _pairs(words: Words) -> list[tuple[str, str]]:
    return [(str(code), capfirst(str(word))) for code, word in words.items()]


NOT_EVALUABLE_BECAUSE = _("Not evaluable because")


class OneOf(forms.ChoiceField):
    """A list to choose from; what is not in it is answered with what was taken instead."""

    def __init__(self, **options):
        super().__init__(
            required=False,
            error_messages={
                "invalid_choice": _(
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
            "max_length": _(
                "A study id has at most %(limit_value)d characters, this has %(show_value)d: "
                "it was left out."
            )
        },
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    centre = OneOf(label=_("Centre"))
    history = OneOf(label=_("Treatment history"), choices=lambda: choices(HISTORIES))
    response = OneOf(
        label=_("Response, month 6"),
        choices=lambda: choices(RESPONSES, (NOT_EVALUABLE_BECAUSE, SHORT_TERM_REASON)),
    )
    group = OneOf(label=_("Long-term group"), choices=lambda: choices(GROUPS))
    status = OneOf(label=_("Long-term status"), choices=lambda: choices(STATUS))
    blocks = OneOf(
        label=pgettext_lazy("filter", "Blocks"),
        choices=lambda: choices(BLOCKS, (NOT_EVALUABLE_BECAUSE, BLOCK_CHANGE_REASON)),
    )
    dose = OneOf(
        label=_("Dose trend"),
        choices=lambda: choices(DOSES, (_("Not known because"), DOSE_REASON)),
    )
    missing = OneOf(label=_("What is missing"), choices=lambda: choices(LACKING))

    def __init__(self, *args, centres: Iterable[Centre], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["centre"].choices = [
            ("", _("all")),
            *((centre.code, centre_name(centre)) for centre in centres),
        ]
        for name, field in self.fields.items():
            kind = "form-control" if name == "q" else "form-select"
            field.widget.attrs |= {"class": kind, "aria-describedby": f"note-{name}"}


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
