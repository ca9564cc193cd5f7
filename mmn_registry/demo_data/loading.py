"""Two demonstration centres and the people who look at them.

Léger's cohort is a copy of a synthetic bundle whose derived tables equal those printed in 2008;
the living one is made up relative to today. No row of either is a real patient.
"""

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone

from mmn_registry.accounts import actions
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role

from .living import write_living_cohort

PASSWORD = "demo-registry"  # noqa: S105 — printed on every start, for invented patients
LEGER_FOLDER = Path(__file__).parent / "leger_2008_synthetic"
LEGER_CENTRE = "SALP"
LEGER_CLOSED_ON = date(2008, 12, 31)
LIVING_CENTRE = "NORD"


@dataclass(frozen=True)
class Person:
    email: str
    full_name: str
    role: Role
    centres: tuple[str, ...]  # none: all of them
    sees: str


PEOPLE = (
    Person(
        "neurologist@demo.example",
        "Anne Demo",
        Role.NEUROLOGIST,
        (LEGER_CENTRE,),
        "a neurologist of the Léger centre",
    ),
    Person(
        "coordinator@demo.example",
        "Paul Demo",
        Role.COORDINATOR,
        (LEGER_CENTRE, LIVING_CENTRE),
        "a coordinator of both centres",
    ),
    Person(
        "statistician@demo.example",
        "Mira Demo",
        Role.STATISTICIAN,
        (),
        "a statistician, who reads all centres",
    ),
    Person(
        "national@demo.example",
        "Nils Demo",
        Role.NATIONAL_COORDINATOR,
        (),
        "the national coordinator, who reads all centres",
    ),
    Person(
        "auditor@demo.example", "Alva Demo", Role.AUDITOR, (), "an auditor, who reads the trail"
    ),
    Person(
        "administrator@demo.example",
        "Ada Demo",
        Role.ADMINISTRATOR,
        (),
        "the administrator, who opens accounts and centres",
    ),
)


def load_once(tell: Callable[[str], None]) -> None:
    """Load what is not there yet; what people did to it since stays as it is."""
    leger = _centre(LEGER_CENTRE, "Salpêtrière (synthetic, after Léger 2008)", LEGER_CLOSED_ON)
    if not leger.patients.exists():
        tell("Loading the cohort of Léger et al. 2008: 40 synthetic patients …")
        _load(LEGER_FOLDER)
    living = _centre(LIVING_CENTRE, "Nord (synthetic, living)")
    if not living.patients.exists():
        tell("Loading a living cohort: 60 synthetic patients, dated up to today …")
        with tempfile.TemporaryDirectory() as folder:
            write_living_cohort(Path(folder), centre=LIVING_CENTRE, today=timezone.localdate())
            _load(Path(folder))
    _welcome_everybody()


def _centre(code: str, name: str, data_closed_on: date | None = None) -> Centre:
    known = Centre.objects.filter(code=code).first()
    return known or actions.open_centre(Centre(code=code, name=name, data_closed_on=data_closed_on))


def _load(folder: Path) -> None:
    """Through the same door as everyone's data, its rules included."""
    call_command("load_bundle", str(folder), stdout=io.StringIO(), stderr=io.StringIO())


def _welcome_everybody() -> None:
    users = get_user_model().objects
    known = set(users.values_list("email", flat=True))
    missing = [person for person in PEOPLE if person.email not in known]
    password = make_password(PASSWORD) if missing else ""  # slow on purpose: once for all
    for person in missing:
        user = actions.open_account(person.email, person.full_name)
        users.filter(pk=user.pk).update(password=password)
        for code in person.centres or [None]:
            centre = Centre.objects.get(code=code) if code else None
            actions.grant_role(user, person.role, centre=centre)
