"""How much each field about patients gives away.

Days are quasi-identifying, because several of them find a person in another file; so are free
texts, which may hold anything, and when something was typed in, which is often the day itself.
"""

from mmn_registry.disclosure import Disclosure, Fields

QUASI, CLINICAL = Disclosure.QUASI_IDENTIFYING, Disclosure.CLINICAL
IDENTIFYING, ADMINISTRATIVE = Disclosure.IDENTIFYING, Disclosure.ADMINISTRATIVE

RECORD: Fields = {
    "id": ADMINISTRATIVE,
    "version": ADMINISTRATIVE,
    "recorded_at": QUASI,
    "recorded_by": ADMINISTRATIVE,
    "amend_reason": QUASI,
    "voided_at": QUASI,
    "voided_by": ADMINISTRATIVE,
    "void_reason": QUASI,
}


def clinical(*names: str) -> Fields:
    return dict.fromkeys(names, CLINICAL)


FIELDS: dict[str, Fields] = {
    "patients.Patient": {
        **RECORD,
        "study_id": ADMINISTRATIVE,  # the pseudonym itself
        "centre": ADMINISTRATIVE,
        "birth_year": QUASI,
        "onset_on": QUASI,
        "diagnosed_on": QUASI,
        "included_on": QUASI,
        "deceased_on": QUASI,
        **clinical(
            "sex",
            "onset_precision",
            "diagnosed_precision",
            "prior_immunoglobulin",
            "clinician_response",
            "atrophy_at_baseline",
        ),
    },
    "patients.Consent": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "scope": ADMINISTRATIVE,
        "form_version": ADMINISTRATIVE,
        "given_on": QUASI,
        "withdrawn_on": QUASI,
    },
    "patients.Confirmation": {
        **dict.fromkeys(("id", "patient", "record_id", "confirmed_by"), ADMINISTRATIVE),
        **clinical("code", "field"),
        "value": QUASI,  # as it was typed
        "confirmed_at": QUASI,
    },
    "patients.Signature": {
        **dict.fromkeys(("id", "visit", "version", "signed_by", "withdrawn_by"), ADMINISTRATIVE),
        **dict.fromkeys(("signed_at", "withdrawn_at", "withdraw_reason"), QUASI),
    },
    "patients.Transfer": {
        **dict.fromkeys(("id", "patient", "study_id", "outcome"), ADMINISTRATIVE),
        **dict.fromkeys(("from_centre", "to_centre", "offered_by", "decided_by"), ADMINISTRATIVE),
        **dict.fromkeys(("offered_at", "decided_at"), QUASI),
    },
    # What one person has begun to type: nobody else ever reads it.
    "patients.Draft": {
        **dict.fromkeys(("id", "patient", "owner", "key"), ADMINISTRATIVE),
        **dict.fromkeys(("address", "typed", "saved_at"), QUASI),
    },
    "patients.Submission": {
        **dict.fromkeys(("id", "owner", "key", "record_id"), ADMINISTRATIVE),
        "saved_at": QUASI,
    },
    "patients.Visit": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "visited_on": QUASI,
        **clinical("weight_kg", "onls_arm", "onls_leg", "incat_arm", "incat_leg", "mmn_rods"),
    },
    "patients.MuscleScore": {
        **RECORD,
        "visit": ADMINISTRATIVE,
        **clinical("muscle", "side", "mrc_grade", "mrc_thirds"),
        **clinical("not_tested_reason", "not_due_to_mmn", "origin"),
    },
    "patients.GripStrength": {
        **RECORD,
        "visit": ADMINISTRATIVE,
        **clinical("side", "device", "value"),
    },
    "patients.NerveConductionStudy": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "studied_on": QUASI,
    },
    "patients.NerveSegment": {
        **RECORD,
        "study": ADMINISTRATIVE,
        **clinical("nerve", "side", "distal_site", "proximal_site"),
        **clinical("distal_amplitude_mv", "proximal_amplitude_mv"),
        **clinical("distal_area_mv_ms", "proximal_area_mv_ms"),
        **clinical("distal_duration_ms", "proximal_duration_ms"),
        **clinical("distal_amplitude_lln_mv", "distance_mm", "excluded", "reported_block"),
    },
    "patients.LowerLimit": {
        **RECORD,
        "centre": ADMINISTRATIVE,
        **clinical("nerve", "valid_from", "distal_amplitude_lln_mv"),
    },
    "patients.ProtocolSegment": {
        **RECORD,
        **dict.fromkeys(("centre", "nerve", "sides", "place"), ADMINISTRATIVE),
        **dict.fromkeys(("distal_site", "proximal_site"), ADMINISTRATIVE),
    },
    "patients.LaboratoryResult": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "taken_on": QUASI,
        # A number without its unit misleads; how it was measured is a free text that can be missed.
        **clinical("test", "value", "unit", "interpretation"),
        "method": QUASI,
        "cutoff": QUASI,
    },
    "patients.DiagnosisOverride": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "decided_on": QUASI,
        **clinical("opinion"),
        "grounds": QUASI,
    },
    "patients.Finding": {
        **RECORD,
        "patient": ADMINISTRATIVE,
        "observed_on": QUASI,
        **clinical("finding", "state"),
    },
    "patients.Identity": {
        "id": ADMINISTRATIVE,
        "patient": ADMINISTRATIVE,
        "key": ADMINISTRATIVE,
        "version": ADMINISTRATIVE,
        "recorded_at": QUASI,
        "recorded_by": ADMINISTRATIVE,
        "amend_reason": QUASI,
        "erased_at": QUASI,
        "family_name": IDENTIFYING,
        "given_name": IDENTIFYING,
        "born_on": IDENTIFYING,
        "hospital_number": IDENTIFYING,
        # Who has the master key can try names against them: not for the trail.
        "family_name_index": Disclosure.SECRET,
        "given_name_index": Disclosure.SECRET,
        "born_on_index": Disclosure.SECRET,
        "hospital_number_index": Disclosure.SECRET,
    },
    "patients.Attachment": {
        **dict.fromkeys(("id", "patient", "key", "version"), ADMINISTRATIVE),
        **dict.fromkeys(("recorded_by", "voided_by", "media_type"), ADMINISTRATIVE),
        **dict.fromkeys(("recorded_at", "voided_at", "void_reason", "dated_on"), QUASI),
        # Whoever has the same file finds it by these.
        **dict.fromkeys(("sha256", "size_bytes"), QUASI),
        "kind": CLINICAL,
        "content": IDENTIFYING,  # names, numbers, everything: a letter is one
    },
    "patients.IdentityKey": {
        "id": ADMINISTRATIVE,
        "patient": ADMINISTRATIVE,
        "wrapped_key": Disclosure.SECRET,
        "master_key_id": ADMINISTRATIVE,
        "made_at": QUASI,
        "destroyed_at": QUASI,
        "destroyed_by": ADMINISTRATIVE,
        "destroy_reason": QUASI,
    },
}
