"""What is asked of an export: whose records, which tables, in which shape and format."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from outcomes.exports.derived import Outcomes
from outcomes.exports.long import ExportTable, Long
from outcomes.exports.records import recorded_tables
from outcomes.exports.wide import Wide
from outcomes.exports.writing.csv_files import CsvWriter
from outcomes.exports.writing.format import Writer
from outcomes.exports.writing.labelled_files import SpssWriter, StataWriter
from outcomes.exports.writing.parquet_files import ParquetWriter
from outcomes.exports.writing.xlsx_file import XlsxWriter


class Shape(StrEnum):
    TIDY = "tidy"
    WIDE = "wide"
    LONG = "long"


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    STATA = "stata"
    SPSS = "spss"


SHAPES = {
    Shape.TIDY: (_("Tidy"), _("a table for each kind of record, and one of outcomes")),
    Shape.WIDE: (
        _("Wide"),
        _("one row per patient: outcomes, and baseline, month 6 and last visit side by side"),
    ),
    Shape.LONG: (_("Long"), _("one row per value, the tables below each other")),
}
FORMATS = {
    Format.CSV: (
        pgettext_lazy("format", "CSV"),
        _("with an R script that reads it with factors and labels; can be loaded again"),
    ),
    Format.XLSX: (pgettext_lazy("format", "Excel"), _("one workbook, cells typed")),
    Format.PARQUET: (pgettext_lazy("format", "Parquet"), _("typed; best for many records")),
    Format.STATA: (pgettext_lazy("format", "Stata"), _("with labels of variables and values")),
    Format.SPSS: (pgettext_lazy("format", "SPSS"), _("with labels of variables and values")),
}
WRITERS: Mapping[Format, type[Writer]] = {
    Format.CSV: CsvWriter,
    Format.XLSX: XlsxWriter,
    Format.PARQUET: ParquetWriter,
    Format.STATA: StataWriter,
    Format.SPSS: SpssWriter,
}
# These keep the words of codes themselves.
LABELLED = (Format.STATA, Format.SPSS)
OUTCOMES = "outcomes"


def tables_known(*, coarse: bool) -> dict[str, ExportTable]:
    """All tables that there are, outcomes first."""
    return {OUTCOMES: Outcomes(coarse), **recorded_tables(coarse=coarse)}


@dataclass(frozen=True)
class Wanted:
    """How a cohort is to be written. ``labels``: codes in words beside them."""

    shape: Shape = Shape.TIDY
    format: Format = Format.CSV
    tables: tuple[str, ...] = ()  # none named: all
    labels: bool = False

    def tables_of(self, *, coarse: bool) -> list[ExportTable]:
        if self.shape is Shape.WIDE:
            return [Wide(coarse)]
        known = tables_known(coarse=coarse)
        named = [table for name, table in known.items() if name in (self.tables or known)]
        return [Long(named, coarse)] if self.shape is Shape.LONG else named

    @property
    def has_labels(self) -> bool:
        return self.labels and self.format not in LABELLED and self.shape is not Shape.LONG

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As it stands in an address."""
        told = [("shape", self.shape.value), ("format", self.format.value)]
        told += [("table", name) for name in self.tables]
        return [*told, *([("labels", "yes")] if self.labels else [])]


class WantedForm(forms.Form):
    """Shape, format and tables; nothing chosen is what the page proposes."""

    shape = forms.ChoiceField(choices=[(s.value, s.value) for s in Shape], required=False)
    format = forms.ChoiceField(choices=[(f.value, f.value) for f in Format], required=False)
    table = forms.MultipleChoiceField(
        choices=lambda: [(name, name) for name in tables_known(coarse=False)], required=False
    )
    labels = forms.BooleanField(required=False)

    def wanted(self) -> Wanted:
        """What was asked; of what cannot be, what the page proposes."""
        self.is_valid()
        told = self.cleaned_data
        return Wanted(
            Shape(told.get("shape") or Shape.TIDY),
            Format(told.get("format") or Format.CSV),
            tuple(told.get("table") or ()),
            bool(told.get("labels")),
        )
