"""Patients for the tests of pages: small bundles, stored, and somebody who may look."""

from datetime import date
from pathlib import Path

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.bundle import load_bundle
from tests.bundles import bundle

MUSCLES = (
    ("wrist_extension", "right"),
    ("wrist_extension", "left"),
    ("finger_extension", "right"),
)
# Day of the visit and the grades of the three muscles: two gain a point, one was not tested.
VISITS = (
    ("2020-01-10", ("3", "4", "5")),
    ("2020-07-12", ("4", "5", "NT")),
    ("2021-01-20", ("4+", "5", "5-")),
)


def store_patient(folder: Path, *, visits: int = 3, study_id: str = "P-1", **more: str) -> None:
    """A woman of centre C1, first treated on 2020-01-15; `more` draws other tables, or none."""
    days = VISITS[:visits]
    scores = [
        f"{study_id} | {day} | {muscle} | {side} | {grade} | {'pain' if grade == 'NT' else ''}"
        for day, grades in days
        for (muscle, side), grade in zip(MUSCLES, grades, strict=True)
    ]
    drawings = {
        "patients": f"""
            study_id | centre | sex | birth_year | onset_on | included_on | prior_immunoglobulin
            {study_id} | C1 | female | 1960 | 2015-03 | 2020-01-15 | no
        """,
        "visits": "\n".join(
            ["study_id | visited_on | weight_kg", *(f"{study_id} | {d} | 70" for d, _ in days)]
        ),
        "muscle_scores": "\n".join(
            ["study_id | visited_on | muscle | side | mrc_grade | not_tested_reason", *scores]
        ),
        "infusions": "\n".join(
            [
                "study_id | given_on | route | product | dose_g",
                *(
                    f"{study_id} | 2020-{month:02}-15 | IV | Privigen | 70"
                    for month in range(1, 13)
                ),
            ]
        ),
    }
    tables = {name: drawing for name, drawing in (drawings | more).items() if drawing}
    load_bundle(bundle(folder, **tables))


def neurologist(*codes: str):
    """Somebody who may read the records of these centres."""
    user = open_account(f"{'-'.join(codes).lower()}@hospital.example", "Anne Example")
    for code in codes:
        grant_role(user, Role.NEUROLOGIST, centre=Centre.objects.get_or_create(code=code)[0])
    return user


def close_data(code: str, on: date) -> None:
    Centre.objects.filter(code=code).update(data_closed_on=on)
