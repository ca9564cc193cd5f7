"""Values that would be known again, sent to every address: none is where it may not be.

That is in logs (PostgreSQL's included), mails, addresses and error pages.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.test import Client

from mmn_registry.logs import NoValues
from mmn_registry.postgres import embedded
from tests.isolation.permission_matrix import (
    People,
    addresses,
    afterwards_as_before,
    path_of,
    pointed_at,
)
from tests.isolation.two_centres import store_two_centres

pytestmark = pytest.mark.django_db
TYPED = {
    "family_name": "Zebrafinch",
    "given_name": "Quokka",
    "hospital_number": "H-4711",
    "born_on": "1950-07-19",
    "visited_on": "17 Jul 2019",
    "weight_kg": "73.913",
    "height_cm": "181.37",
    "mmn_rods": "Axolotl",
    "grip_jamar_kg_left": "37.219",
    "g-wrist_extension-right": "Tapir",
    "reason": "Okapi said so.",
    "confirmed": "Pangolin",
    "code": "Wombat",
    "name": "Dugong",
}
CANARIES = {*TYPED.values(), "Okapi", "2019-07-17"}


@pytest.fixture
def people(tmp_path, settings):
    settings.SECOND_FACTOR = True
    store_two_centres(tmp_path)
    return People()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the loggers of the registry write meanwhile, and PostgreSQL."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(NoValues())
    loggers = [logging.getLogger(name) for name in (None, "django", "django.server")]
    for logger in loggers:
        logger.addHandler(handler)
    server = embedded.cluster().log
    size = server.stat().st_size
    try:
        yield text
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
        with server.open(errors="replace") as log:
            log.seek(size)
            text.write(log.read())


def canaries_in(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary in text}


def test_every_handler_writes_lines_without_values():
    formatters = {handler["formatter"] for handler in settings.LOGGING["handlers"].values()}

    assert formatters == {"no_values"}
    assert settings.LOGGING["formatters"]["no_values"] == {"()": "mmn_registry.logs.NoValues"}


@pytest.mark.skipif(not settings.EMBEDDED, reason="this server's log is not ours to read")
@pytest.mark.parametrize("person", ["coordinator", "administrator", "stranger"])
def test_what_is_sent_to_any_address_stays_out_of_logs_mails_and_addresses(people, person):
    browser = people.browser(person)
    shown, led_to = "", []
    with logged() as log:
        for name, parts in addresses():
            for values in pointed_at(people, parts).values():
                for sent in (TYPED, {**TYPED, "form_key": str(uuid4()), "version": "1"}):
                    with afterwards_as_before(browser):
                        answer = browser.post(path_of(name, values), sent)
                    led_to.append(answer.headers.get("Location", ""))
                    if not answer.streaming:
                        shown += answer.content.decode(errors="replace")
        browser.get("/no-such-page/Zebrafinch/?name=Dugong")

    if person == "coordinator":  # who was shown their typing again
        assert canaries_in(shown) >= {"Zebrafinch", "H-4711", "73.913", "Okapi"}
    assert "no route" in log.getvalue()
    assert canaries_in(log.getvalue()) == set()
    assert canaries_in("".join(led_to)) == set()
    told = "".join(f"{sent.subject}{sent.body}" for sent in mail.outbox)
    assert canaries_in(told) == set()


@pytest.mark.skipif(not settings.EMBEDDED, reason="this server's log is not ours to read")
def test_what_postgresql_refuses_stays_out_of_error_pages_and_logs(people, monkeypatch):
    """Its message quotes the row, and psycopg writes values into the statement."""

    def refused(*_args, **_more):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_centre (code, name) VALUES (%(x)s, ''), (%(x)s, '')",
                {"x": "H-4711"},
            )

    monkeypatch.setattr("patients.views.identity.find_patients", refused)
    browser: Client = people.browser("coordinator")
    with logged() as log:
        answer = browser.post("/patients/find/by-identity/", TYPED)

    assert answer.status_code == 409
    assert "IntegrityError at " in log.getvalue()
    assert "violates unique constraint" in log.getvalue()  # PostgreSQL has logged it, too
    assert canaries_in(log.getvalue()) == set()
    assert canaries_in(answer.content.decode()) == set()
