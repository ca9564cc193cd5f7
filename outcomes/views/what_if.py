"""What if the rules had other numbers: both results side by side, and who changes class."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from outcomes.asked.what_if import PREFIX, what_if_words
from outcomes.figures.cohort.what_if import MOST_LISTED, WHAT_IF_COLUMNS, what_if_panel
from outcomes.views.asked import asked_page


@require_safe
def what_if_page(request: HttpRequest) -> HttpResponse:
    """The cohort that is asked for, by the registry's rules and by others."""
    asked = asked_page(request)
    if not asked.centres:
        raise PermissionDenied
    context = {
        "section": "cohort",
        "asked": asked,
        "as_of": asked.as_of,
        "pseudonymised": bool(asked.coarse),
        "fields": [(field, asked.notes.get(field.html_name, "")) for field in asked.what_if_form],
        "refusal": asked.notes.get(PREFIX, ""),
        "kept": asked.cohort.by_rule.pairs,
        "said": what_if_words(asked.cohort.what_if),
        "cohort_address": asked.cohort.address,
        "rule_address": urlencode(asked.cohort.by_rule.pairs),
        "most_listed": MOST_LISTED,
    }
    if asked.cohort.what_if:
        ours, theirs = asked.cohort.compared(WHAT_IF_COLUMNS)
        context["panel"] = what_if_panel(ours, theirs, asked.coarse)
    return render(request, "outcomes/what_if.html", context)
