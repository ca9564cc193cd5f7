"""The day a page is asked for: in the address bar, and visible on the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.models import Centre
from mmn_registry.months import last_day
from outcomes.sentences import day_text
from patients.calendar import registry_today


class AsOfForm(forms.Form):
    """A day, not after the last one of which anything is known; empty asks for the usual one."""

    as_of = forms.DateField(
        label=_("As of"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("This is not a date. Write it like 2008-12-31.")},
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args, usual: date, latest: date, months_only: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.usual, self.latest, self.months_only = usual, latest, months_only

    def clean_as_of(self) -> date | None:
        as_of = self.cleaned_data["as_of"]
        if as_of is not None and self.months_only and not self._is_fixed(as_of):
            raise forms.ValidationError(
                _("You see months here, so ask for the last day of one, like %(as_of)s."),
                code="within_month",
                params={"as_of": last_day(as_of).isoformat()},
            )
        if as_of is not None and as_of > self.latest:
            raise forms.ValidationError(
                self._future_sentence(),
                code="future",
                params={"as_of": day_text(as_of), "latest": day_text(self.latest)},
            )
        return as_of

    def _future_sentence(self) -> str:
        if self.latest == registry_today():
            return _("%(as_of)s lies after today: nothing is known of it yet.")
        return _("%(as_of)s lies after %(latest)s: nothing was known of it then.")

    def _is_fixed(self, as_of: date) -> bool:
        """Not chosen from within a month, to find out on which day something happened."""
        return as_of in (self.usual, registry_today(), last_day(as_of))


@dataclass(frozen=True)
class AsOf:
    """The day shown, its form, and whether it is the usual one of the cohort."""

    day: date
    form: AsOfForm
    data_closed_on: date | None

    @property
    def is_usual(self) -> bool:
        return self.day == self.form.usual


def asked_as_of(
    query: QueryDict,
    data_closed_on: date | None,
    *,
    months_only: bool = False,
    latest: date | None = None,
) -> AsOf:
    """The day asked for; else the day the data were closed on, else the latest there is.

    A day that cannot be is answered beside its field, and the usual day is shown. ``months_only``:
    who sees months does not ask for a day within one either. ``latest``: today, unless the page
    shows what was known before.
    """
    latest = latest or registry_today()
    usual = min(data_closed_on or latest, latest)
    asked = {"as_of": query.get("as_of") or usual}
    form = AsOfForm(asked, usual=usual, latest=latest, months_only=months_only)
    day = form.cleaned_data["as_of"] if form.is_valid() else None
    return AsOf(day or usual, form, data_closed_on)


def common_closing_day(centres: Iterable[Centre]) -> date | None:
    """The day the last of several centres was closed on; None while one of them is open."""
    closed = [centre.data_closed_on for centre in centres]
    return max(closed) if closed and all(closed) else None
