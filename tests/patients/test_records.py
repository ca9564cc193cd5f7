"""What holds for every record: its key, its version, its parent, and that it is never deleted."""

import re
from importlib import import_module
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models.expressions import RawSQL

from patients.migrations._guards import FUNCTIONS
from patients.models import MuscleScore, Patient, Visit
from patients.refusals import FROM_TRIGGERS
from patients.vocabulary import MRC_THIRDS, MrcGrade
from tests.infusions import examples as given

from . import examples as observed
from .examples import (
    error_codes,
    known_visit,
    muscle_score,
    patient,
    refusal,
    refused_insert,
    saved,
    visit,
)

EXAMPLES = observed.EXAMPLES | given.EXAMPLES
PARTS = {model: example for model, example in EXAMPLES.items() if model.parent_key}
# A centre, to which limits of normal belong, is not a record.
PARTS_OF_RECORDS = [model for model in PARTS if model.parent_key != "centre"]
VOIDED = {"voided_at": "2020-05-01T12:00Z", "void_reason": "Entered for another patient."}
pytestmark = pytest.mark.django_db


def by_name(model):
    return model.__name__


def rewrite(record, **values):
    values = {"version": record.version + 1, **values}
    type(record).including_voided.filter(pk=record.pk).update(**values)


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_a_plausible_record_is_clean_and_stored(model):
    record = EXAMPLES[model]()

    assert error_codes(record) == {}
    saved(record)
    assert model.objects.get().pk == record.pk
    assert str(record)


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_a_natural_key_stands_once(model):
    saved(EXAMPLES[model]())
    twin = EXAMPLES[model]()

    assert "duplicate_record" in error_codes(twin)["__all__"]
    assert refused_insert(twin) in {"duplicate_record", "overlapping_regimens"}


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_a_form_that_leaves_out_the_parent_still_finds_the_twin(model):
    saved(EXAMPLES[model]())
    twin = EXAMPLES[model]()
    left_out = {model.parent_key, "version", "voided_at", "recorded_by"}

    assert "duplicate_record" in error_codes(twin, exclude=left_out)["__all__"]


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_a_voided_record_frees_its_key(model):
    rewrite(saved(EXAMPLES[model]()), **VOIDED)

    again = EXAMPLES[model]()

    assert error_codes(again) == {}
    saved(again)
    assert model.objects.get().pk == again.pk
    assert model.including_voided.count() == 2


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_a_record_comes_with_its_version_and_its_moment(model):
    record = saved(EXAMPLES[model]())
    record.refresh_from_db()

    assert record.version == 1
    assert record.recorded_at is not None


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
@pytest.mark.parametrize("step", [0, 2, -1])
def test_an_update_raises_the_version_by_one(model, step):
    record = saved(EXAMPLES[model]())

    rewrite(record)
    record.version = 2
    assert refusal(rewrite, record, version=record.version + step)[0] == "stale_record"


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_a_voided_record_never_changes(model):
    record = saved(EXAMPLES[model]())
    rewrite(record, **VOIDED)
    record.version += 1

    assert refusal(rewrite, record, amend_reason="typo")[0] == "voided_record"
    assert refusal(rewrite, record, voided_at=None, void_reason="")[0] == "voided_record"


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_an_id_is_for_life(model):
    assert refusal(rewrite, saved(EXAMPLES[model]()), id=uuid4())[0] == "moved_record"


@pytest.mark.parametrize("model", PARTS, ids=by_name)
def test_a_record_stays_with_its_parent(model):
    record = saved(PARTS[model]())

    assert refusal(rewrite, record, **{model.parent_key: uuid4()})[0] == "moved_record"


def test_a_patient_may_move_to_another_centre():
    moving = saved(patient())

    rewrite(moving, centre=observed.centre("LYON"))

    assert Patient.objects.get().centre.code == "LYON"


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_voiding_needs_a_reason_and_only_voiding_has_one(model):
    record = saved(EXAMPLES[model]())

    without = {"voided_at": VOIDED["voided_at"]}
    assert refusal(rewrite, record, **without)[0] == "reason_needed"
    assert refusal(rewrite, record, void_reason="typo")[0] == "reason_needed"


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_reasons_are_readable(model):
    record = saved(EXAMPLES[model]())

    assert refusal(rewrite, record, amend_reason="\x01")[0] == "unreadable_character"
    rewrite(record, amend_reason="Read from the letter:\n62.5 g, not 6.25 g.")


@pytest.mark.parametrize("model", PARTS_OF_RECORDS, ids=by_name)
def test_parts_are_voided_before_the_whole(model):
    part = saved(PARTS[model]())
    whole = getattr(part, model.parent_key)

    assert refusal(rewrite, whole, **VOIDED)[0] == "standing_parts"


@pytest.mark.parametrize("model", PARTS_OF_RECORDS, ids=by_name)
def test_a_voided_whole_gets_no_new_parts(model):
    part = PARTS[model]()
    rewrite(getattr(part, model.parent_key), **VOIDED)

    assert refused_insert(part) == "voided_parent"


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_the_application_cannot_delete_a_record(model):
    record = saved(EXAMPLES[model]())

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        model.objects.filter(pk=record.pk).delete()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {model._meta.db_table} CASCADE")


@pytest.mark.parametrize("grade", MrcGrade)
def test_a_grade_is_also_stored_in_thirds_of_a_point(grade):
    saved(muscle_score(mrc_grade=grade))

    assert MuscleScore.objects.get().mrc_thirds == MRC_THIRDS.get(grade)


def test_a_part_of_an_unsaved_whole_is_clean_without_it():
    score = MuscleScore(visit=visit(), muscle="wrist_extension", side="right", mrc_grade="4")

    assert error_codes(score, exclude={"visit"}) == {}
    assert error_codes(MuscleScore(), exclude={"visit"}) == {
        "muscle": ["blank"],
        "side": ["blank"],
        "mrc_grade": ["blank"],
    }


def test_a_score_is_cleaned_without_a_query_while_its_visit_is_unsaved(django_assert_num_queries):
    score = MuscleScore(visit=visit(), muscle="wrist_extension", side="right", mrc_grade="4")

    with django_assert_num_queries(0):
        score.full_clean(exclude={"visit"})


@pytest.mark.parametrize("model", EXAMPLES, ids=by_name)
def test_what_could_not_be_read_is_not_compared(model):
    """``clean()`` runs although a field failed, with what was typed still in it."""
    fields = [field for field in model._meta.concrete_fields if field.editable]
    typed = EXAMPLES[model]()
    for field in fields:
        if not field.is_relation:
            setattr(typed, field.name, "\x00?")

    codes = error_codes(typed)

    assert set(codes) == {field.name for field in fields if not field.is_relation}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", float("nan"), "seventy"])
def test_a_weight_is_a_finite_number(value):
    assert error_codes(visit(weight_kg=value)) == {"weight_kg": ["invalid"]}


def test_every_refusal_of_a_trigger_is_explained():
    written = FUNCTIONS + import_module("patients.migrations.0010_signed_visits").REFUSE_SIGNED
    raised = re.findall(r"registry_refuse\([^,]+,\s*'(\w+)'", written)

    assert set(raised) == FROM_TRIGGERS


def test_not_a_number_is_not_a_number_for_the_database_either():
    record = saved(visit(weight_kg=70))

    code, _sentence = refusal(rewrite, record, weight_kg=RawSQL("'NaN'::numeric", ()))

    assert code == "implausible_weight"


def test_a_thousand_scores_cost_no_more_statements_than_one(django_assert_num_queries):
    seen = known_visit()
    assert Visit.objects.count() == 1
    scores = [
        muscle_score(visit=seen, muscle=muscle, side=side)
        for muscle in ("wrist_extension", "wrist_flexion", "hip_flexion")
        for side in ("left", "right")
    ]

    with django_assert_num_queries(1):
        MuscleScore.objects.bulk_create(scores[:1])
    with django_assert_num_queries(1):
        MuscleScore.objects.bulk_create(scores[1:])
