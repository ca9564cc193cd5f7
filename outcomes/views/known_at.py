"""The time whose knowledge a page is asked for: in the address bar, and said on the page."""

from datetime import datetime

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from mmn_registry import principal
from mmn_registry.principal import Right
from patients.models import Patient


class KnownAtForm(forms.Form):
    """A time in the registry's zone, as a browser writes one."""

    known_at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"]
    )


def asked_known_at(query: QueryDict, patient: Patient) -> datetime | None:
    """The time asked for, and never one to come; None where nobody asks for a time.

    How records were is told by the trail, whose values are for those who treat the patient.
    """
    if not query.get("known_at"):
        return None
    if not principal.current().reaches(Right.READ, patient.centre_id):
        raise PermissionDenied(_("How records were is shown to those who treat the patient."))
    form = KnownAtForm(query)
    now = timezone.now()
    return min(form.cleaned_data["known_at"], now) if form.is_valid() else now


def may_read_history(patient: Patient) -> bool:
    """Whether the reader finds the patient's history in the trail."""
    rights = (Right.READ, Right.TRAIL)
    return any(principal.current().reaches(right, patient.centre_id) for right in rights)
