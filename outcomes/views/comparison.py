"""Two versions of a visit beside each other: what was opened, what is stored now, what is typed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.text import capfirst

from outcomes import labels
from patients.calendar import day_text
from patients.forms.muscle_grid import Cell
from patients.forms.visit import GRIPS, VisitForm

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Difference:
    """One value that differs; `proposed` is "" where both changed it and a person must choose."""

    name: str
    label: str
    opened: str
    theirs: str
    mine: str
    proposed: str


@dataclass(frozen=True)
class Comparison:
    differences: tuple[Difference, ...]
    inputs: tuple[tuple[str, str], ...]  # what is typed, to be sent again
    stored: str  # what is stored now, as the form's `opened`

    @property
    def contested(self) -> int:
        return sum(not difference.proposed for difference in self.differences)


def compared(form: VisitForm, opened: Mapping[str, str]) -> Comparison:
    """A clean form against what is stored now; only values that differ."""
    mine, theirs = form.inputs(), form.stored_inputs
    names = list(dict.fromkeys(_value_name(name) for name in (*opened, *theirs, *mine)))
    found = []
    for name in names:
        was, now, typed = (_of(values, name) for values in (opened, theirs, mine))
        if now == typed:
            continue
        proposed = THEIRS if typed == was else MINE if now == was else ""
        shown = (_in_words(name, values) for values in (was, now, typed))
        found.append(Difference(name, _label(form, name), *shown, proposed))
    return Comparison(
        tuple(sorted(found, key=lambda d: bool(d.proposed))),
        tuple(mine.items()),
        json.dumps(theirs, separators=(",", ":")),
    )


def _value_name(name: str) -> str:
    """Three inputs make one cell of the grid."""
    return name[2:] if name[1:2] == "-" else name


def _of(values: Mapping[str, str], name: str) -> dict[str, str]:
    of_cell = (f"{letter}-{name}" for letter in "gwo")
    return {one: values[one] for one in (name, *of_cell) if one in values}


def _label(form: VisitForm, name: str) -> str:
    if name in GRIPS:
        device, side = GRIPS[name]
        return capfirst(f"{labels.GRIP_DEVICE[device]}, {labels.SIDE[side]}")
    if name in form.fields:
        return str(form.fields[name].label)
    return Cell(*name.split("-")).label


def _in_words(name: str, values: Mapping[str, str]) -> str:
    if not values:
        return "–"
    if "-" in name:
        grade, remark, origin = (values.get(f"{letter}-{name}", "") for letter in "gwo")
        return Cell(*name.split("-"), grade=grade, remark=remark, origin=origin).in_words
    text = values[name]
    if name == "visited_on":
        return day_text(date.fromisoformat(text))
    if name.startswith("finding_"):
        return str(labels.FINDING_STATE[text])
    return text
