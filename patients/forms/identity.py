"""Forms about who a patient is. What is typed here goes by POST alone."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.validators import validate_line, validate_note
from patients.identity import Person, validate_person
from patients.models import IDENTITY_FIELDS
from patients.validators import validate_not_after_today, validate_not_before_1900

NAME_LENGTH = 120
NEEDED = _("This is needed to ask. Fill it in.")


def _line(label, *, required=False, **attributes) -> forms.CharField:
    # off: a browser on a ward offers nobody's name to the next person
    attrs = {"class": "form-control", "autocomplete": "off", "spellcheck": "false", **attributes}
    return forms.CharField(
        label=label,
        required=required,
        max_length=NAME_LENGTH,
        validators=[validate_line],
        error_messages={"required": NEEDED},
        widget=forms.TextInput(attrs=attrs),
    )


def _birth_date(*, required=False, validators=()) -> forms.DateField:
    return forms.DateField(
        label=_("Date of birth"),
        required=required,
        validators=validators,
        input_formats=["%Y-%m-%d"],
        error_messages={
            "invalid": _("This is not a date. Write it like 1961-03-31."),
            "required": NEEDED,
        },
        widget=forms.DateInput(
            attrs={"type": "date", "class": "form-control", "autocomplete": "off"},
            format="%Y-%m-%d",
        ),
    )


class PersonForm(forms.Form):
    """Name, birth date and hospital number, each of them as far as it is known."""

    family_name = _line(_("Family name"))
    given_name = _line(_("Given name"))
    born_on = _birth_date()
    hospital_number = _line(_("Hospital number"))

    def __init__(self, *args, prefix_ids: str = "", **kwargs):
        super().__init__(*args, auto_id=f"id_{prefix_ids}%s", **kwargs)
        for name, field in self.fields.items():
            if self.is_bound and name in self.errors:
                field.widget.attrs |= {"aria-describedby": f"{self[name].auto_id}_error"}

    def person(self) -> Person:
        return Person(**{name: self.cleaned_data.get(name) or "" for name in NAMES}, **self._born())

    def _born(self) -> dict:
        return {"born_on": self.cleaned_data.get("born_on")}


NAMES = tuple(name for name in IDENTITY_FIELDS if name != "born_on")


class IdentityForm(PersonForm):
    """Who a patient is, to be recorded."""

    def __init__(self, *args, patient, **kwargs):
        self.patient = patient
        super().__init__(*args, **kwargs)

    def clean(self):
        super().clean()
        if not self.errors:
            validate_person(self.person(), self.patient)


def _reason(label) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        validators=[validate_note],
        error_messages={"required": _("Say why.")},
        help_text=_("It is kept for good and others read it: no names here."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class AmendIdentityForm(IdentityForm):
    """The same, changed: with the version that was read, and why."""

    reason = _reason(_("Why it is changed"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class EraseIdentityForm(forms.Form):
    reason = _reason(_("Why it is erased"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class FindForm(PersonForm):
    """What a patient is looked for by; all that is filled in must fit."""

    def clean(self):
        super().clean()
        if not self.errors and not self.person().texts():
            raise ValidationError(_("Fill in at least one of these."), "nothing_asked")


class NewPersonForm(PersonForm):
    """Somebody who may be registered already: what tells people apart in every hospital."""

    family_name = _line(_("Family name"), required=True)
    given_name = _line(_("Given name"), required=True)
    born_on = _birth_date(
        required=True, validators=[validate_not_before_1900, validate_not_after_today]
    )
