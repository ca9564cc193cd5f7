"""The same criteria for programs: a parameter each, by the names that stand in addresses."""

import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mmn_registry.disclosure import pseudonymised_somewhere
from mmn_registry.rest.filters import CodeField, CohortFilter, ListFilter, shown
from outcomes.asked.bounds import bound
from outcomes.asked.form import CRITERIA_FIELDS, PRODUCT_LENGTH, misfits
from outcomes.asked.words import WORDS
from outcomes.derivation.criteria import Criteria
from patients.vocabulary import DatePrecision

PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_PRECISIONS = {4: DatePrecision.YEAR, 7: DatePrecision.MONTH, 10: DatePrecision.DAY}
_REST = "0000-01-01"  # what a year or a month lacks to be a day


class BoundParameter(forms.Field):
    """A year, a month or a day as the files write them; its first or its last day counts."""

    def __init__(self, help_text: str, *, last: bool):
        ends = "last" if last else "first"
        super().__init__(
            required=False,
            help_text=f"{help_text}: a year, a month (2018-03) or a day, of which the {ends} day "
            "counts. Default: no limit.",
        )
        self.last = last

    def to_python(self, value) -> date | None:
        if not value:
            return None
        try:
            if PARTIAL.fullmatch(value):
                day = date.fromisoformat(value + _REST[len(value) :])
                return bound(day, _PRECISIONS[len(value)], last=self.last)
        except ValueError:
            pass
        message = _("“%(value)s” is not a date. Write it like 2018, 2018-03 or 2018-03-12.")
        raise ValidationError(message, "invalid_date", {"value": shown(value)})


def _code(name: str, help_text: str) -> CodeField:
    return CodeField(WORDS[name], help_text)


def _since(what: str) -> BoundParameter:
    return BoundParameter(f"Only patients {what} on or after it", last=False)


def _until(what: str) -> BoundParameter:
    return BoundParameter(f"Only patients {what} on or before it", last=True)


class CriteriaParameters(forms.Form):
    """Criteria of patients, as those of the pages."""

    history = _code("history", "Only this treatment history.")
    diagnosis = _code("diagnosis", "Only this derived diagnosis.")
    onset_from = _since("whose onset was")
    onset_to = _until("whose onset was")
    included_from = _since("included")
    included_to = _until("included")
    treated_from = _since("first treated")
    treated_to = _until("first treated")
    route = _code("route", "Only patients first treated by this route; `none`: by none.")
    product = forms.CharField(
        required=False,
        strip=False,
        max_length=PRODUCT_LENGTH,
        help_text="Only patients who were ever given or prescribed this product. "
        "Default: any or none.",
    )
    sex = _code("sex", "Only this sex.")
    antibody = _code("antibody", "Only this latest anti-GM1 IgM; `positive` or high is positive.")
    response = _code("response", "Only this short-term response, or this reason of it.")
    group = _code("group", "Only this long-term group.")
    status = _code("status", "Only this long-term status.")
    blocks = _code("blocks", "Only this change in blocks, or this reason for none.")
    dose = _code("dose", "Only this dose trend, or this reason for none.")
    missing = _code("missing", "Only patients who lack this kind of record.")

    def clean(self):
        for name, misfit in misfits(self.cleaned_data, months_only=pseudonymised_somewhere()):
            self.add_error(name, misfit)
        return self.cleaned_data


class CohortParameters(CriteriaParameters, CohortFilter):
    """A cohort, by day, centre and criteria."""


class PatientParameters(CriteriaParameters, ListFilter):
    """A list of the patients of a cohort."""


def criteria_of(asked: dict) -> Criteria:
    """The criteria of a cleaned filter."""
    return Criteria(**{name: asked[name] for name in CRITERIA_FIELDS if asked[name]})
