"""What may be stored: each limit just inside and just outside, by the form and by raw SQL."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from patients.models import (
    Consent,
    DiagnosisOverride,
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    ProtocolSegment,
    Visit,
)

from .examples import EXAMPLES, error_codes, refusal, visit
from .limits import (
    UNREADABLE,
    assert_kept,
    assert_refused,
    between,
    day,
    limit,
    name,
    text,
    unspecified,
    words,
)

pytestmark = pytest.mark.django_db

ANCIENT = {"birth_year": None, "included_on": date(1900, 1, 1)}
AMPLITUDES = ("distal_amplitude_mv", "proximal_amplitude_mv")
AREAS = ("distal_area_mv_ms", "proximal_area_mv_ms")
DURATIONS = ("distal_duration_ms", "proximal_duration_ms")


def partial(kind):
    """A partial date stands with its precision, and as its first day."""
    on, precision = f"{kind}_on", f"{kind}_precision"
    return [
        limit(
            Patient,
            f"{on}_with_precision",
            "incomplete_partial_date",
            on,
            inside=[{on: None, precision: ""}, {on: date(2003, 5, 17), precision: "day"}],
            outside=[{on: date(2003, 1, 1), precision: ""}, {on: None, precision: "year"}],
        ),
        limit(
            Patient,
            f"{on}_is_first_day",
            "not_its_first_day",
            on,
            inside=[
                {on: date(2003, 1, 1), precision: "year"},
                {on: date(2003, 5, 1), precision: "month"},
                {on: date(2003, 5, 17), precision: "day"},
            ],
            outside=[
                {on: date(2003, 2, 1), precision: "year"},
                {on: date(2003, 1, 2), precision: "year"},
                {on: date(2003, 5, 2), precision: "month"},
            ],
        ),
    ]


def partial_words(kind):
    """The precision of a partial date: the date fits each word."""
    on, precision = f"{kind}_on", f"{kind}_precision"
    known = [{on: date(2003, 1, 1), precision: word} for word in ("year", "month", "day")]
    return limit(
        Patient,
        f"{precision}_known",
        "invalid_choice",
        precision,
        inside=[*known, {on: None, precision: ""}],
        outside=[{on: date(2003, 1, 1), precision: "decade"}],
    )


def onset_and_diagnosis(onset_on, onset_precision, diagnosed_on, diagnosed_precision):
    return {
        "onset_on": onset_on,
        "onset_precision": onset_precision,
        "diagnosed_on": diagnosed_on,
        "diagnosed_precision": diagnosed_precision,
    }


def born_before(field, **with_it):
    return limit(
        Patient,
        f"{field}_not_before_birth",
        "before_birth",
        field,
        inside=[
            {"birth_year": 2003, field: date(2003, 1, 1), **with_it},
            {"birth_year": None, field: date(2003, 1, 1), **with_it},
        ],
        outside=[{"birth_year": 2004, field: date(2003, 12, 31), **with_it}],
    )


LIMITS = [
    # Patient
    name(Patient, "study_id"),
    limit(
        Patient,
        "study_id_in_address",
        "unfit_study_id",
        "study_id",
        inside=[{"study_id": fit} for fit in ("SYN-001", "R29.1", "A 1", "é_1", "a:b")],
        outside=[{"study_id": unfit} for unfit in ("a/b", "a\\b", "a?b", "a#b", "a%b", ".", "..")],
    ),
    *(words(Patient, field) for field in ("sex", "prior_immunoglobulin")),
    *(words(Patient, field) for field in ("clinician_response", "atrophy_at_baseline")),
    between(
        Patient, "birth_year", "implausible_birth_year", inside=[1900, 2010], outside=[1899, 0]
    ),
    *partial("onset"),
    *partial("diagnosed"),
    partial_words("onset"),
    partial_words("diagnosed"),
    limit(
        Patient,
        "diagnosed_after_onset",
        "diagnosed_before_onset",
        "diagnosed_on",
        inside=[
            onset_and_diagnosis(date(2003, 5, 1), "month", date(2003, 5, 1), "month"),
            onset_and_diagnosis(date(2003, 5, 1), "month", date(2003, 1, 1), "year"),
            onset_and_diagnosis(date(2003, 5, 17), "day", date(2003, 5, 1), "month"),
        ],
        outside=[
            onset_and_diagnosis(date(2003, 5, 17), "day", date(2003, 5, 16), "day"),
            onset_and_diagnosis(date(2003, 5, 1), "month", date(2003, 4, 1), "month"),
            onset_and_diagnosis(date(2004, 1, 1), "year", date(2003, 1, 1), "year"),
        ],
    ),
    born_before("onset_on", onset_precision="day"),
    born_before("diagnosed_on", diagnosed_precision="day"),
    born_before("included_on"),
    born_before("deceased_on", included_on=date(2010, 1, 1)),
    day(Patient, "onset_on", onset_precision="day", **ANCIENT),
    day(Patient, "diagnosed_on", diagnosed_precision="day", **ANCIENT),
    day(Patient, "included_on", birth_year=None),
    day(Patient, "deceased_on", **ANCIENT),
    # Visit
    day(Visit, "visited_on"),
    between(
        Visit,
        "weight_kg",
        "implausible_weight",
        inside=[1, Decimal("62.5"), 300],
        outside=[0, Decimal("0.9999"), Decimal("300.0001"), 812],
    ),
    *(
        between(Visit, scale, "implausible_score", inside=[0, top], outside=[-1, top + 1])
        for scale, top in {
            "onls_arm": 5,
            "onls_leg": 7,
            "incat_arm": 5,
            "incat_leg": 5,
            "mmn_rods": 50,
        }.items()
    ),
    # Muscle score
    *(words(MuscleScore, field) for field in ("muscle", "side", "mrc_grade", "origin")),
    limit(
        MuscleScore,
        "not_tested_reason_known",
        "invalid_choice",
        "not_tested_reason",
        inside=[
            {"mrc_grade": "NT", "not_tested_reason": reason}
            for reason in ("pain", "immobilised", "absent_limb", "refused", "not_done", "")
        ],
        outside=[{"mrc_grade": "NT", "not_tested_reason": "perhaps"}],
    ),
    limit(
        MuscleScore,
        "reason_only_if_not_tested",
        "reason_although_tested",
        "not_tested_reason",
        inside=[
            {"mrc_grade": "NT", "not_tested_reason": "pain"},
            {"mrc_grade": "NT", "not_tested_reason": ""},
            {"mrc_grade": "0", "not_tested_reason": ""},
        ],
        outside=[{"mrc_grade": "0", "not_tested_reason": "pain"}],
    ),
    # Grip strength
    *(words(GripStrength, field) for field in ("side", "device")),
    between(
        GripStrength,
        "value",
        "implausible_grip",
        inside=[0, 200],
        outside=[Decimal("-0.0001"), Decimal("200.0001")],
    ),
    # Nerve conduction
    day(NerveConductionStudy, "studied_on"),
    *(words(NerveSegment, field) for field in ("nerve", "side", "excluded", "reported_block")),
    *(
        limit(
            model,
            "distal_site_known",
            "invalid_choice",
            "distal_site",
            inside=[{"distal_site": "ankle"}, {"distal_site": "above_elbow"}],
            outside=[{"distal_site": "knee"}],
        )
        for model in (NerveSegment, ProtocolSegment)
    ),
    *(
        limit(
            model,
            "proximal_site_known",
            "invalid_choice",
            "proximal_site",
            inside=[{"proximal_site": "erb"}, {"proximal_site": "above_elbow"}],
            outside=[{"proximal_site": "knee"}],
        )
        for model in (NerveSegment, ProtocolSegment)
    ),
    *(
        limit(
            model,
            "between_two_sites",
            "one_site_twice",
            "proximal_site",
            inside=[{"distal_site": "elbow", "proximal_site": "axilla"}],
            outside=[{"distal_site": "elbow", "proximal_site": "elbow"}],
        )
        for model in (NerveSegment, ProtocolSegment)
    ),
    *(words(ProtocolSegment, field) for field in ("nerve", "sides")),
    between(ProtocolSegment, "place", "implausible_place", inside=[1, 99], outside=[0, 100]),
    *(
        between(
            NerveSegment,
            field,
            "implausible_amplitude",
            inside=[0, 50],
            outside=[Decimal("-0.0001"), Decimal("50.0001"), 8600],
        )
        for field in AMPLITUDES
    ),
    *(
        between(
            NerveSegment,
            field,
            "implausible_area",
            inside=[0, 1000],
            outside=[Decimal("-0.0001"), Decimal("1000.0001")],
        )
        for field in AREAS
    ),
    *(
        between(
            NerveSegment,
            field,
            "implausible_duration",
            inside=[0, 200],
            outside=[Decimal("-0.0001"), Decimal("200.0001")],
        )
        for field in DURATIONS
    ),
    *(
        between(
            model,
            "distal_amplitude_lln_mv",
            "implausible_amplitude",
            inside=[Decimal("0.0001"), 50],
            outside=[0, Decimal("50.0001")],
        )
        for model in (NerveSegment, LowerLimit)
    ),
    between(
        NerveSegment,
        "distance_mm",
        "implausible_distance",
        inside=[Decimal("0.0001"), 2000],
        outside=[0, Decimal("2000.0001")],
    ),
    words(LowerLimit, "nerve"),
    day(LowerLimit, "valid_from"),
    # Laboratory, diagnosis, findings, consent
    day(DiagnosisOverride, "decided_on"),
    words(DiagnosisOverride, "opinion"),
    limit(
        DiagnosisOverride,
        "grounds_readable",
        "unreadable_character",
        "grounds",
        inside=[{"grounds": "two\r\nlines\tand a tab"}],
        outside=[{"grounds": unreadable} for unreadable in UNREADABLE],
    ),
    day(LaboratoryResult, "taken_on"),
    *(words(LaboratoryResult, field) for field in ("test", "interpretation")),
    between(
        LaboratoryResult,
        "value",
        "implausible_result",
        inside=[0, 99_999_999],
        outside=[Decimal("-0.0001")],
    ),
    *(text(LaboratoryResult, field) for field in ("unit", "method", "cutoff")),
    day(Finding, "observed_on"),
    *(words(Finding, field) for field in ("finding", "state")),
    words(Consent, "scope"),
    name(Consent, "form_version"),
    day(Consent, "given_on"),
    limit(
        Consent,
        "withdrawn_after_given",
        "withdrawn_before_given",
        "withdrawn_on",
        inside=[{"given_on": date(2020, 3, 2), "withdrawn_on": date(2020, 3, 2)}],
        outside=[{"given_on": date(2020, 3, 2), "withdrawn_on": date(2020, 3, 1)}],
    ),
]


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_what_lies_just_inside_is_clean_and_stored(limit):
    assert_kept(EXAMPLES[limit.model], limit)


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_what_lies_just_outside_is_refused_at_both_ends(limit):
    assert_refused(EXAMPLES[limit.model], limit)


def test_grounds_are_needed_by_the_form_and_by_the_database():
    nothing = EXAMPLES[DiagnosisOverride](grounds="")

    assert error_codes(nothing) == {"grounds": ["blank"]}
    assert refusal(DiagnosisOverride.objects.bulk_create, [nothing])[0] == "reason_needed"


def test_every_check_of_the_database_is_specified_above():
    assert unspecified(LIMITS, EXAMPLES) == {"diagnosisoverride_grounds_said"}  # just above


@pytest.mark.parametrize(
    ("weight_kg", "told"),
    [
        ("62.1234567891", "62.1234567891 has more than 9 decimals. Round it."),
        ("62,5", "“62,5” is not a number. Write it like 62.5."),
        ("NaN", "“NaN” is not a number. Write it like 62.5."),
    ],
)
def test_a_quantity_that_cannot_be_kept_as_written_says_so(weight_kg, told):
    with pytest.raises(ValidationError) as refused:
        visit(weight_kg=weight_kg).full_clean()

    assert refused.value.message_dict["weight_kg"][0] == told
