"""Asking the REST interface, and reading its answers."""

import csv
import io
import json
from pathlib import Path

LEGER = Path(__file__).parents[2] / "mmn_registry" / "demo_data" / "leger_2008_synthetic"
RULES = {"name": "mmn-outcomes", "version": "1", "criteria": "EFNS/PNS 2010"}
LISTS = ("patients/", "visits/", "muscle-scores/", "infusions/", "nerve-segments/", "outcomes/")
OF_ONE_PATIENT = ("patients/A-1/", "outcomes/A-1/")
ANSWERS = (*LISTS, *OF_ONE_PATIENT, "cohort/summary/", "cohort/saved/")


def get(client, address, **query):
    return client.get(f"/api/v1/{address}", query)


def rows(client, address, **query):
    """The rows of a list, or of its one page."""
    return get(client, address, **query).json()["results"]


def text(client, address, **query):
    """The body of an answer in CSV."""
    answer = get(client, address, format="csv", **query)
    assert answer.status_code == 200, answer.content
    return answer.getvalue().decode()


def table(client, address, **query):
    """The rows of an answer in CSV."""
    return list(csv.DictReader(io.StringIO(text(client, address, **query), newline="")))


def walk(client, address, way="next"):
    """This page and all that follow in a direction."""
    pages = {}
    while address:
        assert address not in pages, "This way leads round in a circle."
        pages[address] = client.get(address).json()
        address = pages[address][way]
    return list(pages.values())


def everything(pages):
    """The rows of some pages."""
    return [row for page in pages for row in page["results"]]


def told(answer) -> dict:
    """What an answer says, but for the number of the request."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def refusal(answer):
    """Status, and the sentence that stands beside each parameter."""
    return answer.status_code, {
        e["field"]: e["detail"] for e in json.loads(answer.content)["errors"]
    }
