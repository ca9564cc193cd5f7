"""Outcomes for REST clients: the same numbers as the pages and the commands."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

import pandas as pd
from django.db.models import QuerySet

from mmn_registry.rest.cursors import Cursor, Side
from mmn_registry.rest.filters import CodeField, CohortFilter, ListFilter
from mmn_registry.rest.paging import Links, links, unknown_cursor
from mmn_registry.rest.views import AnswerView, ListView
from outcomes.derivation.cohort import TreatmentHistory, cohort_summary
from outcomes.derivation.derive import derive
from outcomes.derivation.long_term import LongTermGroup, LongTermStatus
from outcomes.derivation.outcome_objects import outcome_objects
from outcomes.derivation.response import Response as ShortTermResponse
from outcomes.derivation.tables import as_text
from outcomes.selectors import load_records
from outcomes.serializers import CohortSummarySerializer, OutcomeSerializer
from patients.models import Patient


class OutcomeFilter(ListFilter):
    treatment_history = CodeField(TreatmentHistory, "Only this history.")
    short_term_response = CodeField(ShortTermResponse, "Only this short-term response.")
    long_term_status = CodeField(LongTermStatus, "Only this long-term status.")
    long_term_group = CodeField(LongTermGroup, "Only this long-term group.")


CODES = ("treatment_history", "short_term_response", "long_term_status", "long_term_group")


def _patients(user, asked: dict) -> QuerySet[Patient]:
    """The patients that a user may see and asked for, included or not."""
    columns = {"centre": "centre__code", "patient": "study_id"}
    wanted = {column: asked[name] for name, column in columns.items() if asked.get(name)}
    return Patient.objects.visible_to(user).filter(**wanted)


class OutcomeList(ListView):
    """Outcomes, one derived row per patient who was included on or before the day.

    In the order of study ids: the rows that the command `derive_outcomes` prints, and some columns
    more.
    """

    serializer_class = OutcomeSerializer
    filter_form = OutcomeFilter
    name = "outcomes"
    derived = True

    def get(self, request):
        asked = self.asked()
        patients = self._derived(asked)
        _study_id, *columns = self.columns()
        if self.wants_csv():
            texts = (as_text(patients[column]) for column in columns)
            return self.as_csv(asked, zip(patients.index, *texts, strict=True))
        shown, ways = _page(patients, asked["cursor"], asked["page_size"])
        return self.page(asked, outcome_objects(shown, columns), ways)

    def _derived(self, asked: dict) -> pd.DataFrame:
        records = load_records(_patients(self.request.user, asked))
        patients = derive(records, asked["as_of"]).patients
        for name in CODES:
            if asked[name]:
                patients = patients[patients[name] == asked[name]]
        return patients


def _page(patients: pd.DataFrame, asked: Cursor | None, size: int) -> tuple[pd.DataFrame, Links]:
    """The patients behind the cursor, and the ways on."""
    study_ids = patients.index.tolist()
    if asked is not None and len(asked.key) != 1:
        raise unknown_cursor()
    if asked is not None and asked.side is Side.BEFORE:
        stop = bisect_left(study_ids, asked.key[0])
        start = max(stop - size, 0)
        goes_on = start > 0
    else:
        start = bisect_right(study_ids, asked.key[0]) if asked is not None else 0
        stop = start + size
        goes_on = stop < len(study_ids)
    keys = [(study_id,) for study_id in study_ids[start:stop]]
    return patients.iloc[start:stop], links(keys, asked, goes_on=goes_on)


class CohortSummary(AnswerView):
    """The tables of the cohort: response, long-term groups, blocks, follow-up, dose, predictors.

    The same numbers as the cohort's page and the command `summarise_cohort`. As CSV, one line per
    number, named by its way: `short_term.naive.responders`.
    """

    serializer_class = CohortSummarySerializer
    filter_form = CohortFilter
    name = "cohort_summary"
    derived = True

    def columns(self):
        return ["measure", "value"]

    def get(self, request):
        asked = self.asked()
        records = load_records(_patients(request.user, asked))
        outcomes = derive(records, asked["as_of"])
        summary = cohort_summary(records, outcomes)
        # They stand in the envelope already, and in two columns of their own.
        tables = {name: table for name, table in summary.items() if name not in ("as_of", "rules")}
        if self.wants_csv():
            return self.as_csv(asked, measures(tables))
        return self.as_json(asked, **tables)


def measures(tables: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every single value of nested tables, named by its way: `short_term.naive.responders`."""
    if isinstance(tables, dict):
        inner = tables.items()
    elif isinstance(tables, list):
        # Lines of a table are called by what they are about.
        inner = ((line.get("name", line.get("years")), line) for line in tables)
    else:
        yield ".".join(way), tables
        return
    for name, table in inner:
        yield from measures(table, (*way, str(name)))
