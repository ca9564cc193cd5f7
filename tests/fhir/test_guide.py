"""docs/api.md says what is so of FHIR, and its walk runs against a server."""

import re
from pathlib import Path

import pytest

from mmn_registry.accounts.actions import grant_role, make_token, open_account
from mmn_registry.accounts.models import Scope
from mmn_registry.accounts.roles import Role
from mmn_registry.bundle import load_bundle
from mmn_registry.fhir_api import SERVER
from tests.api.asking import LEGER

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ALWAYS = {"_id", "_lastUpdated", "_count", "_cursor", "_include"}


def walk_in(language):
    """The parts of the walk, as one script."""
    return "\n".join(
        re.findall(rf"^```{language} walk\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    )


def test_its_table_names_every_resource_with_its_parameters():
    told = re.findall(r"^\| (`[A-Z]\w+`(?:, `\w+`)?) \| .*? \| (.*?) \|$", GUIDE, re.MULTILINE)
    documented = {name: set(re.findall("`(.*?)`", how)) for name, how in told}

    assert documented.pop("`CodeSystem`, `ValueSet`") == {"url", "_lastUpdated", "_count"}
    assert documented == {f"`{one.name}`": set(one.parameters) - ALWAYS for one in SERVER.types}


@pytest.fixture
def server(transactional_db, live_server, monkeypatch):
    """The published cohort, and a token of somebody who may export it."""
    load_bundle(LEGER)
    user = open_account("statistician@demo.example", "Mira Demo")
    grant_role(user, Role.STATISTICIAN)
    token = make_token(user, "R and Python", days=1, scope=Scope.EXPORT)[1]
    monkeypatch.setenv("MMN_SERVER", live_server.url)
    monkeypatch.setenv("MMN_TOKEN", token)


def test_its_walk_in_python_arrives(server, capsys):
    names = {}
    try:
        exec(compile(walk_in("python"), "docs/api.md", "exec"), names)
    finally:
        names["registry"].close()

    response, given, why, grades, exported = capsys.readouterr().out.splitlines()
    assert response == "{'responder': 14, 'non_responder': 6, 'not_evaluable': 2}"
    assert why == "IMPROVED 3 of 4"
    assert exported == given.partition(" of ")[0]  # the same grams by both ways
    assert re.fullmatch(r"\d+ grades of \d+ muscles", grades)
    assert set(names["grades"]["visited_on"].str.len()) == {len("2008-12")}
