"""Cohorts that are kept by name: saving what was asked, opening, renaming, sharing, deleting."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from mmn_registry.accounts.models import Centre
from outcomes.asked.form import centre_name
from outcomes.asked.saved import change_cohort, delete_cohort, list_cohorts, save_cohort
from outcomes.models import SavedCohort
from outcomes.views.asked import AskedPage, asked_page, asked_query


class SavedCohortForm(forms.ModelForm):
    """A name, and the centre that may use it, too."""

    class Meta:
        model = SavedCohort
        fields = ("name", "shared_with")
        error_messages = {
            "name": {"required": _("Give the cohort a name, so that it is found again.")}
        }

    def __init__(self, *args, centres: Iterable[Centre], **kwargs):
        super().__init__(*args, **kwargs)
        shared = self.fields["shared_with"]
        shared.queryset = Centre.objects.filter(pk__in=[centre.pk for centre in centres])
        shared.empty_label = _("nobody")
        shared.label_from_instance = centre_name
        self.fields["name"].widget.attrs |= {"class": "form-control", "autocomplete": "off"}
        shared.widget.attrs |= {"class": "form-select"}

    def _get_validation_exclusions(self):
        """The owner is no field, but of two names of one owner one is refused."""
        return super()._get_validation_exclusions() - {"owner"}


@dataclass(frozen=True)
class SavedLine:
    """A saved cohort as the list shows it; a form for whoever may change it."""

    cohort: SavedCohort
    address: str
    sentence: str
    form: SavedCohortForm | None


@require_http_methods(["GET", "HEAD", "POST"])
def saved_cohorts_page(request: HttpRequest) -> HttpResponse:
    """What is kept, and a form that keeps what the address asks."""
    asked = asked_page(request)
    if not asked.centres:
        raise PermissionDenied
    cohort = SavedCohort(owner=request.user, query=asked.cohort.by_rule.address)
    form = SavedCohortForm(request.POST or None, instance=cohort, centres=asked.centres)
    if request.method == "POST" and asked.is_valid and _is_kept(form, save_cohort, request.user):
        return redirect("outcomes:saved_cohorts")
    return _list_page(request, asked, form)


@require_POST
def change_saved_cohort(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Rename it, or share it with another centre."""
    asked = asked_page(request)
    cohort = _own_cohort(request.user, cohort_id)
    form = SavedCohortForm(
        request.POST, instance=cohort, centres=asked.centres, auto_id=f"id_{cohort.pk}_%s"
    )
    if _is_kept(form, change_cohort, request.user):
        return redirect("outcomes:saved_cohorts")
    return _list_page(request, asked, None, changing=form)


@require_POST
def delete_saved_cohort(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    delete_cohort(_own_cohort(request.user, cohort_id), by=request.user)
    return redirect("outcomes:saved_cohorts")


def _own_cohort(user, cohort_id: UUID) -> SavedCohort:
    """One's own; that of others, shared or not, is not found here."""
    cohort = SavedCohort.objects.filter(pk=cohort_id, owner=user).first()
    if cohort is None:
        raise Http404(_("There is no saved cohort of yours at this address."))
    return cohort


def _is_kept(form: SavedCohortForm, action, user) -> bool:
    if not form.is_valid():
        return False
    try:
        action(form.instance, by=user)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True


def _list_page(
    request: HttpRequest,
    asked: AskedPage,
    form: SavedCohortForm | None,
    changing: SavedCohortForm | None = None,
) -> HttpResponse:
    refused = (form is not None and form.is_bound) or changing is not None
    context = {
        "section": "cohort",
        "asked": asked,
        "form": form,
        "lines": [_line(request, one, asked, changing) for one in list_cohorts()],
        "cohort_address": _cohort_address(asked.cohort.address),
    }
    return render(request, "outcomes/saved_cohorts.html", context, status=422 if refused else 200)


def _cohort_address(query: str) -> str:
    page = reverse("outcomes:cohort")
    return f"{page}?{query}" if query else page


def _line(
    request: HttpRequest,
    cohort: SavedCohort,
    asked: AskedPage,
    changing: SavedCohortForm | None,
) -> SavedLine:
    is_mine = cohort.owner_id == request.user.pk
    form = None
    if is_mine and changing is not None and changing.instance.pk == cohort.pk:
        form = changing
    elif is_mine:
        form = SavedCohortForm(instance=cohort, centres=asked.centres, auto_id=f"id_{cohort.pk}_%s")
    there = asked_query(QueryDict(cohort.query), request.user, asked.centres)
    return SavedLine(cohort, _cohort_address(cohort.query), there.cohort.sentence, form)
