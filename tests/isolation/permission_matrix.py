"""Every address × kind of person × method × whose object it is: asked, and compared.

``policy.csv`` beside this file is the policy, to be read: a line per address, object and methods,
a column per person. A cell is the status of the answer, and the page that it leads to.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from infusions.models import (
    AdverseReaction,
    DoseAttempt,
    Immunosuppressant,
    Infusion,
    PlannedInfusion,
    Regimen,
)
from mmn_registry.accounts.actions import grant_role, invite, make_token, open_account
from mmn_registry.accounts.models import AccessToken, Centre, Invitation, User
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.principal import in_force
from outcomes.cuts.files import digest
from outcomes.models import FrozenCut, SavedCohort
from patients.actions import amend
from patients.attachments import keep_attachment
from patients.models import (
    Attachment,
    Consent,
    DiagnosisOverride,
    Finding,
    LaboratoryResult,
    LowerLimit,
    NerveConductionStudy,
    Patient,
    Visit,
)
from patients.models.record import Record
from patients.transfers import offer_transfer
from tests.accounts.signing_in import sign_in

from .two_centres import OURS, THEIRS

POLICY = Path(__file__).with_name("policy.csv")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROLES = {
    "stranger": None,
    "unproven": (Role.NEUROLOGIST, OURS),  # has shown no second factor
    "no role": None,
    "neurologist": (Role.NEUROLOGIST, OURS),
    "coordinator": (Role.COORDINATOR, OURS),
    "national coordinator": (Role.NATIONAL_COORDINATOR, None),
    "statistician": (Role.STATISTICIAN, None),
    "auditor": (Role.AUDITOR, OURS),
    "administrator": (Role.ADMINISTRATOR, None),
    "token": (Role.NEUROLOGIST, OURS),  # a program, with a neurologist's token
}
PEOPLE = tuple(ROLES)
HEADINGS = ("address", "object", "methods", *PEOPLE)

Cell = tuple[str, str, str]  # the name of an address, whose object, the method


class People:
    """One of each, with a browser that is signed in; and what they can point at."""

    def __init__(self) -> None:
        self.users = {
            name: open_account(f"{name.replace(' ', '.')}@hospital.example", "Anne Example")
            for name in PEOPLE
            if name != "stranger"
        }
        for name, role in ROLES.items():
            if role:
                grant_role(self.users[name], role[0], centre=_centre(role[1]))
        self.objects = _objects()

    def browser(self, name: str) -> Client:
        client = Client(raise_request_exception=False)
        if name == "token":
            _, secret = make_token(self.users[name], "R", days=30)
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        elif name != "stranger":
            shown = ("password",) if name == "unproven" else ("password", "mfa")
            sign_in(client, self.users[name], shown=shown)
        return client


def _centre(code: str | None) -> Centre | None:
    return Centre.objects.get(code=code) if code else None


def _objects() -> dict[str, dict[str, object]]:
    """For each part of an address: one of our centre, one of theirs, and none at all."""
    colleagues = {}
    for whose, code in (("own", OURS), ("foreign", THEIRS)):
        user = open_account(f"colleague.{whose}@hospital.example", "Paul Example")
        membership = grant_role(user, Role.NEUROLOGIST, centre=_centre(code))
        invitation = Invitation(
            email=f"invited.{whose}@hospital.example", role=Role.NEUROLOGIST, centre=_centre(code)
        )
        invite(invitation)
        make_token(user, "R", days=30)
        # A number that no page holds by chance.
        passkey = Authenticator.objects.create(
            pk=10**9 + len(colleagues), user=user, type="webauthn", data={"name": "Key"}
        )
        colleagues[whose] = (user, membership, invitation, passkey)
    absent = uuid4()
    visits = {
        whose: Visit.objects.filter(patient__study_id=study_id).earliest("visited_on")
        for whose, study_id in (("own", "A-1"), ("foreign", "SOUTH-1"))
    }
    for visit in visits.values():
        amend(visit, {"weight_kg": 71}, by=None, reason="Weighed again.")

    def ids(position: int, attribute: str = "pk") -> dict[str, object]:
        return {whose: getattr(all_[position], attribute) for whose, all_ in colleagues.items()}

    return {
        "study_id": {"own": "A-1", "foreign": "SOUTH-1", "absent": "NOBODY-1"},
        "user_id": ids(0) | {"absent": absent},
        "membership_id": ids(1) | {"absent": absent},
        "invitation_id": ids(2) | {"absent": absent},
        "centre_id": {
            "own": _centre(OURS).pk,
            "foreign": _centre(THEIRS).pk,
            "absent": absent,
        },
        # Tokens and passkeys are a person's own: a colleague's is foreign, too.
        "identifier": {
            "foreign": AccessToken.objects.get(user=colleagues["own"][0]).identifier,
            "absent": absent,
        },
        "pk": {"foreign": colleagues["own"][3].pk, "absent": 10**9 + 9},
        "patient_id": {whose: visit.patient_id for whose, visit in visits.items()}
        | {"absent": absent},
        "visit_id": {whose: visit.pk for whose, visit in visits.items()} | {"absent": absent},
        **_records(
            *(LaboratoryResult, Finding, Infusion, PlannedInfusion, Regimen),
            *(DoseAttempt, Immunosuppressant, AdverseReaction, NerveConductionStudy),
        ),
        # One that stands: of those that were withdrawn another page speaks.
        "consent_id": _of_each(Consent, withdrawn_on=None, scope="registry"),
        "diagnosis_override_id": _of_each(DiagnosisOverride),
        "transfer_id": _offers(),
        "lower_limit_id": {
            whose: LowerLimit.objects.filter(centre__code=code).earliest("pk").pk
            for whose, code in (("own", OURS), ("foreign", THEIRS))
        }
        | {"absent": uuid4()},
        "attachment_id": _documents() | {"absent": uuid4()},
        # As the trail names a record, and what was done to it.
        "table": dict.fromkeys(("own", "foreign", "absent"), Visit._meta.db_table),
        "record_id": {whose: str(visit.pk) for whose, visit in visits.items()}
        | {"absent": str(absent)},
        "action_id": {
            whose: Entry.objects.get(record_id=visit.pk, operation="update").action_id
            for whose, visit in visits.items()
        }
        | {"absent": absent},
        # As FHIR names them: what it is told as, and of which record.
        "encounter_id": {whose: f"visit-{visit.pk}" for whose, visit in visits.items()}
        | {"absent": f"visit-{absent}"},
        "observation_id": {whose: f"weight-{visit.pk}" for whose, visit in visits.items()}
        | {"absent": f"weight-{absent}"},
        "provenance_id": {whose: f"visit-{visit.pk}" for whose, visit in visits.items()}
        | {"absent": f"visit-{absent}"},
        "vocabulary": {"": "finding"},
        "job": {"absent": "never-made"},
        "file": {"absent": "Patient.ndjson"},
        "cohort_id": _kept(_saved_cohort, colleagues) | {"absent": absent},
        "cut_id": _kept(_frozen_cut, colleagues) | {"absent": absent},
        "panel": {"": "safety"},
        "part": {"": "rates"},
        "secret": {"absent": "never-sent"},
        "provider_id": {"absent": "nobody"},
        "key": {"absent": "1-never-sent"},
    }


def _kept(keep: Callable[[User, Centre], UUID], colleagues) -> dict[str, object]:
    """What a colleague of ours keeps, and one of theirs."""
    kept = {}
    for whose, code in (("own", OURS), ("foreign", THEIRS)):
        user = colleagues[whose][0]
        with in_force(principal_for(user)):
            kept[whose] = keep(user, _centre(code))
    return kept


def _saved_cohort(user: User, centre: Centre) -> UUID:
    return SavedCohort.objects.create(owner=user, name="Women", shared_with=centre).pk


def _frozen_cut(user: User, centre: Centre) -> UUID:
    """A file of nobody."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("outcomes.csv", "study_id\n")
    return FrozenCut.objects.create(
        name="For the paper",
        made_by=user,
        as_of="2010-01-01",
        sentence="Nobody.",
        rule_id="mmn/1",
        centre_ids=[centre.pk],
        is_coarse=False,
        patients=0,
        content=content.getvalue(),
        sha256=digest(content.getvalue()),
    ).pk


def _offers() -> dict[str, object]:
    """A patient who is offered to us, and one whom we offered to them."""
    ways = (("own", "SOUTH-1", OURS), ("foreign", "A-1", THEIRS))
    offers = {
        whose: offer_transfer(Patient.objects.get(study_id=one), to=_centre(to), by=None).pk
        for whose, one, to in ways
    }
    return offers | {"absent": uuid4()}


def _of_each(model: type[Record], **which: object) -> dict[str, object]:
    """A record of our patient, of theirs, and none."""
    found = {
        whose: model.objects.filter(patient__study_id=study_id, **which).earliest("pk").pk
        for whose, study_id in (("own", "A-1"), ("foreign", "SOUTH-1"))
    }
    return found | {"absent": uuid4()}


def _documents() -> dict[str, object]:
    """A document of our patient and of theirs."""
    pdf = b"%PDF-1.7 report %%EOF"
    return {
        whose: keep_attachment(
            Attachment(
                patient=Patient.objects.get(study_id=study_id),
                kind="emg_report",
                dated_on="2010-01-01",
            ),
            pdf,
            by=None,
        ).pk
        for whose, study_id in (("own", "A-1"), ("foreign", "SOUTH-1"))
    }


def _records(*models: type[Record]) -> dict[str, dict[str, object]]:
    """A record of each kind, of our patient and of theirs, by the parts of their addresses."""
    return {f"{model._meta.verbose_name.replace(' ', '_')}_id": _of_each(model) for model in models}


def addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The name of every address that there is, and the parts it is made with."""
    yield from _walk(get_resolver().url_patterns, "", ())


def _walk(patterns, namespace: str, parts: tuple[str, ...]):
    for entry in patterns:
        own = (*parts, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLPattern):
            name = entry.name or f"unnamed: {entry.pattern}"
            yield f"{namespace}{name}", own
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, inner, own)


class Answer(NamedTuple):
    told: str  # the status, and the page that it leads to
    body: bytes
    may_be_kept: bool  # by a browser


def answers(
    people: People,
    person: str,
    *,
    begin: tuple[str, ...] = ("",),
    asks: Callable[[Cell], bool] = lambda _cell: True,
    meanwhile: Callable[[Cell], None] = lambda _cell: None,
) -> dict[Cell, Answer]:
    """What this person gets at every address whose name begins so; nothing of it remains.

    ``asks`` chooses the cells; ``meanwhile`` is called after each, before all is taken back.
    """
    browser = people.browser(person)
    found = {}
    for name, parts in addresses():
        if not name.startswith(begin):
            continue
        for whose, values in pointed_at(people, parts).items():
            for method in METHODS:
                cell = name, whose, method
                if not asks(cell):
                    continue
                with afterwards_as_before(browser):
                    answer = browser.generic(method, path_of(name, values))
                    body = b"".join(answer) if answer.streaming else answer.content
                    kept = answer.headers.get("Cache-Control") != "no-store"
                    found[cell] = Answer(_told(answer), _without_ids(body, values), kept)
                    meanwhile(cell)
    return found


def pointed_at(people: People, parts: tuple[str, ...]) -> dict[str, dict[str, object]]:
    known = {part: people.objects[part] for part in parts if part != "uidb36"}
    whose = set.intersection(*(set(o) for o in known.values())) if known else {""}
    return {
        w: {part: values[w] for part, values in known.items()}
        | ({"uidb36": "1"} if "uidb36" in parts else {})
        for w in sorted(whose)
    }


def path_of(name: str, values: dict[str, object]) -> str:
    if name.endswith("unnamed: ^(?:.*/)?$"):
        return "/api/v1/nothing/here/"
    return reverse(name, kwargs=values)


@contextmanager
def afterwards_as_before(browser: Client) -> Iterator[None]:
    cookies = copy(browser.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    browser.cookies = cookies


def _told(answer) -> str:
    status = str(answer.status_code)
    if "Location" not in answer:
        return status
    way = urlsplit(answer["Location"]).path
    pages = {
        reverse("account_login"): "sign in",
        reverse("mfa_index"): "second factor",
        reverse("account_reauthenticate"): "confirm",
        reverse("mfa_reauthenticate"): "confirm",
    }
    return f"{status} {pages[way]}" if way in pages else status


def _without_ids(body: bytes, values: dict[str, object]) -> bytes:
    """Whatever differs though nothing is told: the id that was asked for, tokens of forms."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body.decode(errors="replace"))
    text = re.sub(r'"request_id": ?"\w+"|"Request \w+"', "", text)
    for value in values.values():
        # A small number stands in many places that mean something else.
        text = text.replace(f"/{value}/" if isinstance(value, int) else str(value), "…")
        if isinstance(value, UUID):
            text = text.replace(value.hex, "…")
    return text.encode()


# ── The policy as a file ─────────────────────────────────────────────────────────────────────


def read_policy() -> dict[Cell, dict[str, str]]:
    with POLICY.open(newline="") as file:
        return {
            (line["address"], line["object"], method): {p: line[p] for p in PEOPLE}
            for line in csv.DictReader(file)
            for method in line["methods"].split()
        }


def write_policy(cells: dict[Cell, dict[str, str]]) -> None:
    """Methods that are answered alike share a line."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for (address, whose, method), told in cells.items():
        lines.setdefault((address, whose, *(told[p] for p in PEOPLE)), []).append(method)
    with POLICY.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADINGS)
        for (address, whose, *told), methods in lines.items():
            writer.writerow([address, whose, " ".join(methods), *told])
