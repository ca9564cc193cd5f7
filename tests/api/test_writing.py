"""Records are written by REST as by the forms: the same rules, words, questions and trail."""

import json
from uuid import uuid4

import pytest

from infusions.models import Infusion, InfusionLot
from mmn_registry import principal
from mmn_registry.accounts.actions import grant_role, make_token, open_account
from mmn_registry.accounts.models import Centre, KeptAnswer, User
from mmn_registry.accounts.roles import Role
from mmn_registry.api import ANSWERS
from mmn_registry.audit.models import Entry
from mmn_registry.rest import bodies
from mmn_registry.rest.idempotency import forget_old
from mmn_registry.rest.schema import registry_schema
from patients.actions import sign_visit
from patients.models import Confirmation, Finding, LowerLimit, MuscleScore, Patient, Visit
from patients.selectors import get_examination, known_at, known_before, list_visits
from tests.api.described import problems
from tests.api.writing import INFUSION, VISIT, amend, create, send, wrong
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
HEAVY = (
    "812 is not possible. A weight lies between 1 and 300 kg. Check the decimal point and the unit."
)


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path / "stored", study_id="P-1")
    store_patient(tmp_path / "theirs", study_id="X-1", patients=THEIRS)
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


THEIRS = """
    study_id | centre | sex | included_on | prior_immunoglobulin
    X-1 | C2 | male | 2020-01-15 | no
"""


@pytest.fixture
def visit(anne, client):
    """A visit as it was just recorded, with its address and its version."""
    answer = create(client, "visits/", VISIT)
    assert answer.status_code == 201, answer.content
    return answer


class TestOneDocument:
    def test_is_stored_whole_by_one_action_in_the_name_of_who_sent_it(self, anne, client, visit):
        told = visit.json()["result"]
        stored = get_examination(Visit.objects.get(pk=told["id"]))

        assert (told["study_id"], told["weight_kg"], told["onls_arm"]) == ("P-1", 70.5, None)
        assert {s["mrc_value"] for s in told["muscle_scores"]} == {4.3333, None}
        assert [s.mrc_thirds for s in stored.muscle_scores].count(13) == 1
        assert [str(grip.value) for grip in stored.grip_strengths] == ["30.000000000"]
        assert [finding.observed_on for finding in stored.findings] == [stored.visit.visited_on]
        assert visit.headers["ETag"] == f'"{stored.version}"'
        assert client.get(visit.headers["Location"]).json()["result"] == told
        entries = Entry.objects.filter(record_id__in=[stored.visit.pk, *_keys(stored)])
        assert {(one.verb, one.actor_id) for one in entries} == {("recorded a visit", anne.pk)}
        assert entries.count() == 5

    def test_may_be_sent_back_as_it_was_read(self, client, visit):
        told = visit.json()["result"] | {"reason": "Nothing."}

        answer = amend(client, visit.headers["Location"], told, visit.headers["ETag"], "PUT")

        assert (answer.status_code, answer.json()["changed"]) == (200, False), answer.content
        assert answer.headers["ETag"] == visit.headers["ETag"]

    def test_changes_what_is_named_and_keeps_the_rest(self, client, visit):
        score = {"muscle": "wrist_extension", "side": "left", "mrc_grade": "5"}
        change = {"visited_on": "2021-07-21", "muscle_scores": [score], "reason": "A slip."}

        answer = amend(client, visit.headers["Location"], change, visit.headers["ETag"])

        told = answer.json()["result"]
        assert (answer.status_code, told["weight_kg"]) == (200, 70.5)
        assert [s["mrc_grade"] for s in told["muscle_scores"]] == ["5"]
        assert len(told["findings"]) == 1  # they moved along with the day
        assert Finding.objects.get().observed_on.isoformat() == "2021-07-21"
        assert answer.headers["ETag"] != visit.headers["ETag"]
        voided = MuscleScore.including_voided.get(muscle="finger_extension", visit_id=told["id"])
        assert voided.void_reason == "A slip."

    def test_replaces_all_where_all_is_sent(self, client, visit):
        body = {"visited_on": "2021-07-20", "reason": "Of another patient."}

        answer = amend(client, visit.headers["Location"], body, visit.headers["ETag"], "PUT")

        told = answer.json()["result"]
        assert (told["weight_kg"], told["muscle_scores"], told["findings"]) == (None, [], [])

    def test_is_voided_with_a_reason_and_told_from_what_never_was(self, client, visit):
        here, version = visit.headers["Location"], visit.headers["ETag"]

        silent = send(client, "POST", f"{here}void/", {}, If_Match=version)
        voided = send(client, "POST", f"{here}void/", {"reason": "Twice."}, If_Match=version)

        assert (silent.status_code, wrong(silent)) == (422, [("/reason", "reason_needed")])
        assert (voided.status_code, voided.json()["result"]["voided"]) == (200, True)
        assert not Finding.objects.exists()
        assert client.get(here).status_code == 410
        assert amend(client, here, {"reason": "x"}, version).status_code == 410
        assert create(client, "visits/", VISIT).status_code == 201

    def test_of_another_centre_is_as_unknown_as_none(self, client, visit):
        theirs = Visit.objects.filter(patient__study_id="X-1").first()
        for pk in (theirs.pk, uuid4()):
            for method in ("GET", "PATCH", "PUT"):
                answer = send(client, method, f"visits/{pk}/", {}, If_Match='"x"')
                assert (answer.status_code, answer.json()["detail"]) == (
                    404,
                    "There is no such record in your centres.",
                )
        for study_id in ("X-1", "NOBODY", 7, None):
            answer = create(client, "visits/", VISIT | {"study_id": study_id})
            assert (answer.status_code, wrong(answer)) == (422, [("/study_id", "unknown_patient")])


def _keys(stored):
    parts = (*stored.muscle_scores, *stored.grip_strengths, *stored.findings)
    return [part.pk for part in parts]


class TestRefusals:
    def test_name_every_wrong_value_with_its_place(self, anne, client):
        body = VISIT | {
            "weight_kg": 812,
            "onls_arm": 2.5,
            "colour": "red",
            "muscle_scores": [
                *VISIT["muscle_scores"],
                {"muscle": "biceps", "side": "left", "mrc_grade": "4"},
                VISIT["muscle_scores"][0],
                {"muscle": "elbow_flexion", "side": "left"},
                "4+",
            ],
        }

        answer = create(client, "visits/", body)

        assert answer.status_code == 422
        assert wrong(answer) == [
            ("/weight_kg", "implausible_weight"),
            ("/onls_arm", "unreadable"),
            ("/muscle_scores/2/muscle", "invalid_choice"),
            ("/muscle_scores/3", "duplicate_record"),
            ("/muscle_scores/4/mrc_grade", "blank"),
            ("/muscle_scores/5", "wrong_type"),
            ("/colour", "unknown_name"),
        ]
        assert answer.json()["errors"][0]["detail"] == HEAVY
        assert answer.json()["code"] == "implausible_weight"
        assert not Visit.objects.filter(visited_on=VISIT["visited_on"]).exists()

    def test_of_rules_about_two_values_come_once_each_can_be_read(self, anne, client):
        score = {
            "muscle": "wrist_extension",
            "side": "left",
            "mrc_grade": "4",
            "not_tested_reason": "pain",
        }

        answer = create(client, "visits/", VISIT | {"muscle_scores": [score]})

        assert wrong(answer) == [("/muscle_scores/0/not_tested_reason", "reason_although_tested")]

    def test_of_what_stands_already_are_conflicts(self, anne, client, visit):
        again = create(client, "visits/", VISIT)
        sign_visit(
            Visit.objects.get(pk=visit.json()["result"]["id"]),
            as_read=visit.headers["ETag"].strip('"'),
            by=anne,
        )
        signed = amend(
            client,
            visit.headers["Location"],
            {"onls_leg": 1, "reason": "Added."},
            visit.headers["ETag"],
        )

        assert (again.status_code, again.json()["code"]) == (409, "duplicate_record")
        assert (signed.status_code, signed.json()["code"]) == (409, "signed_visit")

    def test_need_a_key_where_something_is_recorded(self, anne, client):
        for headers in ({}, {"Idempotency_Key": "a b"}, {"Idempotency_Key": "k" * 201}):
            answer = send(client, "POST", "visits/", VISIT, **headers)
            assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_needed")

    def test_need_a_version_where_something_is_changed(self, client, visit):
        here, change = visit.headers["Location"], {"onls_leg": 1, "reason": "Added."}

        missing = send(client, "PATCH", here, change)
        anything = amend(client, here, change, "*")
        stale = amend(client, here, change, '"0123", W/"4567"')

        assert (missing.status_code, anything.status_code) == (428, 428)
        assert (stale.status_code, stale.headers["ETag"]) == (412, visit.headers["ETag"])
        assert stale.json()["current"] == visit.json()["result"]
        one_of_several = f'"0123", {visit.headers["ETag"]}'
        assert amend(client, here, change, one_of_several).status_code == 200

    def test_of_what_is_fixed_say_so(self, client, visit):
        change = {"id": str(uuid4()), "study_id": "X-1", "reason": "Moved."}

        answer = amend(client, visit.headers["Location"], change, visit.headers["ETag"])

        assert wrong(answer) == [("/id", "read_only"), ("/study_id", "read_only")]


class TestQuestions:
    def test_are_asked_and_answered_by_their_keys(self, client, visit):
        here, version = visit.headers["Location"], visit.headers["ETag"]
        change = {"weight_kg": 36, "reason": "Weighed."}

        answer = amend(client, here, change, version)
        (asked,) = answer.json()["questions"]
        confirmed = amend(client, here, change | {"confirm": [asked["key"]]}, version)
        again = amend(client, here, {"onls_leg": 1, "reason": "Added."}, confirmed.headers["ETag"])

        assert (answer.status_code, answer.json()["code"]) == (422, "unconfirmed")
        assert (asked["field"], asked["suggestion"]) == ("/weight_kg", "63")
        assert (confirmed.status_code, again.status_code) == (200, 200)
        assert Confirmation.objects.get().key == asked["key"]

    def test_about_a_visit_are_those_of_the_page(self, anne, client):
        """What is read for them is a part of what the page reads."""
        patient = Patient.objects.get(study_id="P-1")
        visits = list(list_visits(patient))

        for day in (visits[0].visited_on, visits[-1].visited_on, visits[-1].recorded_at.date()):
            whole, part = known_before(visits, day), known_at(patient, day)
            assert (part.examined_on, part.grades) == (whole.examined_on, whole.grades)
            assert part.other_cause == whole.other_cause
            assert part.readings.items() <= whole.readings.items()
            assert ("weight_kg" in part.readings) == ("weight_kg" in whole.readings)

    def test_about_doses_follow_from_the_course(self, anne, client):
        answer = create(client, "infusions/", INFUSION | {"dose_g": 7})

        assert answer.json()["code"] == "unconfirmed"
        assert {q["code"] for q in answer.json()["questions"]} >= {"dose_changed"}


class TestKeys:
    def test_make_one_record_however_often_a_request_is_sent(self, anne, client):
        key = str(uuid4())

        first, second = (create(client, "infusions/", INFUSION, key=key) for _ in range(2))
        reordered = create(client, "infusions/", dict(reversed(INFUSION.items())), key=f'"{key}"')

        assert (first.status_code, second.status_code) == (201, 201)
        assert second.content == first.content == reordered.content
        assert second.headers["ETag"] == first.headers["ETag"]
        assert "Idempotency-Replayed" not in first.headers
        assert second.headers["Idempotency-Replayed"] == "true"
        assert Infusion.objects.filter(given_on=INFUSION["given_on"]).count() == 1

    def test_are_of_one_request_only(self, anne, client):
        create(client, "infusions/", INFUSION, key="k")

        other = create(client, "infusions/", INFUSION | {"dose_g": 71}, key="k")
        elsewhere = create(client, "bulk/infusions/", INFUSION, key="k")

        for answer in (other, elsewhere):
            assert (answer.status_code, answer.json()["code"]) == (422, "key_of_another_request")

    def test_are_free_again_after_a_refusal(self, anne, client):
        refused = create(client, "infusions/", INFUSION | {"dose_g": 0}, key="k")

        assert (
            refused.status_code,
            create(client, "infusions/", INFUSION, key="k").status_code,
        ) == (
            422,
            201,
        )

    def test_are_one_persons(self, anne, client):
        create(client, "infusions/", INFUSION, key="k")
        paul = open_account("paula@hospital.example", "Paula Example")
        grant_role(paul, Role.NEUROLOGIST, centre=Centre.objects.get(code="C1"))
        client.force_login(paul)

        assert create(client, "infusions/", INFUSION, key="k").json()["code"] == "duplicate_record"

    def test_also_keep_an_amendment_whose_answer_was_lost(self, client, visit):
        here, headers = (
            visit.headers["Location"],
            {"If_Match": visit.headers["ETag"], "Idempotency_Key": "k"},
        )
        change = {"onls_leg": 1, "reason": "Added."}

        first, second = (send(client, "PATCH", here, change, **headers) for _ in range(2))

        assert (first.status_code, second.content) == (200, first.content)

    def test_are_forgotten_after_two_days(self, anne, client):
        create(client, "infusions/", INFUSION, key="old")
        create(client, "infusions/", INFUSION | {"given_on": "2021-02-15"}, key="new")
        _age("old")

        assert forget_old() == 1
        assert create(client, "infusions/", INFUSION, key="old").status_code == 409


def _age(key):
    """Nobody but its sender may touch a kept answer: in that name it becomes an old one."""
    sender = User.objects.get(email="c1@hospital.example")
    with principal.in_force(principal.Principal(principal.Kind.USER, sender.pk)):
        assert KeptAnswer.objects.filter(key=key).update(kept_at="2020-01-01T00:00Z") == 1


class TestMany:
    """All of them or none; what is wrong stands with its place in the list."""

    def test_are_one_action_and_each_gets_its_address(self, anne, client):
        days = [f"2021-0{month}-15" for month in range(1, 6)]
        body = {"records": [INFUSION | {"given_on": day} for day in days]}

        answer = create(client, "bulk/infusions/", body)

        told = answer.json()["result"]
        assert (answer.status_code, len(told)) == (201, 5), answer.content
        read = client.get(told[2]["address"])
        assert read.headers["ETag"] == told[2]["etag"]
        assert (read.json()["result"]["given_on"], len(read.json()["result"]["lots"])) == (
            days[2],
            1,
        )
        entries = Entry.objects.filter(verb="recorded 5 infusions", operation="insert")
        assert (entries.count(), entries.values("action_id").distinct().count()) == (10, 1)

    def test_are_none_if_one_is_wrong(self, anne, client):
        records = [
            INFUSION,
            INFUSION | {"given_on": "2021-02-30", "dose_g": "70"},
            7,
            INFUSION | {"given_on": "2021-03-15", "study_id": "X-1"},
            INFUSION | {"given_on": "2021-03-15", "lots": [{"dose_g": 500}]},
        ]

        answer = create(client, "bulk/infusions/", {"records": records})

        assert answer.status_code == 422
        assert wrong(answer) == [
            ("/records/1/given_on", "unreadable"),
            ("/records/1/dose_g", "wrong_type"),
            ("/records/2", "wrong_type"),
            ("/records/3/study_id", "unknown_patient"),
            ("/records/4/lots/0/lot_number", "blank"),
            ("/records/4/lots/0/dose_g", "implausible_dose"),
        ]
        assert not InfusionLot.objects.exists()

    def test_name_what_comes_twice_and_what_is_there(self, anne, client):
        twice = create(client, "bulk/infusions/", {"records": [INFUSION, INFUSION]})
        create(client, "infusions/", INFUSION)
        there = create(client, "bulk/infusions/", {"records": [INFUSION]})

        assert (twice.status_code, wrong(twice)) == (422, [("/records/1", "duplicate_record")])
        assert (there.status_code, there.json()["code"]) == (409, "duplicate_record")

    def test_ask_about_each_record_by_its_place(self, anne, client):
        heavy = {"visited_on": "2021-08-20", "weight_kg": 36}
        visits = [VISIT, VISIT | heavy, VISIT | heavy | {"visited_on": "2021-09-20"}]

        answer = create(client, "bulk/visits/", {"records": visits})
        (asked,) = answer.json()["questions"]
        confirmed = create(client, "bulk/visits/", {"records": visits, "confirm": [asked["key"]]})

        assert (asked["field"], asked["key"]) == (
            "/records/1/weight_kg",
            "1:weight_changed:weight_kg:36",
        )
        assert confirmed.status_code == 201, confirmed.content
        later = [one | {"visited_on": one["visited_on"].replace("2021", "2022")} for one in visits]
        at_once = create(client, "bulk/visits/", {"records": later, "confirm": ["*"]})
        assert at_once.status_code == 201, at_once.content
        asked_about = Visit.objects.get(visited_on="2021-08-20")  # and not the one after it
        assert Confirmation.objects.filter(record_id=asked_about.pk).count() == 1
        assert Confirmation.objects.count() == 3


class TestEveryKind:
    """The example of the schema is recorded, amended, voided, and found in its list."""

    @pytest.mark.parametrize("path", [p for p in ANSWERS if p.startswith("bulk/")])
    def test_is_written_as_the_schema_describes(self, anne, client, path):
        grant_role(anne, Role.COORDINATOR, centre=Centre.objects.get(code="C1"))
        client.force_login(User.objects.get(pk=anne.pk))
        schema, here = registry_schema(), f"/api/v1/{path.removeprefix('bulk/')}"
        describe = schema["paths"][here]["post"]
        (example,) = describe["requestBody"]["content"]["application/json"]["examples"].values()
        said = example["value"] | {
            name: value
            for name, value in {"study_id": "P-1", "centre": "C1"}.items()
            if name in example["value"] and not path.endswith("patients/")
        }
        if path.endswith("patients/"):
            said |= {"centre": "C1"}

        created = create(client, here, said)
        if created.status_code == 422 and created.json()["code"] == "unconfirmed":
            keys = [question["key"] for question in created.json()["questions"]]
            created = create(client, here, said | {"confirm": keys})

        assert created.status_code == 201, created.content
        answer = describe["responses"]["201"]["content"]["application/json"]["schema"]
        assert problems(schema, answer, created.json()) == []
        one, version = created.headers["Location"], created.headers["ETag"]
        (read,) = [m["get"] for p, m in schema["paths"].items() if _is(p, one) and "get" in m]
        got = client.get(one)
        described = read["responses"]["200"]["content"]["application/json"]["schema"]
        assert (got.headers["ETag"], problems(schema, described, got.json())) == (version, [])
        ids = [row.get("id", row.get("study_id")) for row in client.get(here).json()["results"]]
        assert (got.json()["result"].get("id") or got.json()["result"]["study_id"]) in ids
        voided = send(client, "POST", f"{one}void/", {"reason": "An example."}, If_Match=version)
        assert voided.status_code == 200, voided.content
        assert client.get(one).status_code in (404, 410)


def _is(pattern, path):
    """Whether an address is one of those that a path of the schema describes."""
    parts = list(zip(pattern.split("/"), path.split("/"), strict=False))
    same_length = pattern.count("/") == path.count("/")
    return same_length and all(said == part or said[:1] == "{" for said, part in parts)


class TestWhatElseIsKnown:
    def test_a_record_tells_its_history_also_after_it_was_voided(self, anne, client, visit):
        here = visit.headers["Location"]
        change = {"onls_arm": 3, "reason": "Misread."}
        version = amend(client, here, change, visit.headers["ETag"]).headers["ETag"]
        send(client, "POST", f"{here}void/", {"reason": "Twice."}, If_Match=version)

        steps = client.get(f"{here}history/").json()["results"]

        assert [(s["action"], s["reason"], s["who"]) for s in steps] == [
            ("voided a visit", "Twice.", "Anne Example"),
            ("amended a visit", "Misread.", "Anne Example"),
            ("recorded a visit", "", "Anne Example"),
        ]
        (changed,) = [one for one in steps[1]["changes"] if one["field"] == "onls_arm"]
        assert (changed["old"], changed["new"]) == ("not recorded", "3")

    def test_a_list_gives_what_was_written_since_a_moment(self, anne, client, visit):
        moment = visit.json()["result"]["recorded_at"].replace("+00:00", "Z")

        found = client.get("/api/v1/visits/", {"updated_since": moment}).json()["results"]
        refused = client.get("/api/v1/visits/", {"updated_since": "2021-02-30"})

        assert [row["id"] for row in found] == [visit.json()["result"]["id"]]
        assert (refused.status_code, wrong(refused)) == (
            400,
            [("updated_since", "invalid_instant")],
        )

    def test_every_code_has_its_words(self, anne, client):
        words = client.get("/api/v1/vocabulary/").json()["results"]

        known = {(one["table"], one["column"], one["code"]): one["words"] for one in words}
        assert known["muscle_scores", "mrc_grade", "4-"] == "4-"
        assert known["infusions", "route", "FSC"]
        assert len(known) == len(words)


class TestWhoMayWrite:
    def statistician(self, client):
        user = open_account("stat@hospital.example", "Stat Example")
        grant_role(user, Role.STATISTICIAN, centre=None)
        client.force_login(user)

    def test_who_only_reads_is_refused_before_anything_is_read(self, anne, client, visit):
        here, version = visit.headers["Location"], visit.headers["ETag"]
        self.statistician(client)

        assert create(client, "visits/", b"{").status_code == 403
        assert amend(client, here, {"reason": "x"}, version).status_code == 403
        read = client.get(here).json()["result"]
        assert (read["visited_on"], read["recorded_at"]) == ("2021-07", None)

    @pytest.mark.parametrize(("scope", "status"), [("read", 403), ("export", 403), ("write", 201)])
    def test_a_token_writes_only_if_it_was_made_to(self, anne, client, scope, status):
        grant_role(anne, Role.COORDINATOR, centre=Centre.objects.get(code="C1"))
        _token, secret = make_token(anne, "R", days=1, scope=scope)
        client.logout()
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

        answer = create(client, "visits/", VISIT)

        assert answer.status_code == status, answer.content

    def test_a_token_of_one_centre_writes_in_no_other(self, anne, client):
        grant_role(anne, Role.NEUROLOGIST, centre=Centre.objects.get(code="C2"))
        _token, secret = make_token(
            anne, "R", days=1, scope="write", centre=Centre.objects.get(code="C2")
        )
        client.logout()
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

        assert wrong(create(client, "visits/", VISIT)) == [("/study_id", "unknown_patient")]
        assert create(client, "visits/", VISIT | {"study_id": "X-1"}).status_code == 201

    def test_standards_are_said_by_who_sets_them(self, anne, client):
        limit = {
            "centre": "C1",
            "nerve": "ulnar",
            "valid_from": "2010-01-01",
            "distal_amplitude_lln_mv": 6,
        }

        assert create(client, "lower-limits/", limit).status_code == 403
        assert not LowerLimit.objects.exists()

    def test_asking_too_often_is_refused_for_a_while(self, anne, client, settings):
        settings.API_READS_PER_MINUTE, settings.API_WRITES_PER_MINUTE = 2, 1

        reads = [client.get("/api/v1/visits/") for _ in range(3)]
        writes = [create(client, "visits/", VISIT) for _ in range(2)]

        assert [answer.status_code for answer in (*reads, *writes)] == [200, 200, 429, 201, 429]
        assert 0 < int(reads[2].headers["Retry-After"]) <= 60
        assert reads[2].json()["code"] == "too_many_requests"


# What nobody should send: each is refused in words, by every address that writes.
NASTY = {
    "nothing": b"",
    "no JSON": b"{",
    "two values": b"{} {}",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"visit"',
    "a number": b"1",
    "true": b"true",
    "not a number": b'{"weight_kg": NaN}',
    "infinity": b'{"weight_kg": -Infinity}',
    "a name twice": b'{"study_id": "P-1", "study_id": "X-1"}',
    "a name twice within": b'{"records": [{"a": 1, "a": 1}]}',
    "NUL, escaped": b'{"study_id": "P-1\\u0000"}',
    "NUL, raw": b'{"study_id": "P-1\x00"}',
    "NUL in a name": b'{"\\u0000": 1}',
    "a lone surrogate": b'{"study_id": "\\ud800"}',
    "a lone surrogate in a name": b'{"\\udfff": {"a": 1}}',
    "100,000 deep": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "100,000 deep and cut off": b"[" * 100_000,
    "a little too deep": b'{"a":' + b"[" * 20 + b"]" * 20 + b"}",
    "10^5000 written out": b'{"weight_kg": 1' + b"0" * 5000 + b"}",
    "10^5000": b'{"weight_kg": 1e5000}',
    "10^-5000": b'{"weight_kg": 1e-5000}',
    "an endless exponent": b'{"weight_kg": 1e' + b"9" * 30 + b"}",
    "a long fraction": b'{"weight_kg": 0.' + b"1" * 5000 + b"}",
    "minus nothing": b'{"weight_kg": -0.0, "dose_g": -0.0}',
    "year 0": b'{"study_id": "P-1", "visited_on": "0000-01-01", "given_on": "0000-01-01"}',
    "year 10000": b'{"study_id": "P-1", "visited_on": "10000-01-01"}',
    "no day of the calendar": b'{"study_id": "P-1", "visited_on": "2021-02-30"}',
    "other digits": '{"study_id": "P-1", "visited_on": "２０２１-07-20"}'.encode(),
    "wrong types": b'{"study_id": {"a": []}, "centre": [1], "visited_on": 1, "muscle_scores": {}}',
    "parts that are none": b'{"study_id": "P-1", "muscle_scores": [null, 1, []], "lots": "x"}',
    "a list of lists": b'{"records": [[[]], null, {"study_id": null}]}',
    "no records": b'{"records": []}',
    "confirm what": b'{"study_id": "P-1", "confirm": {"a": 1}, "reason": []}',
    "unknown names": b'{"study_id": "P-1", "a/b~c": 1, "": 2, "__class__": 3}',
    "a very long text": b'{"study_id": "'
    + b"x" * 90_000
    + b'", "reason": "'
    + b"y" * 9_000
    + b'"}',
    "a formula": b'{"study_id": "=cmd()", "centre": "@x", "product": "+1", "reason": ""}',
    "Latin-1": '{"study_id": "é"}'.encode("latin-1"),
    "UTF-16": '{"study_id": "P-1"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "zipped": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}


def _is_object(body):
    try:
        return isinstance(json.loads(body, parse_constant=int), dict)
    except (ValueError, RecursionError):
        return False


READABLE = {name: body for name, body in NASTY.items() if _is_object(body)}


class TestNastyBodies:
    def test_are_refused_in_words_wherever_one_writes(self, anne, client, visit, settings):
        settings.API_WRITES_PER_MINUTE = 10**6
        grant_role(anne, Role.COORDINATOR, centre=Centre.objects.get(code="C1"))
        client.force_login(User.objects.get(pk=anne.pk))
        here, version = visit.headers["Location"], visit.headers["ETag"]
        added = [f"/api/v1/{path}" for path in ANSWERS if hasattr(ANSWERS[path], "post")]
        targets = [("POST", path) for path in added if "<" not in path]
        targets += [("PATCH", here), ("PUT", here), ("POST", f"{here}void/")]
        targets += [(method, "/api/v1/patients/P-1/") for method in ("PATCH", "PUT")]
        of_patient = client.get("/api/v1/patients/P-1/").headers["ETag"]
        before = Entry.objects.filter(operation__in=("insert", "update")).count()
        unexpected = {}

        for method, path in targets:
            read = of_patient if "patients" in path else version
            # What cannot be read at all is read by one reader, wherever it was sent.
            is_first = path in (added[0], here, f"{here}void/") or path.endswith("bulk/visits/")
            for name, body in (NASTY if is_first else READABLE).items():
                answer = send(
                    client, method, path, body, If_Match=read, Idempotency_Key=str(uuid4())
                )
                told = json.loads(answer.content)
                if not (400 <= answer.status_code < 500 and told["code"] and told["detail"]):
                    unexpected[method, path, name] = answer.status_code
                assert len(answer.content) < 20_000

        assert unexpected == {}
        assert Entry.objects.filter(operation__in=("insert", "update")).count() == before

    def test_are_refused_for_their_size_form_and_packing(self, anne, client, monkeypatch):
        monkeypatch.setattr(bodies, "MOST_BYTES", 1000)
        key = {"Idempotency_Key": "k"}

        sizes = send(client, "POST", "visits/", b" " * 1001, **key)
        packed = send(client, "POST", "visits/", b"{}", Content_Encoding="gzip", **key)
        forms = [
            send(client, "POST", "visits/", b"a=1", Content_Type=kind, **key)
            for kind in (
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/json; charset=latin-1",
                "",
            )
        ]

        assert (sizes.status_code, sizes.json()["code"]) == (413, "too_large")
        assert (packed.status_code, packed.json()["code"]) == (415, "compressed")
        assert {answer.status_code for answer in forms} == {415}
