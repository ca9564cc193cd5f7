"""What a centre examines and judges by: who says it, what is refused, and what follows."""

import re
from datetime import date
from uuid import uuid4

import pytest

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from patients.actions import amend
from patients.models import LowerLimit, ProtocolSegment
from patients.selectors import protocol_of
from patients.unusual import plain
from tests.outcomes.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre():
    return Centre.objects.create(code="C1")


@pytest.fixture
def coordinator(centre, client):
    user = open_account("paul@hospital.example", "Paul Example")
    grant_role(user, Role.COORDINATOR, centre=centre)
    client.force_login(user)
    return user


@pytest.fixture
def neurologist(centre, client):
    user = open_account("anne@hospital.example", "Anne Example")
    grant_role(user, Role.NEUROLOGIST, centre=centre)
    client.force_login(user)
    return user


def page(centre, what="standards"):
    return f"/centres/{centre.pk}/{what}/"


def as_read(client, address):
    return re.search(r'name="as_read" value="(\w*)"', client.get(address).content.decode()).group(1)


def limit(centre, nerve="median", mv="4", day="2020-01-01"):
    return LowerLimit.objects.create(
        centre=centre, nerve=nerve, valid_from=day, distal_amplitude_lln_mv=mv
    )


# ── Lower limits ───────────────────────────────────────────────────────────────────────────


def test_a_coordinator_records_a_limit_with_the_day_it_begins(coordinator, centre, client):
    typed = {"nerve": "ulnar", "distal_amplitude_lln_mv": "6,2", "valid_from": "1 Feb 2021"}

    answer = client.post(page(centre, "lower-limits/new"), typed, follow=True)

    made = LowerLimit.objects.get()
    assert (made.centre, made.nerve, plain(made.distal_amplitude_lln_mv)) == (
        centre,
        "ulnar",
        "6.2",
    )
    assert (made.valid_from, made.recorded_by) == (date(2021, 2, 1), coordinator)
    shown = words(answer.content.decode())
    assert "Ulnar 6.2 1 Feb 2021" in shown, shown


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"distal_amplitude_lln_mv": "0"}, "A lower limit of normal is more than 0 mV"),
        ({"distal_amplitude_lln_mv": "51"}, "51 is not possible."),
        ({"valid_from": "1 Jan 2999"}, "lies after today"),
        ({"nerve": ""}, "This field is required."),
        ({"valid_from": "1 Jan 2020"}, "a limit for this nerve from this day already"),
    ],
)
def test_an_impossible_limit_is_refused(coordinator, centre, client, typed, sentence):
    limit(centre)
    usual = {"nerve": "median", "distal_amplitude_lln_mv": "4", "valid_from": "1 Feb 2021"}

    answer = client.post(page(centre, "lower-limits/new"), {**usual, **typed})

    assert sentence in words(answer.content.decode())
    assert LowerLimit.objects.count() == 1


def test_an_unusual_limit_is_asked_about_once(coordinator, centre, client):
    typed = {"nerve": "ulnar", "distal_amplitude_lln_mv": "16", "valid_from": "1 Feb 2021"}
    address = page(centre, "lower-limits/new")

    asked = words(client.post(address, typed).content.decode())
    assert "16 mV is seldom the lower limit of a distal amplitude. Is the unit right?" in asked
    assert not LowerLimit.objects.exists()

    client.post(address, {**typed, "is_right": "yes"})
    assert LowerLimit.objects.exists()


def test_a_limit_is_amended_and_voided_with_a_reason(coordinator, centre, client):
    stored = limit(centre)
    address = page(centre, f"lower-limits/{stored.pk}")
    typed = {"nerve": "median", "distal_amplitude_lln_mv": "5", "valid_from": "1 Jan 2020"}
    read = as_read(client, address)

    assert client.post(address, {**typed, "as_read": read}).status_code == 200
    client.post(address, {**typed, "as_read": read, "reason": "A slip."})
    stored.refresh_from_db()
    assert (plain(stored.distal_amplitude_lln_mv), stored.amend_reason) == ("5", "A slip.")

    void = f"{address}void/"
    read = as_read(client, void)
    assert "Say why." in client.post(void, {"as_read": read}).content.decode()
    client.post(void, {"as_read": read, "reason": "Never in use."})
    assert not LowerLimit.objects.exists()


@pytest.mark.parametrize("what", ["", "void/"])
def test_what_somebody_changed_meanwhile_is_not_overwritten(coordinator, centre, client, what):
    stored = limit(centre)
    address = f"{page(centre, f'lower-limits/{stored.pk}')}{what}"
    read = as_read(client, address)
    amend(stored, {"distal_amplitude_lln_mv": 7}, by=None, reason="A slip.")
    typed = {"nerve": "median", "distal_amplitude_lln_mv": "5", "valid_from": "1 Jan 2020"}

    answer = client.post(address, {**typed, "as_read": read, "reason": "A slip, too."})

    assert answer.status_code == 200
    assert plain(LowerLimit.objects.get().distal_amplitude_lln_mv) == "7"


# ── Protocol ───────────────────────────────────────────────────────────────────────────────


def line(place, nerve, *, sides="both", proximal_site="axilla", at=None):
    return {
        f"place-{place}": str(at or place),
        f"nerve-{place}": nerve,
        f"sides-{place}": sides,
        f"distal_site-{place}": "elbow",
        f"proximal_site-{place}": proximal_site,
    }


def test_a_protocol_is_set_in_its_order_and_lines_without_a_nerve_are_left_out(
    coordinator, centre, client
):
    address = page(centre, "protocol")
    typed = line(1, "radial", at=3) | line(2, "") | line(3, "ulnar", sides="left", at=1)

    client.post(address, {**typed, "as_read": as_read(client, address)})

    assert protocol_of(centre) == [
        ("ulnar", "left", "elbow", "axilla"),
        ("radial", "right", "elbow", "axilla"),
        ("radial", "left", "elbow", "axilla"),
    ]
    assert {s.recorded_by for s in ProtocolSegment.objects.all()} == {coordinator}


def test_what_stays_is_not_written_again_and_what_goes_is_voided(coordinator, centre, client):
    address = page(centre, "protocol")
    typed = line(1, "radial") | line(2, "ulnar")
    client.post(address, {**typed, "as_read": as_read(client, address)})

    client.post(address, {**line(1, "radial"), "as_read": as_read(client, address)})

    assert [s.version for s in ProtocolSegment.objects.all()] == [1]
    gone = ProtocolSegment.including_voided.get(nerve="ulnar")
    assert gone.void_reason == "The protocol was changed."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (line(1, "radial", proximal_site="elbow"), "A segment runs between two sites"),
        (line(1, "radial", sides=""), "Choose nerve, sides and both sites."),
        (line(1, "optic"), "“optic” is not a known code here."),
        (line(1, "radial") | line(2, "radial"), "The protocol has this segment already. Keep one."),
    ],
)
def test_an_impossible_protocol_is_refused(coordinator, centre, client, typed, sentence):
    address = page(centre, "protocol")

    answer = client.post(address, {**typed, "as_read": as_read(client, address)})

    assert sentence in words(answer.content.decode())
    assert not ProtocolSegment.objects.exists()


def test_two_coordinators_do_not_overwrite_each_other(coordinator, centre, client):
    address = page(centre, "protocol")
    read = as_read(client, address)
    client.post(address, {**line(1, "radial"), "as_read": read})

    answer = client.post(address, {**line(1, "ulnar"), "as_read": read})

    assert "Somebody changed the protocol since you opened it." in words(answer.content.decode())
    assert ProtocolSegment.objects.get().nerve == "radial"


# ── Who ────────────────────────────────────────────────────────────────────────────────────


def test_a_neurologist_reads_them_and_sets_nothing(neurologist, centre, client):
    stored = limit(centre)

    shown = client.get(page(centre)).content.decode()

    assert "1 Jan 2020" in shown
    assert "lower-limits" not in shown
    for what in ("protocol", "lower-limits/new", f"lower-limits/{stored.pk}"):
        assert client.get(page(centre, what)).status_code == 403
        assert client.post(page(centre, what)).status_code == 403


def test_another_centre_is_not_found(coordinator, centre, client):
    theirs = Centre.objects.create(code="C2")
    stored = limit(theirs)

    for what in ("standards", "protocol", "lower-limits/new", f"lower-limits/{stored.pk}"):
        assert client.get(page(theirs, what)).status_code == 404
    # Nor under the own centre's address.
    assert client.get(page(centre, f"lower-limits/{stored.pk}")).status_code == 404
    assert client.get(page(centre, f"lower-limits/{uuid4()}")).status_code == 404
