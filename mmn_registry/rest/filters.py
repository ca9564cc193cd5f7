"""What a list may be asked: one small form per list, read by view and schema alike."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

RESERVED = {"format", "cursor", "page_size"}


class ListFilter(forms.Form):
    """Every list can be asked for a day, a centre and a patient."""

    as_of = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        help_text="Only what is dated on or before this day counts (YYYY-MM-DD). Default: today.",
        error_messages={
            "invalid": _("This is not a date. Write it as 2008-12-31 (year, month, day).")
        },
    )
    centre = forms.CharField(required=False, help_text="Code of a centre, as in `patients`.")
    patient = forms.CharField(required=False, help_text="Study id of a patient.")

    def clean_as_of(self):
        today = timezone.localdate()
        as_of = self.cleaned_data["as_of"] or today
        if as_of > today:
            raise forms.ValidationError(
                _("%(as_of)s lies after today, %(today)s: nothing is known of it yet."),
                code="future",
                params={"as_of": as_of.isoformat(), "today": today.isoformat()},
            )
        return as_of


class DatedFilter(ListFilter):
    """Lists of dated records can also be asked for a span of days."""

    since = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        help_text="Only records dated on or after this day (YYYY-MM-DD).",
        error_messages={
            "invalid": _("This is not a date. Write it as 2008-12-31 (year, month, day).")
        },
    )


def read_filter(form_class: type[forms.Form], query_params) -> dict:
    """The cleaned filter; a misspelt one is refused, never silently left out."""
    unknown = sorted(set(query_params) - set(form_class.base_fields) - RESERVED)
    if unknown:
        known = ", ".join([*form_class.base_fields, *sorted(RESERVED)])
        message = _("There is no such filter here. Known are: %(known)s.") % {"known": known}
        raise ValidationError({name: [message] for name in unknown})
    form = form_class(query_params)
    if not form.is_valid():
        raise ValidationError(form.errors)
    return form.cleaned_data
