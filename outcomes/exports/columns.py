"""What a column of an export is: its name, its words, its unit, its codes, where it comes from."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(StrEnum):
    TEXT = "text"
    CODE = "code"
    DAY = "day"
    PARTIAL_DAY = "partial_day"  # 2003, 2003-05 or 2003-05-07
    COUNT = "count"
    NUMBER = "number"
    TRUTH = "truth"


KIND_WORDS = {
    Kind.TEXT: pgettext_lazy("column", "text"),
    Kind.CODE: pgettext_lazy("column", "code"),
    Kind.DAY: pgettext_lazy("column", "day"),
    Kind.PARTIAL_DAY: pgettext_lazy("column", "day, as far as it is known"),
    Kind.COUNT: pgettext_lazy("column", "whole number"),
    Kind.NUMBER: pgettext_lazy("column", "number"),
    Kind.TRUTH: pgettext_lazy("column", "yes or no"),
}
MONTHS = _("month where the reader sees months, else day")
NOT_RECORDED = _("empty: not recorded")
NEVER = _("never")
NO_VALUE = _("empty: no value; its reason stands in the reason columns")
SHOWN_COARSE = _("empty: not shown to who reads pseudonymised")


@dataclass(frozen=True)
class Column:
    """A column of an export.

    ``source`` is the table and field that is recorded, or what it is made of; ``rule`` the section
    of the rules that derives it. ``coarse``: days may be months, since somebody is shown so.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    source: str = ""
    rule: str = ""
    coarse: bool = False

    @property
    def is_day(self) -> bool:
        """Whether its values are days, whole ones: months are texts."""
        return self.kind is Kind.DAY and not self.coarse

    @property
    def kind_words(self) -> str:
        return str(MONTHS if self.kind is Kind.DAY and self.coarse else KIND_WORDS[self.kind])


Row = Sequence[Any]
Chunk = list[list[Any]]


def label_and_unit(words: object) -> tuple[str, str]:
    """“weight [kg]” is the weight in kg."""
    text = str(words)
    found = re.search(r"\s*\[([^\]]+)\]", text)
    if found is None:
        return text, ""
    return text.replace(found[0], "", 1).strip(), found[1]


LABEL_SUFFIX = "_label"


def with_labels(columns: Iterable[Column]) -> list[Column]:
    """Behind each column of codes one that says the same in words."""
    return [shown for column in columns for shown in _with_label(column)]


def _with_label(column: Column) -> Iterator[Column]:
    yield column
    if column.kind is Kind.CODE:
        yield replace(
            column,
            name=f"{column.name}{LABEL_SUFFIX}",
            label=str(_("%(label)s, in words") % {"label": column.label}),
            kind=Kind.TEXT,
            codes={},
            source=column.name,
        )


def rows_with_labels(columns: Sequence[Column], chunk: Chunk) -> Chunk:
    """The same for rows: a code that nobody knows a word for stands as it is."""
    places = [(place, c.codes) for place, c in enumerate(columns) if c.kind is Kind.CODE]
    for row in chunk:
        for place, codes in reversed(places):
            row.insert(place + 1, codes.get(row[place], row[place]))
    return chunk


def days_as_texts(columns: Sequence[Column], chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Where some are shown months, all days of the column are texts: one column, one type."""
    places = [place for place, c in enumerate(columns) if c.kind is Kind.DAY and c.coarse]
    for chunk in chunks:
        for row in chunk if places else ():
            for place in places:
                row[place] = None if row[place] is None else str(row[place])
        yield chunk
