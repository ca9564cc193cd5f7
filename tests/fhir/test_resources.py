"""Every resource is FHIR R4B, and says what is recorded: nothing is lost on the way."""

import re
from decimal import Decimal

import pytest
from fhir.resources.R4B import get_fhir_model_class

from infusions.models import AdverseReaction, Infusion
from patients.models import (
    Finding,
    GripStrength,
    LaboratoryResult,
    MuscleScore,
    NerveSegment,
    Visit,
)
from patients.vocabulary import MUSCLE_SETS
from tests.fhir.asking import (
    TYPES,
    bundle,
    codes,
    components,
    get,
    matches,
    of_one,
    value_of,
)

OURS = "urn:mmn-registry:"


def is_fhir(resource):
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("reader", ["north", "statistician"])
def test_every_resource_is_valid(who, reader):
    client = who(reader)
    known = {"CodeSystem": "/fhir/CodeSystem", "ValueSet": "/fhir/ValueSet"}

    for address in (*TYPES, *known):
        page = bundle(client, address, **({} if address in known else {"_count": "1000"}))
        assert page["entry"], address
        is_fhir(page)  # with all that it holds
    is_fhir(get(client, "metadata").json())
    is_fhir(get(client, "Patient/nobody").json())


def test_every_code_of_ours_is_in_a_code_system_of_ours(treating):
    systems = {one["url"]: one for one in matches_of_terminology(treating)}
    known = {(url, c["code"]) for url, one in systems.items() for c in one["concept"]}

    used = set()
    for name in TYPES:
        used |= set(codings_in(matches(treating, name)))

    ours = {(system, code) for system, code in used if system.startswith(OURS)}
    assert len(ours) > 60
    assert ours <= known
    assert {
        system for system, _ in used if not system.startswith((OURS, "http://terminology."))
    } == {
        "http://loinc.org",
        "http://snomed.info/sct",
        "http://www.whocc.no/atc",
        "http://hl7.org/fhir/sid/icd-10",
        "https://www.orpha.net",
    }


def matches_of_terminology(client):
    return [one["resource"] for one in bundle(client, "CodeSystem")["entry"]]


def codings_in(element):
    if isinstance(element, list):
        for one in element:
            yield from codings_in(one)
    elif isinstance(element, dict):
        if {"system", "code"} <= set(element) and "value" not in element:
            yield element["system"], element["code"]
        for one in element.values():
            yield from codings_in(one)


def day_of(observation):
    return observation["effectiveDateTime"]


def test_patients_have_a_year_of_birth_and_what_is_known_of_the_disease(treating):
    [patient] = matches(treating, "Patient", identifier="N-1")
    [condition] = of_one(treating, "Condition")

    assert patient["birthDate"] == "1961"
    assert patient["deceasedDateTime"] == "2020-06-01"
    assert "name" not in patient
    assert {e["url"].removeprefix(OURS): value_of(e) for e in patient["extension"]} == {
        "included-on": "2004-01-15",
        "age-band": "40-49",
        "prior-immunoglobulin": "no",
        "clinician-response": "yes",
    }
    assert codes(condition["code"]) == ["641", "G61.8"]
    assert condition["onsetDateTime"] == "1999"
    assert value_of(condition["extension"][0]) == "2003-05"


def test_how_sure_a_diagnosis_is_follows_from_the_criteria(treating):
    shown = [codes(one["verificationStatus"]) for one in matches(treating, "Condition")]

    assert shown == [["unconfirmed", "not_evaluable"]] * 3


def test_every_grade_comes_back(treating):
    grades = {
        (day_of(one), codes(one["bodySite"])[0]): (
            value_of(one) or "NT",
            components(one).get("mrc_value"),
            components(one).get("not_due_to_mmn"),
            components(one).get("origin", ""),
            [*codes(one.get("dataAbsentReason")), "", ""][1],
        )
        for one in of_one(treating, "Observation", code="mrc_grade")
    }

    scores = MuscleScore.objects.filter(visit__patient__study_id="N-1").select_related("visit")
    assert grades == {
        (str(s.visit.visited_on), f"{s.side}_{s.muscle}"): (
            s.mrc_grade,
            None if s.mrc_thirds is None else round(s.mrc_thirds / 3, 4),
            s.not_due_to_mmn,
            s.origin,
            s.not_tested_reason,
        )
        for s in scores
    }
    assert len(grades) == 30


def test_a_sum_is_there_where_every_muscle_of_its_set_was_graded(treating):
    day = {"visit__patient__study_id": "N-1", "visit__visited_on": "2004-01-10"}
    thirds = list(MuscleScore.objects.filter(**day).values_list("muscle", "mrc_thirds"))

    for name, one in MUSCLE_SETS.items():
        code = f"{name.lower().replace('-', '_')}_sum"
        [told] = of_one(treating, "Observation", code=code)  # July was incomplete
        wanted = [value for muscle, value in thirds if muscle in one.muscles]
        assert value_of(told) == pytest.approx(sum(wanted) / 3)
        assert len(told["derivedFrom"]) == len(wanted)
        assert get(treating, told["derivedFrom"][0]["reference"]).status_code == 200


def test_every_measure_of_a_visit_comes_back(treating):
    visit = Visit.objects.get(patient__study_id="N-1", visited_on="2004-01-10")

    def only(code):
        [told] = of_one(treating, "Observation", code=code)
        assert told["encounter"]["reference"] == f"Encounter/visit-{visit.pk}"
        return told

    weight = only("http://loinc.org|29463-7")["valueQuantity"]
    assert weight == {
        "value": 62.5,
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    }
    assert (value_of(only("onls")), components(only("onls"))) == (2, {"onls_arm": 2, "onls_leg": 0})
    assert (value_of(only("incat")), components(only("incat"))) == (None, {"incat_arm": 3})
    assert value_of(only("mmn_rods")) == 38
    grips = of_one(treating, "Observation", code="grip_strength")
    assert {
        (codes(g["bodySite"])[0], codes(g["method"])[0], g["valueQuantity"]["code"], value_of(g))
        for g in grips
    } == {
        (
            f"{g.side}_hand",
            g.device,
            g.device.rpartition("_")[2].replace("kpa", "kPa"),
            float(g.value),
        )
        for g in GripStrength.objects.filter(visit=visit)
    }


def test_every_dose_and_lot_comes_back(treating):
    told = {}
    for one in of_one(treating, "MedicationAdministration"):
        held = {m["id"]: m for m in one.get("contained", [])}
        lots = {
            m["batch"]["lotNumber"]: value_of((m.get("extension") or [{}])[0])
            for m in held.values()
            if "batch" in m
        }
        code = one.get("medicationCodeableConcept") or held["product"]["code"]
        dosage = one["dosage"]
        key = (one["effectiveDateTime"], codes(dosage["route"])[0], code["text"])
        told[key] = (dosage["dose"]["value"], dosage["dose"]["code"], lots)

    stored = Infusion.objects.filter(patient__study_id="N-1").prefetch_related("lots")
    assert told == {
        (str(i.given_on), i.route, i.product): (
            float(i.dose_g),
            "g",
            {x.lot_number: None if x.dose_g is None else float(x.dose_g) for x in i.lots.all()},
        )
        for i in stored
    }
    assert len(told) == 3


def test_every_nerve_segment_comes_back(treating):
    told = {}
    for one in of_one(treating, "Observation", code="nerve_segment"):
        assert one["encounter"]["reference"].startswith("Encounter/study-")
        told[codes(one["bodySite"])[0]] = components(one)

    plain = ("distal_site", "proximal_site", "excluded", "reported_block")
    assert told == {
        f"{s.side}_{s.nerve}": {
            name: float(value) if isinstance(value, Decimal) else value
            for name in (*plain, *MEASURES)
            if (value := getattr(s, name)) not in (None, "")
        }
        for s in NerveSegment.objects.filter(study__patient__study_id="N-1")
    }


MEASURES = (
    *("distal_amplitude_mv", "proximal_amplitude_mv", "distal_area_mv_ms", "proximal_area_mv_ms"),
    *("distal_duration_ms", "proximal_duration_ms", "distal_amplitude_lln_mv", "distance_mm"),
)


def test_every_laboratory_result_comes_back(treating):
    told = {}
    for test in LaboratoryResult.objects.values_list("test", flat=True).distinct():
        [one] = of_one(treating, "Observation", code=test)
        told[test] = (
            value_of(one),
            one.get("valueQuantity", {}).get("unit", ""),
            codes((one.get("interpretation") or [{}])[0])[:1],
            one.get("method", {}).get("text", ""),
            components(one).get("cutoff", ""),
        )

    stored = LaboratoryResult.objects.filter(patient__study_id="N-1")
    assert told == {
        r.test: (
            None if r.value is None else float(r.value),
            r.unit,
            [r.interpretation] if r.interpretation else [],
            r.method,
            r.cutoff,
        )
        for r in stored
    }


@pytest.mark.parametrize(
    ("test", "loinc", "ucum"),
    [
        ("ck", ["2157-6"], "U/L"),
        ("creatinine", ["14682-9"], "umol/L"),  # by its unit, not 2160-0
        ("csf_protein", ["2880-3"], "g/L"),
        ("anti_gm1_igm", [], None),  # a titre, by a method that LOINC would tell apart
        ("haemoglobin", [], None),  # without a unit
    ],
)
def test_a_standard_code_stands_only_where_it_is_certain(treating, test, loinc, ucum):
    [one] = of_one(treating, "Observation", code=test)

    assert codes(one["code"]) == [test, *loinc]
    assert one.get("valueQuantity", {}).get("code") == ucum


def test_every_finding_comes_back(treating):
    told = {
        codes(one["code"])[0]: value_of(one) or codes(one["dataAbsentReason"])[1]
        for one in of_one(treating, "Observation", code=",".join(FINDINGS))
    }

    stored = Finding.objects.filter(patient__study_id="N-1").values_list("finding", "state")
    assert told == dict(stored) == dict(FINDINGS)


FINDINGS = {
    "sensory_loss_beyond_vibration": "absent",
    "weakness_in_2_nerves": "present",
    "plexus_mri_t2": "not_examined",
}


def test_every_reaction_comes_back(treating):
    told = {}
    for one in of_one(treating, "AdverseEvent"):
        more = {e["url"].removeprefix(OURS): value_of(e) for e in one.get("extension", [])}
        [suspected] = one.get("suspectEntity", [{"extension": []}])
        given = {e["url"].removeprefix(OURS): value_of(e) for e in suspected["extension"]}
        told[codes(one["event"])[0]] = (
            one["date"],
            codes(one["severity"]),
            codes(one["seriousness"]) == ["Serious"],
            *(given.get(name, "") for name in ("route", "product", "lot-number")),
            *(more.get(name) for name in ("onset", "action", "outcome")),
        )

    stored = AdverseReaction.objects.filter(patient__study_id="N-1")
    assert told == {
        r.reaction: (
            *(str(r.occurred_on), [r.severity], r.serious, r.route, r.product, r.lot_number),
            *(r.onset_hours, r.action or None, r.outcome or None),
        )
        for r in stored
    }


def test_a_withdrawn_consent_is_inactive_from_its_day_on(treating):
    told = {
        codes(one["category"][0])[0]: (one["status"], one["provision"]["period"])
        for one in of_one(treating, "Consent")
    }

    assert told == {
        "registry": ("active", {"start": "2004-01-15"}),
        "contact": ("inactive", {"start": "2004-01-15", "end": "2005-02-03"}),
    }


def test_who_recorded_it_stands_under_an_opaque_id(treating):
    weight = of_one(treating, "Observation", code="29463-7")[0]

    [told] = matches(treating, "Provenance", target=f"Observation/{weight['id']}")

    assert {"reference": f"Observation/{weight['id']}"} in told["target"]
    assert told["recorded"] == weight["meta"]["lastUpdated"]
    assert told["agent"][0]["who"] == {"display": "whoever runs commands on the server"}
    assert codes(told["activity"]) == ["CREATE"]


class TestWhoReadsByMonths:
    @pytest.mark.parametrize("name", TYPES)
    def test_is_told_no_day(self, statistician, name):
        told = matches(statistician, name)

        assert told
        assert all(one["meta"]["security"][0]["code"] == "PSEUDED" for one in told)
        assert "lastUpdated" not in str(told)
        assert re.findall(r"'\d{4}-\d{2}-\d{2}[^']*'", str(told)) == []
        without_ids = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", str(told))
        without_ids = re.sub(r"'versionId': '\S+'", "", without_ids)
        for hidden in ("1961", "LOT-", "slower", "gone", "ELISA", "1:640"):
            assert hidden not in without_ids, hidden

    def test_is_told_the_month(self, statistician):
        [patient] = matches(statistician, "Patient", identifier="N-1")
        [condition] = of_one(statistician, "Condition")
        infusions = of_one(statistician, "MedicationAdministration")

        assert "birthDate" not in patient
        assert patient["deceasedDateTime"] == "2020-06"
        assert condition["onsetDateTime"] == "1999"
        assert {i["effectiveDateTime"] for i in infusions} == {"2004-01"}
        assert {i["dosage"]["dose"]["value"] for i in infusions} == {0.0001, 30.0, 12.3456}

    def test_reads_every_centre(self, statistician):
        found = {p["identifier"][0]["value"] for p in matches(statistician, "Patient")}

        assert found == {"N-1", "N-2", "N-3", "S-1"}
