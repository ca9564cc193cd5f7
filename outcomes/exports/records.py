"""Tables of what was recorded: their columns come from the models, their rows as of a day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import F, QuerySet
from django.db.models.functions import Collate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infusions import interchange as infusions
from mmn_registry.disclosure import Disclosure, Shown, as_it_is, disclosure_of, pseudonymised
from mmn_registry.interchange import Column as Declared
from mmn_registry.interchange import Table, canonical, key, required
from outcomes.exports.code_words import words_of
from outcomes.exports.columns import (
    NEVER,
    NOT_RECORDED,
    SHOWN_COARSE,
    Chunk,
    Column,
    Kind,
    label_and_unit,
)
from outcomes.exports.people import People
from patients import interchange as patients
from patients.models import DiagnosisOverride, MuscleScore, Patient
from patients.vocabulary import MRC_THIRDS, AgeBand, MrcGrade, age_band

DIAGNOSES = Table(
    "diagnosis_opinions",
    "opinion",
    DiagnosisOverride,
    (patients.OF_PATIENT, key("decided_on"), required("opinion"), required("grounds")),
)
DECLARED: tuple[Table, ...] = (
    patients.PATIENTS,
    patients.VISITS,
    patients.MUSCLE_SCORES,
    patients.GRIP_STRENGTHS,
    infusions.INFUSIONS,
    infusions.INFUSION_LOTS,
    infusions.REGIMENS,
    infusions.DOSE_ATTEMPTS,
    infusions.IMMUNOSUPPRESSANTS,
    patients.NERVE_SEGMENTS,
    patients.LABORATORY,
    patients.FINDINGS,
    DIAGNOSES,
    infusions.ADVERSE_REACTIONS,
    patients.CONSENTS,
    patients.LOWER_LIMITS,
)
# Where a plural is not the singular with an s.
_TITLES = {
    "infusion_lots": gettext_lazy("lots of infusions"),
    "lower_limits": gettext_lazy("lower limits of normal"),
}
# What counts as not recorded if the day that ends it lies after the day asked for.
KNOWN_SINCE = {
    "deceased_on": "deceased_on",
    "ended_on": "ended_on",
    "end_reason": "ended_on",
    "withdrawn_on": "withdrawn_on",
}
_KINDS: tuple[tuple[type[models.Field], Kind], ...] = (
    (models.DateField, Kind.DAY),
    (models.DecimalField, Kind.NUMBER),
    (models.IntegerField, Kind.COUNT),
    (models.BooleanField, Kind.TRUTH),
)
MRC_DECIMALS = 4


@dataclass(frozen=True)
class Added:
    """A column that follows from the others of its row, told before any of them is left out."""

    column: Column
    made_of: tuple[str, ...]
    made: Any


def _points(grade: str | None) -> float | None:
    thirds = MRC_THIRDS.get(grade) if grade else None
    return None if thirds is None else round(thirds / 3, MRC_DECIMALS)


def _band(birth_year: int | None, included_on: date) -> str | None:
    return None if birth_year is None else age_band(included_on.year - birth_year).value


def added_to(table: Table) -> tuple[Added, ...]:
    if table.model is MuscleScore:
        points = Column(
            "mrc_value",
            _("MRC grade as a number: 4- is 3.6667"),
            Kind.NUMBER,
            unit=_("points"),
            missing=_("empty: NT, not tested"),
            source="mrc_grade",
        )
        return (Added(points, ("mrc_grade",), _points),)
    if table.model is Patient:
        band = Column(
            "age_band",
            _("age at inclusion, in tens of years"),
            Kind.CODE,
            unit=_("years"),
            codes={band.value: band.value for band in AgeBand},
            missing=_("empty: year of birth not recorded"),
            source="birth_year, included_on",
        )
        return (Added(band, ("birth_year", "included_on"), _band),)
    return ()


@dataclass(frozen=True)
class Recorded:
    """One kind of record: standing ones of these patients, dated on or before the day.

    ``coarse``: somebody among them is shown in months and bands.
    """

    declared: Table
    coarse: bool = False

    @property
    def name(self) -> str:
        return self.declared.name

    @property
    def title(self) -> str:
        return str(_TITLES.get(self.name, self.declared.model._meta.verbose_name_plural))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        own = (self._column(column) for column in self.declared.columns)
        return (*own, *(added.column for added in self._added))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.declared.keys)

    @cached_property
    def dated_by(self) -> str:
        """The column of its day; a patient has none."""
        days = [c.name for c in self.declared.keys if self._kind(c) is Kind.DAY]
        return days[0] if days else ""

    def chunks(self, people: People) -> Iterator[Chunk]:
        if self._of_patients is None:
            yield self._read(self._rows(people).filter(centre__code__in=people.centres), people)
            return
        for batch in people.batches():
            yield self._read(self._rows(people).filter(**{self._of_patients: batch.ids}), people)

    @cached_property
    def _added(self) -> tuple[Added, ...]:
        return added_to(self.declared)

    @cached_property
    def _of_patients(self) -> str | None:
        """How its rows are asked for by patients; None: they are a centre's."""
        first = self.declared.columns[0]
        if first.name != "study_id":
            return None
        way = first.path.removesuffix("study_id").removesuffix("__")
        return f"{way or 'pk'}__in"

    def _rows(self, people: People) -> QuerySet:
        rows = self.declared.model.objects.order_by(*map(self._in_order, self.declared.keys))
        if self.dated_by:
            path = next(c.path for c in self.declared.keys if c.name == self.dated_by)
            rows = rows.filter(**{f"{path}__lte": people.day})
        return rows

    def _in_order(self, column: Declared):
        is_text = self._kind(column) in (Kind.TEXT, Kind.CODE)
        return Collate(F(column.path), "C") if is_text else F(column.path).asc()

    def _read(self, rows: QuerySet, people: People) -> Chunk:
        declared = self.declared.columns
        precisions = [column.precision for column in declared if column.precision]
        paths = [*(column.path for column in declared), *precisions]
        return [self._row(values, people) for values in rows.values_list(*paths)]

    def _row(self, values: Sequence[Any], people: People) -> list[Any]:
        named = self._named(values, people.day)
        made = [added.made(*(named[name] for name in added.made_of)) for added in self._added]
        row = list(named.values())
        if self._of_patients and people.coarse and people.is_coarse(row[0]):
            row = [show(value) for show, value in zip(self._shown, row, strict=True)]
        return [*row, *made]

    def _named(self, values: Sequence[Any], day: date) -> dict[str, Any]:
        declared = self.declared.columns
        known_to = iter(values[len(declared) :])
        named = {c.name: None if v == "" else v for c, v in zip(declared, values, strict=False)}
        late = {
            name for name, on in KNOWN_SINCE.items() if on in named and _is_after(named[on], day)
        }
        for name in late & {*named}:
            named[name] = None
        for column in declared:
            if column.precision:
                named[column.name] = canonical(named[column.name], next(known_to)) or None
        return named

    @cached_property
    def _shown(self) -> list[Shown]:
        """How each column is written for who reads pseudonymised."""
        return [
            as_it_is if c.name == "centre" else pseudonymised(self.declared.model, c.path)
            for c in self.declared.columns
        ]

    def _kind(self, column: Declared) -> Kind:
        if column.precision:
            return Kind.PARTIAL_DAY
        stored = self.declared.field(column)
        kind = next((kind for of, kind in _KINDS if isinstance(stored, of)), Kind.TEXT)
        # A grade is a number of its own kind, and its value stands beside it.
        is_code = bool(stored.choices) and column.name != "mrc_grade"
        return Kind.CODE if is_code else kind

    def _column(self, column: Declared) -> Column:
        stored = self.declared.field(column)
        label, unit = label_and_unit(_LABELS.get(column.name) or stored.verbose_name)
        if column.name == "mrc_grade":
            codes = {grade.value: grade.value for grade in MrcGrade}
        else:
            codes = words_of(stored)
        missing = str(NEVER if column.required else NOT_RECORDED)
        if self.coarse and self._is_left_out(column):
            missing = str(SHOWN_COARSE)
        return Column(
            column.name,
            label,
            self._kind(column),
            unit,
            codes,
            missing,
            source=f"{stored.model._meta.db_table}.{stored.column}",
            coarse=self.coarse,
        )

    def _is_left_out(self, column: Declared) -> bool:
        kind = disclosure_of(self.declared.model, column.path)
        is_day = isinstance(self.declared.field(column), models.DateField)
        return kind is Disclosure.QUASI_IDENTIFYING and not is_day


# Where the field that stores it is called by what it is there: a centre's code.
_LABELS: Mapping[str, Any] = {"centre": gettext_lazy("centre")}


def _is_after(value: date | None, day: date) -> bool:
    return value is not None and value > day


def recorded_tables(*, coarse: bool) -> dict[str, Recorded]:
    tables = (Recorded(table, coarse and table is not patients.LOWER_LIMITS) for table in DECLARED)
    return {table.name: table for table in tables}
