"""One row per patient: the patient, the outcomes, and the examinations that they rest on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from mmn_registry.disclosure import month_text
from outcomes.exports.columns import Chunk, Column, Kind
from outcomes.exports.derived import Outcomes
from outcomes.exports.people import Batch, People
from outcomes.exports.records import MRC_DECIMALS, recorded_tables
from outcomes.labels import GRIP_DEVICE, GRIP_UNIT, MUSCLE, SIDE
from patients.models import GripStrength, MuscleScore, Visit
from patients.vocabulary import GripDevice, Muscle, Side

SCALES = ("weight_kg", "onls_arm", "onls_leg", "incat_arm", "incat_leg", "mmn_rods")
# Which visit, and the column of outcomes that says its day; the last one is any visit's.
TIMES = {"base": "baseline_on", "m6": "month6_on", "last": ""}
COUNTED = ("visits", "infusions", "adverse_reactions")
# Statistical packages take 32 characters.
LONGEST_NAME = 32
_SIDE = {Side.RIGHT: "r", Side.LEFT: "l"}
_DEVICE = {GripDevice.VIGORIMETER_KPA: "grip_kpa", GripDevice.JAMAR_KG: "grip_kg"}

Measured = dict[str, Any]


@dataclass(frozen=True)
class Wide:
    """Patients side by side with what was found at baseline, at month 6 and at the last visit."""

    coarse: bool = False
    name = "patients_wide"
    keys = ("study_id",)
    dated_by = ""

    @property
    def title(self) -> str:
        return _("one row per patient")

    @cached_property
    def _patients(self):
        return recorded_tables(coarse=self.coarse)["patients"]

    @cached_property
    def _outcomes(self) -> Outcomes:
        return Outcomes(self.coarse)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        # Study id and centre stand among the patient's own.
        return (
            *self._patients.columns,
            *self._outcomes.columns[2:],
            *(self._at(time, column) for time in TIMES for column in self._measured.values()),
        )

    def chunks(self, people: People) -> Iterator[Chunk]:
        recorded = self._patients.chunks(people)
        for batch, patients in zip(people.batches(), recorded, strict=True):
            derived = self._outcomes.of(batch.rows, people)
            found = self._found(batch, people)
            yield [
                [*patient, *outcome[2:], *found[patient[0]]]
                for patient, outcome in zip(patients, derived, strict=True)
            ]

    # ── What was found at a visit ────────────────────────────────────────────────────────────

    @cached_property
    def _measured(self) -> Mapping[str, Column]:
        tables = recorded_tables(coarse=self.coarse)
        visits = {column.name: column for column in tables["visits"].columns}
        named = {name: visits[name] for name in ("visited_on", *SCALES)}
        for muscle in Muscle:
            for side in Side:
                name = f"{muscle.value}_{_SIDE[side]}"
                label = f"{MUSCLE[muscle]}, {SIDE[side]}: " + _("MRC grade as a number")
                named[name] = Column(name, label, Kind.NUMBER, _("points"))
        for device, short in _DEVICE.items():
            for side in Side:
                name, unit = f"{short}_{_SIDE[side]}", str(GRIP_UNIT[device])
                label = f"{GRIP_DEVICE[device]}, {SIDE[side]}: " + _("grip")
                named[name] = Column(name, label, Kind.NUMBER, unit)
        return named

    def _at(self, time: str, column: Column) -> Column:
        when = {"base": _("baseline"), "m6": _("month 6"), "last": _("last visit")}[time]
        return replace(
            column,
            name=f"{time}_{column.name}",
            label=f"{when}: {column.label}",
            missing=_("empty: no such visit, or not recorded or not tested there"),
            source=column.source or _("muscle_scores, grip_strengths"),
            rule=_("section 2") if TIMES[time] else "",
        )

    def _found(self, batch: Batch, people: People) -> Mapping[str, list[Any]]:
        """The values of the three visits of each patient, in the order of the columns."""
        visits = self._visits(batch, people)
        found = {}
        for study_id, row in zip(batch.rows.index, batch.rows.itertuples(), strict=True):
            days = visits[study_id]
            asked = (self._day(row, days, column) for column in TIMES.values())
            coarse = people.is_coarse(study_id)
            found[study_id] = [
                value for day in asked for value in self._values(day, days.get(day, {}), coarse)
            ]
        return found

    def _day(self, row: Any, days: Mapping[date, Measured], column: str) -> date | None:
        if not column:
            return max(days, default=None)
        day = getattr(row, column)
        return None if pd.isna(day) else day.date()

    def _values(self, day: date | None, measured: Measured, coarse: bool) -> Iterator[Any]:
        yield month_text(day) if coarse else day
        for name in list(self._measured)[1:]:
            yield measured.get(name)

    def _visits(self, batch: Batch, people: People) -> Mapping[str, dict[date, Measured]]:
        """What was measured, by patient and day."""
        found: dict[str, dict[date, Measured]] = defaultdict(dict)
        of_visits = {"patient__in": batch.ids, "visited_on__lte": people.day}
        visits = Visit.objects.filter(**of_visits)
        for study_id, day, *values in visits.values_list(
            "patient__study_id", "visited_on", *SCALES
        ):
            found[study_id][day] = dict(zip(SCALES, values, strict=True))
        of_parts = {f"visit__{way}": wanted for way, wanted in of_visits.items()}
        keys = ("visit__patient__study_id", "visit__visited_on")
        scores = MuscleScore.objects.filter(**of_parts, mrc_thirds__isnull=False)
        for study_id, day, muscle, side, thirds in scores.values_list(
            *keys, "muscle", "side", "mrc_thirds"
        ):
            name = f"{muscle}_{_SIDE[Side(side)]}"
            found[study_id][day][name] = round(thirds / 3, MRC_DECIMALS)
        grips = GripStrength.objects.filter(**of_parts)
        for study_id, day, side, device, value in grips.values_list(
            *keys, "side", "device", "value"
        ):
            found[study_id][day][f"{_DEVICE[GripDevice(device)]}_{_SIDE[Side(side)]}"] = value
        return found
