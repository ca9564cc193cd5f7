"""What the list of patients can be asked for beside the cohort: a part of the study id."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from outcomes.asked.form import CriteriaForm

STUDY_ID_LENGTH = 40


class PatientListForm(CriteriaForm):
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
    field_order = ("q",)


# Asked often; the others are folded away until one of them is asked.
OFTEN = ("q", "centre", "history", "response", "group")


def read_part(query: Mapping[str, str]) -> tuple[str, str]:
    """The part of the study id that is looked for, and a note if it cannot be."""
    typed = query.get("q", "")
    try:
        return PatientListForm.base_fields["q"].clean(typed), ""
    except forms.ValidationError as misfit:
        return "", misfit.messages[0]
