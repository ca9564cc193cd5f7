"""A database that fails at any moment: nothing half done, 503, and the next request works."""

import re
import time
from contextlib import contextmanager, nullcontext
from html import unescape
from types import SimpleNamespace

import psycopg
import pytest
from django.db import (
    IntegrityError,
    InternalError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
    transaction,
)
from django.test import Client
from psycopg import errors

from mmn_registry import faults, principal
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.postgres import waits
from patients.models import Visit
from tests.isolation.permission_matrix import afterwards_as_before
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
NEW = "/patients/P-1/visits/new/"
TYPED = {
    "form_key": "0b5d1c62-7e7e-4c55-9a55-3e1c1e2e1b9a",
    "visited_on": "20 Jul 2021",
    "g-wrist_extension-right": "4+",
    "weight_kg": "70.5",
    "comment": 'a "quoted"\nremark',
}


@pytest.fixture
def user(tmp_path):
    store_patient(tmp_path / "b")
    return neurologist("C1")


@pytest.fixture
def browser(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@contextmanager
def failing_at(number: int):
    """The statement of this number fails, from 1; says how many were asked for."""
    asked = SimpleNamespace(count=0, sql="")

    def execute(run, *statement):
        asked.count += 1
        if asked.count == number:
            asked.sql = statement[0]
            raise OperationalError("the connection is lost")
        return run(*statement)

    with connection.execute_wrapper(execute):
        yield asked


def recorded():
    """The new visits, each with its number of grades."""
    new = Visit.objects.filter(visited_on="2021-07-20")
    return [seen.muscle_scores.count() for seen in new]


def kept_inputs(page: str) -> dict[str, str]:
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in pairs}


def test_whichever_statement_of_a_saved_visit_fails_it_is_stored_whole_and_once(browser):
    number, refused, sent_again = 0, 0, 0
    while True:
        number += 1
        with afterwards_as_before(browser):
            with failing_at(number) as asked:
                answer = browser.post(NEW, TYPED)
            if asked.count < number:
                break
            stored = recorded()
            assert stored in ([], [1]), f"half done at statement {number}"
            refused += 1
            assert answer.status_code == 503, (number, asked.sql)
            assert answer.headers["Retry-After"] == "5"
            # Where it was stored already, and once where it was not.
            if stored or number == 1:
                sent_again += 1
                again = browser.post(NEW, kept_inputs(answer.content.decode()))
                assert (again.status_code, recorded()) == (302, [1]), number

    assert answer.status_code == 302
    assert refused > 20
    assert sent_again > 1


def test_whichever_statement_of_a_program_that_writes_fails_it_may_be_sent_again(browser):
    """With the same key: stored whole, and once, whether the answer or the work was lost."""
    score = {"muscle": "wrist_extension", "side": "left", "mrc_grade": "4"}
    visit = {"study_id": "P-1", "visited_on": "2021-07-20", "muscle_scores": [score]}
    sent = {"content_type": "application/json", "headers": {"Idempotency-Key": "k"}}
    number = 0
    while True:
        number += 1
        with afterwards_as_before(browser):
            with failing_at(number) as asked:
                answer = browser.post("/api/v1/visits/", visit, **sent)
            if asked.count < number:
                break
            assert (answer.status_code, recorded()) in ((503, []), (503, [1])), (number, asked.sql)
            if number % 5 == 1:
                again = browser.post("/api/v1/visits/", visit, **sent)
                assert (again.status_code, recorded()) == (201, [1]), number

    assert answer.status_code == 201
    assert number > 15


def test_a_page_of_a_lost_database_keeps_what_was_typed_and_nothing_of_a_secret(browser):
    with failing_at(1):
        visit = browser.post(NEW, TYPED)
    with failing_at(1):
        identity = browser.post("/patients/find/by-identity/", {"family_name": "Zebrafinch"})
    with failing_at(1):
        sign_in = Client(raise_request_exception=False).post(
            "/sign-in/", {"login": "anne@hospital.example", "password": "a long enough one"}
        )
    with failing_at(1):
        read = browser.get("/patients/P-1/")

    assert [a.status_code for a in (visit, identity, sign_in, read)] == [503] * 4
    assert {a.headers["Cache-Control"] for a in (visit, identity, sign_in, read)} == {"no-store"}
    assert kept_inputs(visit.content.decode()) == TYPED
    for page in (identity, sign_in):
        text = page.content.decode()
        assert "hidden" not in text
        assert not {"Zebrafinch", "anne@", "long enough"} & set(re.findall(r"[\w@ ]+", text))
    assert 'href="/patients/P-1/">Try again' in read.content.decode()
    assert browser.get("/patients/P-1/").status_code == 200


def test_a_program_is_told_as_problem_details(browser):
    number, answer = 0, None
    while True:
        number += 1
        with failing_at(number) as asked:
            answer = browser.get("/api/v1/patients/")
        if asked.count < number:
            break
        assert answer.headers["Content-Type"] == "application/problem+json", number
        assert answer.headers["Retry-After"] == "5"
        assert answer.json() == {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "code": "service_unavailable",
            "detail": "The database cannot answer now. Nothing is wrong with the request: "
            "send it again.",
            "errors": [],
            "request_id": answer.headers["MMN-Request-Id"],
        }

    assert answer.status_code == 200
    assert number > 4


def caused(error, by):
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError(), 503),
        (caused(OperationalError(), errors.QueryCanceled()), 503),
        (caused(OperationalError(), errors.LockNotAvailable()), 503),
        (caused(OperationalError(), errors.DiskFull()), 503),
        (caused(InternalError(), errors.IdleInTransactionSessionTimeout()), 503),
        (caused(InternalError(), errors.InFailedSqlTransaction()), None),
        (errors.AdminShutdown(), 503),
        (caused(IntegrityError(), errors.UniqueViolation()), 409),
        (caused(IntegrityError(), errors.NotNullViolation()), None),
        (ValueError(), None),
        (None, None),
    ],
    ids=lambda value: type(getattr(value, "__cause__", None) or value).__name__,
)
def test_a_fault_of_the_database_is_told_from_one_of_ours(error, status):
    assert faults.status_of(error) == status


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_another_is_told_so_after_the_lock_timeout(browser, user, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "WAITS", waits.Waits(5, 1, 5))
    # As a web server connects: nobody has signed in yet.
    with principal.in_force(None):
        connection.close()
        connection.ensure_connection()
    # Somebody who has taken the table away, and does not come back.
    with psycopg.connect(**connections["owner"].get_connection_params()) as other:
        other.execute("LOCK TABLE patients_submission IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        answer = browser.post(NEW, TYPED)
        waited = time.monotonic() - began
        other.rollback()

    assert (answer.status_code, recorded()) == (503, [])
    assert 0.9 < waited < 4
    assert browser.post(NEW, kept_inputs(answer.content.decode())).status_code == 302
    assert recorded() == [1]
    connection.close()  # with these limits


@pytest.mark.django_db(transaction=True)
def test_an_answer_lost_at_commit_is_sent_again_and_stored_once(browser, monkeypatch):
    commit, written, lost = connection._commit, [], []

    def commit_and_lose():
        commit()
        if written and not lost:
            lost.append("the answer")
            raise OperationalError("the connection is lost")

    def execute(run, sql, *more):
        if sql.startswith('INSERT INTO "patients_visit"'):
            written.append(sql)
        return run(sql, *more)

    monkeypatch.setattr(connection, "_commit", commit_and_lose)

    with connection.execute_wrapper(execute):
        answer = browser.post(NEW, TYPED)

    assert (answer.status_code, recorded(), lost) == (503, [1], ["the answer"])
    assert browser.post(NEW, kept_inputs(answer.content.decode())).status_code == 302
    assert recorded() == [1]


@pytest.mark.django_db(transaction=True)
def test_a_session_that_the_server_ends_is_replaced_for_the_next_request(browser):
    with principal.in_force(None):
        parameters = connection.get_connection_params()
    asked = SimpleNamespace(count=0)

    def execute(run, *statement):
        asked.count += 1
        if asked.count == 20:  # within the transaction of the visit
            with psycopg.connect(**parameters, autocommit=True) as other:
                pid = connection.connection.info.backend_pid
                other.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
        return run(*statement)

    with connection.execute_wrapper(execute):
        answer = browser.post(NEW, TYPED)
    close_old_connections()  # as a web server does before each request

    assert answer.status_code == 503
    assert recorded() == []
    assert browser.post(NEW, kept_inputs(answer.content.decode())).status_code == 302
    assert recorded() == [1]


def test_nobody_waits_for_ever(monkeypatch):
    asked = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name"
    names = ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"]
    found = {}
    for alias in ("default", "derive", "owner"):
        with principal.in_force(None):
            person = connections[alias].get_connection_params()
        command = connections[alias].get_connection_params()  # tests act as an operator
        for who, parameters in (("person", person), ("command", command)):
            assert waits.NETWORK.items() <= parameters.items()
            with psycopg.connect(**parameters) as session:
                rows = session.execute(asked, [names]).fetchall()
            found[alias, who] = [int(milliseconds) // 1000 for _name, milliseconds in rows]

    assert found == {
        ("default", "person"): [30, 3, 20],
        ("default", "command"): [600, 600, 3600],
        ("derive", "person"): [60, 20, 30],
        ("derive", "command"): [600, 600, 3600],
        ("owner", "person"): [600, 600, 3600],
        ("owner", "command"): [600, 600, 3600],
    }


def test_an_export_may_take_longer_than_a_page(user):
    shown = []
    with principal.in_force(principal_for(user)), transaction.atomic():
        for who in (nullcontext(), principal.exporting()):
            with who, connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                shown.append(cursor.fetchone()[0])

    assert shown[1] == "10min"
    assert shown[0] != shown[1]
