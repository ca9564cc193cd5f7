"""Nothing typed is lost: edits in turns, double clicks, and a server killed in mid form."""

import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory

from django.test import Client

from benchmarks.clone import Clone
from benchmarks.database import as_operator, filled_database
from benchmarks.figures import Figure
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.demo_data.loading import PASSWORD
from patients.models import LaboratoryResult, Patient
from tests.accounts.signing_in import sign_in
from tests.outcomes.typists import Typist, edit_in_turns, inputs

EDITS = 200
DOUBLE_CLICKS = 20
PATIENTS = 40
KEYS = 60


def two_people_and_impatient_ones() -> Iterator[Figure]:
    with filled_database(PATIENTS), as_operator():
        centre = Centre.objects.earliest("code")
        clients = [_signed_in(f"doctor{n}@hospital.example", centre) for n in range(2)]
        patient = Patient.objects.filter(centre=centre).earliest("study_id")
        base = f"/patients/{patient.study_id}/laboratory/"
        yield _edits_in_turns(clients, base, patient)
        yield _double_clicks(clients[0], base, patient)


def _signed_in(address: str, centre: Centre) -> Client:
    doctor = open_account(address, "Anne Example")
    grant_role(doctor, Role.NEUROLOGIST, centre=centre)
    client = Client(SERVER_NAME="localhost")
    sign_in(client, doctor)
    return client


def _edits_in_turns(clients: list[Client], base: str, patient: Patient) -> Figure:
    _record(clients[0], base, test="iga", taken_on="2 Jan 2026", clicks=1)
    result = LaboratoryResult.objects.get(patient=patient, test="iga", taken_on="2026-01-02")
    one, other = (
        Typist(client, f"{base}{result.pk}/", field)
        for client, field in zip(clients, ("unit", "method"), strict=True)
    )
    asked = edit_in_turns((one, other), EDITS)
    result.refresh_from_db()
    kept = (
        result.version - 1
        if (result.unit, result.method) == (str(EDITS - 2), str(EDITS - 1))
        else 0
    )
    note = f"{asked} met the other's version and chose"
    return Figure(f"of {EDITS} edits in turns, lost", EDITS - kept, "edits", limit=0, note=note)


def _record(client: Client, base: str, *, clicks: int, **typed: str) -> None:
    sent = inputs(client.get(f"{base}new/").content.decode()) | typed
    for _click in range(clicks):
        client.post(f"{base}new/", sent)


def _double_clicks(client: Client, base: str, patient: Patient) -> Figure:
    found = LaboratoryResult.objects.filter(patient=patient)
    before = found.count()
    for number in range(DOUBLE_CLICKS):
        _record(client, base, test="ck", taken_on=f"{number + 1} Mar 2026", clicks=2)
    made = found.count() - before
    return Figure(
        f"records made by {DOUBLE_CLICKS} double clicks, too many or too few",
        abs(made - DOUBLE_CLICKS),
        "records",
        limit=0,
    )


# ── A server killed in mid form ──────────────────────────────────────────────────────────────


class Browser:
    """As much of one as the drill needs."""

    def __init__(self, port: int) -> None:
        self.base = f"http://localhost:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = self.get("/sign-in/")
        typed = {"login": "neurologist@demo.example", "password": PASSWORD}
        self.post("/sign-in/", typed | _token(page))

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path, timeout=30) as answer:
            return answer.read().decode()

    def post(self, path: str, typed: dict[str, str]) -> str:
        body = urllib.parse.urlencode(typed).encode()
        request = urllib.request.Request(self.base + path, body)  # noqa: S310
        with self.opener.open(request, timeout=30) as answer:
            return answer.read().decode()


def _token(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    return {"csrfmiddlewaretoken": found.group(1)}


def killed_in_mid_form() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="mmn-prove-") as name:
        clone = Clone.into(Path(name) / "registry")
        clone.run("make", "setup")
        demo = clone.demo()
        address = "/patients/SYN-021/visits/new/"
        browser = Browser(clone.port)
        typed = inputs(browser.get(address)) | _token(browser.get(address))
        for number in range(KEYS):
            typed |= {"weight_kg": str(40 + number), "mmn_rods": str(number % 51)}
            browser.post("/drafts/save/", typed)
        demo.kill()
        began = time.monotonic()
        again = clone.demo()
        back = time.monotonic() - began
        page = Browser(clone.port).get(address)
        kept = all(f'value="{typed[field]}"' in page for field in ("weight_kg", "mmn_rods"))
        yield Figure(
            "values shown as saved and lost by kill -9", 0 if kept else 1, "forms", limit=0
        )
        yield Figure("kill -9 to the first page again", back, "s", limit=10)
        again.press_ctrl_c()
        clone.comes_to_rest()


DRILLS = (two_people_and_impatient_ones, killed_in_mid_form)
