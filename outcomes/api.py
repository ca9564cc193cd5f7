"""Outcomes for REST clients: the same numbers as the pages and the commands."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pandas as pd
from django import forms
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.utils.urls import replace_query_param

from mmn_registry.rest.filters import ListFilter
from mmn_registry.rest.paging import RowCursorPagination
from mmn_registry.rest.rendering import Table
from mmn_registry.rest.views import AnswerMixin
from outcomes.dashboards.rows import plain_values
from outcomes.derivation.cohort import cohort_summary
from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.long_term import LongTermStatus
from outcomes.derivation.response import Response as ShortTermResponse
from outcomes.selectors import load_records
from outcomes.serializers import CohortSummarySerializer, OutcomeSerializer
from patients.models import Patient

COLUMNS = list(OutcomeSerializer().fields)


def choices(words) -> list[tuple[str, str]]:
    return [("", ""), *((word.value, word.value) for word in words)]


class OutcomeFilter(ListFilter):
    short_term_response = forms.ChoiceField(
        required=False, choices=choices(ShortTermResponse), help_text="One short-term response."
    )
    long_term_status = forms.ChoiceField(
        required=False, choices=choices(LongTermStatus), help_text="One long-term status."
    )


class CohortFilter(ListFilter):
    """A cohort is filtered by centre and day, not by patient."""

    patient = None  # type: ignore[assignment]  # Django's way to leave out an inherited field


def asked_patients(user, asked: dict):
    """The patients that a user may see and asked for."""
    patients = Patient.objects.visible_to(user)
    if asked["centre"]:
        patients = patients.filter(centre__code=asked["centre"])
    if asked.get("patient"):
        patients = patients.filter(study_id=asked["patient"])
    return patients


def rows_of(patients: pd.DataFrame) -> list[dict[str, Any]]:
    """Derived rows as plain values, a dict per patient."""
    table = patients.reset_index()
    columns = [plain_values(table[column]) for column in COLUMNS]
    return [dict(zip(COLUMNS, values, strict=True)) for values in zip(*columns, strict=True)]


class OutcomeList(AnswerMixin, ListAPIView):
    """One derived row per patient included on or before the day, by study id."""

    serializer_class = OutcomeSerializer
    pagination_class = RowCursorPagination
    filter_form = OutcomeFilter
    file_name = "outcomes"

    def list(self, request, *args, **kwargs):
        """A page of derived patients, or all of them as CSV."""
        asked = self.asked()
        records = load_records(asked_patients(request.user, asked))
        patients = derive(records, asked["as_of"]).patients
        for name in ("short_term_response", "long_term_status"):
            if asked[name]:
                patients = patients[patients[name] == asked[name]]
        if self.wants_csv():
            return self.envelope(asked, table=Table(COLUMNS, rows_of(patients)))
        return self.page(asked, patients)

    def page(self, asked: dict, patients: pd.DataFrame):
        """The patients behind the cursor, by study id, and the links to their neighbours."""
        size = self.paginator.get_page_size(self.request)
        begin = patients.index.searchsorted(self._cursor(), side="left")
        before, shown = patients.index[:begin], patients.iloc[begin : begin + size]
        after = patients.index[begin + size : begin + size + 1]
        return self.envelope(
            asked,
            next=self._link(after[0]) if len(after) else None,
            previous=self._link(before[-size:][0]) if len(before) else None,
            results=rows_of(shown),
        )

    def _cursor(self) -> str:
        try:
            return urlsafe_b64decode(self.request.query_params.get("cursor", "")).decode()
        except ValueError:
            message = _("This is not a cursor of ours. Take it from `next` or `previous`.")
            raise ValidationError({"cursor": [message]}) from None

    def _link(self, study_id: str) -> str:
        cursor = urlsafe_b64encode(study_id.encode()).decode()
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)


class CohortSummary(AnswerMixin, GenericAPIView):
    """The cohort's tables: response, long-term groups, blocks, follow-up, dose, predictors."""

    serializer_class = CohortSummarySerializer
    filter_form = CohortFilter
    file_name = "cohort_summary"

    @extend_schema(responses=CohortSummarySerializer)
    def get(self, request):
        """All tables at once; as CSV, one line per number."""
        asked = self.asked()
        records = load_records(asked_patients(request.user, asked))
        outcomes: Outcomes = derive(records, asked["as_of"])
        summary = cohort_summary(records, outcomes)
        if self.wants_csv():
            lines = ({"measure": name, "value": value} for name, value in leaves(summary))
            return self.envelope(asked, table=Table(["measure", "value"], lines))
        return self.envelope(asked, **summary)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every single number of nested tables, named by its way: `short_term.naive.responders`."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        yield name, value
        return
    for key, inner in items:
        yield from leaves(inner, f"{name}.{key}" if name else str(key))
