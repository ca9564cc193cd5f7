"""The demonstration as a hospital and a statistician read it: all of it as FHIR, and the guide."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from django.test import Client

from benchmarks.database import as_operator, empty_database
from benchmarks.figures import Figure, print_as_json
from benchmarks.served import served
from infusions.models import Infusion
from mmn_registry.accounts.actions import grant_role, make_token, open_account
from mmn_registry.accounts.models import Centre, Scope
from mmn_registry.accounts.roles import Role
from mmn_registry.demo_data.loading import load_once
from patients.models import MuscleScore

GUIDE = Path(__file__).parents[1] / "docs" / "api.md"
READER_SECONDS = 300


def demonstration_as_fhir() -> Iterator[Figure]:
    """Every resource is parsed, and every grade and dose is read back."""
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 — seconds, for this alone

    with empty_database(), as_operator():
        load_once(lambda _told: None)
        client, resources, refused = _treating_everywhere(), Counter(), []
        grades: Counter[tuple] = Counter()
        doses: Counter[tuple] = Counter()
        for one in _all_resources(client):
            kind = one["resourceType"]
            resources[kind] += 1
            try:
                get_fhir_model_class(kind).model_validate(one)
            except ValueError as problem:
                refused.append(f"{kind}/{one['id']}: {problem}")
            if kind == "MedicationAdministration":
                doses[_dose_in(one)] += 1
            elif kind == "Observation" and one["id"].startswith("muscle-"):
                grades[_grade_in(one)] += 1
        lost = (_grades_recorded() - grades).total() + (grades - _grades_recorded()).total()
        yield Figure(
            "resources of the demonstration that are no FHIR",
            len(refused),
            "resources",
            limit=0,
            note=refused[0][:200] if refused else f"of {resources.total()}",
        )
        yield Figure("grades lost in FHIR", lost, "grades", limit=0, note=f"of {grades.total()}")
        lost = (_doses_recorded() - doses).total() + (doses - _doses_recorded()).total()
        yield Figure("doses lost in FHIR", lost, "doses", limit=0, note=f"of {doses.total()}")


def _treating_everywhere() -> Client:
    """By the door of a program: with a token."""
    user = open_account("everywhere@hospital.example", "Anne Example")
    for centre in Centre.objects.all():
        grant_role(user, Role.NEUROLOGIST, centre=centre)
    secret = make_token(user, "prove", days=1)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"}, SERVER_NAME="localhost")


def _all_resources(client: Client) -> Iterator[dict]:
    statement = client.get("/fhir/metadata").json()
    yield statement | {"id": "metadata"}
    for one in statement["rest"][0]["resource"]:
        pages = "" if one["type"] in ("CodeSystem", "ValueSet") else "?_count=1000"
        address = f"/fhir/{one['type']}{pages}"
        while address:
            page = client.get(address).json()
            yield from (entry["resource"] for entry in page.get("entry", ()))
            links = {link["relation"]: link["url"] for link in page["link"]}
            address = links.get("next")


def _grade_in(one: dict) -> tuple:
    grade = one.get("valueCodeableConcept", {"text": "NT"})["text"]
    site = one["bodySite"]["coding"][0]["code"]
    return one["subject"]["identifier"]["value"], one["effectiveDateTime"], site, grade


def _grades_recorded() -> Counter[tuple]:
    scores = MuscleScore.objects.values_list(
        *("visit__patient__study_id", "visit__visited_on", "side", "muscle", "mrc_grade")
    )
    return Counter((who, str(on), f"{side}_{muscle}", g) for who, on, side, muscle, g in scores)


def _dose_in(one: dict) -> tuple:
    dosage = one["dosage"]
    route = dosage["route"]["coding"][0]["code"]
    dose = Decimal(str(dosage["dose"]["value"]))
    return one["subject"]["identifier"]["value"], one["effectiveDateTime"], route, dose


def _doses_recorded() -> Counter[tuple]:
    given = Infusion.objects.values_list("patient__study_id", "given_on", "route", "dose_g")
    return Counter((who, str(on), route, dose.normalize()) for who, on, route, dose in given)


# ── The guide ────────────────────────────────────────────────────────────────────────────────


def walks_of_the_guide() -> Iterator[Figure]:
    """docs/api.md, by a process of its own, against the server before the demonstration."""
    with empty_database() as name, as_operator():
        load_once(lambda _told: None)
        with served(name) as port, _reading(port) as environment:
            yield _walk("python", [sys.executable], ".py", environment)
            if _has_httr2():
                yield _walk("r", ["Rscript"], ".R", environment)
            else:
                missing = "R with httr2 is not at hand"
                yield Figure("the guide's walk in R", None, "errors", limit=0, note=missing)


@contextmanager
def _reading(port: int) -> Iterator[dict[str, str]]:
    user = open_account("walking@hospital.example", "Mira Example")
    grant_role(user, Role.STATISTICIAN)
    secret = make_token(user, "walk", days=1, scope=Scope.EXPORT)[1]
    yield {**os.environ, "MMN_SERVER": f"http://localhost:{port}", "MMN_TOKEN": secret}


def _has_httr2() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", 'quit(status = !requireNamespace("httr2", quietly = TRUE))']
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _walk(language: str, program: list[str], ending: str, environment: dict[str, str]) -> Figure:
    parts = re.findall(
        rf"^```{language} walk\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE
    )
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / f"walk{ending}"
        script.write_text("\n".join(parts))
        ended = subprocess.run(
            [*program, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=READER_SECONDS,
            check=False,
        )
    said = (ended.stdout if ended.returncode == 0 else ended.stderr).strip().splitlines()
    name = {"python": "Python", "r": "R"}[language]
    note = json.dumps(said[-1], ensure_ascii=False) if said else ""
    failed = ended.returncode != 0
    return Figure(f"the guide's walk in {name}", int(failed), "errors", limit=0, note=note)


DRILLS = (demonstration_as_fhir, walks_of_the_guide)

if __name__ == "__main__":
    print_as_json(*DRILLS)
