"""Recording, amending and voiding a visit with all that was examined at it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from mmn_registry.accounts.actions import open_account
from patients.actions import StaleRecord, amend, amend_visit, record_visit, void, void_visit
from patients.models import Confirmation, Finding, GripStrength, MuscleScore, Visit
from patients.selectors import get_examination, known_before, list_visits
from patients.unusual import Reading, Unusual, UnusualCode

from .examples import known_patient, saved, visit

pytestmark = pytest.mark.django_db
DAY = date(2020, 3, 2)


@pytest.fixture
def anna():
    return open_account("anna@example.org", "Anna Roux")


def score(muscle="wrist_extension", side="right", grade="4", **more):
    return MuscleScore(muscle=muscle, side=side, mrc_grade=grade, origin="graded", **more)


def grip(value="40", side="left"):
    return GripStrength(side=side, device="vigorimeter_kpa", value=Decimal(value))


def finding(state="present", kind="cramps_or_fasciculations", day=DAY):
    return Finding(patient=known_patient(), observed_on=day, finding=kind, state=state)


def seen(anna, **parts):
    new = visit(visited_on=DAY)
    return record_visit(
        new,
        muscle_scores=parts.get("scores", [score(), score("hip_flexion")]),
        grip_strengths=parts.get("grips", [grip()]),
        findings=parts.get("findings", [finding()]),
        by=anna,
    )


def amended(recorded, anna, *, scores, grips, findings, as_read=None, reason="A slip.", **changes):
    return amend_visit(
        recorded,
        changes,
        muscle_scores=scores,
        grip_strengths=grips,
        findings=findings,
        as_read=as_read or get_examination(recorded).version,
        by=anna,
        reason=reason,
    )


def versions(recorded):
    now = get_examination(recorded)
    parts = (now.visit, *now.muscle_scores, *now.grip_strengths, *now.findings)
    return {str(part): part.version for part in parts}


def test_a_visit_is_recorded_with_grades_grips_findings_and_what_was_confirmed(anna):
    jump = Unusual(UnusualCode.WEIGHT_CHANGED, "weight_kg", "36", "36 kg is 27 kg less.")

    recorded = record_visit(
        visit(visited_on=DAY, weight_kg=36),
        muscle_scores=[score()],
        grip_strengths=[grip()],
        findings=[finding()],
        confirmed=[jump],
        by=anna,
    )

    now = get_examination(recorded)
    assert [str(s) for s in now.muscle_scores] == ["right wrist extension: 4"]
    assert [g.value for g in now.grip_strengths] == [40]
    assert [f.state for f in now.findings] == ["present"]
    (answer,) = Confirmation.objects.all()
    assert (answer.key, answer.record_id) == ("weight_changed:weight_kg:36", recorded.pk)
    assert (answer.confirmed_by, answer.patient) == (anna, recorded.patient)


def test_a_finding_that_is_refused_takes_the_visit_with_it(anna):
    saved(finding())

    with pytest.raises(ValidationError, match="recorded already"):
        seen(anna)

    assert not Visit.objects.exists()


def test_only_what_changed_is_written(anna):
    recorded = seen(anna)

    has_changed = amended(
        recorded,
        anna,
        scores=[score(grade="4+"), score("hip_flexion")],
        grips=[grip()],
        findings=[finding()],
        weight_kg=None,
    )

    assert has_changed
    assert versions(recorded) == {
        "2020-03-02": 2,  # the visit itself, so that everybody sees that it is another
        "right wrist extension: 4+": 2,
        "right hip flexion: 4": 1,
        "left 40.000000000 (vigorimeter kpa)": 1,
        "cramps or fasciculations: present": 1,
    }


def test_nothing_changed_writes_nothing(anna):
    recorded = seen(anna)

    has_changed = amended(
        recorded,
        anna,
        scores=[score("hip_flexion"), score()],
        grips=[grip("40.0")],
        findings=[finding()],
        weight_kg=None,
        visited_on=DAY,
    )

    assert not has_changed
    assert set(versions(recorded).values()) == {1}


def test_what_is_left_out_is_voided_and_what_is_new_recorded(anna):
    recorded = seen(anna)

    amended(
        recorded,
        anna,
        scores=[score(), score("knee_extension", "left", "3")],
        grips=[],
        findings=[],
        reason="Hip was not examined.",
    )

    now = get_examination(recorded)
    assert sorted(str(s) for s in now.muscle_scores) == [
        "left knee extension: 3",
        "right wrist extension: 4",
    ]
    assert (now.grip_strengths, now.findings) == ((), ())
    voided = MuscleScore.including_voided.get(muscle="hip_flexion")
    assert (voided.void_reason, voided.voided_by) == ("Hip was not examined.", anna)


def test_findings_move_with_the_day_of_their_visit(anna):
    recorded = seen(anna)

    day = date(2020, 3, 3)
    amended(
        recorded,
        anna,
        scores=[score(), score("hip_flexion")],
        grips=[grip()],
        findings=[finding(day=day)],
        visited_on=day,
    )

    assert Finding.objects.get().observed_on == day
    assert get_examination(recorded).visit.visited_on == day


@pytest.mark.parametrize("who", ["the visit", "a score", "a new grip", "a finding"])
def test_whatever_of_a_visit_somebody_else_changed_nothing_is_overwritten(anna, who):
    recorded = seen(anna)
    as_read = get_examination(recorded).version
    if who == "the visit":
        amend(recorded, {"weight_kg": Decimal(70)}, by=None, reason="Found it.")
    elif who == "a score":
        amend(MuscleScore.objects.first(), {"mrc_grade": "3"}, by=None, reason="Misread.")
    elif who == "a new grip":
        saved(GripStrength(visit=recorded, side="right", device="jamar_kg", value=20))
    else:
        void(Finding.objects.get(), by=None, reason="Another patient's.")
    before = versions(recorded)

    with pytest.raises(StaleRecord):
        amended(recorded, anna, scores=[], grips=[], findings=[], as_read=as_read)

    assert versions(recorded) == before


def test_an_amended_visit_needs_a_reason(anna):
    recorded = seen(anna)

    with pytest.raises(ValidationError, match="Say why"):
        amended(recorded, anna, scores=[], grips=[], findings=[], reason=" ")

    assert len(get_examination(recorded).muscle_scores) == 2


def test_a_voided_visit_takes_grades_grips_and_the_findings_of_its_day_along(anna):
    recorded = seen(anna)
    other_day = saved(finding(day=date(2020, 3, 1)))

    void_visit(
        recorded, as_read=get_examination(recorded).version, by=anna, reason="Another patient."
    )

    assert get_examination(recorded) is None
    assert not MuscleScore.objects.exists()
    assert not GripStrength.objects.exists()
    assert list(Finding.objects.all()) == [other_day]


def test_a_visit_that_changed_meanwhile_is_not_voided(anna):
    recorded = seen(anna)
    as_read = get_examination(recorded).version
    amend(MuscleScore.objects.first(), {"mrc_grade": "3"}, by=None, reason="Misread.")

    with pytest.raises(StaleRecord):
        void_visit(recorded, as_read=as_read, by=anna, reason="Another patient.")

    assert get_examination(recorded) is not None


def test_known_before_are_the_last_grades_and_the_last_value_of_each_number(anna):
    record_visit(
        visit(visited_on=date(2019, 1, 1), weight_kg=70, onls_arm=2),
        muscle_scores=[score(grade="3"), score("thumb_flexion", grade="2", not_due_to_mmn=True)],
        grip_strengths=[grip("30")],
        by=anna,
    )
    record_visit(visit(visited_on=date(2020, 1, 1), weight_kg=71), by=anna)
    later = seen(anna)

    before = known_before(list_visits(later.patient), DAY)

    assert before.examined_on == date(2019, 1, 1)
    assert before.grades == {
        ("wrist_extension", "right"): "3",
        ("thumb_flexion", "right"): "2",
    }
    assert before.other_cause == {("thumb_flexion", "right")}
    assert before.muscles == {"wrist_extension", "thumb_flexion"}
    assert before.readings == {
        "weight_kg": Reading(Decimal(71), date(2020, 1, 1)),
        "onls_arm": Reading(2, date(2019, 1, 1)),
        "grip_vigorimeter_kpa_left": Reading(Decimal(30), date(2019, 1, 1)),
    }
