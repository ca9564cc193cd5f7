"""A nerve conduction study as it is typed: its day, and a row for each segment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.models import NerveConductionStudy, NerveSegment
from patients.selectors import Whole, measured, segment_key, study_before
from patients.unusual import Unusual
from patients.unusual_conduction import Segment, unusual_in_study

from .fields import DayField
from .record import RecordForm
from .segment_sheet import (
    CHOICES,
    WORDS,
    SegmentSheet,
    added_segment_fields,
    in_order,
    read_input,
    row_of,
    segment_words,
)


class StudyForm(RecordForm):
    stored: Whole | None

    class Meta(RecordForm.Meta):
        model = NerveConductionStudy
        fields = ("studied_on",)
        labels = {"studied_on": gettext_lazy("Studied on")}

    def __init__(
        self,
        typed=None,
        *,
        studies: Iterable[NerveConductionStudy] = (),
        protocol: Sequence[Segment] = (),
        **about,
    ):
        """``studies`` are all of the patient (`list_studies`), ``protocol`` the centre's."""
        super().__init__(typed, **about)
        self.protocol = protocol
        self.day = self._day_typed()
        own = self.instance.pk if self.stored else None
        self.before = study_before(studies, self.day, but=own)
        self.sheet = SegmentSheet.read(self.shown, self.stored.parts[0] if self.stored else ())

    def add_fields(self) -> None:
        self.fields |= added_segment_fields()

    def _day_typed(self) -> date | None:
        try:
            return DayField(required=False).clean(self.shown.get("studied_on"))
        except ValidationError:
            return None

    # ── Reading what was typed ───────────────────────────────────────────────────────────────

    def clean_parts(self) -> None:
        for said in self.sheet.refusals:
            self.add_error(None, ValidationError(said, code="refused_segment"))
        if not self.sheet.filled:
            nothing = _("No segment has a value yet: a study has at least one.")
            self.add_error(None, ValidationError(nothing, code="no_segment"))

    def unusual(self) -> list[Unusual]:
        typed = {segment_key(s): measured(s) for s in self.sheet.segments}
        return unusual_in_study(typed, self.before)

    @property
    def parts(self) -> tuple[list[NerveSegment]]:
        return (self.sheet.segments,)

    # ── Rows that are added before anything is saved ─────────────────────────────────────────

    def add_typed_row(self) -> None:
        """The row that the form names; what is missing for it is said beside its field."""
        names = ("add_nerve", "add_side", "add_distal", "add_proximal")
        key = tuple(str(self.shown.get(name, "")) for name in names)
        missing = [str(self.fields[n].label) for n, v in zip(names, key, strict=True) if not v]
        if missing:
            self.add_problem = _("To add a row, choose: %s.") % ", ".join(missing)
        elif key[2] == key[3]:
            self.add_problem = _("A segment runs between two sites: choose two.")
        else:
            self.sheet.add(key)

    def add_protocol_rows(self) -> None:
        for key in self.protocol:
            self.sheet.add(key)

    def add_rows_of_last_study(self) -> None:
        for key in in_order(self.before.segments or ()):
            self.sheet.add(key)

    add_problem = ""

    # ── What two people's forms are compared by ──────────────────────────────────────────────

    def part_inputs(self) -> dict[str, str]:
        return self.sheet.inputs

    @classmethod
    def inputs_of(cls, stored: Whole) -> dict[str, str]:
        (segments,) = stored.parts
        rows = {segment_key(segment): row_of(segment) for segment in segments}
        inputs = super().inputs_of(stored)
        for key in in_order(rows):
            inputs |= rows[key].inputs
        return inputs

    def label_of(self, name: str) -> str:
        of_segment = read_input(name)
        if not of_segment:
            return super().label_of(name)
        measure, key = of_segment
        return f"{segment_words(key)}, {WORDS[measure]}"

    def in_words(self, name: str, values: Mapping[str, str]) -> str:
        of_segment = read_input(name)
        if values and of_segment and of_segment[0] in CHOICES:
            _field, _words, choices = CHOICES[of_segment[0]]
            return str(dict(choices).get(values[name], values[name]))
        return super().in_words(name, values)
