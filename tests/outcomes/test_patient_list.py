"""The list of patients: what it is asked, in which order it answers, and what it carries on."""

import re
from datetime import date
from urllib.parse import parse_qsl

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mmn_registry.accounts.models import Centre
from mmn_registry.bundle import load_bundle
from outcomes.asked.form import CRITERIA_FIELDS, TYPED
from outcomes.asked.words import LACKING
from outcomes.cohorts import load_cohort
from outcomes.dashboards.patient_list import LIST_COLUMNS, SORTS, patient_list
from outcomes.derivation.criteria import LOST, PRIMARY, SECONDARY
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import read_bundle
from outcomes.derivation.recorded import KINDS
from outcomes.views.patient_filters import PatientListForm
from patients.models import Patient
from tests.bundles import bundle
from tests.outcomes.pages import LEGER, links, words
from tests.outcomes.stories import close_data, neurologist, store_patient

CLOSED_ON = date(2008, 12, 31)
IDS = re.compile(r'<th scope="row"><a href="/patients/([^/]+)/')


@pytest.fixture
def leger(db, client):
    load_bundle(LEGER)
    close_data("SALP", CLOSED_ON)
    client.force_login(neurologist("SALP"))
    return client


@pytest.fixture
def derived():
    """What the rules say of the cohort of 2008, read from its files."""
    return derive(read_bundle(LEGER), CLOSED_ON).patients


@pytest.fixture
def some(db, client, tmp_path):
    """Patients of two centres of whom little is known, in an order that is not theirs."""
    load_bundle(
        bundle(
            tmp_path / "some",
            patients="""
                study_id | centre | sex    | birth_year | included_on | prior_immunoglobulin
                b-2      | C1     | female | 1950       | 2015-01-01  | no
                B-10     | C2     | male   |            | 2016-01-01  | yes
                A.1      | C1     | other  | 1960       | 2017-01-01  | unknown
                LONG-STUDY-ID-OF-A-PATIENT-OF-40-LETTERS | C2 | unknown | | 2018-01-01 | no
            """,
            infusions="""
                study_id | given_on   | route | product | dose_g
                b-2      | 2015-02-01 | SC    | Any     | 10
                B-10     | 2016-02-01 | IV    | Any     | 70
            """,
        )
    )
    client.force_login(neurologist("C1", "C2"))
    return client


def rows_by(sort):
    everybody = load_cohort(Patient.objects.all(), CLOSED_ON, LIST_COLUMNS)
    return patient_list(everybody, np.full(len(everybody.rows), fill_value=True), "", sort).rows


def asked(client, query=""):
    return client.get(f"/patients/{query}")


def ids(answer):
    return IDS.findall(answer.content.decode())


# ---------- What is asked ----------


def test_everybody_is_listed_a_page_at_a_time(leger):
    first, second = asked(leger), asked(leger, "?page=2")

    assert "40 patients included by 31 Dec 2008" in words(first.content.decode())
    assert ids(first) == [f"SYN-{n:03}" for n in range(1, 26)]
    assert ids(second) == [f"SYN-{n:03}" for n in range(26, 41)]
    assert "26–40 of 40" in words(second.content.decode())


def test_a_page_that_is_not_there_is_the_nearest(leger):
    first = {page: ids(asked(leger, f"?page={page}"))[0] for page in ("x", "", "0", "-1", "99")}

    assert first == {
        "x": "SYN-001",
        "": "SYN-001",
        "0": "SYN-026",
        "-1": "SYN-026",
        "99": "SYN-026",
    }


def test_a_part_of_the_study_id_is_taken_literally_in_any_case(some):
    long = "LONG-STUDY-ID-OF-A-PATIENT-OF-40-LETTERS"
    expected = {
        "b-": ["B-10", "b-2"],
        "B-1": ["B-10"],
        "  b-2  ": ["b-2"],
        ".": ["A.1"],
        "%": [],
        "[AB]": [],
        long: [long],
    }

    assert {part: ids(some.get("/patients/", {"q": part})) for part in expected} == expected


def test_treatment_histories(leger, derived):
    histories = derived["treatment_history"]
    expected = {code: sum(histories == code) for code in ("naive", "pretreated", "unknown")} | {
        PRIMARY: sum(derived["in_primary_table"]),
        SECONDARY: sum(~derived["in_primary_table"]),
    }

    assert {
        code: asked(leger, f"?history={code}").context["found"] for code in expected
    } == expected


def test_a_naive_patient_first_treated_under_the_skin_is_in_no_primary_table(some):
    assert ids(asked(some, "?history=naive_sc")) == ["b-2"]
    assert "b-2" not in ids(asked(some, f"?history={PRIMARY}"))


def test_each_result_and_each_reason_can_be_asked_for(leger, derived):
    """But the reasons for yes or no, which say the same as the response."""
    columns = {
        "response": ("short_term_response", "short_term_reason"),
        "group": ("long_term_group",),
        "status": ("long_term_status",),
        "blocks": ("block_change", "block_change_reason"),
        "dose": ("dose_trend", "dose_reason"),
    }
    form, counts, offered = PatientListForm(centres=[]), {}, set()
    for name, columns_of_it in columns.items():
        offered |= {(name, code) for code, _words in flat_choices(form.fields[name].choices)}
        for column in columns_of_it:
            found = derived[column][derived[column] != ""].value_counts()
            counts |= {(name, code): n for code, n in found.items()}

    assert set(counts) - offered == {("response", "IMPROVED"), ("response", "NOT_IMPROVED")}
    assert {
        (name, code): asked(leger, f"?{name}={code}").context["found"]
        for name, code in set(counts) & offered
    } == {question: n for question, n in counts.items() if question in offered}


def flat_choices(choices):
    for code, inside in choices:
        yield from inside if isinstance(inside, list | tuple) else [(code, inside)]


def test_evaluable_and_classified_are_the_opposite_of_not(leger):
    def found(query):
        return asked(leger, query).context["found"]

    assert found("?response=evaluable") + found("?response=not_evaluable") == 40
    assert found("?group=classified") + found("?group=not_classified") == 40
    assert found("?blocks=evaluable") + found("?blocks=not_evaluable") == 40


def test_who_lacks_a_record_is_asked_for_by_its_kind(db, client, tmp_path):
    load_bundle(
        bundle(
            tmp_path / "b",
            patients="""
                study_id | centre | sex  | included_on | prior_immunoglobulin
                FULL     | C1     | male | 2020-01-01  | no
                BARE     | C1     | male | 2020-01-01  | no
            """,
            visits="""
                study_id | visited_on | weight_kg | onls_arm | onls_leg | mmn_rods
                FULL     | 2020-01-10 | 70        | 1        | 0        | 40
                BARE     | 2020-01-10 |           | 1        |          |
                BARE     | 2020-02-10 | 70        |          | 1        |
            """,
            laboratory="""
                study_id | taken_on   | test     | value | interpretation
                FULL     | 2020-01-10 | anti_gm1_igm |   | negative
                BARE     | 2020-01-10 | anti_gm1_igm | 7 |
            """,
            grip_strengths="""
                study_id | visited_on | side | device          | value
                FULL     | 2020-01-10 | left | vigorimeter_kpa | 40
            """,
        )
    )
    client.force_login(neurologist("C1"))

    assert set(LACKING) == {*KINDS, "weight", LOST}
    for kind in (*KINDS, "weight"):
        assert ids(asked(client, f"?missing={kind}")) == ["BARE"], kind
    assert ids(asked(client, "?missing=contact&as_of=2020-12-31")) == []
    assert ids(asked(client, "?missing=contact&as_of=2024-12-31")) == ["BARE", "FULL"]


def test_a_record_of_after_the_day_does_not_count(db, client, tmp_path):
    store_patient(
        tmp_path / "a",
        laboratory="study_id | taken_on | test | interpretation\n"
        "P-1 | 2021-01-10 | anti_gm1_igm | negative",
    )
    client.force_login(neurologist("C1"))

    assert ids(asked(client, "?missing=anti_gm1&as_of=2020-12-31")) == ["P-1"]
    assert ids(asked(client, "?missing=anti_gm1&as_of=2021-12-31")) == []


def test_all_questions_must_be_answered(leger, derived):
    both = asked(leger, f"?history={PRIMARY}&response=responder&group=remission&q=SYN-0")
    expected = derived[
        derived["in_primary_table"]
        & (derived["short_term_response"] == "responder")
        & (derived["long_term_group"] == "remission")
    ]

    assert ids(both) == list(expected.index)
    assert f"{len(expected)} of 40 patients" in words(both.content.decode())


def test_every_field_asks_something(some):
    fields = set(PatientListForm(centres=[]).fields)

    assert fields == {"q", "centre", *CRITERIA_FIELDS}


# ---------- What cannot be asked ----------


def test_an_unknown_value_is_answered_beside_its_field_and_left_out(some):
    for name in {"centre", *CRITERIA_FIELDS} - {*TYPED}:
        answer = asked(some, f"?{name}=nonsense")
        html = answer.content.decode()

        note = re.search(rf'<p class="form-error" id="note-{name}" role="alert">(.*?)</p>', html)
        said = "“nonsense” is not in this list, so it was left out. Choose one."
        assert words(note.group(1)) == said
        assert f'aria-describedby="note-{name}"' in html
        assert answer.context["found"] == 4
        assert "nonsense" not in "".join(link.address for link in links(html, "?"))


def test_what_is_asked_seldom_is_folded_away_until_it_is_asked(some):
    def more(query):
        return re.search(
            r'<details class="opener filters-more"( open)?>', asked(some, query).content.decode()
        ).group(1)

    assert more("") is None
    assert more("?history=naive") is None
    assert more("?dose=NO_INFUSION") == " open"
    assert more("?dose=nonsense") == " open"


def test_a_study_id_that_is_too_long_is_said_to_be_and_kept_in_its_field(some):
    answer = some.get("/patients/", {"q": "X" * 41})
    html = answer.content.decode()

    assert "A study id has at most 40 characters, this has 41: it was left out." in words(html)
    assert f'value="{"X" * 41}"' in html
    assert answer.context["found"] == 4


def test_the_centre_of_others_is_as_unknown_as_none(some):
    Centre.objects.create(code="OTHERS")

    for code in ("OTHERS", "NOWHERE"):
        html = asked(some, f"?centre={code}").content.decode()
        assert f"“{code}” is not in this list, so it was left out." in words(html)
        assert f'value="{code}"' not in html


def test_patients_of_other_centres_are_not_there(some, client, tmp_path):
    client.force_login(neurologist("C1"))

    answer = asked(client, "?q=B-10")

    assert ids(asked(client)) == ["A.1", "b-2"]
    assert answer.context["found"] == 0
    assert "No patient answers all of this." in words(answer.content.decode())


# ---------- The order ----------


def test_study_ids_are_ordered_as_files_are(some):
    expected = ["A.1", "B-10", "LONG-STUDY-ID-OF-A-PATIENT-OF-40-LETTERS", "b-2"]

    assert ids(asked(some)) == expected
    assert ids(asked(some, "?sort=-study_id")) == expected[::-1]


def test_what_is_missing_comes_last_whichever_way_round(leger):
    def is_missing(sort):
        rows = rows_by(sort)
        values = [getattr(row, SORTS[sort.removeprefix("-")]) for row in rows]
        return [value is None or value in {"not_evaluable", "unclassifiable"} for value in values]

    for sort in SORTS:
        for flags in (is_missing(sort), is_missing(f"-{sort}")):
            assert flags == sorted(flags), sort
            assert len(flags) == 40


def test_results_are_ordered_by_their_meaning_and_ties_by_study_id(leger):
    def results(key):
        rows = rows_by(key)
        return [(row.short_term_response, row.study_id) for row in rows]

    up, down = results("response"), results("-response")
    order = ["responder", "non_responder", "not_evaluable"]

    assert up == sorted(up, key=lambda pair: (order.index(pair[0]), pair[1]))
    assert down[0][0] == "non_responder"
    for found in (up, down):
        responders = [study_id for response, study_id in found if response == "responder"]
        assert responders == sorted(responders)


def test_a_heading_says_how_it_is_sorted_and_turns_it_round(some):
    html = asked(some, "?sort=-contact&history=naive").content.decode()

    assert re.findall(r'aria-sort="(\w+)"', html) == ["descending"]
    heading = {
        link.words.rstrip(" ↓"): dict(parse_qsl(link.address[1:])) for link in links(html, "?")
    }
    assert heading["Last contact"] == {"history": "naive", "sort": "contact"}
    assert heading["Dose now, g/week"] == {"history": "naive", "sort": "dose"}


def test_an_order_that_is_not_there_is_the_usual(some):
    assert ids(asked(some, "?sort=secret")) == ids(asked(some))
    assert re.findall(r'aria-sort="(\w+)"', asked(some, "?sort=-").content.decode()) == [
        "ascending"
    ]


# ---------- What the address carries ----------


def test_links_to_other_pages_keep_the_question_the_order_and_the_day(leger):
    html = asked(leger, "?history=naive&sort=-dose&as_of=2007-01-01&q=syn").content.decode()
    all_patients = asked(leger, "?sort=-dose&as_of=2007-01-01&page=2").content.decode()

    assert 'name="history" value="naive"' in html  # the day's form keeps the filters
    assert [link.address for link in links(html, "?") if link.words == "Show all"] == [
        "?as_of=2007-01-01&sort=-dose"
    ]
    assert [link.address for link in links(all_patients, "?") if link.words == "Previous"] == [
        "?as_of=2007-01-01&sort=-dose"
    ]


def test_a_patient_is_opened_as_of_the_day_of_the_list(leger):
    usual, earlier = asked(leger), asked(leger, "?as_of=2005-01-01")

    assert 'href="/patients/SYN-001/"' in usual.content.decode()
    assert 'href="/patients/SYN-001/?as_of=2005-01-01"' in earlier.content.decode()


def test_a_closed_centre_among_living_ones_is_opened_as_of_the_day_of_the_list(
    db, client, tmp_path
):
    """Its patient's page would otherwise go back to the day on which its data were closed."""
    load_bundle(LEGER)
    close_data("SALP", CLOSED_ON)
    store_patient(tmp_path / "b")
    client.force_login(neurologist("SALP", "C1"))

    answer = asked(client)
    html, today = answer.content.decode(), answer.context["as_of"].day

    assert answer.context["as_of"].is_usual
    assert f'href="/patients/SYN-001/?as_of={today.isoformat()}"' in html
    assert 'href="/patients/P-1/"' in html


def test_the_address_after_a_search_holds_what_was_asked_and_nothing_empty(leger):
    answer = leger.get(
        "/patients/?q=SYN-01&centre=&history=naive&as_of=2007-01-01",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/patients/"},
    )

    assert answer["HX-Push-Url"] == "/patients/?q=SYN-01&history=naive&as_of=2007-01-01"


def test_an_address_that_stays_the_same_is_not_written_again(leger):
    answer = leger.get(
        "/patients/?q=SYN-01&centre=",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/patients/?q=SYN-01",
        },
    )

    assert answer["HX-Push-Url"] == "false"
    assert "HX-Push-Url" not in asked(leger)


def test_whoever_goes_back_gets_the_whole_page(leger):
    answer = leger.get(
        "/patients/?q=SYN-01",
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )

    assert "<!doctype html>" in answer.content.decode()
    assert 'value="SYN-01"' in answer.content.decode()


# ---------- What a row says ----------


def row(html, study_id):
    start = html.index(f'href="/patients/{study_id}/')
    return words(html[start : html.index("</tr>", start)].partition(">")[2])


def test_a_row_says_what_was_derived(leger):
    html = asked(leger).content.decode()

    assert row(html, "SYN-010") == (
        "SYN-010 male, 68 y 13 May 1997 naive Responder Remission 2 → 1 0 stopped "
        "16 Oct 2002 lost to follow-up"
    )


def test_what_is_not_evaluable_says_why_in_words(leger):
    html = asked(leger).content.decode()

    assert row(html, "SYN-005") == (
        "SYN-005 male, 69 y 28 Dec 1997 pretreated Not evaluable no visit near month 6 "
        "Not classified untreated, or followed ≤ 183 days – no study – follow-up too short "
        "19 Apr 1998 lost to follow-up"
    )


def test_somebody_of_whom_nothing_is_known_is_a_row_of_reasons(some):
    html = asked(some, "?q=LONG").content.decode()

    assert row(html, "LONG-STUDY-ID-OF-A-PATIENT-OF-40-LETTERS") == (
        "LONG-STUDY-ID-OF-A-PATIENT-OF-40-LETTERS sex unknown C2 – naive "
        "Not evaluable no infusion Not classified untreated, or followed ≤ 183 days "
        "– no study – no infusion –"
    )


def test_the_centre_is_said_only_where_there_are_several(some, client):
    assert '<th scope="col"><a href="?sort=centre">' in asked(some).content.decode()
    client.force_login(neurologist("C2"))
    assert "sort=centre" not in asked(client).content.decode()
    assert 'id="id_centre"' not in asked(client).content.decode()


# ---------- Nobody ----------


def test_who_has_no_role_is_told_what_to_do(db, client):
    client.force_login(neurologist())

    assert "You have no role in a centre yet" in words(asked(client).content.decode())


def test_before_the_first_inclusion_the_list_says_when_that_was(some):
    said = words(asked(some, "?as_of=2014-12-31").content.decode())

    assert "Nobody had been included by 31 Dec 2014" in said
    assert "the first patient was included on 1 Jan 2015" in said
    assert "Show all" not in said


def test_a_centre_without_patients_says_so(db, client):
    client.force_login(neurologist("C9"))

    assert "No patient of your centres has been recorded yet." in words(
        asked(client).content.decode()
    )


# ---------- Cost ----------


@pytest.mark.parametrize("patients", [1, 3])
def test_the_list_asks_one_query_for_its_outcomes_however_many_patients(
    transactional_db, client, tmp_path, patients
):
    for number in range(patients):
        store_patient(tmp_path / "b", study_id=f"P-{number}")
    client.force_login(neurologist("C1"))
    asked(client)

    with CaptureQueriesContext(connection) as queries:
        asked(client, "?missing=onls&history=naive&sort=-dose")

    # Who asks, in which centres, the outcomes, who is offered to them, and the products.
    assert len(queries) == 7
