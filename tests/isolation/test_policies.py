"""PostgreSQL itself refuses what is another centre's, whatever the application forgets."""

from datetime import date

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from mmn_registry.postgres import embedded, roles
from mmn_registry.principal import EVERYWHERE, Kind, Principal, Right, in_force
from patients.actions import record_consent, void, withdraw_consent
from patients.models import Consent, Patient, Visit

from .two_centres import MODELS, findings, store_two_centres

pytestmark = [
    pytest.mark.skipif(not settings.EMBEDDED, reason="this server has one role for everything"),
]
TABLES = [model._meta.db_table for model in MODELS]


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=TABLES)
def test_nobody_reads_or_writes_another_centres_rows_by_raw_sql(model, tmp_path):
    assert findings(model, store_two_centres(tmp_path)) == []


class TestResearch:
    STATISTICIAN = Principal(Kind.USER, reach={Right.RESEARCH: EVERYWHERE})

    @pytest.fixture(autouse=True)
    def _stored(self, db, tmp_path):
        store_two_centres(tmp_path)

    def seen(self):
        with in_force(self.STATISTICIAN):
            return {model: model.including_voided.count() for model in MODELS}

    def withheld(self):
        with in_force(self.STATISTICIAN), connection.cursor() as cursor:
            return cursor.execute("SELECT registry_withheld_count()").fetchone()[0]

    def consent(self, given_on, **changes):
        of = Patient.objects.get(study_id="B-1")
        consent = Consent(
            patient=of, scope="research", form_version="1", given_on=given_on, **changes
        )
        return record_consent(consent, by=None)

    def test_reads_every_table_of_all_centres_and_writes_in_none(self):
        rows = {model: model.including_voided.count() for model in MODELS}

        assert (self.seen(), self.withheld()) == (rows, 0)
        with in_force(self.STATISTICIAN), connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"UPDATE {table} SET version = version + 1")
                assert cursor.rowcount == 0

    def test_leaves_out_who_withdrew_from_it_until_they_come_back(self):
        everybody = Patient.objects.count()
        given = self.consent(date(2004, 1, 1))
        assert self.seen()[Patient] == everybody

        withdraw_consent(given, withdrawn_on=date(2005, 1, 1), by=None)
        assert (self.seen()[Patient], self.withheld()) == (everybody - 1, 1)
        with in_force(self.STATISTICIAN):
            assert not Visit.objects.filter(patient__study_id="B-1").exists()

        again = self.consent(date(2006, 1, 1))
        assert (self.seen()[Patient], self.withheld()) == (everybody, 0)

        void(again, by=None, reason="Another patient's form.")
        assert (self.seen()[Patient], self.withheld()) == (everybody - 1, 1)

    def test_is_no_matter_for_those_who_treat(self):
        self.consent(date(2004, 1, 1), withdrawn_on=date(2005, 1, 1))
        treating = Principal(Kind.USER, reach={Right.READ: frozenset([self.south()])})

        with in_force(treating):
            assert Patient.objects.filter(study_id="B-1").exists()

    def south(self):
        return Patient.objects.get(study_id="B-1").centre_id


@pytest.mark.django_db
def test_every_table_of_records_is_guarded_even_from_its_owner():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
            "AND relnamespace = 'public'::regnamespace"
        )
        guarded = {name for (name,) in cursor.fetchall()}

    assert set(TABLES) <= guarded


@pytest.mark.django_db
def test_no_view_lends_its_owners_eyes():
    """A view that is not of its invoker shows what its owner sees."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') "
            "AND relnamespace = 'public'::regnamespace "
            "AND NOT 'security_invoker=true' = ANY (coalesce(reloptions, '{}'))"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True, databases=["default", "derive", "owner"])
def test_to_drop_any_policy_is_found_out(tmp_path):
    person = store_two_centres(tmp_path)
    probes = _make_probes()
    survivors = []
    for model in MODELS:
        table = model._meta.db_table
        assert [*findings(model, person), *_others(model)] == []
        for policy in _policies(table):
            _as_owner(f"DROP POLICY {policy['name']} ON {table}")
            if not [*findings(model, person), *_others(model)]:
                survivors.append(f"{table}: {policy['name']}")
            _as_owner(policy["create"])
    for probe in probes:
        _as_owner(f"DROP FUNCTION {probe}")

    assert survivors == []


def _as_owner(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def _policies(table: str) -> list[dict[str, str]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT policyname, format('CREATE POLICY %%I ON %%I FOR %%s TO %%s %%s %%s', "
            "policyname, tablename, cmd, array_to_string(roles, ', '), "
            "'USING (' || qual || ')', 'WITH CHECK (' || with_check || ')') "
            "FROM pg_policies WHERE tablename = %s ORDER BY policyname",
            [table],
        )
        return [{"name": name, "create": create} for name, create in cursor.fetchall()]


def _make_probes() -> list[str]:
    """What a function of the owner sees of each table when it runs for somebody else."""
    for table in TABLES:
        _as_owner(
            f"CREATE FUNCTION probe_{table}() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
            f"AS 'SELECT count(*) FROM {table}'"
        )
    return [f"probe_{table}" for table in TABLES]


def _others(model) -> list[str]:
    """What those see who are nobody's person: functions of the owner, and who derives."""
    table, all_rows = model._meta.db_table, model.including_voided.count()
    counts = {}
    with in_force(None), connection.cursor() as cursor:
        cursor.execute(f"SELECT probe_{table}()")
        counts["a function of the owner"] = cursor.fetchone()[0]
    with psycopg.connect(**_derive()) as derive:
        counts["who derives"] = derive.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        plan = "".join(line for (line,) in derive.execute(f"EXPLAIN SELECT * FROM {table}"))
    found = [f"{who} sees {count}" for who, count in counts.items() if count != all_rows]
    return [*found, *(["who derives asks row by row"] if "Filter" in plan else [])]


def _derive() -> dict[str, str]:
    there = embedded.connection_settings(roles.DERIVE)
    name = connections["owner"].settings_dict["NAME"]
    return {
        "dbname": name,
        "user": there["USER"],
        "password": there["PASSWORD"],
        "host": there["HOST"],
        "port": there["PORT"],
    }
