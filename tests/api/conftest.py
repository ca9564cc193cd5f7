"""A small bundle of two centres, and people who may read one, both or none of them."""

import pytest

from mmn_registry.bundle import load_bundle
from tests.api.asking import LEGER
from tests.bundles import SMALL_BUNDLE
from tests.outcomes.stories import neurologist


@pytest.fixture
def small(db):
    """A-1 and A-2 of North, B-1 of South."""
    load_bundle(SMALL_BUNDLE)


@pytest.fixture
def reader(small, client):
    """Somebody of both centres."""
    client.force_login(neurologist("North", "South"))
    return client


@pytest.fixture
def northerner(small, client):
    """Somebody of one of the two."""
    client.force_login(neurologist("North"))
    return client


@pytest.fixture
def leger(db, client):
    """Somebody of the centre whose cohort was published in 2008."""
    load_bundle(LEGER)
    client.force_login(neurologist("SALP"))
    return client
