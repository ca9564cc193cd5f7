"""A visit on one page: the examination, grips, scales, weight and findings, saved together."""

from collections.abc import Iterable, Mapping
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients import labels
from patients.calendar import day_text
from patients.models import Finding, GripStrength, Visit
from patients.models.visit import SCALES
from patients.selectors import Examination, known_before
from patients.unusual import Unusual, grip_name, plain, unusual_at_visit
from patients.vocabulary import FindingKind, GripDevice, Side

from .fields import DayField, QuantityField
from .muscle_grid import Cell, MuscleGrid, cell_of
from .record import RecordForm

VISIT_FIELDS = ("visited_on", "weight_kg", *SCALES)
GRIPS = {
    grip_name(device, side): (device.value, side.value) for device in GripDevice for side in Side
}
FINDINGS = {f"finding_{kind.value}": kind.value for kind in FindingKind}
NOT_ASKED = ("", "–")


class VisitForm(RecordForm):
    """What is typed of one visit. `copied` holds grades of which it must be said how they came."""

    stored: Examination | None

    class Meta(RecordForm.Meta):
        model = Visit
        fields = VISIT_FIELDS
        labels = {
            "visited_on": gettext_lazy("Visited on"),
            "weight_kg": gettext_lazy("Weight"),
            "onls_arm": gettext_lazy("ONLS arm, 0–5"),
            "onls_leg": gettext_lazy("ONLS leg, 0–7"),
            "incat_arm": gettext_lazy("INCAT arm, 0–5"),
            "incat_leg": gettext_lazy("INCAT leg, 0–5"),
            "mmn_rods": gettext_lazy("MMN-RODS total, 0–50"),
        }

    def __init__(self, typed=None, *, visits: Iterable[Visit], **about):
        super().__init__(typed, **about)
        stored = self.stored.muscle_scores if self.stored else ()
        self.day = self._day_typed() or (self.stored.visit.visited_on if self.stored else None)
        self.before = known_before(visits, self.day, but=self.instance)
        self.grid = MuscleGrid.read(self.shown, self.before, stored)
        for cell in self.grid.graded:
            cell.is_stored = cell.inputs.items() <= self.stored_inputs.items()

    def add_fields(self) -> None:
        for name, (device, side) in GRIPS.items():
            label = capfirst(str(labels.SIDE[side]))
            self.fields[name] = QuantityField(label=label, required=False)
            self.fields[name].unit = labels.GRIP_UNIT[device]
        states = [NOT_ASKED, *((s.value, w) for s, w in labels.FINDING_STATE.items())]
        for name, kind in FINDINGS.items():
            label = capfirst(str(labels.FINDING[kind]))
            self.fields[name] = forms.ChoiceField(label=label, choices=states, required=False)

    def _day_typed(self) -> date | None:
        try:
            return DayField(required=False).clean(self.shown.get("visited_on"))
        except ValidationError:
            return None

    # ── Reading what was typed ───────────────────────────────────────────────────────────────

    def clean_parts(self) -> None:
        self.muscle_scores = self.grid.clean()
        for cell in self.grid.refused:
            self.add_error(
                None, ValidationError(f"{cell.label}: {cell.error}", code="refused_cell")
            )
        self.grip_strengths = self._clean_grips()
        self.findings = self._clean_findings()

    def _clean_grips(self) -> list[GripStrength]:
        grips = []
        for name, (device, side) in GRIPS.items():
            value = self.cleaned_data.get(name)
            if value is not None:
                grip = GripStrength(device=device, side=side, value=value)
                grips += self._cleaned_part(grip, name, exclude=["visit"])
        return grips

    def _clean_findings(self) -> list[Finding]:
        day = self.cleaned_data.get("visited_on")
        known = {f.finding for f in self.stored.findings} if self.stored else set()
        findings = []
        for name, kind in FINDINGS.items():
            state = self.cleaned_data.get(name)
            if state and day:
                finding = Finding(patient=self.patient, observed_on=day, finding=kind, state=state)
                # Its own stored self is no second one.
                options = {"validate_constraints": kind not in known}
                findings += self._cleaned_part(finding, name, **options)
        return findings

    def _cleaned_part(self, part, name: str, **options) -> list:
        try:
            part.full_clean(**options)
        except ValidationError as refused:
            self.add_error(name, refused.messages)
            return []
        return [part]

    def unusual(self) -> list[Unusual]:
        return unusual_at_visit(
            visited_on=self.cleaned_data["visited_on"],
            included_on=self.patient.included_on,
            weight_kg=self.cleaned_data["weight_kg"],
            grades={(s.muscle, s.side): s.mrc_grade for s in self.muscle_scores},
            grips={(g.device, g.side): g.value for g in self.grip_strengths},
            before=self.before,
        )

    # ── What must be answered before saving ──────────────────────────────────────────────────

    @property
    def copied(self) -> list[Cell]:
        """Cells that were copied or filled here, not those that were stored so."""
        return [cell for cell in self.grid.graded if cell.is_copied and not cell.is_stored]

    @property
    def asks_whether_examined(self) -> bool:
        return bool(self.copied) and not self.data.get("examined_unchanged")

    @property
    def is_ready(self) -> bool:
        return super().is_ready and not self.asks_whether_examined

    # ── What two people's forms are compared by ──────────────────────────────────────────────

    @property
    def parts(self) -> tuple[Iterable, ...]:
        return self.muscle_scores, self.grip_strengths

    def part_inputs(self) -> dict[str, str]:
        cells = [cell for cell in self.grid.graded if not cell.error]
        return _part_inputs(cells, self.grip_strengths, self.findings)

    @classmethod
    def inputs_of(cls, stored: Examination) -> dict[str, str]:
        cells = [cell_of(score) for score in stored.muscle_scores]
        parts = _part_inputs(cells, stored.grip_strengths, stored.findings)
        return super().inputs_of(stored) | parts

    @staticmethod
    def value_name(name: str) -> str:
        """Three inputs make one cell of the grid."""
        return name[2:] if name[1:2] == "-" else name

    @staticmethod
    def inputs_named(name: str) -> tuple[str, ...]:
        return (name, *(f"{letter}-{name}" for letter in "gwo"))

    def label_of(self, name: str) -> str:
        if name in GRIPS:
            device, side = GRIPS[name]
            return capfirst(f"{labels.GRIP_DEVICE[device]}, {labels.SIDE[side]}")
        return super().label_of(name) if name in self.fields else Cell(*name.split("-")).label

    def in_words(self, name: str, values: Mapping[str, str]) -> str:
        if values and name not in self.fields:
            grade, remark, origin = (values.get(f"{letter}-{name}", "") for letter in "gwo")
            return Cell(*name.split("-"), grade=grade, remark=remark, origin=origin).in_words
        return super().in_words(name, values)

    # ── What the page shows ──────────────────────────────────────────────────────────────────

    def rows_of(self, *names: str) -> list[tuple]:
        """Bound fields, each with its last value in words."""
        return [(self[name], self._last(name)) for name in names]

    def _last(self, name: str) -> str:
        last = self.before.readings.get(name)
        if last is None:
            return _("none before")
        return _("%(value)s on %(day)s") % {"value": plain(last.value), "day": day_text(last.on)}

    @property
    def grip_fields(self) -> list[tuple]:
        return self.rows_of(*(name for name, (d, _s) in GRIPS.items() if d == _DEVICES[0]))

    @property
    def other_grip_fields(self) -> list[tuple]:
        return self.rows_of(*(name for name, (d, _s) in GRIPS.items() if d != _DEVICES[0]))

    @property
    def uses_other_grip(self) -> bool:
        others = [name for name, (device, _s) in GRIPS.items() if device != _DEVICES[0]]
        return any(self.shown.get(name) or name in self.before.readings for name in others)

    @property
    def scale_fields(self) -> list[tuple]:
        return self.rows_of(*SCALES)

    @property
    def weight_field(self) -> tuple:
        return self.rows_of("weight_kg")[0]

    @property
    def finding_fields(self) -> list:
        return [self[name] for name in FINDINGS]

    @property
    def has_findings(self) -> bool:
        return any(self.shown.get(name) for name in FINDINGS)


_DEVICES = tuple(device.value for device in GripDevice)


def _part_inputs(
    cells: Iterable[Cell], grips: Iterable[GripStrength], findings: Iterable[Finding]
) -> dict[str, str]:
    inputs = {}
    for cell in cells:
        inputs |= cell.inputs
    inputs |= {grip_name(grip.device, grip.side): plain(grip.value) for grip in grips}
    return inputs | {f"finding_{finding.finding}": finding.state for finding in findings}
