"""What an answer carries, and how values look in it."""

import re

import pytest
from django.utils import timezone

from mmn_registry.rest.rendering import csv_response
from tests.api.asking import ANSWERS, LISTS, RULES, get, rows, table, text

DERIVED = ("outcomes/", "outcomes/A-1/", "cohort/summary/")
NOTHING_SCALED = dict.fromkeys(("onls_arm", "onls_leg", "incat_arm", "incat_leg", "mmn_rods"))


class TestEveryAnswer:
    @pytest.mark.parametrize("address", ANSWERS)
    @pytest.mark.parametrize("form", ["json", "csv"])
    def test_names_its_day_and_its_rules(self, reader, address, form):
        answer = get(reader, address, as_of="2006-01-31", format=form)

        assert answer.status_code == 200
        assert answer.headers["MMN-As-Of"] == "2006-01-31"
        assert answer.headers["MMN-Rules"] == "mmn-outcomes/1"

    @pytest.mark.parametrize("address", ANSWERS)
    def test_names_them_in_json_beside_the_rows(self, reader, address):
        answer = get(reader, address, as_of="2006-01-31")

        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()["as_of"] == "2006-01-31"
        assert answer.json()["rules"] == RULES

    @pytest.mark.parametrize("address", ANSWERS)
    def test_is_in_csv_a_file_that_is_called_after_its_day(self, reader, address):
        answer = get(reader, address, as_of="2006-01-31", format="csv")

        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename=")
        assert disposition.endswith('_as-of-2006-01-31.csv"')

    @pytest.mark.parametrize("address", DERIVED)
    def test_of_derived_results_names_them_in_the_file_too(self, reader, address):
        lines = table(reader, address, as_of="2006-01-31")

        assert list(lines[0])[-2:] == ["as_of", "rules"]
        said = {(line["as_of"], line["rules"]) for line in lines}
        assert said == {("2006-01-31", "mmn-outcomes/1")}

    def test_is_of_today_unless_asked_otherwise(self, reader):
        assert get(reader, "patients/").json()["as_of"] == timezone.localdate().isoformat()

    @pytest.mark.parametrize("form", ["json", "csv"])
    def test_is_kept_nowhere(self, reader, form):
        assert get(reader, "patients/", format=form).headers["Cache-Control"] == "no-store"

    def test_can_be_asked_for_by_its_media_type(self, reader):
        answer = reader.get("/api/v1/patients/", headers={"Accept": "text/csv"})

        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"

    def test_has_the_form_that_the_address_names_whatever_is_accepted(self, reader):
        answer = reader.get("/api/v1/patients/?format=csv", headers={"Accept": "application/json"})

        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"

    @pytest.mark.parametrize("accepted", ["application/json; indent=8", "*/*", "text/html, */*"])
    def test_is_json_for_whoever_takes_it(self, reader, accepted):
        answer = reader.get("/api/v1/patients/", headers={"Accept": accepted})

        assert answer.headers["Content-Type"] == "application/json"


WRITABLE = {"patients/", "visits/", "infusions/"}


def without_ids(found):
    """Rows but for what is another one in every registry."""
    assert len({row["id"] for row in found}) == len(found)
    return [{name: value for name, value in row.items() if name != "id"} for row in found]


class TestMethods:
    @pytest.mark.parametrize("form", ["json", "csv"])
    @pytest.mark.parametrize("address", ANSWERS)
    def test_head_tells_of_the_answer_without_it(self, reader, address, form):
        asked, looked = (
            ask(f"/api/v1/{address}?format={form}") for ask in (reader.get, reader.head)
        )

        assert (looked.status_code, looked.getvalue()) == (200, b"")
        assert looked.headers["MMN-As-Of"] == asked.headers["MMN-As-Of"]
        assert looked.headers["Content-Type"] == asked.headers["Content-Type"]

    @pytest.mark.parametrize("address", ANSWERS)
    def test_options_tells_what_is_possible(self, reader, address):
        answer = reader.options(f"/api/v1/{address}")

        assert (answer.status_code, answer.content) == (204, b"")
        assert set(answer.headers["Allow"].split(", ")) == {
            *("GET", "HEAD", "OPTIONS"),
            *(("POST",) if address in WRITABLE else ()),
            *(("PATCH", "PUT") if address == "patients/A-1/" else ()),
        }

    @pytest.mark.parametrize("address", ANSWERS)
    def test_nothing_is_deleted_and_what_follows_is_not_written(self, reader, address):
        is_written = address in WRITABLE or address == "patients/A-1/"
        for method in ("DELETE",) if is_written else ("POST", "PUT", "PATCH", "DELETE"):
            answer = reader.generic(method, f"/api/v1/{address}")

            sentence = f"{method} is not possible here. What is possible stands in `Allow`."
            if method == "DELETE":
                sentence = "DELETE is not possible: a record is voided, with a reason."
            assert (answer.status_code, answer.json()["detail"]) == (405, sentence)


class TestValues:
    """Numbers are numbers, yes and no are true and false, what is not recorded is null."""

    def test_of_patients(self, reader):
        assert rows(reader, "patients/", patient="A-1") == [
            {
                "study_id": "A-1",
                "centre": "North",
                "sex": "female",
                "birth_year": 1961,
                "age_band": "40-49",
                "onset_on": "1999",
                "diagnosed_on": "2003-05",
                "included_on": "2004-01-15",
                "prior_immunoglobulin": "no",
                "clinician_response": "yes",
                "atrophy_at_baseline": "unknown",
                "deceased_on": None,
            }
        ]

    def test_of_one_patient(self, reader):
        answer = get(reader, "patients/A-2/").json()["result"]

        assert answer == {
            "study_id": "A-2",
            "centre": "North",
            "sex": "male",
            "birth_year": None,
            "age_band": None,
            "onset_on": None,
            "diagnosed_on": "2003-05-07",
            "included_on": "2004-02-01",
            "prior_immunoglobulin": "unknown",
            "clinician_response": None,
            "atrophy_at_baseline": None,
            "deceased_on": "2006-11-30",
        }

    def test_of_visits(self, reader):
        visit = {"study_id": "A-1", "centre": "North"}

        assert without_ids(rows(reader, "visits/", patient="A-1")) == [
            {
                **visit,
                "visited_on": "2004-01-10",
                "weight_kg": 62.5,
                "onls_arm": 2,
                "onls_leg": 0,
                "incat_arm": 3,
                "incat_leg": 1,
                "mmn_rods": 38,
            },
            {**visit, "visited_on": "2004-07-11", "weight_kg": None, **NOTHING_SCALED},
        ]

    def test_of_muscle_scores(self, reader):
        scores = rows(reader, "muscle-scores/", patient="A-1")

        assert [tuple(score.values())[2:] for score in scores] == [
            ("2004-01-10", "thumb_abduction", "left", "4-", 3.6667, None, False, "graded"),
            ("2004-01-10", "thumb_abduction", "right", "NT", None, "pain", None, None),
            ("2004-01-10", "wrist_extension", "right", "3", 3.0, None, True, None),
            ("2004-07-11", "wrist_extension", "right", "5", 5.0, None, False, "carried_forward"),
        ]

    def test_of_infusions(self, reader):
        infusions = without_ids(rows(reader, "infusions/", patient="A-1"))

        assert [tuple(infusion.values()) for infusion in infusions] == [
            ("A-1", "North", "2004-01-15", "IV", "Immunoglobulin, 10 %", 30.0),
            ("A-1", "North", "2004-01-15", "IV", "Privigén", 0.0001),
            ("A-1", "North", "2004-01-16", "IV", "Privigén", 32.5),
        ]

    def test_of_nerve_segments(self, reader):
        segments = rows(reader, "nerve-segments/", patient="A-1", as_of="2004-12-31")

        study = ("2004-01-12", "median", "left")
        assert [tuple(segment.values())[2:] for segment in segments] == [
            (*study, "elbow", "axilla", 6.0, None, 20.0, 0.0, 6.0, None, None, None, None, None),
            (*study, "wrist", "elbow", 6.2, 5.08, 19.44, 16.76, 5.7, 6.7, 4.1, 230.0, None, "none"),
        ]

    def test_of_outcomes(self, reader):
        outcome = rows(reader, "outcomes/", patient="A-2", as_of="2006-01-31")[0]

        assert outcome["treatment_history"] == "unknown"
        assert outcome["index_on"] is None
        assert outcome["short_term_response"] == "not_evaluable"
        assert outcome["short_term_reason"] == "NO_INFUSION"
        assert outcome["courses"] == 0
        assert outcome["dose_trend"] is None
        assert outcome["in_primary_table"] is False


class TestTables:
    """CSV writes them as the bundle does."""

    def test_of_patients(self, reader):
        assert text(reader, "patients/", as_of="2006-01-31") == (
            "study_id,centre,sex,birth_year,age_band,onset_on,diagnosed_on,included_on,"
            "prior_immunoglobulin,clinician_response,atrophy_at_baseline,deceased_on\r\n"
            "A-1,North,female,1961,40-49,1999,2003-05,2004-01-15,no,yes,unknown,\r\n"
            "A-2,North,male,,,,2003-05-07,2004-02-01,unknown,,,\r\n"
            "B-1,South,unknown,1950,50-59,2001-03-02,2001,2004-02-01,yes,,no,\r\n"
        )

    def test_of_muscle_scores(self, reader):
        assert text(reader, "muscle-scores/", patient="A-1", side="right") == (
            "study_id,centre,visited_on,muscle,side,mrc_grade,mrc_value,"
            "not_tested_reason,not_due_to_mmn,origin\r\n"
            "A-1,North,2004-01-10,thumb_abduction,right,NT,,pain,,\r\n"
            "A-1,North,2004-01-10,wrist_extension,right,3,3,,yes,\r\n"
            "A-1,North,2004-07-11,wrist_extension,right,5,5,,no,carried_forward\r\n"
        )

    def test_of_infusions_with_a_comma_in_a_name(self, reader):
        written = re.sub(r",(id|[0-9a-f-]{36})(?=\r\n)", "", text(reader, "infusions/"))
        assert written == (
            "study_id,centre,given_on,route,product,dose_g\r\n"
            'A-1,North,2004-01-15,IV,"Immunoglobulin, 10 %",30\r\n'
            "A-1,North,2004-01-15,IV,Privigén,0.0001\r\n"
            "A-1,North,2004-01-16,IV,Privigén,32.5\r\n"
            "B-1,South,2004-02-01,SC,Hizentra,8\r\n"
        )

    def test_of_one_patient_have_one_row(self, reader):
        lines = table(reader, "patients/A-2/")

        assert [(line["study_id"], line["deceased_on"]) for line in lines] == [
            ("A-2", "2006-11-30")
        ]

    @pytest.mark.parametrize("address", LISTS)
    def test_say_the_same_as_json(self, reader, address):
        as_json, as_csv = rows(reader, address), table(reader, address)

        assert len(as_json) > 1
        assert [
            {name: in_a_cell(value, line[name]) for name, value in row.items()}
            for row, line in zip(as_json, as_csv, strict=True)
        ] == [{name: line[name] for name in as_json[0]} for line in as_csv]

    def test_that_fail_at_the_first_row_are_no_answer(self):
        """Else a fault would look like a short table."""
        broken = (row / 0 for row in [1])

        with pytest.raises(ZeroDivisionError):
            csv_response(["study_id"], broken, {})


def in_a_cell(value, cell):
    """A value of JSON as a cell has it; of a number, the way in which the cell writes it."""
    if isinstance(value, float):
        return cell if float(cell) == value else f"{value}, not {cell}"
    return WORDS[value] if value is None or isinstance(value, bool) else str(value)


WORDS = {None: "", True: "yes", False: "no"}


class TestFilters:
    @pytest.mark.parametrize(
        ("address", "asked", "column", "found"),
        [
            ("patients/", {"centre": "South"}, "study_id", ["B-1"]),
            ("patients/", {"sex": "male"}, "study_id", ["A-2"]),
            ("visits/", {"centre": "South"}, "study_id", ["B-1"]),
            ("visits/", {"since": "2004-01-11"}, "visited_on", ["2004-07-11"]),
            ("visits/", {"as_of": "2004-07-10"}, "visited_on", ["2004-01-10"] * 2),
            ("muscle-scores/", {"muscle": "elbow_flexion"}, "study_id", ["B-1"]),
            ("muscle-scores/", {"side": "left"}, "study_id", ["A-1", "B-1"]),
            ("muscle-scores/", {"since": "2004-07-11"}, "mrc_grade", ["5"]),
            ("infusions/", {"route": "SC"}, "study_id", ["B-1"]),
            ("nerve-segments/", {"nerve": "tibial"}, "study_id", ["B-1"]),
            ("nerve-segments/", {"side": "right"}, "study_id", ["B-1"]),
            ("nerve-segments/", {"since": "2005-01-12"}, "studied_on", ["2005-01-12"]),
            ("outcomes/", {"centre": "South"}, "study_id", ["B-1"]),
            ("outcomes/", {"patient": "A-2"}, "study_id", ["A-2"]),
            ("outcomes/", {"treatment_history": "naive"}, "study_id", ["A-1"]),
            ("outcomes/", {"long_term_group": "not_classified"}, "study_id", ["A-1", "A-2", "B-1"]),
            ("outcomes/", {"long_term_status": "remission"}, "study_id", []),
            ("outcomes/", {"short_term_response": "responder"}, "study_id", []),
        ],
    )
    def test_leave_what_was_asked_for(self, reader, address, asked, column, found):
        assert [row[column] for row in rows(reader, address, **asked)] == found
        assert [line[column] for line in table(reader, address, **asked)] == found

    def test_a_cohort_can_be_one_centre(self, reader):
        summary = get(reader, "cohort/summary/", centre="North").json()

        assert (summary["patients"], list(summary["short_term"]["naive_by_centre"])) == (
            2,
            ["North"],
        )
