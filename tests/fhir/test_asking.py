"""Who may ask what, how it is found, and how a refusal reads."""

import json
from itertools import product

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from mmn_registry.accounts.actions import make_token
from mmn_registry.accounts.models import Scope, User
from mmn_registry.audit.models import Entry
from patients.actions import amend, void
from patients.models import Consent, MuscleScore, Patient, Visit
from tests.fhir.asking import (
    TYPES,
    bundle,
    codes,
    get,
    matches,
    of_one,
    outcome,
    walk,
)


def id_of(study_id):
    return str(Patient.objects.get(study_id=study_id).pk)


def visit_of(study_id):
    return Visit.objects.get(patient__study_id=study_id, visited_on="2004-01-10")


class TestWhoMayAsk:
    @pytest.mark.parametrize("name", TYPES)
    def test_finds_the_patients_of_ones_own(self, treating, name):
        everybody = {str(one) for one in Patient.objects.values_list("pk", flat=True)}
        told = str(matches(treating, name))

        assert {one for one in everybody if one in told} == everybody - {id_of("S-1")}

    @pytest.mark.parametrize("name", TYPES)
    def test_anothers_is_as_absent_as_nobodys(self, treating, statistician, who, name):
        nobody = f"{0:08d}-0000-4000-8000-000000000000"
        themselves = [{"id": id_of("S-1")}]
        foreign = themselves if name == "Patient" else of_one(statistician, name, "S-1")
        client = who("north")

        answers = []
        for one in foreign[:2]:
            absent = one["id"][:-36] + nobody
            answers += [outcome(get(client, f"{name}/{key}")) for key in (one["id"], absent, "-")]
        asked = {"_id" if name == "Patient" else "patient": id_of("S-1")}

        assert set(answers) == {
            (404, "not-found", "There is no such resource of a patient in your centres.")
        }
        assert matches(client, name, **asked) == []
        everything = get(client, f"Patient/{id_of('S-1')}/$everything")
        assert outcome(everything) == answers[0]

    def test_a_stranger_is_told_how_to_sign_in(self, cohort, client):
        for name in (*TYPES, "$export", "nothing"):
            answer = get(client, name)
            assert outcome(answer)[:2] == (401, "login")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        for name in ("metadata", "CodeSystem", "ValueSet/finding"):
            assert get(client, name).status_code == 200

    def test_who_reads_no_records_finds_none(self, who):
        assert all(matches(who("auditor"), name) == [] for name in TYPES)

    def test_who_withdrew_from_research_is_gone_for_who_does_not_treat(self, treating, who):
        patient = Patient.objects.get(study_id="N-2")
        Consent.objects.create(
            patient=patient,
            scope="research",
            form_version="1",
            given_on="2004-02-01",
            withdrawn_on="2005-02-01",
        )
        assert of_one(treating, "Observation", "N-2")

        reader = who("statistician")

        page = bundle(reader, "Patient")
        assert "N-2" not in str(page["entry"][:-1])
        told = page["entry"][-1]["resource"]["issue"][0]["details"]["text"]
        assert told.startswith("1 patients are left out")
        assert get(reader, f"Patient/{patient.pk}").status_code == 404
        for name in TYPES[1:]:
            assert matches(reader, name, patient=patient.pk) == []

    def test_nothing_is_written_here(self, treating):
        for method, name in product(("post", "put", "patch", "delete"), ("Patient", "Patient/1")):
            answer = getattr(treating, method)(f"/fhir/{name}")
            assert outcome(answer)[:2] == (405, "not-supported")

    def test_what_was_read_is_in_the_trail(self, treating):
        def read():
            notes = Entry.objects.filter(route__startswith="fhir:").order_by("seq")
            return list(notes.values_list("kind", "route", "study_id", "rows"))

        key = id_of("N-1")
        for address in ("Patient", f"Encounter?patient={key}", f"Patient/{key}"):
            get(treating, address)
        rows = len(bundle(treating, f"Patient/{key}/$everything", _count=1000)["entry"])

        assert read() == [
            ("read", "fhir:Patient", "", 3),
            ("read", "fhir:Encounter", "N-1", 3),
            ("read", "fhir:Patient-read", "N-1", 1),
            ("read", "fhir:Patient-everything", "N-1", rows),
        ]


class TestSearch:
    def test_pages_hold_every_resource_once(self, treating):
        whole = {one["id"] for one in matches(treating, "Observation")}
        walked = [one["id"] for one in walk(treating, "/fhir/Observation?_count=13")]

        assert len(walked) == len(set(walked))
        assert set(walked) == whole
        assert len(walked) > 140

    def test_a_page_behind_the_last_row_of_a_source_begins_with_the_next(self, treating):
        key = id_of("N-1")
        for count in (1, 2, 3):
            found = walk(treating, f"/fhir/Encounter?patient={key}&_count={count}")
            assert len({one["id"] for one in found}) == len(found) == 3

    def test_everything_is_all_of_one_patient(self, treating):
        key = id_of("N-1")
        found = walk(treating, f"/fhir/Patient/{key}/$everything?_count=50")
        by_type = {name: [x for x in found if x["resourceType"] == name] for name in TYPES}

        for name in TYPES[1:]:
            assert by_type[name] == of_one(treating, name)
        assert [one["id"] for one in by_type["Patient"]] == [key]
        some = walk(treating, f"/fhir/Patient/{key}/$everything?_type=Consent,Condition")
        assert {one["resourceType"] for one in some} == {"Consent", "Condition"}

    @pytest.mark.parametrize(
        ("date", "days"),
        [
            ("2004-01-10", {"2004-01-10"}),
            ("2004-01", {"2004-01-10", "2004-01-12"}),
            ("2004", {"2004-01-10", "2004-01-12", "2004-07-11"}),
            ("gt2004-01-10", {"2004-01-12", "2004-07-11"}),
            ("le2004-01-12", {"2004-01-10", "2004-01-12"}),
            ("lt2004-01-12", {"2004-01-10"}),
            ("ne2004-01", {"2004-07-11"}),
            ("sa2004", set()),
        ],
    )
    def test_by_day(self, treating, date, days):
        found = of_one(treating, "Encounter", date=date)

        assert {one["period"]["start"] for one in found} == days

    def test_several_days_all_hold(self, treating):
        key = id_of("N-1")
        found = get(treating, f"Encounter?patient={key}&date=ge2004-01-11&date=lt2004-02").json()

        assert [one["resource"]["period"]["start"] for one in found["entry"]] == ["2004-01-12"]

    def test_by_when_it_was_recorded(self, treating):
        visit = visit_of("N-1")
        before = max(one["meta"]["lastUpdated"] for one in of_one(treating, "Encounter"))
        amend(visit, {"weight_kg": 63}, by=None, reason="Weighed again.")

        [after] = of_one(treating, "Encounter", _lastUpdated=f"gt{before}")

        assert (after["id"], after["meta"]["versionId"]) == (f"visit-{visit.pk}", "2")
        assert len(of_one(treating, "Encounter", _lastUpdated=f"ge{before}")) == 2
        assert of_one(treating, "Encounter", _lastUpdated="lt2020") == []

    def test_by_code_of_any_system_or_of_one(self, treating):
        ours = "urn:mmn-registry:laboratory-test"
        asked = ("ck", f"{ours}|ck", "http://loinc.org|2157-6", "2157-6", f"x|y,{ours}|ck")
        found = [of_one(treating, "Observation", code=code) for code in asked]

        assert all(one == found[0] for one in found)
        assert [codes(one["code"])[0] for one in found[0]] == ["ck"]
        assert of_one(treating, "Observation", code="http://loinc.org|ck") == []
        atc = of_one(treating, "MedicationAdministration", code="J06BA02")
        assert [codes(one["dosage"]["route"])[0] for one in atc] == ["IV"]
        event = of_one(treating, "AdverseEvent", event="headache")
        assert [one["date"] for one in event] == ["2004-01-15"]

    def test_what_matches_refer_to_is_included_once(self, treating):
        page = get(
            treating,
            "Observation?_include=Observation:patient&_include=Observation:encounter"
            f"&code=mrc_grade&patient={id_of('N-1')}",
        ).json()

        included = [e["resource"] for e in page["entry"] if e["search"]["mode"] == "include"]
        assert [one["resourceType"] for one in included] == ["Patient", "Encounter", "Encounter"]
        assert all(
            get(treating, e["fullUrl"].partition("/fhir/")[2]).status_code == 200
            for e in page["entry"][-3:]
        )

    @pytest.mark.parametrize("name", TYPES)
    def test_asks_as_often_for_one_patient_as_for_three(self, treating, name):
        def queries(**query):
            with CaptureQueriesContext(connection) as asked:
                assert matches(treating, name, **query)
            return len(asked)

        include = (
            {}
            if name in ("Patient", "Provenance")
            else {"_include": f"{name}:{'subject' if name == 'AdverseEvent' else 'patient'}"}
        )
        one = {"_id": id_of("N-1")} if name == "Patient" else {"patient": id_of("N-1")}

        assert queries(**include, **one) == queries(**include)


class TestVersions:
    def test_who_has_the_version_gets_it_not_again(self, treating):
        visit = visit_of("N-1")
        address = f"/fhir/Encounter/visit-{visit.pk}"
        first = treating.get(address)
        assert first.headers["ETag"] == 'W/"1"'

        again = treating.get(address, headers={"If-None-Match": first.headers["ETag"]})
        amend(visit, {"weight_kg": 63}, by=None, reason="Weighed again.")
        changed = treating.get(address, headers={"If-None-Match": first.headers["ETag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert (changed.status_code, changed.headers["ETag"]) == (200, 'W/"2"')

    def test_a_sum_is_another_when_a_grade_is(self, treating):
        before = of_one(treating, "Observation", code="mrc_60_sum")[0]
        score = MuscleScore.objects.get(visit=visit_of("N-1"), muscle="elbow_flexion", side="left")
        amend(score, {"mrc_grade": "5"}, by=None, reason="Typed wrongly.")

        after = of_one(treating, "Observation", code="mrc_60_sum")[0]

        assert before["id"] == after["id"]
        assert before["meta"]["versionId"] != after["meta"]["versionId"]

    def test_what_was_voided_is_gone_unless_it_is_asked_for(self, treating):
        score = MuscleScore.objects.get(visit=visit_of("N-1"), muscle="elbow_flexion", side="left")
        void(score, by=None, reason="Another patient's.")

        assert get(treating, f"Observation/muscle-{score.pk}").status_code == 404
        assert len(of_one(treating, "Observation", code="mrc_grade")) == 29
        assert of_one(treating, "Observation", code="mrc_60_sum") == []  # a grade is missing
        [told] = matches(treating, "Observation", status="entered-in-error")
        assert (told["id"], told["status"]) == (f"muscle-{score.pk}", "entered-in-error")


HOSTILE = [
    "_count=0", "_count=-1", "_count=1e9", "_count=9999999999999", "_count=", "_count=5&_count=6",
    "date=", "date=2004-13", "date=0000", "date=0000-01-01", "date=9999-12-31", "date=ap2004",
    "date=2004-1-1", "date=10^5000", "date=%00", "date=2004-01-01T00:00:00Z", "date=ge",
    "_lastUpdated=yesterday", "_lastUpdated=9999-12-31T23:59:59Z", "_lastUpdated=%F0%9F%98%80",
    "_lastUpdated=2004-01-01T00:00:00%2B99:99", "_lastUpdated=0001-01-01T00:00:00%2B14:00",
    "_cursor=", "_cursor=x", "_cursor=AAAA", "_cursor=%00", "_cursor=" + "A" * 4000,
    "_include=Patient:*", "_include=", "_include=Observation:subject:x",
    "status=final,entered-in-error", "status=%00", "_format=xml", "_format=%00",
    "_sort=date", "_summary=true", "_elements=id", "_revinclude=Provenance:target",
    "patient=", "patient=a&patient=b", "name=Smith", "_id=" + ",".join("x" * 200), "%00=1",
    "code=" + ",".join("x" * 200), "_query=x", "_filter=x", "_has:Observation:patient:code=x",
]  # fmt: skip
HARMLESS = [
    "patient=%00",
    "patient=Patient/1",
    "_id=%00",
    "_id=../x",
    "code=%00",
    "code=|",
    "code=a|b|c",
]


class TestRefusals:
    @pytest.mark.parametrize("name", ["Observation", "Patient", "Provenance"])
    def test_nothing_hostile_is_more_than_refused(self, treating, name):
        for query in HOSTILE:
            answer = treating.get(f"/fhir/{name}?{query}")
            assert answer.status_code in (400, 406), query
            outcome(answer)
        for query in [*HARMLESS, *(["identifier=%00"] if name == "Patient" else ())]:
            answer = treating.get(f"/fhir/{name}?{query}")
            assert answer.status_code in (200, 400), query
            assert "entry" not in answer.json()

    @pytest.mark.parametrize(
        "address",
        ["", "nothing", "Patient/", "Patient/%00", "Observation/muscle-", "Observation/muscle-1",
         "Observation/" + "x" * 3000, "Encounter/visit-%F0%9F%98%80", "Practitioner", "Patient/1/2",
         "CodeSystem/none", "Condition/" + "0" * 36],
    )  # fmt: skip
    def test_what_is_nowhere_is_not_found(self, treating, address):
        assert outcome(treating.get(f"/fhir/{address}"))[:2] == (404, "not-found")

    def test_say_what_is_wrong_and_what_to_do(self, treating):
        answer = treating.get("/fhir/Encounter?date=31.12.2004&colour=red")
        told = json.loads(answer.content)

        assert [(one["code"], one["expression"]) for one in told["issue"]] == [
            ("invalid", ["http.date"]),
            ("not-supported", ["http.colour"]),
        ]
        assert told["issue"][0]["details"]["text"].startswith("date: “31.12.2004” is no date.")

    def test_a_database_that_is_away_says_when_to_come_back(self, treating, monkeypatch):
        def away(*_args, **_more):
            raise OperationalError("The server is away.")

        monkeypatch.setattr("mmn_registry.fhir.views.walk", away)

        answer = get(treating, "Patient")

        assert outcome(answer)[:2] == (503, "transient")
        assert answer.headers["Retry-After"] == "5"

    def test_another_form_than_json_is_refused(self, treating):
        answer = treating.get("/fhir/Patient", headers={"Accept": "application/fhir+xml"})

        assert outcome(answer)[:2] == (406, "not-supported")
        for accepted in ("application/json", "*/*", "application/fhir+json; fhirVersion=4.3"):
            answer = treating.get("/fhir/Patient", headers={"Accept": accepted})
            assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"

    def test_who_reads_by_months_asks_by_months(self, statistician):
        for query in ("date=2004-01-10", "_lastUpdated=ge2026-01-01", "date=ge2004-01-10"):
            status, _code, told = outcome(statistician.get(f"/fhir/Observation?{query}"))
            assert (status, "by months" in told) == (400, True)
        assert matches(statistician, "Encounter", date="2004-01")


def test_the_capability_statement_names_exactly_the_addresses_that_exist(client, db):
    told = get(client, "metadata").json()["rest"][0]
    promised = {"metadata", "$export", "$export/*", "$export/*/*", "…"}
    for one in told["resource"]:
        assert [i["code"] for i in one["interaction"]] == ["read", "search-type"]
        promised |= {one["type"], f"{one['type']}/*"}
        promised |= {f"{one['type']}/*/${o['name']}" for o in one.get("operation", ())}

    assert promised == {address_of(one) for one in fhir_patterns()}


def fhir_patterns():
    [ours] = [p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == "fhir"]
    return ours.url_patterns


def address_of(pattern):
    route = str(pattern.pattern)
    if route == "^.*$":
        return "…"
    return "/".join("*" if part.startswith("<") else part for part in route.split("/"))


class TestExport:
    @pytest.fixture
    def token(self, cohort):
        def made(email, scope, **more):
            user = User.objects.get(email=f"{email}@hospital.example")
            return {
                "Authorization": f"Bearer {make_token(user, 'R', days=1, scope=scope, **more)[1]}"
            }

        return made

    def test_lists_files_that_are_written_as_they_are_fetched(self, client, token):
        asking = token("statistician", Scope.EXPORT)
        begun = client.get("/fhir/$export?_type=Patient,Observation", headers=asking)
        assert begun.status_code == 202
        listed = client.get(begun.headers["Content-Location"], headers=asking)
        assert listed.headers["Content-Type"] == "application/json"
        manifest = listed.json()

        files = {one["type"]: one["url"] for one in manifest["output"]}
        assert set(files) == {"Patient", "Observation"}
        answer = client.get(files["Observation"], headers=asking)
        lines = [json.loads(line) for line in answer.getvalue().splitlines()]

        assert answer.headers["Content-Type"] == "application/fhir+ndjson"
        client.defaults["HTTP_AUTHORIZATION"] = asking["Authorization"]
        assert lines == walk(client, "/fhir/Observation")[: len(lines)]
        notes = Entry.objects.filter(route="fhir:export-file").order_by("seq")
        assert list(notes.values_list("kind", "rows")) == [("export", None), ("export", len(lines))]

    def test_needs_a_token_that_was_made_to_export(self, treating, who, client, token):
        for headers in ({}, token("statistician", Scope.READ)):
            browser = who("statistician") if not headers else client
            assert outcome(browser.get("/fhir/$export", headers=headers))[:2] == (403, "forbidden")

    def test_is_nobody_elses(self, client, token):
        begun = client.get("/fhir/$export", headers=token("statistician", Scope.EXPORT))
        coordinator = token("coordinator", Scope.EXPORT)

        assert client.get(begun.headers["Content-Location"], headers=coordinator).status_code == 404
        for job in ("x", "AAAA", "%00"):
            answer = client.get(f"/fhir/$export/{job}", headers=coordinator)
            assert outcome(answer)[0] == 404

    def test_holds_what_changed_since(self, client, token):
        asking = token("coordinator", Scope.EXPORT)
        for since, there in (("2000-01-01T00:00:00Z", True), ("2999-01-01T00:00:00Z", False)):
            begun = client.get(f"/fhir/$export?_type=Encounter&_since={since}", headers=asking)
            listed = client.get(begun.headers["Content-Location"], headers=asking).json()
            answer = client.get(listed["output"][0]["url"], headers=asking)
            assert bool(answer.getvalue()) is there
