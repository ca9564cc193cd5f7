"""The lots of an infusion, or of a course of some days, as they are typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from infusions.models import InfusionLot
from patients.forms.fields import QuantityField
from patients.unusual import plain

EMPTY_ROWS = 2
STORED = "lot:"  # and the lot's number: how a stored lot is written, whatever row it stood in
NO_DOSE = "yes"
EVERY_DAY = ""


@dataclass
class LotRow:
    """One line of the form: which lot, how much of it, on which day of a course."""

    number: str = ""
    dose: str = ""
    day: str = EVERY_DAY
    error: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.number or self.dose)

    @property
    def dose_g(self) -> Decimal | None:
        return QuantityField(required=False).clean(self.dose)

    def is_of(self, day: int) -> bool:
        return self.day in (EVERY_DAY, str(day))


class Lots:
    """The lines for lots, from whichever inputs they come; ``clean`` makes records of them."""

    def __init__(self, rows: Iterable[LotRow]):
        self.rows = list(rows)

    @classmethod
    def read(cls, inputs: Mapping[str, object]) -> "Lots":
        numbers = sorted(
            int(name.removeprefix("lot-"))
            for name in inputs
            if name.startswith("lot-") and name.removeprefix("lot-").isdecimal()
        )
        typed = [
            LotRow(*(str(inputs.get(f"{part}-{n}") or "").strip() for part in ("lot", *_PARTS)))
            for n in numbers
        ]
        stored = [
            LotRow(name.removeprefix(STORED), "" if dose == NO_DOSE else str(dose))
            for name, dose in inputs.items()
            if name.startswith(STORED)
        ]
        return cls([row for row in (*typed, *stored) if not row.is_empty])

    def offer(self, more: int = EMPTY_ROWS) -> None:
        """Empty lines to type in."""
        self.rows += [LotRow() for _line in range(more)]

    @property
    def typed(self) -> list[LotRow]:
        return [row for row in self.rows if not row.is_empty]

    @property
    def refused(self) -> list[LotRow]:
        return [row for row in self.rows if row.error]

    def clean(self, days: int) -> list[list[InfusionLot]]:
        """Unsaved lots of each day; what is wrong stands in its line."""
        of_days: list[list[InfusionLot]] = [[] for _day in range(days)]
        for row in self.typed:
            try:
                self._add(row, of_days)
            except ValidationError as refused:
                row.error = " ".join(refused.messages)
        return of_days

    @staticmethod
    def _add(row: LotRow, of_days: list[list[InfusionLot]]) -> None:
        if not row.number:
            raise ValidationError(_("Give the number of this lot, or remove its dose."))
        wanted = [day for day in range(1, len(of_days) + 1) if row.is_of(day)]
        if not wanted:
            message = _("Day %(day)s is not one of this course. Choose another one.")
            raise ValidationError(message % {"day": row.day})
        for day in wanted:
            lots = of_days[day - 1]
            if row.number in {lot.lot_number for lot in lots}:
                message = _("The lot %(number)s is there twice for one day. Keep one.")
                raise ValidationError(message % {"number": row.number})
            lot = InfusionLot(lot_number=row.number, dose_g=row.dose_g)
            lot.full_clean(exclude=["infusion"])
            lots.append(lot)


def lot_inputs(lots: Iterable[InfusionLot]) -> dict[str, str]:
    """Lots as inputs, each written in one way only."""
    return {
        f"{STORED}{lot.lot_number}": NO_DOSE if lot.dose_g is None else plain(lot.dose_g)
        for lot in sorted(lots, key=lambda lot: lot.lot_number)
    }


_PARTS = ("lot_dose", "lot_day")
