"""What is asked wrongly is refused in a sentence, and never answered with another list."""

from base64 import urlsafe_b64encode

import pytest

from mmn_registry.api import urlpatterns
from mmn_registry.rest.cursors import sealed
from tests.api.asking import ANSWERS, LISTS, get, refusal

NOT_A_DAY = "“{}” is not a day. Write year, month and day like 2008-12-31."
NOT_A_SIZE = "“{}” is not a size of a page. Ask for 1 to 1000 rows."
NOT_A_CURSOR = "This cursor is none of this list's. Take the address in `next` or `previous`."


def cursor(*lines):
    return sealed("\n".join(lines).encode(errors="surrogatepass"))


class TestParameters:
    @pytest.mark.parametrize("address", ANSWERS)
    def test_that_do_not_exist_are_refused_with_those_that_do(self, reader, address):
        status, sentences = refusal(get(reader, address, asof="2008-12-31"))

        assert (status, list(sentences)) == (400, ["asof"])
        assert sentences["asof"].startswith("There is no such filter here. There are: as_of")

    def test_that_belong_to_another_address_do_not_exist(self, reader):
        _status, sentences = refusal(get(reader, "patients/A-1/", centre="North"))

        assert sentences == {"centre": "There is no such filter here. There are: as_of, format."}

    @pytest.mark.parametrize("address", LISTS)
    @pytest.mark.parametrize("name", ["as_of", "centre", "patient", "page_size", "cursor"])
    def test_that_are_empty_are_refused(self, reader, address, name):
        assert refusal(get(reader, address, **{name: ""})) == (
            400,
            {name: "Given without a value. Give one, or leave it out."},
        )

    @pytest.mark.parametrize("address", ANSWERS)
    @pytest.mark.parametrize("name", ["as_of", "format"])
    def test_that_come_twice_are_refused(self, reader, address, name):
        value = {"as_of": "2008-12-31", "format": "json"}[name]

        assert refusal(get(reader, address, **{name: [value, value]})) == (
            400,
            {name: "Given 2 times. Give it once."},
        )

    def test_are_all_refused_at_once(self, reader):
        answer = get(reader, "visits/", as_of="soon", since="2004", page_size="many", colour="red")

        assert refusal(answer) == (
            400,
            {
                "colour": "There is no such filter here. There are: as_of, centre, patient, "
                "page_size, cursor, updated_since, since, include, format.",
                "as_of": NOT_A_DAY.format("soon"),
                "since": NOT_A_DAY.format("2004"),
                "page_size": NOT_A_SIZE.format("many"),
            },
        )

    def test_are_named_with_what_was_sent(self, reader):
        answer = get(reader, "patients/", as_of="31.12.2008")

        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json() == {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "code": "bad_request",
            "detail": f"as_of: {NOT_A_DAY.format('31.12.2008')}",
            "errors": [
                {
                    "field": "as_of",
                    "code": "invalid_day",
                    "value": "31.12.2008",
                    "detail": NOT_A_DAY.format("31.12.2008"),
                }
            ],
            "request_id": answer.headers["MMN-Request-Id"],
        }

    def test_are_shown_shortened(self, reader):
        problem = get(reader, "patients/", as_of="9" * 5000).json()

        assert problem["errors"][0]["value"] == "9" * 60 + "…"
        assert len(problem["detail"]) < 200

    def test_are_refused_in_json_even_where_csv_was_asked_for(self, reader):
        answer = get(reader, "patients/", format="csv", as_of="soon")

        assert answer.headers["Content-Type"] == "application/problem+json"
        assert refusal(answer) == (400, {"as_of": NOT_A_DAY.format("soon")})


class TestDays:
    @pytest.mark.parametrize("name", ["as_of", "since"])
    def test_are_written_in_one_way(self, reader, name):
        other_ways = [
            "2008-13-01",
            "2008-02-30",
            "2008-1-3",
            "20081231",
            "2008-W01-1",
            "2008-12-31 ",
            "2008-12-31T00:00:00",
            "0000-01-01",
            "-001-01-01",
            "99999-01-01",
            "２００８-12-31",
            "١٢٣٤-01-01",
            "2008-12-31\x00",
            "\x00",
            "null",
        ]

        refused = {day: refusal(get(reader, "visits/", **{name: day})) for day in other_ways}

        assert refused == {day: (400, {name: NOT_A_DAY.format(day)}) for day in other_ways}

    @pytest.mark.parametrize("address", ANSWERS)
    def test_after_today_are_refused(self, reader, address):
        status, sentences = refusal(get(reader, address, as_of="9999-12-31"))

        assert status == 400
        assert sentences["as_of"].startswith("9999-12-31 lies after today, ")
        assert sentences["as_of"].endswith(": nothing is known of it yet.")


class TestPages:
    @pytest.mark.parametrize("address", LISTS)
    def test_have_one_to_a_thousand_rows(self, reader, address):
        sizes = ["0", "-1", "1001", "1e2", "1_0", "１２", " 5", "ten", "5.0", "\x00"]

        refused = {size: refusal(get(reader, address, page_size=size)) for size in sizes}

        assert refused == {size: (400, {"page_size": NOT_A_SIZE.format(size)}) for size in sizes}
        assert get(reader, address, page_size="9" * 5000).status_code == 400

    @pytest.mark.parametrize("address", LISTS)
    def test_begin_where_an_address_of_ours_says(self, reader, address):
        elsewhere = [
            "begin",
            "!!!",
            "é",
            "\x00",
            "A" * 100_000,
            urlsafe_b64encode(b"after\nA-1").decode(),
            cursor("after"),
            cursor("beside", "A-1"),
            cursor("after", *"ABCDEFG"),
            cursor("after", "A-1\x00"),
            cursor("after", "A-1", "2004-13-01"),
            cursor("after", "A-1", "not a day", "thumb_abduction", "left"),
            cursor("after", "\ud800"),
            urlsafe_b64encode(b"after\n\xff").decode(),
        ]

        refused = [refusal(get(reader, address, cursor=place)) for place in elsewhere]

        assert refused == [(400, {"cursor": NOT_A_CURSOR})] * len(elsewhere)

    @pytest.mark.parametrize("name", ["page_size", "cursor"])
    @pytest.mark.parametrize("address", LISTS)
    def test_are_not_had_of_csv(self, reader, address, name):
        value = {"page_size": "2", "cursor": cursor("after", "A-1")}[name]

        assert refusal(get(reader, address, format="csv", **{name: value})) == (
            400,
            {name: "CSV is the whole list in one answer, without pages. Leave this out."},
        )


class TestForms:
    @pytest.mark.parametrize("address", ANSWERS)
    def test_other_than_ours_are_refused(self, reader, address):
        others = ["xml", "api", "JSON", "problem", "\x00"]

        refused = {form: refusal(get(reader, address, format=form)) for form in others}

        sentence = "“{}” is not a format of this answer. Use one of: json, csv."
        assert refused == {form: (400, {"format": sentence.format(form)}) for form in others}

    def test_that_nobody_speaks_here_are_refused(self, reader):
        answer = reader.get("/api/v1/patients/", headers={"Accept": "application/xml"})

        assert answer.status_code == 406
        assert answer.json()["detail"] == (
            "This cannot be answered as application/xml, only as: application/json, text/csv."
        )


class TestCodes:
    @pytest.mark.parametrize(
        ("address", "name", "words"),
        [
            ("patients/", "sex", "female, male, other, unknown"),
            ("muscle-scores/", "side", "right, left"),
            ("infusions/", "route", "IV, SC, FSC"),
            ("outcomes/", "treatment_history", "naive, pretreated, unknown"),
        ],
    )
    def test_are_words_of_the_list(self, reader, address, name, words):
        others = ["Left", "left ", "\x00", "gauche", "iv"]

        refused = {other: refusal(get(reader, address, **{name: other})) for other in others}

        sentence = "“{}” is not a known code here. Use one of: {}."
        assert refused == {o: (400, {name: sentence.format(o, words)}) for o in others}


SAID = ("authentication_classes", "permission_classes", "renderer_classes")
SAID += ("content_negotiation_class", "get_exception_handler")


def says(view, name):
    """Whether one of our own classes says this, not REST framework's."""
    ours = [kind for kind in view.__mro__ if not kind.__module__.startswith("rest_framework")]
    return any(name in vars(kind) for kind in ours)


class TestAddresses:
    @pytest.mark.parametrize("address", ["nothing/", "patients/A-1/visits/", ""])
    def test_that_do_not_exist_are_answered_as_the_others(self, reader, address):
        answer = get(reader, address)

        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("There is nothing at this address.")

    def test_say_themselves_who_may_ask_and_in_which_form(self):
        """Nothing hangs on what the settings leave to views that say nothing."""
        views = [route.callback.cls for route in urlpatterns if hasattr(route.callback, "cls")]

        said_by = {(view, name): says(view, name) for view in views for name in SAID}
        assert len(views) > len(ANSWERS)
        assert [place for place, ours in said_by.items() if not ours] == []

    def test_without_the_slash_lead_to_those_with(self, reader):
        answer = reader.get("/api/v1/patients?as_of=2008-12-31")

        assert (answer.status_code, answer.headers["Location"]) == (
            301,
            "/api/v1/patients/?as_of=2008-12-31",
        )

    def test_of_patients_that_nobody_is_called_are_not_found(self, reader):
        names = ["%00", "%ED%A0%80", "%FF", "A-1%0A", "=1+1", "%F0%9F%92%89", "x" * 5000, "A-1%20"]

        answers = {name: reader.get(f"/api/v1/patients/{name}/").status_code for name in names}

        assert answers == dict.fromkeys(names, 404)


GARBAGE = [
    "%00=%00",
    "as_of=%00",
    "as_of=%ED%A0%80",
    "%ED%A0%80=1",
    "centre=%00",
    "centre=%FF",
    "centre=%F0%9F%92%89",
    "format=%ED%A0%80",
    "as_of",
    "=",
    "[as_of]=2008-12-31",
    "as_of[]=2008-12-31",
    "&".join(f"p{n}=1" for n in range(1001)),
]


@pytest.mark.parametrize("address", ANSWERS)
def test_garbage_is_the_clients_mistake(reader, address):
    answers = {query: reader.get(f"/api/v1/{address}?{query}").status_code for query in GARBAGE}

    assert answers == dict.fromkeys(GARBAGE, 400)


@pytest.mark.parametrize("address", LISTS)
def test_a_strange_name_is_nobodys(reader, address):
    names = ["%ED%A0%80", "%FF", "%F0%9F%92%89", "' OR 1=1 --", "B-1%0A", "x" * 5000]

    found = {name: reader.get(f"/api/v1/{address}?patient={name}").json() for name in names}

    assert {name: page["results"] for name, page in found.items()} == {name: [] for name in names}


def test_a_name_with_a_character_that_nothing_can_hold_is_refused(reader):
    status, sentences = refusal(get(reader, "patients/", patient="A-1\x00"))

    assert (status, sentences) == (400, {"patient": "Null characters are not allowed."})
