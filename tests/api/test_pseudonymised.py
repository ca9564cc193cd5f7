"""REST for who reads for research: the same columns, in months, and who is left out is counted."""

import base64
import io
import json
from datetime import date

import pandas as pd
import pytest
from django.core.management import call_command

from mmn_registry.accounts.actions import grant_role
from mmn_registry.accounts.roles import Role
from patients.actions import withdraw_consent
from patients.models import Consent
from tests.api.asking import LISTS, everything, get, refusal, rows, table, walk
from tests.outcomes.canaries import days, given_away, somebody, store_canary
from tests.outcomes.stories import store_patient

pytestmark = pytest.mark.django_db
ADDRESSES = (*LISTS, "patients/P-FULL/", "outcomes/P-FULL/", "cohort/summary/")
MONTHS = {
    "patients/": ("included_on", "onset_on", "diagnosed_on", "deceased_on"),
    "visits/": ("visited_on",),
    "muscle-scores/": ("visited_on",),
    "infusions/": ("given_on",),
    "nerve-segments/": ("studied_on",),
    "outcomes/": ("index_on", "baseline_on", "month6_on", "last_contact_on"),
}


@pytest.fixture
def canary(tmp_path):
    return store_canary(tmp_path / "bundle")


@pytest.fixture
def researcher(canary, client):
    client.force_login(somebody(Role.STATISTICIAN))
    return client


@pytest.fixture
def neurologist(canary, client):
    client.force_login(somebody(Role.NEUROLOGIST, "C1"))
    return client


def bodies(client, address) -> str:
    """JSON and CSV, with all that is said beside the body."""
    answers = [get(client, address), get(client, address, format="csv")]
    assert [answer.status_code for answer in answers] == [200, 200]
    return "\n".join(a.getvalue().decode() + str(dict(a.headers)) for a in answers)


def withdraw():
    withdraw_consent(Consent.objects.get(), withdrawn_on=date(2021, 6, 1), by=None)


class TestAnswers:
    def test_of_who_treats_hold_what_could_be_given_away(self, neurologist):
        given = {text for address in ADDRESSES for text in given_away(bodies(neurologist, address))}

        assert given >= {"1960", *(d for d in days() if d.startswith("2020-0") and d[-2:] == "15")}

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_give_no_day_no_text_and_no_year_of_birth_away(self, researcher, address):
        assert given_away(bodies(researcher, address)) == set()

    @pytest.mark.parametrize("address", LISTS)
    def test_have_the_same_columns_and_the_same_of_all_else(self, canary, client, address):
        client.force_login(somebody(Role.NEUROLOGIST, "C1"))
        full = rows(client, address, page_size=1000)
        client.force_login(somebody(Role.STATISTICIAN))
        coarse = rows(client, address, page_size=1000)

        for row in full:
            for name in MONTHS[address]:
                row[name] = row[name] and row[name][:7]
        if address == "patients/":
            assert [row.pop("birth_year") for row in full] == [1960]
            assert [row.pop("birth_year") for row in coarse] == [None]
            assert [row["age_band"] for row in coarse] == ["60-69"]
        assert coarse == full
        assert full

    def test_have_the_same_parts_of_rows_too(self, canary, client):
        client.force_login(somebody(Role.NEUROLOGIST, "C1"))
        full = rows(client, "visits/", include="muscle_scores")
        client.force_login(somebody(Role.STATISTICIAN))
        coarse = rows(client, "visits/", include="muscle_scores")

        assert [row["muscle_scores"] for row in coarse] == [row["muscle_scores"] for row in full]
        assert any(row["muscle_scores"] for row in full)
        assert given_away(json.dumps(coarse)) == set()

    @pytest.mark.parametrize("address", LISTS)
    def test_say_in_both_forms_the_same(self, researcher, address):
        in_json = rows(researcher, address, page_size=1000)
        in_csv = table(researcher, address)

        months = MONTHS[address]
        assert [[row[m] or "" for m in months] for row in in_json] == [
            [row[m] for m in months] for row in in_csv
        ]

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_say_how_they_are_shown(self, researcher, address):
        assert get(researcher, address).json()["pseudonymised"] is True
        assert get(researcher, address, format="csv").headers["MMN-Pseudonymised"] == "yes"

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_say_nothing_of_it_to_who_treats(self, neurologist, address):
        answer = get(neurologist, address)

        assert not {"pseudonymised", "withheld"} & set(answer.json())
        assert not {"MMN-Pseudonymised", "MMN-Withheld"} & set(answer.headers)

    def test_hold_ones_own_patients_in_full_beside_others(self, canary, tmp_path, client):
        store_patient(tmp_path / "other", study_id="P-2", patients=OTHER)
        user = somebody(Role.NEUROLOGIST, "C1")
        grant_role(user, Role.STATISTICIAN)
        client.force_login(user)

        for address, column in (
            ("patients/", "included_on"),
            ("visits/", "visited_on"),
            ("outcomes/", "index_on"),
        ):
            whole = {row["study_id"]: len(row[column]) for row in rows(client, address)}
            as_csv = {row["study_id"]: len(row[column]) for row in table(client, address)}
            assert whole == as_csv == {"P-FULL": 10, "P-2": 7}


OTHER = """
    study_id | centre | sex | birth_year | included_on | prior_immunoglobulin
    P-2 | C2 | male | 1955 | 2020-01-15 | no
"""


class TestPages:
    def test_lead_through_the_whole_list_and_give_no_day_away(self, researcher):
        whole = rows(researcher, "infusions/", page_size=1000)
        pages = walk(researcher, "/api/v1/infusions/?page_size=5")

        assert everything(pages) == whole
        for page in pages[1:]:
            cursor = (page["previous"] or "").partition("cursor=")[2].partition("&")[0]
            assert given_away(page["previous"]) == set()
            assert b"2020" not in base64.urlsafe_b64decode(cursor.replace("%3D", "="))

    def test_cannot_be_begun_at_a_day_of_ones_choice(self, researcher):
        chosen = base64.urlsafe_b64encode(b"after\nP-FULL\n2020-03-14\nIV\nPrivigen").decode()

        status, said = refusal(get(researcher, "infusions/", cursor=chosen))
        assert (status, list(said)) == (400, ["cursor"])


class TestDaysAskedFor:
    @pytest.mark.parametrize(
        ("asked", "nearest"),
        [
            ({"as_of": "2020-07-11"}, "ask for the last day of one, like 2020-07-31."),
            ({"since": "2020-07-11"}, "ask for the first day of one, like 2020-07-01."),
        ],
    )
    def test_may_not_feel_their_way_to_a_day(self, researcher, asked, nearest):
        status, said = refusal(get(researcher, "visits/", **asked))

        assert status == 400
        assert next(iter(said.values())).endswith(nearest)

    def test_may_be_ends_of_months_or_today(self, researcher):
        for asked in (
            {"as_of": "2020-07-31", "since": "2020-07-01"},
            {"as_of": date.today().isoformat()},
        ):
            assert get(researcher, "visits/", **asked).status_code == 200

    def test_are_anybodys_own_who_treats(self, neurologist):
        assert get(neurologist, "visits/", as_of="2020-07-11").status_code == 200


class TestConsent:
    @pytest.mark.parametrize("address", [*LISTS, "cohort/summary/"])
    def test_withdrawn_leaves_the_answers_which_say_how_many(self, researcher, address):
        assert "withheld" not in get(researcher, address).json()

        withdraw()

        answer = get(researcher, address)
        assert "P-FULL" not in answer.content.decode()
        assert answer.json()["withheld"] == 1
        in_csv = get(researcher, address, format="csv")
        assert in_csv.headers["MMN-Withheld"] == "1"
        assert "P-FULL" not in in_csv.getvalue().decode()
        assert get(researcher, "patients/P-FULL/").status_code == 404

    def test_withdrawn_is_counted_where_it_would_have_been_shown(self, researcher):
        withdraw()

        assert "withheld" not in get(researcher, "patients/", as_of="2019-12-31").json()
        assert get(researcher, "patients/", centre="C1").json()["withheld"] == 1

    def test_withdrawn_leaves_who_treats_as_they_were(self, neurologist):
        before = get(neurologist, "cohort/summary/").json()
        withdraw()

        assert get(neurologist, "cohort/summary/").json() == before

    def test_withdrawn_is_no_matter_for_the_commands(self, canary, tmp_path, capsys):
        withdraw()

        call_command("derive_outcomes", as_of="2021-12-31")
        outcomes = pd.read_csv(io.StringIO(capsys.readouterr().out))
        call_command("summarise_cohort", as_of="2021-12-31")
        summary = json.loads(capsys.readouterr().out)
        call_command("export_bundle", str(tmp_path / "out"))
        patients = pd.read_csv(tmp_path / "out" / "patients.csv")

        assert outcomes["study_id"].tolist() == patients["study_id"].tolist() == ["P-FULL"]
        assert outcomes["index_on"].tolist() == ["2020-01-15"]
        assert patients["birth_year"].tolist() == [1960]
        assert summary["patients"] == 1
