"""The description of the interface is valid, complete, and true."""

import json
from http import HTTPStatus

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_spec_validator import OpenAPIV31SpecValidator

from mmn_registry.rest.schema import registry_schema
from tests.api.asking import ANSWERS, LISTS, OF_ONE_PATIENT, get, text
from tests.api.described import answer, operation, path_of, problems, resolved

PATHS = {
    "/api/v1/patients/",
    "/api/v1/patients/{study_id}/",
    "/api/v1/visits/",
    "/api/v1/muscle-scores/",
    "/api/v1/infusions/",
    "/api/v1/nerve-segments/",
    "/api/v1/outcomes/",
    "/api/v1/outcomes/{study_id}/",
    "/api/v1/cohort/summary/",
    "/api/v1/cohort/saved/",
}
# What is written: where a record is added, where it stands, where it is voided, where many are.
WRITTEN = {
    "patients": "study_id",
    "visits": "visit_id",
    "nerve-conduction-studies": "nerve_conduction_study_id",
    "laboratory-results": "laboratory_result_id",
    "findings": "finding_id",
    "consents": "consent_id",
    "lower-limits": "lower_limit_id",
    "infusions": "infusion_id",
    "regimens": "regimen_id",
    "dose-attempts": "dose_attempt_id",
    "immunosuppressants": "immunosuppressant_id",
    "adverse-reactions": "adverse_reaction_id",
}
METHODS_OF_WRITING = {
    "/api/v1/{kind}/": {"get", "post"},
    "/api/v1/{kind}/{one}/": {"get", "patch", "put"},
    "/api/v1/{kind}/{one}/void/": {"post"},
    "/api/v1/{kind}/{one}/history/": {"get"},
    "/api/v1/bulk/{kind}/": {"post"},
}
READ_ONLY = {"/api/v1/grip-strengths/", "/api/v1/infusion-lots/", "/api/v1/vocabulary/"}
DATED = {"visits/", "muscle-scores/", "infusions/", "nerve-segments/"}


@pytest.fixture(scope="module")
def schema():
    """Made anew, so that its making can be watched."""
    registry_schema.cache_clear()
    return json.loads(json.dumps(registry_schema()))


class TestDescription:
    def test_is_valid_openapi_3_1(self, schema):
        assert schema["openapi"].startswith("3.1.")
        assert list(OpenAPIV31SpecValidator(schema).iter_errors()) == []

    def test_is_made_without_a_warning(self, schema):
        assert dict(GENERATOR_STATS._warn_cache | GENERATOR_STATS._error_cache) == {}

    def test_names_every_address(self, schema):
        written = {
            path.replace("{kind}", kind).replace("{one}", f"{{{one}}}"): methods
            for kind, one in WRITTEN.items()
            for path, methods in METHODS_OF_WRITING.items()
        }
        read = {path: {"get"} for path in PATHS | READ_ONLY}

        assert {path_of(address) for address in ANSWERS} == PATHS
        described = {path: set(methods) for path, methods in schema["paths"].items()}
        assert described == read | written

    def test_gives_every_operation_a_name_of_its_own(self, schema):
        names = [operation(schema, address)["operationId"] for address in ANSWERS]

        assert names == [
            "listPatients",
            "listVisits",
            "listMuscleScores",
            "listInfusions",
            "listNerveSegments",
            "listOutcomes",
            "getPatient",
            "getPatientOutcomes",
            "getCohortSummary",
            "listSavedCohorts",
        ]

    @pytest.mark.parametrize("address", ANSWERS)
    def test_says_what_an_operation_is_for(self, schema, address):
        described = operation(schema, address)

        assert described["description"].startswith(described["summary"])
        assert described["tags"] in (["Records"], ["Outcomes"])
        assert described["security"] == [{"tokenAuth": []}, {"cookieAuth": []}]

    def test_can_be_read_by_everybody_in_both_notations(self, client):
        for accepted in ("*/*", "application/json", "application/vnd.oai.openapi+json"):
            answer = client.get("/api/v1/schema/", headers={"Accept": accepted})
            assert answer.status_code == 200
            assert json.loads(answer.content)["info"]["title"] == "MMN registry"
        for query in ("", "?lang=%00", "?version=%00", "?format=yaml"):
            assert client.get(f"/api/v1/schema/{query}").status_code == 200
        assert client.get("/api/v1/schema/?format=yaml").content.startswith(b"openapi: 3.1")


class TestParameters:
    @pytest.mark.parametrize("address", ANSWERS)
    def test_are_exactly_those_that_the_view_takes(self, schema, reader, address):
        described = operation(schema, address)["parameters"]
        names = {parameter["name"] for parameter in described if parameter["in"] == "query"}

        refused = get(reader, address, nonsense="1").json()["errors"][0]["detail"]

        assert names == set(refused.split("There are: ")[1].removesuffix(".").split(", "))
        assert all(parameter["description"] for parameter in described)

    @pytest.mark.parametrize("address", LISTS)
    def test_take_the_codes_that_are_described(self, schema, reader, address):
        for parameter in operation(schema, address)["parameters"]:
            for code in parameter["schema"].get("enum", []):
                asked = {"patient": "nobody", parameter["name"]: code}
                assert get(reader, address, **asked).status_code == 200

    @pytest.mark.parametrize("address", LISTS)
    def test_tell_their_limits(self, schema, reader, address):
        described = {p["name"]: p["schema"] for p in operation(schema, address)["parameters"]}

        assert described["page_size"] == {"type": "integer", "minimum": 1, "maximum": 1000}
        assert described["as_of"] == {"type": "string", "format": "date"}
        assert ("since" in described) == (address in DATED)


class TestAnswers:
    @pytest.mark.parametrize("address", ANSWERS)
    def test_are_as_described(self, schema, reader, address):
        described = operation(schema, address)["responses"]["200"]
        given = get(reader, address)

        assert set(described["content"]) == {"application/json", "text/csv"}
        assert problems(schema, answer(schema, address), given.json()) == []
        assert set(described["headers"]) <= set(given.headers)

    @pytest.mark.parametrize("address", ANSWERS)
    def test_have_the_columns_that_are_described(self, schema, reader, address):
        described = operation(schema, address)["responses"]["200"]["description"]

        named = described.removeprefix("As CSV, the columns are ").removesuffix(".")
        header = text(reader, address).splitlines()[0]
        assert [f"`{name}`" for name in header.split(",")] == named.split(", ")

    def test_that_differ_from_the_description_are_noticed(self, schema, reader):
        described = {"$ref": "#/components/schemas/PatientPage"}
        page = get(reader, "patients/").json()
        patient = page["results"][0]

        for wrong in (
            {**patient, "birth_year": "1961"},
            {**patient, "sex": "f"},
            {**patient, "included_on": "15.1.2004"},
            {**patient, "shoe_size": 42},
            {name: value for name, value in patient.items() if name != "centre"},
        ):
            assert len(problems(schema, described, {**page, "results": [wrong]})) == 1

    @pytest.mark.parametrize("address", ANSWERS)
    def test_have_a_meaning_for_every_number(self, schema, address):
        """Units stand in the description, or in the name."""
        envelope = resolved(schema, answer(schema, address))["properties"]
        row = envelope.get("results", {}).get("items") or envelope.get("result")
        if row is None:
            return  # the cohort's tables are components of their own
        for name, column in resolved(schema, row)["properties"].items():
            if "number" in column.get("type", ()) or "integer" in column.get("type", ()):
                assert column["description"], name


class TestRefusals:
    @pytest.mark.parametrize("address", ANSWERS)
    def test_are_described_with_examples(self, schema, address):
        responses = operation(schema, address)["responses"]

        refusals = {code: content for code, content in responses.items() if code != "200"}
        expected = {"400", "401", "406", "429", "503"} | (
            {"404"} if address in OF_ONE_PATIENT else set()
        )
        assert set(refusals) == expected
        for code, described in refusals.items():
            problem = described["content"]["application/problem+json"]
            (example,) = problem["examples"].values()
            assert problems(schema, problem["schema"], example["value"]) == []
            assert example["value"]["status"] == int(code)

    @pytest.mark.parametrize(
        ("code", "asked", "accepted"),
        [
            (400, "patients/?as_of=31.12.2008", "*/*"),
            (401, "patients/", "*/*"),
            (404, "patients/A-1/?as_of=2000-01-01", "*/*"),
            (404, "outcomes/A-1/?as_of=2000-01-01", "*/*"),
            (406, "patients/", "application/xml"),
        ],
    )
    def test_read_as_the_examples_do(self, schema, reader, code, asked, accepted):
        if code == HTTPStatus.UNAUTHORIZED:
            reader.logout()

        given = reader.get(f"/api/v1/{asked}", headers={"Accept": accepted})

        described = operation(schema, asked.split("?")[0])["responses"][str(code)]
        (example,) = described["content"]["application/problem+json"]["examples"].values()
        told = example["value"] | {"request_id": given.headers["MMN-Request-Id"]}
        assert given.json() == told
