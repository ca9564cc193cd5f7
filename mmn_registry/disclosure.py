"""How much each stored value gives away, and what of it a pseudonymised reader is shown.

Every app with models has a ``disclosure.py`` that classifies each field (``FIELDS``). The trail,
the pages, the REST interface and exports ask here, so that there is one answer.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from mmn_registry import principal
from mmn_registry.principal import EVERYWHERE, NOWHERE, Right

from .months import Month


class Disclosure(StrEnum):
    SECRET = "secret"  # noqa: S105 — never shown; in the trail only that it changed
    IDENTIFYING = "identifying"  # who a patient is: encrypted, for those with the right alone
    QUASI_IDENTIFYING = "quasi_identifying"  # several of them point to a person
    CLINICAL = "clinical"
    ADMINISTRATIVE = "administrative"


Fields = Mapping[str, Disclosure]
Shown = Callable[[Any], Any]
OURS = ("mmn_registry", "patients", "infusions", "outcomes")

FIELDS: dict[str, Fields] = {
    "mmn_registry.Birth": dict.fromkeys(("only", "kind", "born_at"), Disclosure.ADMINISTRATIVE)
}


@cache
def classification() -> dict[str, Fields]:
    """Fields of every model that an app of ours classifies, by the model's label."""
    found: dict[str, Fields] = {}
    for app in apps.get_app_configs():
        if app.name.split(".")[0] in OURS and find_spec(f"{app.name}.disclosure"):
            found |= import_module(f"{app.name}.disclosure").FIELDS
    return found


def disclosure_of(model: type[models.Model], path: str) -> Disclosure:
    """The class of a column, by its path; KeyError where nobody classified it."""
    model, field = field_at(model, path)
    return classification()[model._meta.label][field.name]


def field_at(model: type[models.Model], path: str) -> tuple[type[models.Model], models.Field]:
    """The last field of a path, and the model that it is of."""
    *steps, name = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model, model._meta.get_field(name)


# ── Who reads whom pseudonymised ─────────────────────────────────────────────────────────────


def is_pseudonymised(centre_id: UUID) -> bool:
    """Whether who is acting sees a centre's patients under months and age bands only."""
    who = principal.current()
    return who is None or not who.reaches(Right.READ, centre_id)


def pseudonymised_somewhere() -> bool:
    """Whether who is acting reads anybody for research alone."""
    who = principal.current()
    if who is None:
        return False
    research, own = (who.reach.get(right, NOWHERE) for right in (Right.RESEARCH, Right.READ))
    if own == EVERYWHERE or not research:
        return False
    return research == EVERYWHERE or not research <= own


def own_centres() -> frozenset[UUID]:
    """Centres that somebody who reads others pseudonymised treats at."""
    who = principal.current()
    own = who.reach.get(Right.READ, NOWHERE) if who else NOWHERE
    return frozenset() if own == EVERYWHERE else own


def withheld_count(as_of: date, centres: list[str] | None = None) -> int:
    """Patients included by a day who are left out because they withdrew from research.

    ``centres``: codes; None is all of them. For whoever reads nobody for research it is 0.
    """
    if not pseudonymised_somewhere():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_withheld_count(%s, %s)", [as_of, centres])
        return cursor.fetchone()[0]


# ── What they are shown ──────────────────────────────────────────────────────────────────────


def as_it_is(value: Any) -> Any:
    return value


def left_out(_value: Any) -> None:
    return None


def month_text(day: date | str | None) -> str | None:
    """2008-12 of a day, or of a partial date; a year stays a year."""
    return str(day)[:7] if day else None


def pseudonymised(model: type[models.Model], path: str) -> Shown:
    """How a column is written for somebody who reads it pseudonymised."""
    _model, field = field_at(model, path)
    return _written(disclosure_of(model, path), is_day=isinstance(field, models.DateField))


def pseudonymised_fields(label: str) -> dict[str, Shown]:
    """The same for each field of a model, with days as days that read as months."""
    model = apps.get_model(label)
    return {
        name: _month if _is_coarse_day(model, name, kind) else _written(kind, is_day=False)
        for name, kind in classification()[label].items()
    }


def _is_coarse_day(model: type[models.Model], name: str, kind: Disclosure) -> bool:
    is_day = isinstance(model._meta.get_field(name), models.DateField)
    return kind is Disclosure.QUASI_IDENTIFYING and is_day


def _month(day: date | None) -> Month | None:
    return None if day is None else Month.of(day)


def _written(kind: Disclosure, *, is_day: bool) -> Shown:
    if kind in (Disclosure.CLINICAL, Disclosure.ADMINISTRATIVE):
        return as_it_is
    if kind is Disclosure.QUASI_IDENTIFYING and is_day:
        return month_text
    return left_out  # texts, lots and years of birth have no coarse form here
