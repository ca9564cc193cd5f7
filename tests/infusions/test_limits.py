"""What may be stored of treatment: each limit just inside and just outside, at both ends."""

from decimal import Decimal

import pytest

from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    InfusionLot,
    PlannedInfusion,
    Regimen,
)
from tests.patients.examples import DAY
from tests.patients.limits import (
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

from .examples import EXAMPLES, LATER

pytestmark = pytest.mark.django_db


def ends_after_start(model):
    return limit(
        model,
        "ended_after_start",
        "ends_before_start",
        "ended_on",
        inside=[{"started_on": DAY, "ended_on": end} for end in (None, DAY, LATER)],
        outside=[{"started_on": LATER, "ended_on": DAY}],
    )


LIMITS = [
    day(Infusion, "given_on"),
    words(Infusion, "route"),
    name(Infusion, "product"),
    *(
        between(
            model,
            "dose_g",
            "implausible_dose",
            inside=[Decimal("0.0001"), 400],
            outside=[0, -1, Decimal("400.0001"), 30_000],
        )
        for model in (Infusion, InfusionLot, PlannedInfusion)
    ),
    name(InfusionLot, "lot_number"),
    day(PlannedInfusion, "planned_on"),
    words(PlannedInfusion, "route"),
    name(PlannedInfusion, "product"),
    text(PlannedInfusion, "note", lines=True),
    day(Regimen, "started_on"),
    words(Regimen, "route"),
    name(Regimen, "product"),
    between(
        Regimen,
        "planned_dose_g",
        "implausible_dose",
        inside=[Decimal("0.0001"), 1000],
        outside=[0, Decimal("1000.0001")],
    ),
    between(
        Regimen,
        "planned_interval_days",
        "implausible_interval",
        inside=[1, 1000],
        outside=[0, 1001],
    ),
    limit(
        Regimen,
        "end_reason_known",
        "invalid_choice",
        "end_reason",
        inside=[{"ended_on": LATER, "end_reason": word} for word in ("inefficacy", "switch", "")],
        outside=[{"ended_on": LATER, "end_reason": "boredom"}],
    ),
    limit(
        Regimen,
        "reason_only_if_ended",
        "end_reason_without_end",
        "end_reason",
        inside=[{"ended_on": LATER, "end_reason": "remission"}, {"ended_on": None}],
        outside=[{"ended_on": None, "end_reason": "remission"}],
    ),
    ends_after_start(Regimen),
    day(DoseAttempt, "attempted_on"),
    *(words(DoseAttempt, field) for field in ("kind", "outcome")),
    day(Immunosuppressant, "started_on"),
    name(Immunosuppressant, "drug"),
    ends_after_start(Immunosuppressant),
    day(AdverseReaction, "occurred_on"),
    *(words(AdverseReaction, field) for field in ("reaction", "severity", "route")),
    *(name(AdverseReaction, field) for field in ("product", "lot_number")),
    between(
        AdverseReaction,
        "onset_hours",
        "implausible_onset",
        inside=[0, 10_000],
        outside=[Decimal("-0.0001"), Decimal("10000.0001")],
    ),
    *(text(AdverseReaction, field, lines=True) for field in ("action", "outcome")),
]


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_what_lies_just_inside_is_clean_and_stored(limit):
    assert_kept(EXAMPLES[limit.model], limit)


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_what_lies_just_outside_is_refused_at_both_ends(limit):
    assert_refused(EXAMPLES[limit.model], limit)


def test_every_check_of_the_database_is_specified_above():
    assert unspecified(LIMITS, EXAMPLES) == set()
