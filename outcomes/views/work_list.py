"""What is open: for the patients of whom one may record something, and one's own drafts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can, visible_centres
from outcomes.dashboards.work_list import work_list
from outcomes.derivation.work_list import Task
from outcomes.figures.work_list import work_groups
from outcomes.views.as_of import asked_as_of, common_closing_day
from patients.drafts import list_drafts
from patients.models import Patient

SHOWN = 10


@require_safe
def work_list_page(request: HttpRequest) -> HttpResponse:
    """Reviews due, records that lack, treatment to look at; each line leads to where it is done."""
    check_can(request.user, Permission.WRITE_RECORDS)
    centres = list(visible_centres(request.user, Permission.WRITE_RECORDS))
    asked, chosen_task = request.GET.get("centre", ""), _task(request.GET.get("task", ""))
    # Of a centre whose data are closed nothing is open, unless somebody asks for it by name.
    chosen = [c for c in centres if c.code == asked or (not asked and c.data_closed_on is None)]
    as_of = asked_as_of(request.GET, common_closing_day(chosen))
    patients = Patient.objects.visible_to(request.user).filter(centre__in=chosen)
    groups = work_groups(
        work_list(patients, as_of.day), as_of.day, at_most=SHOWN, chosen=chosen_task
    )
    context = {
        "section": "work",
        "as_of": as_of,
        "centres": centres,
        "closed": [c for c in centres if c not in chosen] if not asked else [],
        "centre": asked,
        "centre_is_unknown": bool(asked) and not chosen,
        "kept_by_centre": [] if as_of.is_usual else [("as_of", as_of.day.isoformat())],
        "task": chosen_task,
        "groups": groups,
        "drafts": list_drafts(request.user),
        "kept": [
            (name, value) for name, value in (("centre", asked), ("task", chosen_task)) if value
        ],
    }
    return render(request, "outcomes/work_list.html", context)


def _task(name: str) -> str:
    return name if name in set(Task) else ""
