"""A patient of whom every day, text and lot would be known again, and who reads about them."""

import re
from datetime import date
from pathlib import Path

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from patients.actions import amend
from patients.models import Patient
from tests.browser.conftest import EVERYTHING
from tests.outcomes.stories import store_patient

BIRTH_YEAR = "1960"
TEXTS = ("Zebrafinch", "Quokka", "Axolotl", "LOT-4711", "Tapir", "Okapi")
MORE = {
    **EVERYTHING,
    "infusion_lots": """
        study_id | given_on   | route | product  | lot_number
        P-FULL   | 2020-02-15 | IV    | Privigen | LOT-4711
    """,
    "adverse_reactions": """
        study_id | occurred_on | reaction | severity | serious | lot_number | action | outcome
        P-FULL   | 2020-02-16  | headache | mild     | no       | LOT-4711   | gave Quokka | Axolotl
    """,
    "laboratory": """
        study_id | taken_on   | test        | value | unit | interpretation | method | cutoff
        P-FULL   | 2019-12-03 | csf_protein | 0.62  | g/L  | high           | Tapir  | Okapi
    """,
    "consents": """
        study_id | scope    | version | given_on   | withdrawn_on
        P-FULL   | research | 1       | 2020-01-15 |
    """,
}


def store_canary(folder: Path) -> Patient:
    store_patient(folder, study_id="P-FULL", **MORE)
    patient = Patient.objects.get(study_id="P-FULL")
    amend(patient, {"sex": "female"}, by=None, reason="Zebrafinch was called")
    return patient


def days(written: str = "%Y-%m-%d") -> set[str]:
    """Every recorded day of the patient that says more than a month."""
    return {day.strftime(written).lstrip("0") for day in _days()}


def _days() -> set[date]:
    cells = {
        cell.strip()
        for drawing in (*MORE.values(), *_drawn_by_the_story())
        for row in drawing.splitlines()
        for cell in row.split("|")
    }
    return {date.fromisoformat(cell) for cell in cells if _is_day(cell)}


def _drawn_by_the_story() -> list[str]:
    visits = ["2020-01-10", "2020-07-12", "2021-01-20"]
    infusions = [f"2020-{month:02}-15" for month in range(1, 13)]
    return ["\n".join([*visits, *infusions, "2020-01-15"])]


def _is_day(cell: str) -> bool:
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return len(cell) == len("2020-01-15")


def somebody(role: Role, code: str = ""):
    """Somebody with a role in a centre, or in all."""
    user = open_account(f"{role}@hospital.example", "Sam Example")
    grant_role(user, role, centre=Centre.objects.get(code=code) if code else None)
    return user


def given_away(body: str) -> set[str]:
    """What of the patient stands in an answer although it must not."""
    telling = {*days(), *days("%d %b %Y"), *days("%d %b"), *TEXTS, BIRTH_YEAR}
    return {text for text in telling if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", body)}
