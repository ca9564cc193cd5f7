"""A visit on one page: the examination, grips, scales, weight and findings, saved together."""

import json
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients import labels
from patients.calendar import day_text, registry_today
from patients.models import Confirmation, Finding, GripStrength, Patient, Visit
from patients.models.visit import SCALES
from patients.selectors import Examination, known_before
from patients.unusual import Unusual, grip_name, plain, unusual_at_visit
from patients.vocabulary import FindingKind, GripDevice, Side

from .fields import DayField, QuantityField, ScaleField
from .muscle_grid import Cell, MuscleGrid, cell_of

VISIT_FIELDS = ("visited_on", "weight_kg", *SCALES)
GRIPS = {
    grip_name(device, side): (device.value, side.value) for device in GripDevice for side in Side
}
FINDINGS = {f"finding_{kind.value}": kind.value for kind in FindingKind}
NOT_ASKED = ("", "–")
FORM_ID = "visit"


class VisitForm(forms.ModelForm):
    """What is typed of one visit. `asks` and `copied` hold what must be answered before saving."""

    visited_on = DayField(label=gettext_lazy("Visited on"))
    reason = forms.CharField(
        label=gettext_lazy("Why is it changed?"),
        max_length=400,
        error_messages={
            "required": gettext_lazy("Say why, in a few words: a slip, a value added later.")
        },
    )

    class Meta:
        model = Visit
        fields = VISIT_FIELDS
        field_classes = {"weight_kg": QuantityField} | dict.fromkeys(SCALES, ScaleField)
        labels = {
            "weight_kg": gettext_lazy("Weight"),
            "onls_arm": gettext_lazy("ONLS arm, 0–5"),
            "onls_leg": gettext_lazy("ONLS leg, 0–7"),
            "incat_arm": gettext_lazy("INCAT arm, 0–5"),
            "incat_leg": gettext_lazy("INCAT leg, 0–5"),
            "mmn_rods": gettext_lazy("MMN-RODS total, 0–50"),
        }

    def __init__(
        self,
        typed: Mapping[str, str] | None = None,
        *,
        patient: Patient,
        visits: Iterable[Visit],
        examination: Examination | None = None,
        restored: Mapping[str, str] | None = None,
        confirmed_before: Iterable[Confirmation] = (),
    ):
        """``typed`` was sent to be saved; ``restored`` is a draft to go on with."""
        self.patient, self.examination = patient, examination
        self.confirmed_before = {answer.key for answer in confirmed_before}
        self.stored_inputs = inputs_of(examination) if examination else {}
        self.shown = self._shown(typed, restored)
        # What is cleaned is a copy: the stored one stays as it was read.
        instance = copy(examination.visit) if examination else Visit(patient=patient)
        initial = {name: self.shown[name] for name in self.shown}  # of a sent form the last values
        super().__init__(typed, initial=initial, instance=instance, use_required_attribute=False)
        self._add_fields()
        stored = examination.muscle_scores if examination else ()
        self.day = self._day_typed() or (examination.visit.visited_on if examination else None)
        self.before = known_before(visits, self.day, but=instance)
        self.grid = MuscleGrid.read(self.shown, self.before, stored)
        for cell in self.grid.graded:
            cell.is_stored = cell.inputs.items() <= self.stored_inputs.items()
        self.asks: list[Unusual] = []
        self.confirmed: list[Unusual] = []

    def _shown(self, typed, restored) -> Mapping[str, str]:
        """What stands in the inputs when the page opens."""
        if typed is not None:
            return typed
        if restored is not None:
            return restored
        if self.examination:
            return self.stored_inputs | {"visited_on": self.examination.visit.visited_on}
        return {"visited_on": registry_today()}

    def _add_fields(self) -> None:
        for name, (device, side) in GRIPS.items():
            label = capfirst(str(labels.SIDE[side]))
            self.fields[name] = QuantityField(label=label, required=False)
            self.fields[name].unit = labels.GRIP_UNIT[device]
        states = [NOT_ASKED, *((s.value, w) for s, w in labels.FINDING_STATE.items())]
        for name, kind in FINDINGS.items():
            label = capfirst(str(labels.FINDING[kind]))
            self.fields[name] = forms.ChoiceField(label=label, choices=states, required=False)
        if not self.examination:
            del self.fields["reason"]
        for one in self.fields.values():
            kind = "form-select" if isinstance(one, forms.ChoiceField) else "form-control"
            # The day and the reason stand beside the buttons, outside the form's own element.
            one.widget.attrs |= {"class": kind, "autocomplete": "off", "form": FORM_ID}

    def _day_typed(self) -> date | None:
        try:
            return DayField(required=False).clean(self.shown.get("visited_on"))
        except ValidationError:
            return None

    # ── Reading what was typed ───────────────────────────────────────────────────────────────

    def _post_clean(self):
        """The visit, then its parts, each by the rules of its model."""
        super()._post_clean()
        self.muscle_scores = self.grid.clean()
        for cell in self.grid.refused:
            self.add_error(
                None, ValidationError(f"{cell.label}: {cell.error}", code="refused_cell")
            )
        self.grip_strengths = self._clean_grips()
        self.findings = self._clean_findings()
        if not self.errors:
            self._ask()

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
        known = {f.finding for f in self.examination.findings} if self.examination else set()
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

    def _ask(self) -> None:
        """Which unusual values still wait for their answer, and which have it."""
        raised = unusual_at_visit(
            visited_on=self.cleaned_data["visited_on"],
            included_on=self.patient.included_on,
            weight_kg=self.cleaned_data["weight_kg"],
            grades={(s.muscle, s.side): s.mrc_grade for s in self.muscle_scores},
            grips={(g.device, g.side): g.value for g in self.grip_strengths},
            before=self.before,
        )
        new = [question for question in raised if question.key not in self.confirmed_before]
        answered = set(self.data.getlist("confirmed"))
        self.asks = [question for question in new if question.key not in answered]
        self.confirmed = [question for question in new if question.key in answered]

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
        return self.is_valid() and not self.asks and not self.asks_whether_examined

    # ── What two people's forms are compared by ──────────────────────────────────────────────

    def inputs(self) -> dict[str, str]:
        """The cleaned form as inputs, each value written in one way only."""
        return _inputs(
            {name: self.cleaned_data.get(name) for name in VISIT_FIELDS},
            [cell for cell in self.grid.graded if not cell.error],
            self.grip_strengths,
            self.findings,
        )

    @property
    def changes(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in VISIT_FIELDS}

    @property
    def opened(self) -> str:
        """What was stored when the form was opened, for whoever compares later."""
        return self.shown.get("opened") or json.dumps(self.stored_inputs, separators=(",", ":"))

    @property
    def as_read(self) -> str:
        if self.shown.get("as_read"):
            return self.shown["as_read"]
        return self.examination.version if self.examination else ""

    # ── What the page shows ──────────────────────────────────────────────────────────────────

    def rows_of(self, *names: str) -> list[tuple]:
        """Bound fields, each with its last value in words."""
        return [(self[name], self._last(name)) for name in names]

    @property
    def questions(self) -> list[tuple[Unusual, bool]]:
        """Every unusual value, and whether it was confirmed on this page."""
        return [*((one, False) for one in self.asks), *((one, True) for one in self.confirmed)]

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


def inputs_of(examination: Examination) -> dict[str, str]:
    """A stored visit as the inputs that would make it; what is empty is left out."""
    visit = examination.visit
    return _inputs(
        {name: getattr(visit, name) for name in VISIT_FIELDS},
        [cell_of(score) for score in examination.muscle_scores],
        examination.grip_strengths,
        examination.findings,
    )


def _inputs(
    values: Mapping[str, object],
    cells: Iterable[Cell],
    grips: Iterable[GripStrength],
    findings: Iterable[Finding],
) -> dict[str, str]:
    inputs = {name: _text(value) for name, value in values.items() if value is not None}
    for cell in cells:
        inputs |= cell.inputs
    inputs |= {grip_name(grip.device, grip.side): plain(grip.value) for grip in grips}
    return inputs | {f"finding_{finding.finding}": finding.state for finding in findings}


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else str(value)
