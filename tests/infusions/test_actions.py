"""What was given is recorded, ended, amended and voided."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from infusions.actions import (
    end_immunosuppressant,
    end_regimen,
    record_dose_attempt,
    record_immunosuppressant,
    record_infusion,
    record_reaction,
    record_regimen,
    void,
)
from infusions.models import Infusion, InfusionLot
from infusions.selectors import (
    list_adverse_reactions,
    list_dose_attempts,
    list_immunosuppressants,
    list_infusions,
    list_regimens,
)
from infusions.vocabulary import RegimenEndReason
from mmn_registry.accounts.actions import open_account
from tests.patients.examples import known_patient, patient, saved

from .examples import (
    LATER,
    adverse_reaction,
    dose_attempt,
    immunosuppressant,
    infusion,
    infusion_lot,
    regimen,
)

pytestmark = pytest.mark.django_db

KINDS = {
    record_infusion: (infusion, list_infusions),
    record_regimen: (regimen, list_regimens),
    record_dose_attempt: (dose_attempt, list_dose_attempts),
    record_immunosuppressant: (immunosuppressant, list_immunosuppressants),
    record_reaction: (adverse_reaction, list_adverse_reactions),
}


@pytest.fixture
def anna():
    return open_account("anna@example.org", "Anna Roux")


@pytest.mark.parametrize("action", KINDS, ids=lambda action: action.__name__)
def test_what_is_recorded_is_listed_for_its_patient_alone(action, anna):
    example, list_records = KINDS[action]
    elsewhere = saved(patient(study_id="SYN-002"))

    recorded = action(example(patient=elsewhere), by=anna)

    assert recorded.recorded_by == anna
    assert list(list_records(elsewhere)) == [recorded]
    assert list(list_records(saved(patient()))) == []
    void(recorded, by=anna, reason="Typo.")
    assert list(list_records(elsewhere)) == []


def test_an_infusion_is_recorded_with_its_lots(anna):
    lots = [InfusionLot(lot_number=number, dose_g=10) for number in ("L1", "L2", "L3")]

    given = record_infusion(infusion(), lots=lots, by=anna)

    assert [lot.lot_number for lot in given.lots.order_by("lot_number")] == ["L1", "L2", "L3"]


def test_an_infusion_with_a_bad_lot_is_not_recorded(anna):
    with pytest.raises(ValidationError, match="Correct the name"):
        record_infusion(infusion(), lots=[InfusionLot(lot_number="=1+1")], by=anna)

    assert Infusion.objects.count() == 0


@pytest.mark.parametrize("number", [1, 3])
def test_infusions_take_one_query_per_table(number, django_assert_num_queries):
    for n in range(number):
        given = saved(infusion(product=f"Product {n}"))
        saved(infusion_lot(infusion=given))

    owner = known_patient()
    with django_assert_num_queries(2):
        assert [len(given.lots.all()) for given in list_infusions(owner)] == [1] * number


def test_a_regimen_ends_on_its_first_day_without(anna):
    prescribed = record_regimen(regimen(), by=anna)

    end_regimen(prescribed, ended_on=LATER, end_reason=RegimenEndReason.REMISSION, by=anna)

    assert (prescribed.ended_on, prescribed.end_reason) == (LATER, "remission")
    record_regimen(regimen(started_on=LATER), by=anna)


def test_a_treatment_ends(anna):
    taken = record_immunosuppressant(immunosuppressant(), by=anna)

    assert end_immunosuppressant(taken, ended_on=LATER, by=anna).ended_on == LATER
    with pytest.raises(ValidationError, match="This treatment ends on 2020-03-01, before"):
        end_immunosuppressant(taken, ended_on=date(2020, 3, 1), by=anna)
