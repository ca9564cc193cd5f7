"""A cohort that is stored once for the tests of a file, and people who may read it."""

import pytest
from django.db import transaction

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre, User
from mmn_registry.accounts.roles import Role
from tests.fhir.cohort import store_cohort
from tests.outcomes.stories import neurologist


@pytest.fixture(scope="module")
def _cohort(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), transaction.atomic():
        store_cohort(tmp_path_factory.mktemp("bundle"), "N-1", "N-2", "N-3")
        neurologist("North")
        for role in (Role.STATISTICIAN, Role.AUDITOR):
            grant_role(open_account(f"{role}@hospital.example", "Somebody"), role)
        coordinator = open_account("coordinator@hospital.example", "Somebody")
        grant_role(coordinator, Role.COORDINATOR, centre=Centre.objects.get(code="North"))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def cohort(_cohort, db):
    """North has three patients, South one; nobody is signed in."""


@pytest.fixture
def who(cohort, client):
    def signed_in(name):
        client.force_login(User.objects.get(email=f"{name}@hospital.example"))
        return client

    return signed_in


@pytest.fixture
def treating(who):
    """A neurologist of North."""
    return who("north")


@pytest.fixture
def statistician(who):
    """Somebody who reads all centres by months."""
    return who("statistician")
