"""Two versions of a record side by side: what was opened, what is stored now, what is typed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from patients.forms.record import RecordForm

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


def compared(form: RecordForm, opened: Mapping[str, str]) -> Comparison:
    """A clean form against what is stored now; only values that differ."""
    mine, theirs = form.inputs(), form.stored_inputs
    names = list(dict.fromkeys(form.value_name(name) for name in (*opened, *theirs, *mine)))
    found = []
    for name in names:
        inputs = form.inputs_named(name)
        was, now, typed = (
            {one: values[one] for one in inputs if one in values}
            for values in (opened, theirs, mine)
        )
        if now == typed:
            continue
        proposed = THEIRS if typed == was else MINE if now == was else ""
        shown = (form.in_words(name, values) for values in (was, now, typed))
        found.append(Difference(name, form.label_of(name), *shown, proposed))
    return Comparison(
        tuple(sorted(found, key=lambda d: bool(d.proposed))),
        tuple(mine.items()),
        json.dumps(theirs, separators=(",", ":")),
    )
