"""What is typed is kept for who typed it, and a form that is sent twice is saved once."""

from datetime import date, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.utils import timezone

from mmn_registry.accounts.actions import end_role, grant_role
from mmn_registry.accounts.models import Membership
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.principal import Kind, Principal, in_force, operator
from patients.actions import record_visit
from patients.chores import remove_forgotten_drafts
from patients.drafts import (
    FormSentAgain,
    discard_draft,
    find_draft,
    keep_draft,
    list_drafts,
    submit_once,
)
from patients.models import Draft, Submission, Visit
from tests.outcomes.stories import neurologist

from .examples import patient, saved, visit

pytestmark = pytest.mark.django_db
ADDRESS = "/patients/SYN-001/visits/new/"


@pytest.fixture
def of():
    return saved(patient())


@pytest.fixture
def anna():
    return neurologist("SALP")


def kept(owner, of, typed="g-wrist_extension-right=4", key=None, address=ADDRESS):
    key = key or uuid4()
    keep_draft(owner, key=key, address=address, typed=typed, patient=of)
    return key


def test_what_is_typed_stands_over_what_was_typed_before(anna, of):
    with in_force(principal_for(anna)):
        key = kept(anna, of, "weight_kg=7")
        kept(anna, of, "weight_kg=70", key=key)

        draft = find_draft(anna, ADDRESS)
        assert (draft.typed, draft.patient) == ("weight_kg=70", of)
        assert list_drafts(anna).count() == 1
        assert find_draft(anna, "/patients/SYN-002/visits/new/") is None


def test_it_says_when_it_was_saved_by_the_clock_of_the_database(anna, of):
    with in_force(principal_for(anna)):
        saved_at = keep_draft(anna, key=uuid4(), address=ADDRESS, typed="", patient=of)

        assert saved_at == Draft.objects.get().saved_at
        assert saved_at.tzinfo is not None


def test_a_discarded_draft_is_gone(anna, of):
    with in_force(principal_for(anna)):
        other = kept(anna, of)
        key = kept(anna, of, address=ADDRESS + "?")
        discard_draft(anna, key)

        assert [draft.key for draft in list_drafts(anna)] == [other]


def test_nobody_else_sees_or_changes_a_draft_in_the_database(anna, of):
    colleague = neurologist("SALP", "OTHER")
    with in_force(principal_for(anna)):
        key = kept(anna, of)
        assert Draft.objects.count() == 1

    for somebody in (principal_for(colleague), operator("export_bundle"), None):
        with in_force(somebody):
            assert not Draft.objects.exists()
            assert Draft.objects.update(typed="") == 0
            assert Draft.objects.filter(key=key).delete()[0] == 0
    with in_force(principal_for(anna)):
        assert Draft.objects.get().typed


def test_nobody_writes_a_draft_in_anothers_name(anna, of):
    colleague = neurologist("SALP", "OTHER")

    with (
        in_force(principal_for(colleague)),
        pytest.raises(Exception, match="row-level security"),
    ):
        kept(anna, of)


def test_who_left_the_centre_no_longer_reads_what_they_typed_of_its_patient(anna, of):
    with in_force(principal_for(anna)):
        kept(anna, of)
    end_role(Membership.objects.get(user=anna))
    grant_role(anna, Role.NEUROLOGIST, centre=neurologist("OTHER").memberships.get().centre)

    with in_force(principal_for(anna)):
        assert not Draft.objects.exists()


def test_nobody_changes_who_sent_what():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('patients_submission', 'UPDATE'), "
            "has_table_privilege('patients_confirmation', 'UPDATE, DELETE')"
        )
        assert cursor.fetchone() == (False, False)


def sent(owner, key, of, day=date(2020, 3, 2)):
    new = visit(patient=of, visited_on=day)
    return submit_once(owner, key, new.pk, lambda: record_visit(new, by=owner))


def test_only_the_worker_forgets_drafts_and_keys_and_only_those_of_90_days(anna, of):
    with in_force(principal_for(anna)):
        for days in (1, 89, 91):
            saved_at = timezone.now() - timedelta(days=days)
            Submission.objects.create(owner=anna, key=uuid4(), record_id=uuid4(), saved_at=saved_at)
            Draft.objects.filter(key=kept(anna, of)).update(saved_at=saved_at)

    def left():
        with in_force(principal_for(anna)):
            return Draft.objects.count(), Submission.objects.count()

    colleague = principal_for(neurologist("SALP", "OTHER"))
    for somebody in (colleague, operator("export_bundle"), None):
        with in_force(somebody):
            remove_forgotten_drafts()
        assert left() == (3, 3)
    with in_force(Principal(Kind.WORKER, name="remove forgotten drafts")):
        remove_forgotten_drafts()
    assert left() == (2, 2)
    with in_force(principal_for(anna)):
        remove_forgotten_drafts()  # drafts are theirs to discard; what they sent is not
    assert left() == (0, 2)


def test_a_form_that_is_saved_lets_its_draft_go(anna, of):
    with in_force(principal_for(anna)):
        key = kept(anna, of)
        recorded = sent(anna, key, of)

        assert not Draft.objects.exists()
        assert Submission.objects.get().record_id == recorded.pk


def test_typing_that_arrives_after_its_form_was_saved_is_no_draft_again(anna, of):
    with in_force(principal_for(anna)):
        key = kept(anna, of)
        sent(anna, key, of)

        assert keep_draft(anna, key=key, address=ADDRESS, typed="late", patient=of) is None
        assert not Draft.objects.exists()


def test_a_form_sent_again_names_the_record_it_made(anna, of):
    with in_force(principal_for(anna)):
        recorded = sent(anna, key := uuid4(), of)

        with pytest.raises(FormSentAgain) as again:
            sent(anna, key, of, day=date(2020, 3, 3))

        assert again.value.record_id == recorded.pk
        assert Visit.objects.count() == 1


def test_a_form_that_was_refused_may_be_sent_again(anna, of):
    with in_force(principal_for(anna)):
        key = kept(anna, of)
        sent(anna, uuid4(), of)
        with pytest.raises(Exception, match="has a visit on this day"):
            sent(anna, key, of)

        assert Draft.objects.count() == 1
        sent(anna, key, of, day=date(2020, 3, 4))
        assert Visit.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_ten_that_arrive_together_one_is_saved(anna, of):
    key, answers = uuid4(), []

    def send():
        try:
            with in_force(principal_for(anna)):
                answers.append(sent(anna, key, of).pk)
        except FormSentAgain as again:
            answers.append(again.record_id)
        finally:
            connections.close_all()

    threads = [Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (recorded,) = Visit.objects.all()
    assert answers == [recorded.pk] * 10
