"""Who may read which records, and at what cost."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from mmn_registry.accounts.actions import end_role, grant_role, open_account
from mmn_registry.accounts.roles import Role
from patients.actions import void
from patients.models import Patient
from patients.models.record import Record
from patients.selectors import (
    get_patient_for,
    list_consents,
    list_findings,
    list_laboratory_results,
    list_lower_limits,
    list_patients,
    list_studies,
    list_visits,
    muscle_order,
)
from tests.infusions import examples as given

from . import examples as observed
from .examples import (
    centre,
    grip_strength,
    known_patient,
    lower_limit,
    muscle_score,
    nerve_segment,
    patient,
    saved,
    study,
    visit,
)

EXAMPLES = observed.EXAMPLES | given.EXAMPLES
pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    return saved(patient())


@pytest.fixture
def theirs():
    return saved(patient(study_id="LYO-001", centre=centre("LYON")))


@pytest.fixture
def anna(ours):
    """A neurologist of the first patient's centre."""
    user = open_account("anna@example.org", "Anna Roux")
    grant_role(user, Role.NEUROLOGIST, centre=ours.centre)
    return user


def test_patients_of_other_centres_are_as_unknown_as_none(anna, ours, theirs):
    assert list(Patient.objects.visible_to(anna)) == [ours]
    assert get_patient_for(anna, "SYN-001") == ours

    answers = []
    for study_id in ("LYO-001", "NOBODY", "no/body", "\x00", "", "x" * 5000):
        with pytest.raises(Http404) as unknown:
            get_patient_for(anna, study_id)
        answers.append(str(unknown.value))
    assert set(answers) == {"There is no such patient in your centres."}


def test_a_voided_patient_is_unknown(anna, ours):
    void(ours, by=anna, reason="Registered twice.")

    with pytest.raises(Http404):
        get_patient_for(anna, "SYN-001")


def test_without_a_role_nothing_is_seen(anna, ours):
    stranger = open_account("eve@example.org", "Eve")
    auditor = open_account("otto@example.org", "Otto")
    grant_role(auditor, Role.AUDITOR)
    end_role(anna.memberships.get())

    for nobody in (stranger, auditor, anna, AnonymousUser()):
        assert list(Patient.objects.visible_to(nobody)) == []


def test_a_statistician_sees_all_centres_in_the_order_of_bytes(ours, theirs):
    saved(patient(study_id="a-1"))
    user = open_account("stat@example.org", "Stat")
    grant_role(user, Role.STATISTICIAN)

    assert [p.study_id for p in list_patients(user)] == ["LYO-001", "SYN-001", "a-1"]


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_every_kind_of_record_follows_its_patients_centre(model):
    record = saved(EXAMPLES[model]())
    insider, outsider = (open_account(f"{name}@example.org", name) for name in ("in", "out"))
    grant_role(insider, Role.NEUROLOGIST, centre=centre("SALP"))
    grant_role(outsider, Role.NEUROLOGIST, centre=centre("LYON"))

    assert list(model.objects.visible_to(insider)) == [record]
    assert list(model.objects.visible_to(outsider)) == []


def test_every_kind_of_record_is_among_the_examples():
    assert {model for model in Record.__subclasses__() if not model._meta.abstract} <= set(EXAMPLES)
    assert len(EXAMPLES) == 19


def test_what_is_visible_takes_one_query(anna, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(Patient.objects.visible_to(anna))
    with django_assert_num_queries(1):
        get_patient_for(anna, "SYN-001")


def day(number):
    return date(2020, 1, number)


@pytest.mark.parametrize("number", [1, 3])
def test_visits_take_one_query_per_table(number, django_assert_num_queries):
    for n in range(number):
        seen = saved(visit(visited_on=day(n + 1)))
        for side in ("left", "right"):
            saved(muscle_score(visit=seen, side=side))
            saved(grip_strength(visit=seen, side=side))

    of = known_patient()
    with django_assert_num_queries(3):
        counts = [
            (len(seen.muscle_scores.all()), len(seen.grip_strengths.all()))
            for seen in list_visits(of)
        ]
    assert counts == [(2, 2)] * number


@pytest.mark.parametrize("number", [1, 3])
def test_studies_take_one_query_per_table(number, django_assert_num_queries):
    for n in range(number):
        saved(nerve_segment(study=saved(study(studied_on=day(n + 1)))))

    of = known_patient()
    with django_assert_num_queries(2):
        assert [len(examined.segments.all()) for examined in list_studies(of)] == [1] * number


def test_lists_begin_with_the_first_day():
    later, first = (saved(visit(visited_on=day(n))) for n in (2, 1))

    assert list(list_visits(known_patient())) == [first, later]


def test_lists_hold_the_patients_own_records_that_were_not_voided(ours, theirs):
    lists = {
        observed.laboratory_result: list_laboratory_results,
        observed.finding: list_findings,
        observed.consent: list_consents,
    }
    for example, list_records in lists.items():
        own = saved(example(patient=ours))
        saved(example(patient=theirs))
        assert list(list_records(ours)) == [own]
        void(own, by=None, reason="Typo.")
        assert list(list_records(ours)) == []


def test_lower_limits_are_those_of_the_patients_centre(ours, theirs):
    own = saved(lower_limit())
    saved(lower_limit(centre=theirs.centre))

    assert list(list_lower_limits(ours)) == [own]


def test_scores_are_read_from_shoulder_to_foot_right_before_left():
    seen = saved(visit())
    for muscle in ("hip_flexion", "shoulder_abduction"):
        for side in ("left", "right"):
            saved(muscle_score(visit=seen, muscle=muscle, side=side))

    assert [str(score) for score in sorted(seen.muscle_scores.all(), key=muscle_order)] == [
        "right shoulder abduction: 4-",
        "left shoulder abduction: 4-",
        "right hip flexion: 4-",
        "left hip flexion: 4-",
    ]
