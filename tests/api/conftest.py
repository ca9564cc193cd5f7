"""Cohorts that are loaded once for the tests of a file, and people who may read them."""

from contextlib import contextmanager

import pytest
from django.db import transaction

from mmn_registry.accounts.models import User
from mmn_registry.bundle import load_bundle
from tests.api.asking import LEGER
from tests.bundles import SMALL_BUNDLE
from tests.outcomes.stories import neurologist


@pytest.fixture(scope="module")
def stored(django_db_setup, django_db_blocker):
    """Store something for all tests of a file; each of them rolls back to it."""

    @contextmanager
    def while_open(bundle, *people):
        with django_db_blocker.unblock(), transaction.atomic():
            load_bundle(bundle)
            for codes in people:
                neurologist(*codes)
            yield
            transaction.set_rollback(True)

    return while_open


@pytest.fixture(scope="module")
def small_cohort(stored):
    """A-1 and A-2 of North, B-1 of South."""
    with stored(SMALL_BUNDLE, ["North", "South"], ["North"]):
        yield


@pytest.fixture(scope="module")
def leger_cohort(stored):
    """The cohort that was published in 2008."""
    with stored(LEGER, ["SALP"]):
        yield


@pytest.fixture
def small(small_cohort, db):
    """Two centres, and nobody signed in."""


@pytest.fixture
def reader(small, client):
    """Somebody of both centres."""
    client.force_login(User.objects.get(email="north-south@hospital.example"))
    return client


@pytest.fixture
def northerner(small, client):
    """Somebody of one of the two."""
    client.force_login(User.objects.get(email="north@hospital.example"))
    return client


@pytest.fixture
def leger(leger_cohort, db, client):
    """Somebody of the only centre there is."""
    client.force_login(User.objects.get())
    return client
