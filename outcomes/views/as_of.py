"""The day a page is asked for: in the address bar, and visible on the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.models import Centre
from outcomes.sentences import day_text
from patients.calendar import registry_today


class AsOfForm(forms.Form):
    """A day, not after today; empty asks for the usual one."""

    as_of = forms.DateField(
        label=_("As of"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("This is not a date. Write it like 2008-12-31.")},
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )

    def clean_as_of(self) -> date | None:
        as_of = self.cleaned_data["as_of"]
        if as_of is not None and as_of > registry_today():
            raise forms.ValidationError(
                _("%(as_of)s lies after today: nothing is known of it yet."),
                code="future",
                params={"as_of": day_text(as_of)},
            )
        return as_of


@dataclass(frozen=True)
class AsOf:
    """The day shown, its form, and whether it is the usual one of the cohort."""

    day: date
    form: AsOfForm
    data_closed_on: date | None

    @property
    def is_usual(self) -> bool:
        return self.day == (self.data_closed_on or registry_today())


def asked_as_of(query: QueryDict, data_closed_on: date | None) -> AsOf:
    """The day asked for; else the day the data were closed on, else today.

    A day that cannot be is answered beside its field, and the usual day is shown.
    """
    usual = data_closed_on or registry_today()
    form = AsOfForm({"as_of": query["as_of"]} if query.get("as_of") else {"as_of": usual})
    day = form.cleaned_data["as_of"] if form.is_valid() else None
    return AsOf(day or usual, form, data_closed_on)


def common_closing_day(centres: Iterable[Centre]) -> date | None:
    """The day the last of several centres was closed on; None while one of them is open."""
    closed = [centre.data_closed_on for centre in centres]
    return max(closed) if closed and all(closed) else None
