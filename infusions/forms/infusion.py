"""An infusion as it is typed, or a course of some days in one entry, with the lots."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infusions.labels import ROUTE
from infusions.models import Infusion, InfusionLot
from infusions.models.infusion import DOSE_G
from infusions.unusual import InfusionFacts, unusual_infusion
from patients.calendar import day_text
from patients.forms.fields import ScaleField
from patients.forms.record import NOTHING, RecordForm
from patients.selectors import Whole
from patients.unusual import Unusual

from .lots import NO_DOSE, STORED, LotRow, Lots, lot_inputs
from .words import choose, refuse_mg

# By the rules an eighth day in a row begins another course.
MOST_DAYS = 7

FactsOf = Callable[[list[Infusion]], InfusionFacts]


class InfusionForm(RecordForm):
    """``facts_of`` says what follows from infusions; ``lots_before`` are offered, never copied."""

    class Meta(RecordForm.Meta):
        model = Infusion
        fields = ("given_on", "route", "product", "dose_g")
        labels = {
            "given_on": gettext_lazy("Given on"),
            "route": gettext_lazy("Route"),
            "product": gettext_lazy("Product, as on the box"),
            "dose_g": gettext_lazy("Dose of each day"),
        }

    def __init__(
        self,
        typed=None,
        *,
        facts_of: FactsOf,
        lots_before: Iterable[str] = (),
        products: Iterable[str] = (),
        **about,
    ):
        self.facts_of, self.lots_before, self.products = facts_of, tuple(lots_before), products
        super().__init__(typed, **about)
        self.lots = Lots.read(self.shown)
        self.lots.rows += [LotRow(number) for number in self._taken_again()]
        self.lots.offer()
        self.infusions: list[Infusion] = []
        self.facts: InfusionFacts | None = None

    def _taken_again(self) -> list[str]:
        """Lots of the last time that were ticked: the box says the same."""
        known = {row.number for row in self.lots.rows}
        ticked = self.shown.getlist("lot_again") if hasattr(self.shown, "getlist") else []
        return [number for number in dict.fromkeys(ticked) if number and number not in known]

    def add_fields(self) -> None:
        choose(self, route=ROUTE)
        self.fields["dose_g"].unit = "g"
        self.fields["product"].widget.attrs["list"] = "products"
        if not self.stored:
            self.fields["given_on"].label = _("Given on, first day")
            self.fields["days"] = ScaleField(
                label=_("Days in a row"), min_value=1, max_value=MOST_DAYS, required=False
            )
            self.fields["days"].error_messages["max_value"] = _(
                "A course has at most %(most)s days in a row; the next day begins another one. "
                "Record two courses."
            ) % {"most": MOST_DAYS}

    # ── Reading what was typed ───────────────────────────────────────────────────────────────

    def clean_dose_g(self) -> Decimal:
        dose = self.cleaned_data["dose_g"]
        refuse_mg(dose, DOSE_G)
        return dose

    @property
    def days_in_a_row(self) -> int:
        return self.cleaned_data.get("days") or 1

    def clean_parts(self) -> None:
        self.lots_of_days = self.lots.clean(self.days_in_a_row)
        for row in self.lots.refused:
            what = row.number or _("A lot")
            self.add_error(None, ValidationError(f"{what}: {row.error}", code="refused_lot"))
        if not self.errors:
            self.infusions = [self.instance, *self._days_after()]

    def _days_after(self) -> list[Infusion]:
        """The other days of a course, each by the rules of an infusion."""
        first, others = self.instance, []
        for number in range(1, self.days_in_a_row):
            day = first.given_on + timedelta(days=number)
            given = Infusion(patient=self.patient, given_on=day, **self._what())
            try:
                given.full_clean()
            except ValidationError as refused:
                said = _("Day %(number)s, %(day)s: %(why)s") % {
                    "number": number + 1,
                    "day": day_text(day),
                    "why": " ".join(refused.messages),
                }
                self.add_error("days", ValidationError(said, code="refused_day"))
                break
            others.append(given)
        return others

    def _what(self) -> dict[str, object]:
        return {name: getattr(self.instance, name) for name in ("route", "product", "dose_g")}

    @property
    def course(self) -> list[tuple[Infusion, list[InfusionLot]]]:
        """Each day's infusion with its lots."""
        return list(zip(self.infusions, self.lots_of_days, strict=True))

    def unusual(self) -> list[Unusual]:
        self.facts = self.facts_of(self.infusions)
        given = self.instance
        return unusual_infusion(
            given_on=given.given_on,
            route=given.route,
            dose_g=given.dose_g,
            lots_g=max(_grams(lots) for lots in self.lots_of_days),
            included_on=self.patient.included_on,
            prior_immunoglobulin=self.patient.prior_immunoglobulin,
            facts=self.facts,
        )

    # ── What two people's forms are compared by ──────────────────────────────────────────────

    @property
    def parts(self) -> tuple[Iterable, ...]:
        return (self.lots_of_days[0],)

    def part_inputs(self) -> dict[str, str]:
        return lot_inputs(self.lots_of_days[0])

    @classmethod
    def inputs_of(cls, stored: Whole) -> dict[str, str]:
        (lots,) = stored.parts
        return super().inputs_of(stored) | lot_inputs(lots)

    def label_of(self, name: str) -> str:
        if name.startswith(STORED):
            return _("Lot %s") % name.removeprefix(STORED)
        return super().label_of(name)

    def in_words(self, name: str, values: Mapping[str, str]) -> str:
        if not name.startswith(STORED):
            return super().in_words(name, values)
        dose = values.get(name)
        if dose is None:
            return NOTHING
        return _("dose not recorded") if dose == NO_DOSE else f"{dose}\u00a0g"

    # ── What the page shows ──────────────────────────────────────────────────────────────────

    @property
    def offered_lots(self) -> list[str]:
        """Lots of the last course that are not typed here."""
        typed = {row.number for row in self.lots.rows}
        return [number for number in self.lots_before if number not in typed]

    @property
    def day_choices(self) -> list[tuple[str, str]]:
        days = range(1, MOST_DAYS + 1)
        return [("", _("every day")), *((str(day), _("day %s") % day) for day in days)]


def _grams(lots: Iterable[InfusionLot]) -> Decimal:
    return sum((lot.dose_g or Decimal(0) for lot in lots), Decimal(0))
