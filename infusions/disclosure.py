"""How much each field about treatment gives away."""

from mmn_registry.disclosure import Fields
from patients.disclosure import ADMINISTRATIVE, QUASI, RECORD, clinical

FIELDS: dict[str, Fields] = {
    "infusions.Infusion": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "given_on": QUASI,
        **clinical("route", "product", "dose_g"),
    },
    "infusions.InfusionLot": {
        **RECORD,
        "infusion": ADMINISTRATIVE,
        "lot_number": QUASI,  # a pharmacy knows who got which
        **clinical("dose_g"),
    },
    "infusions.Regimen": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "started_on": QUASI,
        "ended_on": QUASI,
        **clinical("route", "product", "planned_dose_g", "planned_interval_days", "end_reason"),
    },
    "infusions.PlannedInfusion": {
        **RECORD,
        **dict.fromkeys(("patient", "series_id", "infusion"), ADMINISTRATIVE),
        "planned_on": QUASI,
        "note": QUASI,
        **clinical("route", "product", "dose_g"),
    },
    "infusions.DoseAttempt": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "attempted_on": QUASI,
        **clinical("kind", "outcome"),
    },
    "infusions.Immunosuppressant": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "started_on": QUASI,
        "ended_on": QUASI,
        **clinical("drug"),
    },
    "infusions.AdverseReaction": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "occurred_on": QUASI,
        "lot_number": QUASI,
        "action": QUASI,
        "outcome": QUASI,
        **clinical("reaction", "severity", "serious", "route", "product", "onset_hours"),
    },
}
