"""Pages for who reads for research: the same results, in months and age bands."""

import re
from datetime import date, timedelta

import pytest

from mmn_registry.accounts.actions import grant_role
from mmn_registry.accounts.roles import Role
from mmn_registry.months import Month, drawn, whole_months
from outcomes.charts.scales import DayScale
from outcomes.dashboards.patient import patient_dashboard
from outcomes.days import format_date
from patients.actions import withdraw_consent
from patients.models import Consent
from patients.vocabulary import AgeBand, age_band
from tests.outcomes.canaries import days, given_away, somebody, store_canary
from tests.outcomes.stories import store_patient

pytestmark = pytest.mark.django_db
NOTE = "shown pseudonymised: months, age bands"
PAGES = ("/patients/", "/patients/P-FULL/", "/cohort/", "/patients/P-FULL/?as_of=2019-12-31")


@pytest.fixture
def canary(tmp_path):
    return store_canary(tmp_path / "bundle")


@pytest.fixture(params=[Role.STATISTICIAN, Role.NATIONAL_COORDINATOR])
def researcher(request, canary, client):
    client.force_login(somebody(request.param))
    return client


@pytest.fixture
def neurologist(canary, client):
    client.force_login(somebody(Role.NEUROLOGIST, "C1"))
    return client


def page(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


class TestPages:
    def test_of_who_treats_hold_what_could_be_given_away(self, neurologist):
        given = {text for address in PAGES for text in given_away(page(neurologist, address))}

        assert len(given & days("%d %b %Y")) > 15
        assert "1960" in given

    @pytest.mark.parametrize("address", PAGES)
    def test_give_no_day_no_text_and_no_year_of_birth_away(self, researcher, address):
        assert given_away(page(researcher, address)) == set()

    @pytest.mark.parametrize("address", PAGES)
    def test_say_so(self, researcher, address):
        assert NOTE in page(researcher, address)

    @pytest.mark.parametrize("address", PAGES)
    def test_say_nothing_of_it_to_who_treats(self, neurologist, address):
        assert NOTE not in page(neurologist, address)

    def test_show_months_the_age_band_and_the_very_results(self, researcher):
        body = page(researcher, "/patients/P-FULL/")

        assert "60-69 y at inclusion" in body
        assert "Jan 2020" in body
        assert "Responder" in body
        assert "60-69 y at inclusion" in page(researcher, "/patients/")

    def test_place_nothing_in_a_figure_more_exactly_than_its_month(self, researcher):
        body = page(researcher, "/patients/P-FULL/")
        places = sorted({float(x) for x in re.findall(r'data-x="([\d.]+)"', body)})

        middles = [date(2019, 12, 15), date(2020, 1, 15), date(2020, 7, 15), date(2021, 1, 15)]
        length = (middles[-1] - middles[0]).days
        shares = [(day - middles[0]).days / length for day in middles]
        width = places[-1] - places[0]
        assert [(x - places[0]) / width for x in places] == pytest.approx(shares, abs=0.0005)


class TestTheDayAskedFor:
    def test_may_not_feel_its_way_to_a_day(self, researcher):
        body = page(researcher, "/patients/P-FULL/?as_of=2020-07-11")

        assert "You see months here, so ask for the last day of one, like 2020-07-31." in body

    def test_may_be_the_end_of_a_month_or_today(self, researcher):
        assert "You see months here" not in page(researcher, "/patients/P-FULL/?as_of=2020-07-31")
        today = date.today().isoformat()
        assert "You see months here" not in page(researcher, f"/patients/?as_of={today}")

    def test_is_anybodys_own_who_treats(self, neurologist):
        assert "You see months here" not in page(neurologist, "/cohort/?as_of=2020-07-11")


class TestSomebodyOfBoth:
    """A neurologist of one centre who also counts all of them."""

    def test_reads_own_patients_in_full_and_others_in_months(self, canary, tmp_path, client):
        store_canary_of("C2", tmp_path)
        user = somebody(Role.NEUROLOGIST, "C1")
        grant_role(user, Role.STATISTICIAN)
        client.force_login(user)

        assert "born 1960" in page(client, "/patients/P-FULL/")
        assert "born 1960" not in page(client, "/patients/P-2/")
        rows = page(client, "/patients/")
        assert "15 Jan 2020" in rows
        assert len(re.findall(r"\bJan 2020\b", rows)) > len(re.findall(r"\d Jan 2020\b", rows))


def store_canary_of(code, folder):
    store_patient(
        folder / code,
        study_id="P-2",
        patients=f"""
        study_id | centre | sex | birth_year | included_on | prior_immunoglobulin
        P-2 | {code} | male | 1960 | 2020-01-15 | no
    """,
    )


class TestConsent:
    def test_withdrawn_is_said_on_the_pages_that_count(self, researcher, canary):
        withdraw_consent(Consent.objects.get(), withdrawn_on=date(2021, 6, 1), by=None)

        for address in ("/patients/", "/cohort/"):
            body = page(researcher, address)
            assert "1 patient is left out: consent to research was withdrawn." in body
        assert researcher.get("/patients/P-FULL/").status_code == 404

    def test_withdrawn_counts_from_the_day_of_inclusion_and_by_centre(self, researcher, canary):
        withdraw_consent(Consent.objects.get(), withdrawn_on=date(2021, 6, 1), by=None)

        assert "left out" not in page(researcher, "/cohort/?as_of=2019-12-31")
        assert "consent to research" not in page(researcher, "/cohort/?centre=nowhere")

    def test_withdrawn_leaves_who_treats_as_they_were(self, neurologist, canary):
        withdraw_consent(Consent.objects.get(), withdrawn_on=date(2021, 6, 1), by=None)

        body = page(neurologist, "/patients/")
        assert "P-FULL" in body
        assert "left out" not in body


class TestMonths:
    DAY = date(2020, 7, 12)

    def test_read_as_months_however_they_are_written(self):
        month = Month.of(self.DAY)
        written = {
            f"{month}",
            f"{month:%d}",
            str(month),
            repr(month),
            month.isoformat(),
            month.strftime("%Y-%m-%d"),
            format_date(month, "j M Y"),
            format_date(month, "j M"),
        }

        assert written == {"2020-07", "Month(2020-07)", "Jul 2020", "Jul"}

    def test_count_as_the_days_they_are(self):
        month = Month.of(self.DAY)

        assert month == self.DAY
        assert month - date(2020, 7, 1) == timedelta(days=11)
        assert {month: 1}[self.DAY] == 1

    def test_stay_months_when_counted_on(self):
        later = Month.of(self.DAY) + timedelta(days=30)

        assert (later, str(later)) == (date(2020, 8, 11), "2020-08")

    def test_stand_in_their_middle_in_figures(self):
        scale = DayScale(*whole_months(Month.of(date(2020, 1, 9)), Month.of(date(2021, 2, 3))), 900)

        assert (scale.first, scale.last) == (date(2020, 1, 1), date(2021, 2, 28))
        places = {scale.x(Month.of(date(2020, 7, day))) for day in range(1, 32)}
        assert places == {scale.x(date(2020, 7, 15))}
        assert drawn(self.DAY) == self.DAY


@pytest.mark.parametrize(
    ("years", "band"),
    [(0, "0-9"), (9, "0-9"), (10, "10-19"), (79, "70-79"), (80, "80+"), (104, "80+")],
)
def test_ages_stand_in_bands_of_ten_years(years, band):
    assert age_band(years) == AgeBand(band)


def test_a_command_sees_full_days(canary):
    assert patient_dashboard(canary, date(2021, 6, 1)).recorded["birth_year"] == 1960
