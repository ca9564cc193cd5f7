"""The kinds of what was given, as documents for REST clients."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from infusions.interchange import (
    ADVERSE_REACTIONS,
    DOSE_ATTEMPTS,
    IMMUNOSUPPRESSANTS,
    INFUSION_LOTS,
    INFUSIONS,
    REGIMENS,
)
from infusions.models import Infusion
from infusions.unusual import (
    InfusionFacts,
    long_before_inclusion,
    unusual_day_given,
    unusual_infusion,
    unusual_lots,
    unusual_plan,
)
from patients.models import Patient
from patients.resources.kind import EXAMPLE_PATIENT, Draft, Kind, Part
from patients.unusual import Unusual

FactsOf = Callable[[Patient, Infusion, Infusion | None], InfusionFacts]


class InfusionKind(Kind):
    """An infusion with its lots. ``facts_of``, what follows from it, is said by who derives."""

    example = {
        "study_id": EXAMPLE_PATIENT,
        "given_on": "2009-02-03",
        "route": "IV",
        "product": "Privigen",
        "dose_g": 40,
        "lots": [{"lot_number": "P100123", "dose_g": 40}],
    }
    parts = (Part("lots", INFUSION_LOTS),)

    def __init__(self, *, facts_of: FactsOf):
        super().__init__(INFUSIONS)
        self.facts_of = facts_of

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        given, stored = draft.record, draft.stored
        return unusual_infusion(
            given_on=given.given_on,
            route=given.route,
            dose_g=given.dose_g,
            lots_g=_grams(draft),
            included_on=draft.patient.included_on,
            prior_immunoglobulin=draft.patient.prior_immunoglobulin,
            facts=self.facts_of(draft.patient, given, stored.record if stored else None),
        )

    def questions_of_many(self, drafts: Sequence[Draft]) -> Iterable[Iterable[Unusual]]:
        """What follows from each among the others is not derived for thousands at once."""
        for draft in drafts:
            given, patient = draft.record, draft.patient
            yield [
                *unusual_day_given(
                    given_on=given.given_on,
                    included_on=patient.included_on,
                    prior_immunoglobulin=patient.prior_immunoglobulin,
                ),
                *unusual_lots(dose_g=given.dose_g, lots_g=_grams(draft)),
            ]


class RegimenKind(Kind):
    """What was prescribed. ``usual_weekly_g`` is said by the rules."""

    example = {
        "study_id": EXAMPLE_PATIENT,
        "started_on": "2009-02-03",
        "route": "SC",
        "product": "Hizentra",
        "planned_dose_g": 10,
        "planned_interval_days": 7,
    }

    def __init__(self, *, usual_weekly_g: tuple[float, float]):
        super().__init__(REGIMENS)
        self.usual_weekly_g = usual_weekly_g

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        return unusual_plan(
            dose_g=draft.record.planned_dose_g,
            interval_days=draft.record.planned_interval_days,
            usual_weekly_g=self.usual_weekly_g,
        )


class SinceInclusionKind(Kind):
    """A record whose day is asked about where it lies long before inclusion."""

    def questions(self, draft: Draft) -> Iterable[Unusual]:
        name = self.model.dated_by
        day = getattr(draft.record, name)
        return long_before_inclusion(name, day, draft.patient.included_on)


def _grams(draft: Draft) -> Decimal:
    return sum((lot.dose_g or Decimal(0) for lot in draft.parts["lots"]), Decimal(0))


def kinds(*, facts_of: FactsOf, usual_weekly_g: tuple[float, float]) -> tuple[Kind, ...]:
    """All of them, with what only the rules know."""
    return (
        InfusionKind(facts_of=facts_of),
        RegimenKind(usual_weekly_g=usual_weekly_g),
        SinceInclusionKind(
            DOSE_ATTEMPTS,
            example={"attempted_on": "2009-02-03", "kind": "reduction", "outcome": "failed"},
        ),
        Kind(IMMUNOSUPPRESSANTS, example={"drug": "azathioprine", "started_on": "2009-02-03"}),
        SinceInclusionKind(
            ADVERSE_REACTIONS,
            example={
                "occurred_on": "2009-02-03",
                "reaction": "headache",
                "severity": "mild",
                "serious": False,
            },
        ),
    )
