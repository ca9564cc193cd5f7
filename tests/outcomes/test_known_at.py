"""A patient as the registry knew them at a time, beside what it showed then."""

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from django.utils import timezone

from infusions.models import AdverseReaction
from mmn_registry import principal
from mmn_registry.audit.models import Entry
from mmn_registry.audit.reading.known import NotInTrail
from mmn_registry.principal import Kind, Principal, Right
from outcomes.dashboards.known import load_known
from outcomes.derivation.frames import Records
from outcomes.selectors import load_records
from patients.actions import (
    amend,
    record,
    record_study,
    record_visit,
    register_patient,
    void,
)
from patients.models import (
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)
from tests.audit.told import above, looking_away
from tests.infusions import examples as treatment
from tests.patients import examples

pytestmark = pytest.mark.django_db

DAY = date(2020, 3, 2)


def sorted_frames(records: Records) -> dict[str, pd.DataFrame]:
    return {field.name: _sorted(getattr(records, field.name)) for field in fields(records)}


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """In an order of its own, codes as the texts they are."""
    codes = frame.select_dtypes("category").columns
    texts = frame.astype(dict.fromkeys(codes, "str"))
    return texts.sort_values(list(texts.columns), ignore_index=True)


class Moments:
    """What the tables held at some moments, to be compared with what the trail says of them."""

    def __init__(self, patient):
        self.patient = patient
        self.seen = []

    def look(self):
        self.seen.append((timezone.now(), sorted_frames(self._records())))

    def _records(self):
        return load_records(Patient.objects.filter(pk=self.patient.pk))


@pytest.fixture
def history():
    """A patient to whom everything happens that may happen to records."""
    patient = register_patient(
        examples.patient(onset_on=date(2015, 3, 1), onset_precision="month"), by=None
    )
    moments = Moments(patient)
    moments.look()
    limit = record(examples.lower_limit(centre=patient.centre), by=None)
    scores = [
        MuscleScore(muscle="wrist_extension", side=side, mrc_grade=grade)
        for side, grade in (("left", "4-"), ("right", "NT"))
    ]
    visit = record_visit(
        Visit(patient=patient, visited_on=DAY, weight_kg=Decimal("70.50"), mmn_rods=40),
        muscle_scores=scores,
        grip_strengths=[examples.grip_strength(visit=Visit(patient=patient))],
        by=None,
    )
    moments.look()
    amend(visit, {"weight_kg": None, "mmn_rods": 41}, by=None, reason="Scales broken.")
    amend(scores[0], {"mrc_grade": "5", "not_due_to_mmn": False}, by=None, reason="Read again.")
    moments.look()
    later = record_visit(Visit(patient=patient, visited_on=DAY + timedelta(30)), by=None)
    given = record(treatment.infusion(patient=patient, given_on=DAY), by=None)
    record(treatment.regimen(patient=patient, started_on=DAY), by=None)
    record(treatment.dose_attempt(patient=patient, attempted_on=DAY), by=None)
    record(treatment.immunosuppressant(patient=patient, started_on=DAY), by=None)
    record(treatment.adverse_reaction(patient=patient, occurred_on=DAY, serious=True), by=None)
    study = record_study(
        NerveConductionStudy(patient=patient, studied_on=DAY),
        segments=[
            NerveSegment(
                nerve="median",
                side="right",
                distal_site="wrist",
                proximal_site="elbow",
                distal_amplitude_mv=Decimal("8.123456789"),
            )
        ],
        by=None,
    )
    record(examples.laboratory_result(patient=patient, taken_on=DAY), by=None)
    record(examples.finding(patient=patient, observed_on=DAY), by=None)
    moments.look()
    void(visit, by=None, reason="Of another patient.")
    void(study, by=None, reason="Of another patient.")
    amend(given, {"dose_g": Decimal(40)}, by=None, reason="Two vials more.")
    amend(limit, {"distal_amplitude_lln_mv": Decimal(5)}, by=None, reason="New machine.")
    moments.look()
    record_visit(Visit(patient=patient, visited_on=DAY), by=None)
    amend(later, {"weight_kg": Decimal(68)}, by=None, reason="Late entry.")
    amend(patient, {"sex": "male", "deceased_on": DAY + timedelta(60)}, by=None, reason="Died.")
    moments.look()
    return moments


def test_the_trail_gives_back_what_the_tables_held_at_each_moment(history):
    for at, expected in history.seen:
        known = sorted_frames(load_known(history.patient, at).records)
        for table, frame in expected.items():
            pd.testing.assert_frame_equal(known[table], frame, obj=table)
    held = [sum(map(len, frames.values())) for _at, frames in history.seen]
    assert held == [1, 6, 6, 14, 9, 10]


def test_reactions_are_given_back_too(history):
    at, _frames = history.seen[3]

    [reaction] = load_known(history.patient, at).reactions

    stored = AdverseReaction.objects.get()
    for field in AdverseReaction._meta.concrete_fields:
        assert getattr(reaction, field.attname) == getattr(stored, field.attname), field.name


def test_before_the_registry_knew_the_patient_there_was_nobody(history):
    before = history.seen[0][0] - timedelta(days=1)

    assert load_known(history.patient, before) is None


def test_a_patient_who_was_voided_was_nobody_afterwards(history):
    void(history.patient, by=None, reason="Registered twice.")

    assert load_known(history.patient, timezone.now()) is None


def test_what_was_being_written_was_not_known_yet():
    """Of an action in one transaction all rows were known at once, or none."""
    patient = register_patient(examples.patient(), by=None)
    visit = examples.visit(patient=patient)
    record_visit(
        visit,
        muscle_scores=[MuscleScore(muscle="wrist_extension", side="left", mrc_grade="4")],
        by=None,
    )
    between = Entry.objects.get(table_name="patients_visit", record_id=str(visit.pk)).at

    records = load_known(patient, between).records

    assert (len(records.patients), len(records.visits), len(records.muscle_scores)) == (1, 0, 0)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("amended_since", [True, False])
def test_a_patient_from_before_the_trail_is_not_guessed(amended_since):
    with above() as session, looking_away(session, "patients_patient"):
        patient = examples.saved(examples.patient())
    if amended_since:
        amend(patient, {"sex": "male"}, by=None, reason="Typing error.")

    with pytest.raises(NotInTrail) as missing:
        load_known(patient, timezone.now())

    assert missing.value.tables == {"patients_patient"}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_one_record_from_before_the_trail_is_not_left_out_silently():
    patient = register_patient(examples.patient(), by=None)
    with above() as session, looking_away(session, "patients_visit", "patients_lowerlimit"):
        examples.saved(examples.visit(patient=patient))
        examples.saved(examples.lower_limit(centre=patient.centre))

    with pytest.raises(NotInTrail) as missing:
        load_known(patient, timezone.now())

    assert missing.value.tables == {"patients_visit"}


def test_limits_of_a_centre_that_is_not_the_readers_are_not_taken_for_none():
    patient = register_patient(examples.patient(centre=examples.centre("C1")), by=None)
    at = timezone.now()
    stranger = Principal(Kind.USER, reach={Right.READ: frozenset({examples.centre("C2").pk})})
    with principal.in_force(principal.operator("tests")):
        known = load_known(patient, at)
    amend(patient, {"centre": examples.centre("C2")}, by=None, reason="Moved.")

    with principal.in_force(stranger), pytest.raises(NotInTrail) as missing:
        load_known(patient, at)

    assert known.records.patients["centre"].tolist() == ["C1"]
    assert missing.value.tables == {"patients_lowerlimit"}


@pytest.mark.parametrize("moment", [0, -1])
def test_the_queries_do_not_grow_with_the_records(history, moment, django_assert_num_queries):
    # What is there now, and what the trail saw begin; what it says; the centre; the same of limits.
    with django_assert_num_queries(7):
        load_known(history.patient, history.seen[moment][0])
