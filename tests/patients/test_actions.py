"""Actions: one transaction each, never over somebody else's change."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from infusions.models import Infusion
from mmn_registry.accounts.actions import open_account
from patients.actions import (
    StaleRecord,
    amend,
    record_consent,
    record_finding,
    record_laboratory_result,
    record_lower_limit,
    record_study,
    record_visit,
    register_patient,
    void,
    withdraw_consent,
)
from patients.models import (
    GripStrength,
    MuscleScore,
    NerveSegment,
    Patient,
    Visit,
)
from patients.refusals import explained
from tests.infusions import examples as given

from .examples import (
    consent,
    finding,
    grip_strength,
    known_patient,
    laboratory_result,
    lower_limit,
    muscle_score,
    nerve_segment,
    patient,
    saved,
    study,
    visit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return open_account("anna@example.org", "Anna Roux")


@pytest.fixture
def ben():
    return open_account("ben@example.org", "Ben Noir")


def with_examination(**changes):
    seen = visit(**changes)
    scores = [
        MuscleScore(visit=seen, muscle=muscle, side="right", mrc_grade="4")
        for muscle in ("wrist_extension", "hip_flexion")
    ]
    grip = GripStrength(visit=seen, side="left", device="jamar_kg", value=31)
    return seen, {"muscle_scores": scores, "grip_strengths": [grip]}


def refused_codes(action, *arguments, **options):
    with pytest.raises(ValidationError) as refused:
        action(*arguments, **options)
    return [error.code for error in refused.value.error_list]


SINGLE = {
    register_patient: patient,
    record_visit: visit,
    record_study: study,
    record_laboratory_result: laboratory_result,
    record_finding: finding,
    record_consent: consent,
    record_lower_limit: lower_limit,
}


@pytest.mark.parametrize("action", SINGLE, ids=lambda action: action.__name__)
def test_a_record_says_who_recorded_it(action, anna):
    recorded = action(SINGLE[action](), by=anna)

    stored = type(recorded).objects.get()
    assert (stored.recorded_by, stored.version) == (anna, 1)
    assert stored.recorded_at == recorded.recorded_at


def test_an_operators_command_is_nobody():
    assert record_visit(visit(), by=None).recorded_by is None


def test_a_visit_is_recorded_with_all_that_was_examined(anna):
    seen, examination = with_examination()

    record_visit(seen, **examination, by=anna)

    assert [str(score) for score in MuscleScore.objects.order_by("muscle")] == [
        "right hip flexion: 4",
        "right wrist extension: 4",
    ]
    assert GripStrength.objects.get().value == Decimal(31)
    assert {part.recorded_by for part in MuscleScore.objects.all()} == {anna}


def test_a_visit_with_one_bad_grade_is_not_recorded_at_all(anna):
    seen, examination = with_examination()
    examination["muscle_scores"][1].mrc_grade = "6"

    assert refused_codes(record_visit, seen, **examination, by=anna) == ["invalid_choice"]
    assert Visit.objects.count() == MuscleScore.objects.count() == 0


def test_a_muscle_scored_twice_is_refused_in_words(anna):
    seen, examination = with_examination()
    examination["muscle_scores"][1].muscle = "wrist_extension"

    with pytest.raises(ValidationError, match=r"scored twice .* Keep one\."):
        record_visit(seen, **examination, by=anna)


def test_a_study_is_recorded_with_its_segments(anna):
    examined = study()
    sites = {"distal_site": "wrist", "proximal_site": "elbow"}
    segments = [NerveSegment(nerve="median", side=side, **sites) for side in ("left", "right")]

    record_study(examined, segments=segments, by=anna)

    assert {segment.study for segment in NerveSegment.objects.all()} == {examined}


def test_what_the_form_could_not_see_is_refused_by_the_same_sentence(anna):
    """Between ``full_clean()`` and saving, somebody else recorded the same day."""
    late = visit()
    late.full_clean()
    saved(visit())

    with pytest.raises(ValidationError) as refused:
        record_visit(late, by=anna)

    assert refused.value.code == "duplicate_record"
    assert refused.value.messages == [
        "This patient has a visit on this day already. Amend that one instead."
    ]


def test_a_fault_that_is_no_rule_stays_a_fault():
    nobodys = visit(patient=known_patient())
    nobodys.patient_id = None

    with pytest.raises(IntegrityError, match="null value"), transaction.atomic(), explained():
        Visit.objects.bulk_create([nobodys])
    with pytest.raises(DataError), transaction.atomic(), explained():
        Visit.objects.bulk_create([visit(weight_kg=Decimal(10) ** 9)])


def test_an_amendment_says_who_and_why(anna, ben):
    seen = record_visit(visit(weight_kg=6), by=anna)

    amend(seen, {"weight_kg": 60}, by=ben, reason="A digit was missing.")

    stored = Visit.objects.get()
    assert (stored.weight_kg, stored.version) == (60, 2)
    assert (stored.recorded_by, stored.amend_reason) == (ben, "A digit was missing.")
    assert stored.recorded_at == seen.recorded_at
    assert seen.version == 2


def test_a_record_may_be_amended_again_and_again(anna):
    seen = record_visit(visit(), by=anna)

    for weight in (60, 61, 62):
        amend(seen, {"weight_kg": weight}, by=anna, reason="Weighed again.")

    assert Visit.objects.get().version == 4


def test_an_amended_grade_has_its_new_thirds(anna):
    score = saved(muscle_score(mrc_grade="3"))

    amend(score, {"mrc_grade": "4+"}, by=anna, reason="Read again.")

    assert score.mrc_thirds == 13


def test_the_second_of_two_amendments_is_stale(anna, ben):
    record_visit(visit(weight_kg=60), by=anna)
    hers, his = Visit.objects.get(), Visit.objects.get()
    amend(hers, {"onls_arm": 2}, by=anna, reason="Forgotten.")

    with pytest.raises(StaleRecord, match="visit was changed by somebody else") as stale:
        amend(his, {"weight_kg": 61}, by=ben, reason="Typo.")

    assert stale.value.record is his
    stored = Visit.objects.get()
    assert (stored.onls_arm, stored.weight_kg, stored.version) == (2, 60, 2)


def test_an_amendment_breaks_no_rule(anna):
    seen = record_visit(visit(weight_kg=60), by=anna)

    with pytest.raises(ValidationError, match="812 is not possible"):
        amend(seen, {"weight_kg": 812}, by=anna, reason="Typo.")

    assert Visit.objects.get().weight_kg == 60


@pytest.mark.parametrize("fixed", ["patient", "id", "version", "recorded_by", "voided_at", "size"])
def test_some_things_are_not_amended(anna, fixed):
    seen = record_visit(visit(), by=anna)

    with pytest.raises(ValueError, match=f"keeps its {fixed}"):
        amend(seen, {fixed: None}, by=anna, reason="Typo.")


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_amending_and_voiding_need_a_reason(anna, reason):
    seen = record_visit(visit(), by=anna)

    assert refused_codes(amend, seen, {"weight_kg": 60}, by=anna, reason=reason) == [
        "reason_needed"
    ]
    assert refused_codes(void, seen, by=anna, reason=reason) == ["reason_needed"]


def test_voiding_a_visit_voids_what_was_examined_at_it(anna, ben):
    seen, examination = with_examination()
    record_visit(seen, **examination, by=anna)
    kept = record_visit(visit(visited_on=date(2021, 1, 1)), by=anna)
    saved(muscle_score(visit=kept))

    void(seen, by=ben, reason="Another patient's visit.")

    assert list(Visit.objects.all()) == [kept]
    assert [score.visit for score in MuscleScore.objects.all()] == [kept]
    assert GripStrength.objects.count() == 0
    voided = [seen, *MuscleScore.including_voided.filter(visit=seen)]
    voided += GripStrength.including_voided.filter(visit=seen)
    assert len(voided) == 4
    assert {(record.voided_by, record.void_reason, record.version) for record in voided} == {
        (ben, "Another patient's visit.", 2)
    }
    assert len({record.voided_at for record in voided}) == 1


def test_voiding_a_patient_voids_everything_of_the_patient(anna):
    wrong = known_patient()
    for example in (muscle_score, grip_strength, nerve_segment, consent, given.infusion_lot):
        saved(example())
    other = saved(patient(study_id="SYN-002"))
    kept = saved(given.infusion(patient=other))

    void(wrong, by=anna, reason="Registered twice.")

    assert list(Patient.objects.all()) == [other]
    assert list(Infusion.objects.all()) == [kept]
    assert MuscleScore.objects.count() == NerveSegment.objects.count() == 0


def test_what_somebody_else_changed_is_not_voided(anna, ben):
    seen, examination = with_examination()
    record_visit(seen, **examination, by=anna)
    hers, his = Visit.objects.get(), Visit.objects.get()
    amend(hers, {"onls_arm": 2}, by=anna, reason="Forgotten.")

    with pytest.raises(StaleRecord):
        void(his, by=ben, reason="Empty visit.")

    assert Visit.objects.count() == 1
    assert MuscleScore.objects.count() == 2


def test_what_was_voided_is_not_voided_again(anna):
    seen = record_visit(visit(), by=anna)
    void(seen, by=anna, reason="Another patient's visit.")

    with pytest.raises(StaleRecord):
        void(seen, by=anna, reason="Another patient's visit.")


def test_a_consent_is_withdrawn_on_a_day(anna):
    agreed = record_consent(consent(), by=anna)

    withdraw_consent(agreed, withdrawn_on=date(2021, 1, 1), by=anna)
    assert agreed.withdrawn_on == date(2021, 1, 1)

    with pytest.raises(ValidationError, match="before it was given"):
        withdraw_consent(agreed, withdrawn_on=date(2019, 1, 1), by=anna)
