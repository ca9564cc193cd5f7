"""Every table of the database is watched, or left alone by name."""

import pytest
from django.db import connection

from mmn_registry.audit.coverage import NOT_WATCHED, ONLY_GROW, TABLES, gaps
from patients.models.record import Record
from tests.audit.test_writing import EXAMPLES
from tests.audit.told import above

pytestmark = pytest.mark.django_db


def tables() -> set[str]:
    with connection.cursor() as cursor:
        return {name for name, _triggers in cursor.execute(TABLES).fetchall()}


def test_every_table_is_watched_or_left_alone_with_a_reason():
    with connection.cursor() as cursor:
        assert gaps(cursor) == []
    assert all(reason.endswith(".") for reason in NOT_WATCHED.values())


def test_no_table_is_left_alone_that_is_not_there_or_is_watched():
    with connection.cursor() as cursor:
        watched = {
            name
            for name, triggers in cursor.execute(TABLES).fetchall()
            if name not in ONLY_GROW and triggers
        }

    assert set(NOT_WATCHED) <= tables()
    assert set(NOT_WATCHED) & watched == set()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_new_table_must_be_watched_or_named():
    with above() as session:
        session.execute("CREATE TABLE forgotten (id uuid)")
        try:
            found = [gap.table for gap in gaps(session.cursor())]
        finally:
            session.execute("DROP TABLE forgotten")

    assert found == ["forgotten"]


def test_every_kind_of_record_is_among_the_tests_of_writing():
    recorded = {model for model in Record.__subclasses__() if not model._meta.abstract}
    recorded |= {
        model
        for abstract in Record.__subclasses__()
        for model in abstract.__subclasses__()
        if not model._meta.abstract
    }

    assert recorded <= set(EXAMPLES)
    assert len(recorded) == 19
