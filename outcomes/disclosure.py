"""How much each field that is kept of what was derived gives away."""

from django.db.models import DateField

from mmn_registry.disclosure import Fields
from outcomes.models import PatientOutcome
from outcomes.stored import KEPT
from patients.disclosure import ADMINISTRATIVE, CLINICAL, QUASI

# Days, and what a day or a year of birth could be told from.
_TELLING = {"age_at_onset_years"}

FIELDS: dict[str, Fields] = {
    PatientOutcome._meta.label: {
        "patient": ADMINISTRATIVE,
        "rule_id": ADMINISTRATIVE,
        "packed": QUASI,  # all of the following in one
        **{
            name: QUASI if isinstance(field, DateField) or name in _TELLING else CLINICAL
            for name, field in KEPT.items()
        },
    },
    # A question names codes and days that somebody asked for, and nobody.
    "outcomes.SavedCohort": {
        **dict.fromkeys(("id", "owner", "name", "query", "shared_with"), ADMINISTRATIVE),
        "saved_at": ADMINISTRATIVE,
    },
    "outcomes.FrozenCut": {
        **dict.fromkeys(
            ("id", "name", "made_by", "made_at", "as_of", "query", "sentence", "rule_id"),
            ADMINISTRATIVE,
        ),
        **dict.fromkeys(
            ("centre_ids", "is_coarse", "patients", "sha256", "replaces", "sealed_at"),
            ADMINISTRATIVE,
        ),
        "content": QUASI,  # as disclosed as its maker read it; the table knows how
    },
    "outcomes.StaleMark": dict.fromkeys(("id", "patient_id", "noted_at"), ADMINISTRATIVE),
}
