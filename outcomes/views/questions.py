"""Open questions about the data: listed for who may record, answered by name."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mmn_registry.accounts.acting import acting
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from outcomes.dashboards.questions import answers, open_questions
from outcomes.figures.questions import NAMES, question_groups
from patients.actions import confirm
from patients.models import Patient
from patients.selectors import get_patient_to_write
from patients.unusual import UnusualCode

SHOWN = 10
ANSWERS_SHOWN = 100


@require_safe
def questions_page(request: HttpRequest) -> HttpResponse:
    """What lacks, contradicts itself or is unusual, until it is put right or confirmed."""
    check_can(request.user, Permission.WRITE_RECORDS)
    centres = list(visible_centres(request.user, Permission.WRITE_RECORDS))
    asked, code = request.GET.get("centre", ""), request.GET.get("question", "")
    # Of a centre whose data are closed nothing is asked, unless somebody names it.
    chosen = [c for c in centres if c.code == asked or (not asked and c.data_closed_on is None)]
    patients = Patient.objects.visible_to(request.user).filter(centre__in=chosen)
    shows_answers = "answered" in request.GET
    context = {
        "section": "work",
        "centres": centres,
        "closed": [c for c in centres if c not in chosen] if not asked else [],
        "centre": asked,
        "centre_is_unknown": bool(asked) and not chosen,
        "question": code if code in set(UnusualCode) else "",
        "shows_answers": shows_answers,
        "kept": [("answered", "1")] if shows_answers else [],
    }
    if shows_answers:
        given = answers(patients, ANSWERS_SHOWN)
        context["answers"] = [(NAMES[UnusualCode(one.code)], one) for one in given]
    else:
        context["groups"] = question_groups(
            open_questions(patients), at_most=SHOWN, chosen=context["question"]
        )
    return render(request, "outcomes/questions.html", context)


@require_POST
def question_answered(request: HttpRequest) -> HttpResponse:
    """Somebody says that a value is right as it stands; asked anew, so that nothing is invented."""
    patient = get_patient_to_write(request.user, request.POST.get("study_id", ""))
    record_id, key = _id(request.POST.get("record_id")), request.POST.get("key", "")
    of_patient = open_questions(Patient.objects.filter(pk=patient.pk))
    for question in of_patient:
        if (question.record.pk, question.asked.key) == (record_id, key):
            with acting(request.user, "answered a question about the data"):
                confirm(question.record, [question.asked], by=request.user)
            messages.success(request, _("Noted: it is right as it stands."))
            break
    else:
        messages.info(request, _("This question is not open any more."))
    kept = {name: request.POST.get(name, "") for name in ("centre", "question")}
    asked = urlencode({name: value for name, value in kept.items() if value})
    return redirect(reverse("work:questions") + (f"?{asked}" if asked else ""))


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Http404(_("There is no such question.")) from None
