"""docs/api.md says what is so: its Python runs, its table is complete, its examples are real."""

import json
import re
from functools import partial
from pathlib import Path

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from mmn_registry.accounts.actions import grant_role, make_token, open_account
from mmn_registry.accounts.roles import Role
from mmn_registry.bundle import load_bundle
from mmn_registry.rest.schema import registry_schema
from outcomes.sentences import LINES
from patients.models import MuscleScore
from tests.api.asking import ANSWERS, LEGER, get
from tests.api.described import operation, path_of
from tests.outcomes.stories import neurologist

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def statistician(transactional_db, live_server, monkeypatch):
    """Somebody who reads the published cohort from another machine."""
    load_bundle(LEGER)
    user = open_account("statistician@demo.example", "Mira Demo")
    grant_role(user, Role.STATISTICIAN)
    monkeypatch.setenv("MMN_SERVER", live_server.url)
    monkeypatch.setenv("MMN_TOKEN", make_token(user, "R and Python", days=1)[1])
    return user


def test_its_python_reads_the_cohort(statistician, capsys):
    names = {}
    for block in blocks("python"):
        exec(compile(block, "docs/api.md", "exec"), names)

    primary = names["primary"]
    assert primary["short_term_response"].value_counts().to_dict() == {
        "responder": 14,
        "non_responder": 6,
        "not_evaluable": 2,
    }
    assert set(names["outcomes"]["rules"]) == {"mmn-outcomes/1"}
    assert str(names["outcomes"]["index_on"].dtype).startswith("datetime64")
    assert names["outcomes"]["in_primary_table"].dtype == bool
    printed = capsys.readouterr().out
    assert "responder IMPROVED 3 of 4 improvable muscles gained a point" in printed
    assert "baseline muscle_scores 1997-05 {'muscle': 'wrist_extension'" in printed
    assert printed.endswith("201 visits as of 2008-12-31\n")


def test_its_table_names_every_address_with_its_filters():
    everywhere = {"as_of", "centre", "patient", "page_size", "cursor", "format", "updated_since"}
    told = dict(re.findall(r"^\| `(/api/v1/\S+)` \| .*? \| (.*?) \|$", GUIDE, re.MULTILINE))

    reading = {
        path: {p["name"] for p in methods["get"].get("parameters", ()) if p["in"] == "query"}
        for path, methods in registry_schema()["paths"].items()
        if "get" in methods
    }
    lists = {path for path, names in reading.items() if "cursor" in names}
    assert set(told) == lists | {path_of(address) for address in ANSWERS}
    for path, filters in told.items():
        named = set(re.findall("`(.*?)`", filters)) - {"as_of", "centre"}
        assert named == reading[path] - everywhere, path


def test_its_python_writes_a_visit_and_amends_it(transactional_db, monkeypatch, capsys):
    load_bundle(LEGER)
    user = neurologist("SALP")
    monkeypatch.setenv("MMN_TOKEN", make_token(user, "Python", days=1, scope="write")[1])
    monkeypatch.setenv("MMN_SERVER", "http://localhost")
    # Without a server in between: the same application, asked by the same library.
    application = get_wsgi_application()
    client = partial(httpx.Client, transport=httpx.WSGITransport(app=application))
    monkeypatch.setattr(httpx, "Client", client)

    for block in blocks("py"):
        exec(compile(block, "docs/api.md", "exec"), {})

    assert capsys.readouterr().out.endswith("200 2\n")
    assert MuscleScore.objects.filter(visit__visited_on="2009-02-03").count() == 2


def test_its_table_of_reasons_names_every_code_with_its_parameters():
    told = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \| (.*?) \|$", GUIDE, re.MULTILINE)

    documented = {
        (result, code): re.findall("`(.*?)`", parameters)
        for result, codes, parameters in told
        for code in re.findall("`(.*?)`", codes)
    }
    assert documented == {
        (str(result), code): [*line.columns, *line.numbers]
        for result, lines in LINES.items()
        for code, line in lines.items()
    }


def test_its_result_is_the_one_of_the_patient(statistician, client):
    client.force_login(neurologist("SALP"))  # who treats sees the days
    answer = get(client, "outcomes/SYN-010/", as_of="2008-12-31").json()

    told = json.loads(blocks("json")[0])
    whole = next(result for result in answer["results"] if result["result"] == told["result"])
    (record,) = told.pop("records")
    assert record in whole["records"]
    assert told.pop("rule") == {**whole["rule"], "numbers": []}
    assert told == {name: whole[name] for name in told}


def test_its_refusal_is_the_one_of_the_schema():
    responses = operation(registry_schema(), "patients/")["responses"]
    (example,) = responses["400"]["content"]["application/problem+json"]["examples"].values()

    assert json.loads(blocks("json")[-1]) == example["value"]
