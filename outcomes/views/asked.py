"""What a page is asked for, out of its address: the cohort, its day, its criteria."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.http import HttpRequest, QueryDict

from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import visible_centres
from outcomes.asked.cohort import AskedCohort, too_many
from outcomes.asked.form import TYPED, CriteriaForm, Read, read
from outcomes.asked.what_if import PREFIX, WhatIfForm, read_what_if
from outcomes.dashboards.pseudonymised import pseudonymised_codes
from outcomes.views.as_of import AsOf, asked_as_of, common_closing_day
from patients.models import Patient


@dataclass(frozen=True)
class AskedPage:
    """A cohort that a page was asked for.

    ``notes`` say beside each field what could not be asked and was left out: a page shows them, an
    export refuses. ``chosen`` are all centres where the one asked for is none of the user's.
    """

    cohort: AskedCohort
    as_of: AsOf
    centres: tuple[Centre, ...]  # all that the user reads
    chosen: tuple[Centre, ...]
    coarse: frozenset[str]  # codes of those whose patients are shown in months and age bands
    notes: Mapping[str, str]
    form: CriteriaForm
    what_if_form: WhatIfForm

    @property
    def is_valid(self) -> bool:
        return not self.notes and not self.as_of.form.errors

    @property
    def centre_is_unknown(self) -> bool:
        return "centre" in self.notes


def asked_page(request: HttpRequest) -> AskedPage:
    """Read ``request.GET``; what is not a criterion is left to whoever asked for it."""
    centres = tuple(visible_centres(request.user, Permission.READ_RECORDS))
    return asked_query(request.GET, request.user, centres)


def asked_query(query: QueryDict, user, centres: tuple[Centre, ...]) -> AskedPage:
    """The same of any address. ``centres``: all that the user reads."""
    asked_centre = query.get("centre", "")
    chosen = tuple(c for c in centres if c.code == asked_centre) or centres
    coarse = frozenset(pseudonymised_codes(chosen))
    found = read(query, centres, months_only=bool(coarse))
    as_of = asked_as_of(query, common_closing_day(chosen), months_only=bool(coarse))
    other = read_what_if(query)
    notes = {**found.notes, **other.notes}
    cohort = AskedCohort(
        patients=Patient.objects.visible_to(user).filter(centre__in=chosen),
        day=as_of.day,
        usual_day=as_of.form.usual,
        criteria=found.criteria,
        centre=found.centre,
        centres=tuple(centre.code for centre in chosen),
        what_if=other.what_if,
    )
    form = CriteriaForm(initial=_shown(found, query), centres=centres)
    if cohort.what_if and (refusal := too_many(cohort)):
        cohort, notes[PREFIX] = cohort.by_rule, refusal
    return AskedPage(cohort, as_of, centres, chosen, coarse, notes, form, other.form)


def _shown(found: Read, query: Mapping[str, str]) -> dict[str, object]:
    """The fields as they were taken; what was typed and left out stays, to be corrected."""
    taken = {name: value for name, value in asdict(found.criteria).items() if value}
    typed = {name: query.get(name, "") for name in found.notes if name in TYPED}
    return {"centre": found.centre, **taken, **typed}
