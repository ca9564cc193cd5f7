"""The sheet of a nerve conduction study: one row per nerve, side and segment."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients import labels
from patients.models import NerveSegment
from patients.selectors import segment_key
from patients.unusual import Unusual, plain
from patients.unusual_conduction import Segment, segment_input
from patients.vocabulary import BlockGrade, MotorNerve, SegmentExclusion, Side, StimulationSite

from .fields import QuantityField


class Measure(NamedTuple):
    """A number that is typed of a segment."""

    name: str  # of its inputs
    field: str  # of the model
    words: object
    unit: str
    head: object  # above its column


DISTAL, PROXIMAL = gettext_lazy("distal"), gettext_lazy("proximal")
MEASURES = (
    Measure(
        "distal_amplitude",
        "distal_amplitude_mv",
        gettext_lazy("distal amplitude"),
        "mV",
        DISTAL,
    ),
    Measure(
        "proximal_amplitude",
        "proximal_amplitude_mv",
        gettext_lazy("proximal amplitude"),
        "mV",
        PROXIMAL,
    ),
    Measure("distal_area", "distal_area_mv_ms", gettext_lazy("distal area"), "mV·ms", DISTAL),
    Measure(
        "proximal_area", "proximal_area_mv_ms", gettext_lazy("proximal area"), "mV·ms", PROXIMAL
    ),
    Measure("distal_duration", "distal_duration_ms", gettext_lazy("distal duration"), "ms", DISTAL),
    Measure(
        "proximal_duration",
        "proximal_duration_ms",
        gettext_lazy("proximal duration"),
        "ms",
        PROXIMAL,
    ),
    Measure("distance", "distance_mm", gettext_lazy("distance"), "mm", gettext_lazy("distance")),
    Measure(
        "lower_limit",
        "distal_amplitude_lln_mv",
        gettext_lazy("own lower limit of the distal amplitude"),
        "mV",
        gettext_lazy("own limit"),
    ),
)
CHOICES = {
    "excluded": (
        "excluded",
        gettext_lazy("why not assessed"),
        [("", "–"), *((e.value, labels.SEGMENT_EXCLUSION[e]) for e in SegmentExclusion)],
    ),
    "reported": (
        "reported_block",
        gettext_lazy("block, as reported"),
        [("", "–"), *((g.value, labels.REPORTED_BLOCK[g]) for g in BlockGrade)],
    ),
}
FIELDS = {m.name: m.field for m in MEASURES} | {n: f for n, (f, _w, _c) in CHOICES.items()}
INPUTS = {field: name for name, field in FIELDS.items()}
WORDS = {m.name: m.words for m in MEASURES} | {n: w for n, (_f, w, _c) in CHOICES.items()}

_NERVES = {nerve.value: place for place, nerve in enumerate(MotorNerve)}
_SIDES = {side.value: place for place, side in enumerate(Side)}
_SITES = {site.value: place for place, site in enumerate(StimulationSite)}


def in_order(keys: Iterable[Segment]) -> list[Segment]:
    """Nerve by nerve, right before left, from the hand upwards."""
    return sorted(
        keys,
        key=lambda key: (
            _NERVES.get(key[0], len(_NERVES)),
            _SIDES.get(key[1], len(_SIDES)),
            _SITES.get(key[2], len(_SITES)),
            _SITES.get(key[3], len(_SITES)),
        ),
    )


def segment_words(key: Segment) -> str:
    """“Median, right: wrist–elbow”."""
    nerve, side, distal, proximal = key
    return _("%(nerve)s, %(side)s: %(distal)s–%(proximal)s") % {
        "nerve": capfirst(str(labels.NERVE.get(nerve, nerve))),
        "side": labels.SIDE.get(side, side),
        "distal": labels.SITE.get(distal, distal),
        "proximal": labels.SITE.get(proximal, proximal),
    }


@dataclass(frozen=True)
class Cell:
    """One input of a row, as its template needs it."""

    name: str
    label: str
    short: str  # without the segment
    value: str
    error: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass
class SegmentRow:
    """One segment: what is typed, by the names of its inputs without the segment."""

    key: Segment
    values: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)  # numbers, each in one way only
    errors: dict[str, str] = field(default_factory=dict)
    error: str = ""  # of the row as a whole
    is_kept: bool = False  # it was recorded without any value, and stays as long as its row
    segment: NerveSegment | None = None  # once it is clean
    questions: list[tuple[Unusual, bool]] = field(default_factory=list)
    last: str = ""  # what it was in the study before, in words
    result: object = None  # what the registry derives of it

    @property
    def name(self) -> str:
        return "-".join(self.key)

    @property
    def words(self) -> str:
        return segment_words(self.key)

    @property
    def is_filled(self) -> bool:
        return self.is_kept or any(self.values.values())

    @property
    def inputs(self) -> dict[str, str]:
        """By the names of its inputs; nothing for an empty row."""
        values = self.values | self.written
        filled = {segment_input(n, self.key): v for n, v in values.items() if v}
        return filled or (empty_inputs([self.key]) if self.is_kept else {})

    @property
    def cells(self) -> Iterator[Cell]:
        for measure in MEASURES:
            yield self._cell(measure.name, str(measure.words), measure.unit)
        for name, (_field, words, choices) in CHOICES.items():
            yield self._cell(name, str(words), "", tuple((c, str(w)) for c, w in choices))

    def _cell(self, name: str, words: str, unit: str, choices=()) -> Cell:
        short = f"{words}, {unit}" if unit else words
        value, error = self.values.get(name, ""), self.errors.get(name, "")
        label = f"{self.words}, {short}"
        return Cell(
            segment_input(name, self.key), label, capfirst(short), value, error, name, choices
        )

    def clean(self) -> None:
        """Read the numbers, then the rules of the model, each refusal beside its cell."""
        numbers = {measure.name: self._read(measure.name) for measure in MEASURES}
        if self.errors:
            return
        nerve, side, distal, proximal = self.key
        segment = NerveSegment(
            nerve=nerve,
            side=side,
            distal_site=distal,
            proximal_site=proximal,
            **{FIELDS[name]: number for name, number in numbers.items()},
            **{FIELDS[name]: self.values.get(name, "") for name in CHOICES},
        )
        try:
            segment.full_clean(exclude=["study"])
        except ValidationError as refused:
            for name, messages in refused.message_dict.items():
                self._refuse(name, " ".join(messages))
        else:
            self.segment = segment
            self.written = {n: plain(v) for n, v in numbers.items() if v is not None}

    def _read(self, name: str):
        try:
            return QuantityField(required=False).clean(self.values.get(name))
        except ValidationError as refused:
            self.errors[name] = " ".join(refused.messages)
            return None

    def _refuse(self, name: str, sentence: str) -> None:
        if name in INPUTS:
            self.errors[INPUTS[name]] = sentence
        else:
            self.error = " ".join(filter(None, (self.error, sentence)))

    @property
    def refusals(self) -> list[str]:
        named = [f"{self.words}, {WORDS[name]}: {said}" for name, said in self.errors.items()]
        return [*named, *([f"{self.words}: {self.error}"] if self.error else [])]


class SegmentSheet:
    """The rows of a study, in the order in which they stand on the page."""

    def __init__(self, rows: Iterable[SegmentRow] = ()):
        self._rows = {row.key: row for row in rows}

    @classmethod
    def read(
        cls, typed: Mapping[str, object], stored: Iterable[NerveSegment] = ()
    ) -> "SegmentSheet":
        """As inputs say: a name for each measure and segment; empty ones make a row, too."""
        sheet = cls()
        for name, value in typed.items():
            found = read_input(name)
            if found:
                measure, key = found
                sheet.add(key).values[measure] = str(value).strip()
        for row in map(row_of, stored):
            if row.is_kept and row.key in sheet._rows:
                sheet._rows[row.key].is_kept = True
        sheet._clean()
        return sheet

    def _clean(self) -> None:
        for row in self.filled:
            row.clean()

    def add(self, key: Segment) -> SegmentRow:
        """The row of a segment; an empty one where there was none."""
        return self._rows.setdefault(key, SegmentRow(key))

    def __iter__(self) -> Iterator[SegmentRow]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def filled(self) -> list[SegmentRow]:
        return [row for row in self if row.is_filled]

    @property
    def refusals(self) -> list[str]:
        return [said for row in self for said in row.refusals]

    @property
    def segments(self) -> list[NerveSegment]:
        """Clean ones, of a study that is told later."""
        return [row.segment for row in self.filled if row.segment]

    @property
    def inputs(self) -> dict[str, str]:
        return {name: value for row in self.filled for name, value in row.inputs.items()}

    @property
    def measures(self) -> tuple[Measure, ...]:
        return MEASURES

    @property
    def blank(self) -> SegmentRow:
        """What a script copies for a row that is added; its key stands for another one."""
        return SegmentRow(("nerve", "side", "distal", "proximal"))


def row_of(segment: NerveSegment) -> SegmentRow:
    """The row that a stored segment fills."""
    values = {name: getattr(segment, field) for name, field in FIELDS.items()}
    texts = {
        name: value if isinstance(value, str) else plain(value)
        for name, value in values.items()
        if value not in (None, "")
    }
    return SegmentRow(segment_key(segment), texts, is_kept=not texts)


def empty_inputs(keys: Iterable[Segment]) -> dict[str, str]:
    """Inputs that make empty rows of these segments."""
    return {segment_input(MEASURES[0].name, key): "" for key in keys}


def read_input(name: str) -> tuple[str, Segment] | None:
    """The measure and the segment that an input is of; None for other inputs."""
    measure, *key = name.split("-")
    return (measure, tuple(key)) if measure in FIELDS and len(key) == 4 else None


def added_segment_fields() -> dict[str, forms.ChoiceField]:
    """How a row is added: which nerve, on which side, between which sites."""
    sites = [(site.value, labels.SITE[site]) for site in StimulationSite]
    choices = {
        "add_nerve": (_("Nerve"), [(n.value, capfirst(str(labels.NERVE[n]))) for n in MotorNerve]),
        "add_side": (_("Side"), [(s.value, labels.SIDE[s]) for s in Side]),
        "add_distal": (_("From"), sites),
        "add_proximal": (_("To"), sites),
    }
    return {
        name: forms.ChoiceField(label=label, choices=[("", "–"), *of], required=False)
        for name, (label, of) in choices.items()
    }
