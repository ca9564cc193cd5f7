"""What happens to a visit beside its own page."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from patients.actions import StaleRecord, void_visit
from patients.calendar import day_text
from patients.models import Visit
from patients.selectors import get_examination, get_patient_to_write


@require_http_methods(["GET", "HEAD", "POST"])
def visit_void(request: HttpRequest, study_id: str, visit_id: UUID) -> HttpResponse:
    """Ask why a visit does not count, and void it."""
    patient = get_patient_to_write(request.user, study_id)
    visit = get_object_or_404(Visit.objects.filter(patient=patient), pk=visit_id)
    examination = get_examination(visit)
    context = {"section": "patients", "patient": patient, "examination": examination}
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        as_read = request.POST.get("as_read", "")
        try:
            void_visit(visit, as_read=as_read, by=request.user, reason=reason)
        except StaleRecord:
            context["error"] = _(
                "Somebody changed this visit since you opened this page. Look at it again below."
            )
        except ValidationError as refused:
            context["error"] = " ".join(refused.messages)
        else:
            said = _("The visit of %s does not count any more. It can be read in the history.")
            messages.success(request, said % day_text(visit.visited_on))
            return redirect("patients:detail", study_id)
        context |= {"reason": reason}
    return render(request, "patients/visit_void.html", context)
