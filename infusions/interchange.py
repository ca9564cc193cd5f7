"""The bundle's tables of what was given."""

from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    InfusionLot,
    Regimen,
)
from mmn_registry.interchange import Rule, Table, key, optional, required
from patients.interchange import OF_PATIENT

INFUSIONS = Table(
    "infusions",
    "infusion",
    Infusion,
    (OF_PATIENT, key("given_on"), key("route"), key("product"), required("dose_g")),
)
INFUSION_LOTS = Table(
    "infusion_lots",
    "lot",
    InfusionLot,
    (
        key("study_id", "infusion__patient__study_id"),
        key("given_on", "infusion__given_on"),
        key("route", "infusion__route"),
        key("product", "infusion__product"),
        key("lot_number"),
        optional("dose_g"),
    ),
)

# Half-open: one may end on the day that the next begins. Of two in the file, the later is named.
ONE_REGIMEN_AT_A_TIME = Rule(
    "started_on",
    """
    SELECT this."row", other.started_on, coalesce(other.ended_on::text, 'now') AS ended_on
    FROM {known} AS this JOIN {known} AS other USING (parent_id, route)
    WHERE this."row" IS NOT NULL AND this.id <> other.id
      AND (other."row" IS NULL OR other.started_on < this.started_on)
      AND greatest(this.started_on, other.started_on)
        < coalesce(least(this.ended_on, other.ended_on), 'infinity')
    """,
    "A regimen of this route runs from %(started_on)s to %(ended_on)s. "
    "End that one first, or correct the dates.",
)
REGIMENS = Table(
    "regimens",
    "regimen",
    Regimen,
    (
        OF_PATIENT,
        key("started_on"),
        key("route"),
        optional("product"),
        optional("planned_dose_g"),
        optional("planned_interval_days"),
        optional("ended_on"),
        optional("end_reason"),
    ),
    rules=(ONE_REGIMEN_AT_A_TIME,),
)
DOSE_ATTEMPTS = Table(
    "dose_attempts",
    "attempt",
    DoseAttempt,
    (OF_PATIENT, key("attempted_on"), required("kind"), required("outcome")),
)
IMMUNOSUPPRESSANTS = Table(
    "immunosuppressants",
    "immunosuppressant",
    Immunosuppressant,
    (OF_PATIENT, key("drug"), key("started_on"), optional("ended_on")),
)
ADVERSE_REACTIONS = Table(
    "adverse_reactions",
    "reaction",
    AdverseReaction,
    (
        OF_PATIENT,
        key("occurred_on"),
        key("reaction"),
        required("severity"),
        required("serious"),
        optional("route"),
        optional("product"),
        optional("lot_number"),
        optional("onset_hours"),
        optional("action"),
        optional("outcome"),
    ),
)
