"""The four outcome cards of a patient, each with all that its "Why" opens."""

from outcomes.cards.blocks import blocks_card
from outcomes.cards.card import Evidence, OutcomeCard, Parameter, Why
from outcomes.cards.dose import dose_card
from outcomes.cards.long_term import long_term_card
from outcomes.cards.short_term import short_term_card
from outcomes.dashboards.patient import PatientDashboard

__all__ = ["Evidence", "OutcomeCard", "Parameter", "Why", "outcome_cards"]


def outcome_cards(dashboard: PatientDashboard) -> tuple[OutcomeCard, ...]:
    """Response, status, blocks and dose, in this order."""
    return (
        short_term_card(dashboard),
        long_term_card(dashboard),
        blocks_card(dashboard),
        dose_card(dashboard),
    )
