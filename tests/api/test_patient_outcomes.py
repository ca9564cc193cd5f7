"""Why the outcomes of one patient are what they are: what the page says, as data."""

import csv
import json
from collections import defaultdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mmn_registry.rest.schema import registry_schema
from tests.api.asking import LEGER, get, rows, table, told
from tests.api.described import answer, problems
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient

DAY = "2008-12-31"
RESULTS = [
    "short_term_response",
    "long_term_status",
    "block_change",
    "weekly_dose_g",
    "diagnosis_category",
]
CODES = ("short_term_reason", "long_term_status", "block_change", "block_change_reason")
CODES += ("dose_trend", "dose_reason", "diagnosis_reason")
DATED_BY = {"visits": "visited_on", "muscle_scores": "visited_on", "grip_strengths": "visited_on"}
DATED_BY |= {"infusions": "given_on", "nerve_segments": "studied_on", "regimens": "started_on"}


def why(client, study_id, **query):
    """The results of a patient by their names."""
    found = get(client, f"outcomes/{study_id}/", **query)
    assert found.status_code == 200, found.content
    return {result["result"]: result for result in found.json()["results"]}


def one_of_each(everybody):
    """Of every code that somebody in the cohort has, the first patient who has it."""
    first = {}
    for row, _results in everybody.values():
        for column in CODES:
            first.setdefault((column, row[column]), row["study_id"])
    return sorted(set(first.values()))


@pytest.fixture(scope="module")
def remembered():
    """Answers about the cohort of this file, which no test of it changes."""
    return {}


@pytest.fixture
def everybody(leger, remembered):
    """The listed outcomes of each patient of Léger's, and why they are so."""
    if not remembered:
        for row in rows(leger, "outcomes/", as_of=DAY):
            remembered[row["study_id"]] = row, why(leger, row["study_id"], as_of=DAY)
    return remembered


class TestLegersPatients:
    def test_have_the_values_and_the_columns_of_the_list(self, everybody):
        assert len(everybody) == 40
        for row, results in everybody.values():
            assert list(results) == RESULTS
            assert {name: found["value"] for name, found in results.items()} == {
                name: row[name] for name in RESULTS
            }
            for found in results.values():
                shared = found["parameters"].keys() & row.keys()
                assert {p: found["parameters"][p] for p in shared} == {p: row[p] for p in shared}

    def test_of_every_code_read_as_on_their_pages(self, leger, everybody):
        several = one_of_each(everybody)

        assert len(several) >= 8
        for study_id in several:
            page = words(leger.get(f"/patients/{study_id}/?as_of={DAY}").content.decode())
            for found in everybody[study_id][1].values():
                assert " ".join(found["sentence"].split()) in page
                if found["result"] != "diagnosis_category":  # has no card of its own
                    assert f"reason code {found['code']}" in page
                    assert f"Rule {found['rule']['section']}, " in page
                    for flag in found["flags"]:
                        assert flag in page

    def test_are_as_described(self, leger, everybody):
        schema = registry_schema()

        for study_id in one_of_each(everybody):
            given = get(leger, f"outcomes/{study_id}/", as_of=DAY).json()
            assert problems(schema, answer(schema, "outcomes/{study_id}/"), given) == []

    def test_rest_on_records_that_can_be_looked_up(self, everybody):
        """Each is one row of its table, or all of that day where it has no further key."""
        recorded = defaultdict(list)
        for name, day in DATED_BY.items():
            with (LEGER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    recorded[name, row["study_id"], row[day]].append(row)

        looked_up = 0
        for study_id, (_row, results) in everybody.items():
            for record in (r for found in results.values() for r in found["records"]):
                if record["kind"] in DATED_BY:
                    there = recorded[record["kind"], study_id, record["on"]]
                    fitting = [r for r in there if record["key"].items() <= r.items()]
                    assert len(fitting) >= 1, record
                    if record["kind"] == "muscle_scores":
                        assert [r["mrc_grade"] for r in fitting] == [record["value"]]
                    looked_up += 1
        assert looked_up > 1000

    def test_add_up_to_their_response(self, everybody):
        """A statistician can count the gains again from the records alone."""
        responses = [results["short_term_response"] for _row, results in everybody.values()]
        responders = [found for found in responses if found["value"] == "responder"]

        assert len(responders) > 14
        for found in responders:
            grades = defaultdict(dict)
            for record in found["records"]:
                if record["kind"] == "muscle_scores":
                    grades[tuple(record["key"].values())][record["used_as"]] = record["value"]
            gained = [
                muscle
                for muscle, grade in grades.items()
                if thirds(grade["baseline"]) <= 12
                and "month_6" in grade
                and thirds(grade["month_6"]) - thirds(grade["baseline"]) >= 3
            ]
            assert len(gained) == found["parameters"]["improved"] >= 2


def thirds(grade):
    return int(grade[0]) * 3 + {"-": -1, "+": 1, "": 0}[grade[1:]]


class TestWhatIsMissing:
    def test_says_why(self, client, db, tmp_path):
        store_patient(tmp_path / "b", visits=0, infusions="")
        client.force_login(neurologist("C1"))

        results = why(client, "P-1")

        said = {name: (r["value"], r["code"], r["sentence"]) for name, r in results.items()}
        nothing = "No infusion is recorded, and no home treatment."
        assert said == {
            "short_term_response": ("not_evaluable", "NO_INFUSION", nothing),
            "long_term_status": ("unclassifiable", "unclassifiable", nothing),
            "block_change": (
                "not_evaluable",
                "NO_STUDY",
                "No nerve conduction study is recorded.",
            ),
            "weekly_dose_g": (None, "NO_INFUSION", nothing),
            "diagnosis_category": (
                "not_evaluable",
                "MISSING_ANSWERS",
                results["diagnosis_category"]["sentence"],
            ),
        }
        assert not any(result["evaluable"] for result in results.values())
        missing = results["diagnosis_category"]["parameters"]["diagnosis_missing"]
        assert missing[0] == "weakness_over_1_month"
        assert "weakness for over 1 month" in results["diagnosis_category"]["sentence"]

    def test_is_null_among_the_parameters(self, leger):
        stopped = rows(leger, "outcomes/", as_of=DAY, long_term_status="remission")[0]

        dose = why(leger, stopped["study_id"], as_of=DAY)["weekly_dose_g"]

        assert (dose["value"], dose["parameters"]["median_course_g"]) == (0.0, None)


FULL = {
    "regimens": """
study_id | started_on | route | product | planned_dose_g | planned_interval_days \
| ended_on | end_reason
P-1 | 2020-01-15 | IV | Privigen | 70 | 30 | 2020-06-20 | switch
P-1 | 2020-06-20 | SC | Hizentra | 15 | 7 ||
""",
    "infusions": """
study_id | given_on | route | product | dose_g
P-1 | 2020-01-15 | IV | Privigen | 35
P-1 | 2020-01-16 | IV | Privigen | 35
P-1 | 2020-05-15 | IV | Privigen | 70
""",
    "dose_attempts": """
study_id | attempted_on | kind | outcome
P-1 | 2020-05-01 | reduction | failed
P-1 | 2020-05-02 | stop | tolerated
""",
    "immunosuppressants": """
study_id | drug | started_on | ended_on
P-1 | mycophenolate | 2020-03-01 |
P-1 | azathioprine | 2020-02-01 | 2020-03-01
""",
    "findings": """
study_id | observed_on | finding | state
P-1 | 2019-01-01 | weakness_in_2_nerves | absent
P-1 | 2019-06-01 | weakness_in_2_nerves | present
P-1 | 2019-12-01 | weakness_in_2_nerves | not_examined
""",
    "laboratory": """
study_id | taken_on | test | value | unit | interpretation
P-1 | 2019-12-01 | csf_protein | 0.62 | g/L | high
P-1 | 2019-12-01 | ck | 300 | U/L |
""",
    "nerve_segments": """
study_id | studied_on | nerve | side | distal_site | proximal_site | distal_amplitude_mv \
| distal_area_mv_ms | proximal_area_mv_ms | distal_duration_ms | proximal_duration_ms
P-1 | 2019-12-05 | median | right | wrist | elbow | 8 | 20 | 8 | 5 | 5.5
P-1 | 2019-12-05 | ulnar | left | wrist | elbow | 8 | 20 | 8 | 5 | 5.5
P-1 | 2021-01-05 | median | right | wrist | elbow | 8 | 20 | 18 | 5 | 5.5
""",
}


def brief(record):
    """A record in one line: how it was used, where it stands, and what it said."""
    days = [record["on"], *([record["until"]] if record["until"] else [])]
    parts = [record["used_as"], record["kind"], "/".join(days), *record["key"].values()]
    return " ".join(parts) + ("" if record["value"] is None else f" = {record['value']}")


class TestRecordsUsed:
    @pytest.fixture
    def results(self, client, db, tmp_path):
        store_patient(tmp_path / "b", **FULL)
        client.force_login(neurologist("C1"))
        return why(client, "P-1", as_of="2021-06-30")

    def test_of_a_response(self, results):
        assert list(map(brief, results["short_term_response"]["records"])) == [
            "first_infusion infusions 2020-01-15",
            "baseline visits 2020-01-10",
            "month_6 visits 2020-07-12",
            "baseline muscle_scores 2020-01-10 wrist_extension right = 3",
            "month_6 muscle_scores 2020-07-12 wrist_extension right = 4",
            "baseline muscle_scores 2020-01-10 wrist_extension left = 4",
            "month_6 muscle_scores 2020-07-12 wrist_extension left = 5",
        ]

    def test_of_a_status_name_the_home_regimen_that_stands_for_infusions(self, results):
        assert results["long_term_status"]["value"] == "dependent_with_immunosuppressant"
        assert list(map(brief, results["long_term_status"]["records"])) == [
            "first_infusion infusions 2020-01-15",
            "last_infusion regimens 2020-06-20 SC",
            "last_contact visits 2021-01-20",
            "reference visits 2021-01-20",
            "failed_attempt dose_attempts 2020-05-01 = reduction",
            "running immunosuppressants 2020-03-01 mycophenolate",
        ]
        assert results["long_term_status"]["sentence"].endswith("Running: mycophenolate.")

    def test_of_blocks(self, results):
        assert list(map(brief, results["block_change"]["records"])) == [
            "first_study nerve_segments 2019-12-05",
            "last_study nerve_segments 2021-01-05",
            "first_study nerve_segments 2019-12-05 median right wrist elbow = definite",
            "last_study nerve_segments 2021-01-05 median right wrist elbow = none",
            "first_study nerve_segments 2019-12-05 ulnar left wrist elbow = not_assessable",
        ]

    def test_of_a_dose_are_the_courses_of_its_days_and_of_those_compared(self, results):
        assert list(map(brief, results["weekly_dose_g"]["records"])) == [
            "last_contact visits 2021-01-20",
            "weight visits 2021-01-20 = 70.0",
            "dose_now infusions 2020-05-15 IV = 70.0",
            "dose_now regimens 2020-06-20 SC = 15.0",
        ]
        assert results["weekly_dose_g"]["code"] == "NO_REFERENCE"

    def test_of_a_diagnosis_are_the_latest_answers(self, results):
        assert list(map(brief, results["diagnosis_category"]["records"])) == [
            "answer findings 2019-06-01 weakness_in_2_nerves = present",
            "answer laboratory 2019-12-01 csf_protein = high",
            "answer nerve_segments 2019-12-05 median right wrist elbow = definite",
            "answer nerve_segments 2021-01-05 = none",
        ]

    def test_of_a_response_nobody_examined_is_the_regimen_that_was_stopped(
        self, client, db, tmp_path
    ):
        stopped = FULL["regimens"].replace("switch", "inefficacy")
        store_patient(tmp_path / "b", visits=1, regimens=stopped, infusions=FULL["infusions"])
        client.force_login(neurologist("C1"))

        response = why(client, "P-1", as_of="2021-06-30")["short_term_response"]

        assert response["code"] == "STOPPED_FOR_INEFFICACY"
        assert "stopped_for_inefficacy regimens 2020-01-15/2020-06-20 IV = inefficacy" in list(
            map(brief, response["records"])
        )


class TestTable:
    def test_has_a_line_per_result(self, leger):
        given = get(leger, "outcomes/SYN-010/", as_of=DAY).json()

        lines = table(leger, "outcomes/SYN-010/", as_of=DAY)

        assert [line["result"] for line in lines] == RESULTS
        for line, result in zip(lines, given["results"], strict=True):
            assert (line["study_id"], line["centre"]) == ("SYN-010", "SALP")
            assert (line["as_of"], line["rules"]) == (DAY, "mmn-outcomes/1")
            assert line["value"] == str(result["value"]).removesuffix(".0")
            assert line["evaluable"] == {True: "yes", False: "no"}[result["evaluable"]]
            assert (line["code"], line["sentence"]) == (result["code"], result["sentence"])
            assert line["rule_section"] == str(result["rule"]["section"])
            assert line["criteria"] == (result["rule"]["criteria"] or "")
            for column in ("parameters", "flags", "records"):
                assert json.loads(line[column]) == result[column]


class TestDay:
    def test_decides_what_is_known(self, leger):
        """SYN-010 was first treated in May 1997 and examined again in November."""
        response = why(leger, "SYN-010", as_of="1997-10-31")["short_term_response"]

        assert (response["value"], response["code"]) == ("not_evaluable", "PENDING")
        assert response["flags"] == ["provisional until month 6 is over"]
        assert all(record["on"] <= "1997-10-31" for record in response["records"])


class TestPatientsWhoAreNotThere:
    def test_are_not_found_by_the_same_words_whoever_they_are(self, northerner):
        foreign, nobody, later, elsewhere = (
            get(northerner, "outcomes/B-1/"),
            get(northerner, "outcomes/B-2/"),
            get(northerner, "outcomes/A-1/", as_of="2004-01-14"),
            get(northerner, "patients/B-1/"),
        )

        assert get(northerner, "outcomes/A-1/", as_of="2004-01-15").status_code == 200
        assert foreign.status_code == 404
        assert told(foreign) == told(nobody) == told(later) == told(elsewhere)

    def test_are_not_found_by_names_that_nobody_can_have(self, reader):
        names = ["%00", "%ED%A0%80", "%FF", "A-1%0A", "=1+1", "x" * 5000, "A-1%20"]

        answers = {name: reader.get(f"/api/v1/outcomes/{name}/").status_code for name in names}

        assert answers == dict.fromkeys(names, 404)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_more_records_take_no_more_queries(client, db, tmp_path, form):
    client.force_login(neurologist("C1"))
    counted = []
    for visits in (1, 3):
        study_id = f"P-{visits}"
        store_patient(tmp_path / "b", study_id=study_id, visits=visits)
        with CaptureQueriesContext(connection) as queries:
            answered = get(client, f"outcomes/{study_id}/", format=form)
            assert study_id in answered.getvalue().decode()
        counted.append(len(queries))

    assert counted[0] == counted[1]
