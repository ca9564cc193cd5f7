"""The reference for people says all that the schema says of an address, and its examples work."""

import re
from html import unescape

import pytest

from mmn_registry.rest.described import Flat, flat, kind_of, marked, name_of, paragraphs, table
from mmn_registry.rest.reference import reference_of, registry_reference
from mmn_registry.rest.schema import registry_schema
from tests.api.asking import ANSWERS, LISTS, RULES, get
from tests.api.described import operation, path_of
from tests.outcomes.pages import card, words


@pytest.fixture
def page(reader):
    return get(reader, "docs/").content.decode()


def addresses():
    return [address for subject in registry_reference().subjects for address in subject.addresses]


def tables():
    around = registry_reference().around + registry_reference().problem
    return [*around, *(t for address in addresses() for t in (address.columns, *address.inner))]


PATHS = [
    f"/api/v1/{name}"
    for name in (
        "patients/",
        "patients/{study_id}/",
        "visits/",
        "muscle-scores/",
        "nerve-segments/",
        "infusions/",
        "outcomes/",
        "outcomes/{study_id}/",
        "cohort/summary/",
        "cohort/saved/",
    )
]


def codes(html):
    """What is written as code."""
    return {unescape(code) for code in re.findall(r"<code>(.*?)</code>", html)}


class TestPage:
    def test_names_every_address_in_the_order_of_the_interface(self):
        listed = [address.path for address in addresses()]

        assert [path for path in listed if path in PATHS] == PATHS
        assert set(PATHS) == {path_of(address) for address in ANSWERS}
        read = [path for path, methods in registry_schema()["paths"].items() if "get" in methods]
        assert sorted(listed) == sorted(read)

    @pytest.mark.parametrize("address", ANSWERS)
    def test_says_of_an_address_what_the_schema_says(self, page, address):
        described = operation(registry_schema(), address)
        html = card(page, described["operationId"])
        text = words(html)

        assert path_of(address) in text
        for paragraph in described["description"].split("\n\n"):
            assert words(marked(paragraph)) in text
        for parameter in described["parameters"]:
            assert parameter["name"] in codes(html)
            assert codes(html) >= set(parameter["schema"].get("enum", ()))
        for status, refusal in described["responses"].items():
            if status != "200":
                (example,) = refusal["content"]["application/problem+json"]["examples"].values()
                assert f"{status} {example['value']['title']}" in text
                assert refusal["description"] in text
                assert example["value"]["detail"] in text

    @pytest.mark.parametrize("address", ANSWERS)
    def test_has_every_column_of_an_answer_with_its_words(self, page, reader, address):
        described = operation(registry_schema(), address)
        html = card(page, described["operationId"])
        answered = get(reader, address).json()
        of_pages = answered.get("results") if address in LISTS else None
        row = of_pages or answered.get("result") or answered

        assert codes(html) >= names_within(row) - SURROUNDINGS - {"results"}

    def test_tells_units_apart_from_meanings(self, page):
        assert "<b>mV·ms</b>" in card(page, "listNerveSegments")
        assert "<b>kg</b>" in card(page, "listVisits")
        assert not re.search(r"\[(kg|g|mV|ms|days|g/week)\]", card(page, "listOutcomes"))

    def test_leads_only_to_what_is_there(self, page):
        ids = set(re.findall(r'\bid="([^"]*)"', page))
        targets = set(re.findall(r'href="#([^"]*)"', page))

        assert len(targets) > 25
        assert targets <= ids
        assert len(re.findall(r'\bid="([^"]*)"', page)) == len(ids)

    def test_keeps_a_way_to_the_schema(self, page):
        assert 'href="/api/v1/schema/"' in page

    def test_needs_no_script_of_its_own_and_no_exception(self, reader):
        answer = get(reader, "docs/")
        scripts, usual = (
            set(re.findall(r"<script[^>]*>", page.content.decode()))
            for page in (answer, reader.get("/cohort/"))
        )

        assert scripts == usual
        assert "script-src 'self';" in f"{answer.headers['Content-Security-Policy']};"
        assert "style=" not in answer.content.decode()


def names_within(value):
    """Names that are fixed, not codes of patients, centres or rules, anywhere in an answer."""
    if isinstance(value, list):
        return set().union(*map(names_within, value))
    if not isinstance(value, dict):
        return set()
    kept = {k: v for k, v in value.items() if k not in OPEN}
    inner = set().union(*map(names_within, kept.values())) if kept else set()
    return set(value) | inner


SURROUNDINGS = {"as_of", "rules", *RULES}
# Objects whose names are codes or columns, told as such.
OPEN = {"parameters", "key", "not_evaluable", "not_classified", "naive_by_centre", "diagnosis"}
OPEN |= {"statuses", "trend", "incomplete", "levels", "groups"}


def test_examples_of_lists_are_tables():
    assert {a.example.endswith("&format=csv") for a in addresses() if a.is_list} == {True}


class TestWords:
    def test_stand_with_every_column(self):
        silent = {
            (t.component, column.name)
            for t in tables()
            for column in t.columns
            if not column.meaning and not column.codes
        }

        assert silent == set()

    def test_say_what_holds_where_nothing_is_asked(self):
        optional = [p for a in addresses() for p in a.parameters if p.place == "query"]

        assert [p.name for p in optional if not p.default] == []
        assert not any("Default" in p.meaning for p in optional)

    def test_say_of_every_column_that_may_be_null_what_that_means(self):
        schemas = registry_schema()["components"]["schemas"]
        for t in tables():
            for column in t.columns:
                described = flat(registry_schema(), schemas[t.component]["properties"][column.name])
                may_be_missing = described.is_nullable or (
                    column.name not in schemas[t.component]["required"]
                )
                assert bool(column.missing) == may_be_missing, (t.component, column.name)

    def test_are_text_whatever_stands_in_them(self):
        assert marked("a < b, `c<d>`, **not** & `e`") == (
            "a &lt; b, <code>c&lt;d&gt;</code>, <strong>not</strong> &amp; <code>e</code>"
        )
        assert paragraphs("one\ntwo\n\nthree") == ("one\ntwo", "three")

    def test_name_components_as_people_do(self):
        assert name_of("ResponseTable") == "Response table"


ROOT = {
    "components": {
        "schemas": {
            "Colour": {"type": "string", "enum": ["red"], "description": "Of a rose."},
            "NullEnum": {"enum": [None]},
            "Leaf": {"type": "object", "properties": {}},
            "Rose": {
                "type": "object",
                "required": ["colour", "height", "cut_on", "leaves", "value"],
                "properties": {
                    "colour": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/Colour"},
                            {"$ref": "#/components/schemas/NullEnum"},
                        ],
                        "description": "Colour; null of a bud.",
                    },
                    "height": {
                        "type": ["number", "null"],
                        "format": "double",
                        "description": "Its height [cm], stem included.",
                    },
                    "cut_on": {"type": "string", "format": "date", "description": "Day."},
                    "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}},
                    "value": {
                        "type": ["string", "number", "null"],
                        "description": "A price [€] or a weight [g].",
                    },
                    "smell": {"type": "boolean", "description": "Whether it smells."},
                },
            },
        }
    }
}


def test_a_component_is_told_column_by_column():
    told = [
        (c.name, str(c.kind), c.unit, c.meaning, c.codes, str(c.missing), c.part)
        for c in table(ROOT, "Rose", "not seen").columns
    ]

    assert told == [
        ("colour", "code", "", "Colour.", ("red",), "of a bud", ""),
        ("height", "number", "cm", "Its height, stem included.", (), "not seen", ""),
        ("cut_on", "day", "", "Day.", (), "", ""),
        ("leaves", "list:", "", "", (), "", "Leaf"),
        ("value", "text or number", "", "A price [€] or a weight [g].", (), "not seen", ""),
        ("smell", "yes or no", "", "Whether it smells.", (), "left out", ""),
    ]


@pytest.mark.parametrize(
    ("schema", "words_", "part"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "whole number, 1–9", ""),
        ({"type": "object", "additionalProperties": {}}, "values by name", ""),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "whole numbers by name",
            "",
        ),
        (
            {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Leaf"}},
            "by name:",
            "Leaf",
        ),
        ({"type": "string", "format": "uri"}, "address", ""),
    ],
)
def test_a_type_is_told_in_words(schema, words_, part):
    kind, found = kind_of(ROOT, Flat(schema, "", is_nullable=False))

    assert (str(kind), found) == (words_, part)


def test_a_new_address_is_on_the_page_by_itself():
    schema = registry_schema()
    visits = schema["paths"]["/api/v1/visits/"]
    more = schema | {"paths": schema["paths"] | {"/api/v1/scales/": visits}}

    paths = [a.path for s in reference_of(more).subjects for a in s.addresses]

    records = reference_of(more).subjects[0].addresses
    assert paths[len(records) - 1] == "/api/v1/scales/"
