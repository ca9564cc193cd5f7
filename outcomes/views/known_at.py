"""The time whose knowledge a patient's page is asked for: in the address bar, said on the page."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mmn_registry import principal
from mmn_registry.principal import Right
from patients.calendar import registry_today
from patients.models import Patient

# What lies between them is a time in every zone.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
NOT_A_TIME = gettext_lazy("This is not a time. Write it like 2026-05-01T12:00.")


class KnownAtForm(forms.Form):
    """A time that has been; without a zone, by the registry's clock."""

    known_at = forms.DateTimeField(
        label=gettext_lazy("Show what had been recorded by"),
        error_messages={"invalid": NOT_A_TIME},
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": "1", "class": "form-control"},
            format="%Y-%m-%dT%H:%M:%S",
        ),
    )

    def clean_known_at(self) -> datetime:
        at = self.cleaned_data["known_at"]
        if not EARLIEST <= at <= LATEST:
            raise forms.ValidationError(NOT_A_TIME, code="invalid")
        if at > timezone.now():
            raise forms.ValidationError(
                _("%(at)s has not come yet: nothing is known of it."),
                code="future",
                params={"at": f"{timezone.localtime(at):%-d %b %Y, %H:%M:%S}"},
            )
        return at


@dataclass(frozen=True)
class KnownAt:
    """The time asked for; without one the record is shown as it is known now."""

    at: datetime | None
    form: KnownAtForm

    @property
    def day(self) -> date:
        """The last day of which anything was known."""
        return timezone.localdate(self.at) if self.at else registry_today()

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What other questions in the address bar keep of it."""
        return [("known_at", self.form.data["known_at"])] if self.at else []


def asked_known_at(query: QueryDict, patient: Patient) -> KnownAt:
    """The time asked for; one that cannot be is refused beside its field.

    For those who treat the patient alone. Who sees months could ask minute by minute when a visit
    was recorded, which is its day, or nearly.
    """
    asked = query.get("known_at")
    if not asked:
        return KnownAt(None, KnownAtForm())
    if not reaches(Right.READ, patient):
        raise PermissionDenied(_("How a record was is shown to those who treat the patient."))
    form = KnownAtForm({"known_at": asked})
    return KnownAt(form.cleaned_data["known_at"] if form.is_valid() else None, form)


def has_history(patient: Patient) -> bool:
    """Whether the reader finds the patient in the trail, with values or without."""
    return reaches(Right.READ, patient) or reaches(Right.TRAIL, patient)


def reaches(right: Right, patient: Patient) -> bool:
    """As the database will say; the person in force carries it, so it costs no query."""
    person = principal.current()
    return person is not None and person.reaches(right, patient.centre_id)
