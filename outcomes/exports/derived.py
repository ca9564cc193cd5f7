"""The table of outcomes: what the lists of the interface say, and what curves are drawn from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pandas.api.types import is_datetime64_any_dtype, is_float_dtype
from rest_framework import serializers

from mmn_registry.disclosure import month_text
from outcomes.derivation.tables import DECIMALS
from outcomes.exports.columns import NO_VALUE, Chunk, Column, Kind, label_and_unit
from outcomes.exports.people import People
from outcomes.figures.cohort.reasons import BLOCK_CHANGE_REASON, DOSE_REASON, SHORT_TERM_REASON
from outcomes.labels import (
    BLOCK_CHANGE,
    DIAGNOSIS,
    DIAGNOSIS_REASON,
    DOSE_TREND,
    LONG_TERM_GROUP,
    LONG_TERM_STATUS,
    ROUTE,
    SHORT_TERM_RESPONSE,
    Words,
)
from outcomes.serializers import OutcomeSerializer

# Which section of the rules derives which columns.
SECTIONS: dict[int, tuple[str, ...]] = {
    1: (
        *("treatment_history", "index_on", "courses", "first_route", "last_infusion_on"),
        *("expected_interval_days", "onset_to_treatment_years"),
    ),
    2: ("baseline_on", "month6_on", "month6_at_trough"),
    3: (
        *("affected", "improvable", "improved", "worsened", "short_term_response"),
        *("short_term_reason", "strict_response", "provisional", "in_primary_table"),
        *("few_courses", "co_treated", "carried_forward_month6"),
        *("grip_response", "mrc_sum_response", "mrc_sum_baseline", "mrc_sum_month6"),
    ),
    4: (
        *("last_contact_on", "follow_up_days", "off_days", "long_term_status"),
        *("long_term_group", "dependency_proven", "relapsed_after_remission"),
        *("lost_to_follow_up", "remission_days", "remission_event", "relapse_days"),
        *("relapse_event", "death_days"),
    ),
    5: ("blocks_first", "blocks_last", "block_change", "block_change_reason"),
    6: (
        *("weekly_dose_g", "weekly_dose_g_per_kg", "dose_ratio", "dose_trend", "dose_reason"),
        "declining_responsiveness",
    ),
    9: ("diagnosis_category", "diagnosis_reason"),
}
_RULE = {name: section for section, names in SECTIONS.items() for name in names}
_WORDS: Mapping[str, Words] = {
    "treatment_history": {
        "naive": gettext_lazy("naive"),
        "pretreated": gettext_lazy("pretreated"),
        "unknown": gettext_lazy("history unknown"),
    },
    "short_term_response": SHORT_TERM_RESPONSE,
    "grip_response": SHORT_TERM_RESPONSE,
    "mrc_sum_response": SHORT_TERM_RESPONSE,
    "short_term_reason": SHORT_TERM_REASON,
    "long_term_status": LONG_TERM_STATUS,
    "long_term_group": LONG_TERM_GROUP,
    "block_change": BLOCK_CHANGE,
    "block_change_reason": BLOCK_CHANGE_REASON,
    "dose_trend": DOSE_TREND,
    "dose_reason": DOSE_REASON,
    "first_route": ROUTE,
    "diagnosis_category": DIAGNOSIS,
    "diagnosis_reason": DIAGNOSIS_REASON,
}
_KINDS: tuple[tuple[type[serializers.Field], Kind], ...] = (
    (serializers.ChoiceField, Kind.CODE),
    (serializers.DateField, Kind.DAY),
    (serializers.FloatField, Kind.NUMBER),
    (serializers.IntegerField, Kind.COUNT),
    (serializers.BooleanField, Kind.TRUTH),
)


def _more() -> tuple[Column, ...]:
    """What is in no list of the interface: variants, flags, and the times of the curves."""
    responses = {code: str(words) for code, words in SHORT_TERM_RESPONSE.items()}
    days, years, points = _("days"), _("years"), _("points")
    return (
        Column("last_infusion_on", _("Last infusion day, home treatment included."), Kind.DAY),
        Column("expected_interval_days", _("Expected interval of courses."), Kind.NUMBER, days),
        Column("onset_to_treatment_years", _("From onset to the index day."), Kind.NUMBER, years),
        Column("few_courses", _("Fewer than 2 courses by day 183."), Kind.TRUTH),
        Column("co_treated", _("Another immunotherapy began before month 6."), Kind.TRUTH),
        Column("month6_at_trough", _("Month 6 was examined at trough."), Kind.TRUTH),
        Column(
            "carried_forward_month6",
            _("Baseline or month 6 has a grade copied from an earlier visit."),
            Kind.TRUTH,
        ),
        Column("grip_response", _("Response by grip."), Kind.CODE, codes=responses),
        Column("mrc_sum_response", _("Response by MRC sum score."), Kind.CODE, codes=responses),
        Column("mrc_sum_baseline", _("MRC sum score at baseline."), Kind.NUMBER, points),
        Column("mrc_sum_month6", _("MRC sum score at month 6."), Kind.NUMBER, points),
        Column("remission_days", _("From index to remission, or censored."), Kind.NUMBER, days),
        Column("remission_event", _("Remission at that time; no: censored."), Kind.TRUTH),
        Column(
            "relapse_days",
            _("From the last infusion before remission to relapse or restart, or censored."),
            Kind.NUMBER,
            days,
        ),
        Column("relapse_event", _("Relapse or restart at that time; no: censored."), Kind.TRUTH),
        Column("death_days", _("From index to death."), Kind.NUMBER, days),
    )


def outcome_columns(*, coarse: bool) -> tuple[Column, ...]:
    """Study id and centre, what the interface's list has, and more."""
    listed = [_listed(name, field) for name, field in OutcomeSerializer().fields.items()]
    return tuple(
        replace(
            column,
            missing=column.missing or str(NO_VALUE),
            source="patients_patient" if index < 2 else _("derived"),
            rule=_("section %(n)s") % {"n": _RULE[column.name]} if column.name in _RULE else "",
            coarse=coarse,
        )
        for index, column in enumerate((*listed, *_more()))
    )


def _listed(name: str, field: serializers.Field) -> Column:
    label, unit = label_and_unit(field.help_text)
    kind = next((kind for of, kind in _KINDS if isinstance(field, of)), Kind.TEXT)
    codes: dict[str, str] = {}
    if isinstance(field, serializers.ChoiceField):
        said = _WORDS.get(name, {})
        codes = {str(c): str(said.get(c, str(c).replace("_", " ").lower())) for c in field.choices}
    missing = str(NO_VALUE) if field.allow_null else _("never")
    return Column(name, label, kind, unit, codes, missing)


# Outcome columns that are read; study ids are their index.
READ = tuple(
    dict.fromkeys(name for name in (*OutcomeSerializer().fields, *_RULE) if name != "study_id")
)


@dataclass(frozen=True)
class Outcomes:
    """One row per patient: what follows from the records."""

    coarse: bool = False
    name = "outcomes"
    keys = ("study_id",)
    dated_by = ""

    @property
    def title(self) -> str:
        return _("outcomes")

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return outcome_columns(coarse=self.coarse)

    def chunks(self, people: People) -> Iterator[Chunk]:
        for batch in people.batches():
            yield self.of(batch.rows, people)

    def of(self, rows: pd.DataFrame, people: People) -> Chunk:
        _study_id, *columns = self.columns
        is_coarse = rows["centre"].isin(people.coarse).tolist()
        values = [_values(rows[c.name], is_coarse) for c in columns]
        return [[*row] for row in zip(rows.index, *values, strict=True)]


def _values(column: pd.Series, is_coarse: list[bool]) -> list[Any]:
    """Plain values; None where there is none; the days of some are months."""
    if is_datetime64_any_dtype(column):
        days = [None if pd.isna(day) else day.date() for day in column]
        return [
            month_text(day) if coarse else day for day, coarse in zip(days, is_coarse, strict=True)
        ]
    if is_float_dtype(column):
        column = column.round(DECIMALS) + 0.0
    values = column.astype(object)
    return values.where(column.notna() & (values != ""), None).tolist()
