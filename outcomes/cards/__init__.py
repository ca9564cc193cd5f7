"""The results of a patient, each with all that its "Why" opens: four cards, and the diagnosis.

Pages show them in words; the REST interface gives the same results with their records as data.
"""

from outcomes.cards.blocks import blocks_card
from outcomes.cards.card import Evidence, OutcomeCard, Parameter, Why
from outcomes.cards.diagnosis import diagnosis_card
from outcomes.cards.dose import dose_card
from outcomes.cards.long_term import long_term_card
from outcomes.cards.short_term import short_term_card
from outcomes.dashboards.patient import PatientDashboard

__all__ = [
    "Evidence",
    "OutcomeCard",
    "Parameter",
    "Why",
    "diagnosis_card",
    "outcome_cards",
    "result_cards",
]


def outcome_cards(dashboard: PatientDashboard) -> tuple[OutcomeCard, ...]:
    """Response, status, blocks and dose, in this order."""
    return (
        short_term_card(dashboard),
        long_term_card(dashboard),
        blocks_card(dashboard),
        dose_card(dashboard),
    )


def result_cards(dashboard: PatientDashboard) -> tuple[OutcomeCard, ...]:
    """Every result that has a reason: the four cards, then the diagnosis."""
    return (*outcome_cards(dashboard), diagnosis_card(dashboard))
