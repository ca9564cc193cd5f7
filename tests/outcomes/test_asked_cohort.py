"""One question for page, list and interface: the same patients, and everybody accounted for."""

import random
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import QueryDict

from infusions.models import Infusion, Regimen
from mmn_registry.accounts.models import Centre, User
from mmn_registry.bundle import load_bundle
from mmn_registry.demo_data.living import write_living_cohort
from outcomes.asked.cohort import AskedCohort
from outcomes.asked.form import CRITERIA_FIELDS, read, written
from outcomes.asked.sentence import sentence
from outcomes.asked.words import WORDS
from outcomes.dashboards.cohort import DASHBOARD_COLUMNS
from outcomes.derivation.criteria import CODES, SPANS, Criteria, both, choose
from patients.models import LaboratoryResult, Patient
from tests.outcomes.pages import LEGER
from tests.outcomes.stories import neurologist

DAY = date(2024, 6, 1)
PRODUCTS = ("Privigen", "privigen", "Octagam", "Nobody's")


@pytest.fixture(scope="module")
def cohort(django_db_setup, django_db_blocker, tmp_path_factory):
    """A finished cohort and a living one of two centres, loaded once for this file."""
    folder = tmp_path_factory.mktemp("living")

    @contextmanager
    def stored():
        with django_db_blocker.unblock(), transaction.atomic():
            load_bundle(LEGER)
            write_living_cohort(folder, centre="NORD", today=DAY)
            load_bundle(folder)
            neurologist("SALP", "NORD")
            yield
            transaction.set_rollback(True)

    with stored():
        yield


@pytest.fixture
def reader(cohort, db, client):
    client.force_login(User.objects.get())
    return client


def asked(criteria, centre="", patients=None):
    patients = Patient.objects.all() if patients is None else patients
    if centre:
        patients = patients.filter(centre__code=centre)
    return AskedCohort(patients, DAY, DAY, criteria, centre, ("NORD", "SALP"))


# ---------- The same once more, slowly: a patient at a time, by the words of the rule ----------


class OneByOne:
    """Who meets criteria, asked of each patient's own records and outcome."""

    def __init__(self, frame):
        self.rows = {row["study_id"]: row for row in frame.reset_index().to_dict("records")}
        self.patients = {p.study_id: p for p in Patient.objects.all()}
        self.products, self.samples = {}, {}
        for record in [*Infusion.objects.all(), *Regimen.objects.all()]:
            day = record.given_on if isinstance(record, Infusion) else record.started_on
            if day <= DAY and record.product:
                self.products.setdefault(record.patient_id, set()).add(record.product)
        for sample in LaboratoryResult.objects.order_by("taken_on"):
            if sample.test == "anti_gm1_igm" and sample.interpretation and sample.taken_on <= DAY:
                self.samples[sample.patient_id] = sample.interpretation

    def meets(self, study_id, criteria):
        row, patient = self.rows[study_id], self.patients[study_id]
        return all(
            getattr(self, name)(row, patient, value)
            for name in CRITERIA_FIELDS
            if (value := getattr(criteria, name))
        )

    def history(self, row, _patient, code):
        in_primary = row["treatment_history"] == "naive" and row["first_route"] in ("IV", "")
        if code in ("primary", "secondary"):
            return in_primary == (code == "primary")
        if code == "naive_sc":
            return row["treatment_history"] == "naive" and not in_primary
        return row["treatment_history"] == code

    def diagnosis(self, row, _patient, code):
        return row["diagnosis_category"] == code

    def middle(self, patient):
        day = patient.onset_on
        if day and patient.onset_precision == "year":
            return date(day.year, 7, 1)
        if day and patient.onset_precision == "month":
            return date(day.year, day.month, 15)
        return day

    def onset_from(self, _row, patient, day):
        return self.middle(patient) is not None and self.middle(patient) >= day

    def onset_to(self, _row, patient, day):
        return self.middle(patient) is not None and self.middle(patient) <= day

    def included_from(self, _row, patient, day):
        return patient.included_on >= day

    def included_to(self, _row, patient, day):
        return patient.included_on <= day

    def treated_from(self, row, _patient, day):
        return str(row["index_on"]) != "NaT" and row["index_on"].date() >= day

    def treated_to(self, row, _patient, day):
        return str(row["index_on"]) != "NaT" and row["index_on"].date() <= day

    def route(self, row, _patient, code):
        return row["first_route"] == ("" if code == "none" else code)

    def product(self, _row, patient, name):
        given = {one.lower() for one in self.products.get(patient.pk, ())}
        return name.lower() in given

    def sex(self, _row, patient, code):
        return patient.sex == code

    def antibody(self, _row, patient, code):
        found = self.samples.get(patient.pk, "unknown")
        return ("positive" if found == "high" else found) == code

    def response(self, row, _patient, code):
        found, reason = row["short_term_response"], row["short_term_reason"]
        return code in (found, reason) or (code == "evaluable" and found != "not_evaluable")

    def group(self, row, _patient, code):
        found = row["long_term_group"]
        return found == code or (code == "classified" and found != "not_classified")

    def status(self, row, _patient, code):
        return row["long_term_status"] == code

    def blocks(self, row, _patient, code):
        found = row["block_change"]
        by_code = code in (found, row["block_change_reason"])
        return by_code or (code == "evaluable" and found != "not_evaluable")

    def dose(self, row, _patient, code):
        if code == "declining":
            return row["declining_responsiveness"] is True
        return code in (row["dose_trend"], row["dose_reason"])

    def missing(self, row, _patient, code):
        if code == "contact":
            return row["lost_to_follow_up"] is True
        if code == "weight":
            return row["weighed_visits"] < row["visits"]
        return not row[f"has_{code}"]


def some_criteria(dice):
    """One to three questions; days and products such as occur."""
    found = {}
    for name in dice.sample(CRITERIA_FIELDS, dice.choice((1, 1, 2, 2, 3))):
        if name in CODES:
            found[name] = dice.choice(sorted(CODES[name]))
        elif name == "product":
            found[name] = dice.choice(PRODUCTS)
        else:
            found[name] = date(1990, 1, 1) + timedelta(days=dice.randrange(12_500))
    for span in SPANS:
        ends = [found.get(f"{span}_{end}") for end in ("from", "to")]
        if all(ends):
            found[f"{span}_from"], found[f"{span}_to"] = sorted(ends)
    return Criteria(**found)


FILTERS = [some_criteria(random.Random(seed)) for seed in range(200)]


@pytest.fixture(scope="module")
def everybody(cohort):
    """All columns that anything asks for, by the product that is asked for: read once."""
    every = Criteria(**dict.fromkeys(CODES, "x"), onset_from=date(1900, 1, 1))
    return {
        product: asked(replace(every, product=product)).load_everybody(DASHBOARD_COLUMNS)
        for product in PRODUCTS
    }


@pytest.fixture(scope="module")
def one_by_one(everybody):
    return OneByOne(everybody["Privigen"].rows)


def test_200_questions_find_the_same_patients_and_account_for_everybody(everybody, one_by_one):
    """A whole second implementation, a patient at a time, and the tables count exactly these."""
    sizes = set()
    for criteria in FILTERS:
        found = asked(criteria).chosen_from(everybody[criteria.product or "Privigen"])

        expected = [s for s in one_by_one.rows if one_by_one.meets(s, criteria)]
        assert list(found.cohort.rows.index) == expected, criteria
        assert len(expected) + sum(out.patients for out in found.out) == found.everybody == 100
        sizes.add(len(expected))
    assert len(sizes) > 20  # neither everybody nor nobody, mostly


@pytest.mark.parametrize("number", range(4))
def test_page_list_and_interface_answer_the_same_question_with_the_same_patients(reader, number):
    criteria = FILTERS[number * 17 + 5]
    query = urlencode(written(criteria, as_of=DAY.isoformat()))
    page = reader.get(f"/cohort/?{query}").context
    listed = reader.get(f"/patients/?{query}").context
    summary = reader.get(f"/api/v1/cohort/summary/?{query}").json()
    rows = reader.get(f"/api/v1/outcomes/?{query}&page_size=1000").json()["results"]

    out = {count.words: count.n for count in page["bar"].out}
    assert page["bar"].patients == listed["found"] == summary["patients"] == len(rows)
    assert page["bar"].sentence == summary["cohort"]["sentence"]
    assert out == {o["words"]: o["patients"] for o in summary["cohort"]["out"]}
    assert sum(out.values()) + summary["patients"] == summary["cohort"]["everybody"]
    assert page["dashboard"].summary["short_term"] == summary["short_term"]
    for count in page["bar"].out:
        assert reader.get(f"/patients/?{count.query}").context["found"] == count.n


def test_an_address_holds_what_is_asked_and_nothing_else_and_reads_back():
    centres = [Centre(code="NORD"), Centre(code="SALP")]
    for criteria in FILTERS:
        query = urlencode(written(criteria, "NORD"))

        back = read(QueryDict(query), centres, months_only=False)
        assert (back.criteria, back.centre, back.notes) == (criteria, "NORD", {})
        assert urlencode(written(back.criteria, back.centre)) == query
    assert written(Criteria()) == []


def test_asking_for_both_finds_who_meets_both(everybody):
    """A number's own question within the page's: wherever words can say it, they say just that."""
    rows, said = everybody["Privigen"].rows, 0
    for pair in zip(FILTERS[:100], FILTERS[100:], strict=True):
        one, two = (replace(asks, product="") for asks in pair)
        together = both(one, two)
        if together is not None:
            said += 1
            expected = choose(rows, one).is_in & choose(rows, two).is_in
            assert (choose(rows, together).is_in == expected).all(), (one, two)
    assert said > 60
    assert both(Criteria(history="naive"), Criteria(history="secondary")).history == "naive_sc"
    assert both(Criteria(response="evaluable"), Criteria(response="PENDING")) is None


# ---------- Words ----------


def test_every_code_has_a_word_and_every_word_asks():
    assert {name: {str(w) for w in words} for name, words in WORDS.items()} == {
        name: {*codes} for name, codes in CODES.items()
    }


def test_the_sentence_says_all_that_is_asked():
    criteria = Criteria(
        history="naive",
        included_from=date(2018, 1, 1),
        onset_from=date(2010, 1, 1),
        onset_to=date(2015, 3, 31),
        route="SC",
        product="Privigen",
        sex="female",
        antibody="positive",
    )

    assert sentence(criteria, DAY, centre="", centres=["NORD", "SALP"]) == (
        "Naive patients of 2 centres, onset 2010 to Mar 2015, included since 2018, first "
        "treated by SC, who had Privigen, female, anti-GM1 IgM positive, as of 1 Jun 2024"
    )
    assert sentence(Criteria(), DAY, centre="NORD", centres=["NORD"]) == (
        "Patients of NORD, as of 1 Jun 2024"
    )


def test_a_span_is_written_as_short_as_it_can_be():
    form = {"included_from": "1 Jan 2018", "included_to": "2019-03-31", "onset_to": "12.03.2015"}

    found = read(QueryDict(urlencode(form)), [], months_only=False)

    assert written(found.criteria) == [
        ("onset_to", "2015-03-12"),
        ("included_from", "2018"),
        ("included_to", "2019-03"),
    ]


@pytest.mark.parametrize(
    ("query", "notes"),
    [
        ("onset_from=2015&onset_to=2010", {"onset_to": "2010 lies before 2015. Exchange"}),
        ("onset_from=soon", {"onset_from": "“soon” is not a date."}),
        ("sex=Female", {"sex": "“Female” is not in this list, so it was left out."}),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field_and_left_out(query, notes):
    found = read(QueryDict(query), [], months_only=False)

    assert {name: note[: len(notes[name])] for name, note in found.notes.items()} == notes
    assert not {*notes} & {name for name, _value in written(found.criteria)}


def test_who_sees_months_asks_for_whole_months():
    query = QueryDict("onset_from=2015-03-02&onset_to=2016-03-31&treated_from=2018-02")

    found = read(query, [], months_only=True)

    said = "You see months here, so write a month or a year, like 2015-03."
    assert found.notes == {"onset_from": said}
    assert written(found.criteria) == [("onset_to", "2016-03"), ("treated_from", "2018-02")]


# ---------- Why each is counted ----------


def test_the_list_behind_a_number_tells_of_each_patient_why(reader):
    html = reader.get("/patients/?response=responder&centre=SALP&as_of=2008-12-31").content.decode()
    blocks = reader.get("/patients/?blocks=increased&group=remission&as_of=2024-06-01")

    told = re.findall(r'<tr class="told"><td colspan="8">(.*?)</td>', html, re.DOTALL)
    assert len(told) == 25
    assert all(
        re.search(r"\d of \d improvable muscles gained a point between", one) for one in told
    )
    for row, why in blocks.context["rows"]:
        assert len(why) == 2, row.study_id
    assert 'class="told"' not in reader.get("/patients/").content.decode()
