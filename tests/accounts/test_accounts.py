"""People, centres, and who may read what where."""

from datetime import date, timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from mmn_registry.accounts.actions import (
    close_data,
    end_role,
    grant_role,
    open_account,
    open_centre,
)
from mmn_registry.accounts.models import Centre, Membership, User
from mmn_registry.accounts.roles import Permission, Role
from mmn_registry.accounts.selectors import can, check_can, visible_centres

READ = Permission.READ_RECORDS
pytestmark = pytest.mark.django_db


@pytest.fixture
def paris():
    return open_centre(Centre(code="SALP", name="Paris"))


@pytest.fixture
def lyon():
    return open_centre(Centre(code="LYON", name="Lyon"))


@pytest.fixture
def anna():
    return open_account("Anna@Example.org", "Anna Roux", password="seven green boats")


def codes_of(people, permission=READ):
    return [centre.code for centre in visible_centres(people, permission)]


def error_codes(record):
    with pytest.raises(ValidationError) as refused:
        record.full_clean()
    errors = refused.value.error_dict
    return {field: [error.code for error in found] for field, found in errors.items()}


def test_an_address_signs_in_however_it_is_capitalised(anna):
    assert authenticate(username="ANNA@example.org", password="seven green boats") == anna


def test_an_address_belongs_to_one_person_in_any_case(anna):
    twin = User(email="ANNA@EXAMPLE.ORG", full_name="Anna Blanc", password="-")

    assert error_codes(twin) == {"email": ["unique"]}
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="anna@example.org", full_name="Anna Blanc")])
    with pytest.raises(IntegrityError, match="in_small_letters"), transaction.atomic():
        User.objects.bulk_create([User(email="Anna@Example.org", full_name="Anna Blanc")])


def test_without_a_password_nobody_signs_in():
    open_account("nobody@example.org", "Nobody")

    assert authenticate(username="nobody@example.org", password="") is None


def test_a_member_sees_the_own_centre_only(anna, paris, lyon):
    grant_role(anna, Role.NEUROLOGIST, centre=paris)

    assert codes_of(anna) == ["SALP"]
    assert can(anna, READ, paris)
    assert not can(anna, READ, lyon)
    assert can(anna, READ)


def test_a_role_without_a_centre_holds_in_all(anna, paris, lyon):
    grant_role(anna, Role.STATISTICIAN)

    assert codes_of(anna) == ["LYON", "SALP"]
    assert can(anna, READ, lyon)
    assert not can(anna, Permission.WRITE_RECORDS, lyon)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_auditors_and_administrators_see_no_records(anna, paris, role):
    grant_role(anna, role)

    assert codes_of(anna) == []


def test_two_roles_add_up(anna, paris, lyon):
    grant_role(anna, Role.STATISTICIAN)
    grant_role(anna, Role.NEUROLOGIST, centre=lyon)

    assert codes_of(anna, Permission.WRITE_RECORDS) == ["LYON"]
    assert codes_of(anna) == ["LYON", "SALP"]


def test_an_ended_role_is_over_at_once(anna, paris):
    held = grant_role(anna, Role.NEUROLOGIST, centre=paris)
    assert codes_of(anna) == ["SALP"]

    end_role(held)

    assert codes_of(anna) == []


def test_a_role_begins_on_its_day(anna, paris):
    tomorrow = timezone.localdate() + timedelta(days=1)
    Membership.objects.create(
        user=anna, centre=paris, role=Role.NEUROLOGIST, valid_from=tomorrow, valid_to=None
    )

    assert codes_of(anna) == []
    assert Membership.objects.running_on(tomorrow).count() == 1


def test_a_role_may_be_granted_again_after_it_ended(anna, paris):
    end_role(grant_role(anna, Role.NEUROLOGIST, centre=paris))

    grant_role(anna, Role.NEUROLOGIST, centre=paris)

    assert codes_of(anna) == ["SALP"]


def test_people_who_left_and_strangers_see_nothing(anna, paris):
    grant_role(anna, Role.NEUROLOGIST, centre=paris)
    anna.is_active = False

    assert codes_of(anna) == []
    assert codes_of(AnonymousUser()) == []


def test_a_refusal_names_the_missing_right(anna, paris):
    grant_role(anna, Role.STATISTICIAN)

    check_can(anna, READ, paris)
    with pytest.raises(PermissionDenied, match="Record, amend and void"):
        check_can(anna, Permission.WRITE_RECORDS, paris)


def test_visible_centres_take_one_query(anna, paris, lyon, django_assert_num_queries):
    grant_role(anna, Role.STATISTICIAN)

    with django_assert_num_queries(1):
        assert len(visible_centres(anna, READ)) == 2


def test_the_data_of_a_centre_close_and_open_again(paris):
    close_data(paris, date(2008, 12, 31))
    assert Centre.objects.get().data_closed_on == date(2008, 12, 31)

    close_data(paris, None)
    assert Centre.objects.get().data_closed_on is None


MISFITS = {
    "a role that nobody has": ({"role": "surgeon"}, "role", "invalid_choice"),
    "a neurologist of no centre": ({"centre": None}, "__all__", "centre_needed"),
    "a role that ends before it begins": (
        {"valid_from": date(2024, 2, 1), "valid_to": date(2024, 1, 31)},
        "__all__",
        "ends_before_start",
    ),
    "a role held twice": ({}, "__all__", "duplicate_membership"),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_memberships_that_are_refused(anna, paris, misfit):
    changes, field, code = MISFITS[misfit]
    grant_role(anna, Role.NEUROLOGIST, centre=paris)
    membership = {"user": anna, "centre": paris, "role": Role.NEUROLOGIST, "valid_to": None}
    refused = Membership(**{**membership, **changes})

    assert error_codes(refused)[field] == [code]
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.bulk_create([refused])


def test_a_role_in_all_centres_is_held_once(anna):
    grant_role(anna, Role.AUDITOR)

    with pytest.raises(IntegrityError, match="role_held_once"), transaction.atomic():
        Membership.objects.create(user=anna, role=Role.AUDITOR)


@pytest.mark.parametrize("code", ["=1+1", "+A", "-A", "@A", "\tA", "A\r", "A\x00", " A", "A "])
def test_a_code_that_a_spreadsheet_would_run_names_no_centre(code):
    assert error_codes(Centre(code=code)) == {"code": ["unfit_name"]}
    if "\x00" not in code:  # which PostgreSQL cannot hold at all
        with pytest.raises(IntegrityError, match="code_fit"), transaction.atomic():
            Centre.objects.create(code=code)


def test_centres_come_in_the_order_of_bytes():
    for code in ("b", "a", "B", "Ä"):
        open_centre(Centre(code=code))

    assert [centre.code for centre in Centre.objects.all()] == ["B", "a", "b", "Ä"]


def test_a_code_names_one_centre(paris):
    assert error_codes(Centre(code="SALP")) == {"__all__": ["duplicate_centre"]}
