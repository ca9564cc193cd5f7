"""A consent as it is given, and as it is withdrawn."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients import labels
from patients.models import Consent

from .fields import DayField
from .record import RecordForm


class ConsentForm(RecordForm):
    """Given on a day, in a version of the form; that it was withdrawn is amended here, too."""

    class Meta(RecordForm.Meta):
        model = Consent
        fields = ("scope", "form_version", "given_on", "withdrawn_on")
        labels = {
            "scope": _("Consent to"),
            "form_version": _("Version of the form"),
            "given_on": _("Given on"),
            "withdrawn_on": _("Withdrawn on"),
        }

    def add_fields(self) -> None:
        choices = [("", "–"), *((scope.value, w) for scope, w in labels.CONSENT_SCOPE.items())]
        self.fields["scope"].choices = choices
        if not self.stored:
            del self.fields["withdrawn_on"]


class WithdrawalForm(forms.Form):
    """The day on which a consent was withdrawn."""

    withdrawn_on = DayField(
        label=_("Withdrawn on"),
        error_messages={"required": _("This is needed. Fill it in.")},
        widget=DayField.widget(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, typed=None, *, consent: Consent, today: date):
        self.consent = consent
        initial = {"withdrawn_on": today, "version": consent.version}
        super().__init__(typed, initial=initial, use_required_attribute=False)

    def refuse(self, refused: ValidationError) -> None:
        """What the model says of the day, beside it."""
        self.add_error("withdrawn_on", refused.messages)
