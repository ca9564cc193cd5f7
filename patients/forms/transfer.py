"""To which centre a patient goes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.models import Centre
from patients.models import Patient

from .record import NEEDED


class OfferForm(forms.Form):
    to_centre = forms.ModelChoiceField(
        Centre.objects.none(),
        label=_("Which centre takes the patient over?"),
        empty_label="–",
        error_messages={"required": NEEDED},
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, typed=None, *, patient: Patient):
        super().__init__(typed, use_required_attribute=False)
        others = Centre.objects.exclude(pk=patient.centre_id)
        self.fields["to_centre"].queryset = others.order_by("code")
