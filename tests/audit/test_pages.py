"""The pages of the trail: what they say, to whom, in how many queries."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mmn_registry import principal
from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from mmn_registry.accounts.selectors import principal_for
from mmn_registry.audit.models import Entry
from mmn_registry.audit.reading import activity as walking
from patients.actions import (
    amend,
    record_visit,
    register_patient,
    sign_visit,
    take_signature_back,
    void,
)
from patients.models import MuscleScore, Visit
from patients.selectors import get_examination
from tests.audit.told import above, looking_away, told
from tests.patients import examples

pytestmark = pytest.mark.django_db

DAY = date(2024, 1, 12)


@pytest.fixture
def centre():
    return examples.centre("C1")


def person(name: str, role: Role, centre: Centre | None):
    user = open_account(f"{name.split(maxsplit=1)[0].lower()}@hospital.example", name)
    grant_role(user, role, centre=centre)
    return user


@pytest.fixture
def anne(centre):
    return person("Anne Example", Role.NEUROLOGIST, centre)


@pytest.fixture
def auditor(centre):
    return person("Aud Itor", Role.AUDITOR, centre)


@pytest.fixture
def visited(anne, centre):
    """A patient with a visit, recorded by Anne and amended since."""
    with principal.in_force(principal_for(anne), request_id="7f3a"):
        patient = register_patient(examples.patient(study_id="MMN-001", centre=centre), by=anne)
        scores = [
            MuscleScore(muscle=muscle, side=side, mrc_grade="4")
            for muscle in ("wrist_extension", "wrist_flexion")
            for side in ("left", "right")
        ]
        visit = record_visit(
            Visit(patient=patient, visited_on=DAY, weight_kg=Decimal(70)),
            muscle_scores=scores,
            by=anne,
        )
        amend(visit, {"weight_kg": Decimal("72.25")}, by=anne, reason="Scales were read wrongly.")
    return visit


def look(client, user, address, **asked):
    client.force_login(user)
    return client.get(address, asked)


def without_tokens(answer) -> str:
    """A page without what is another each time it is asked for."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def sentences(answer) -> list[str]:
    return [line.sentence for line in answer.context["lines"]]


# ── Activity ─────────────────────────────────────────────────────────────────────────────────


def test_an_action_is_one_line(client, auditor, visited):
    answer = look(client, auditor, "/trail/", what="write")

    assert sentences(answer)[:3] == [
        "Anne Example amended a visit of MMN-001: weight [kg]",
        "Anne Example recorded a visit of MMN-001: 4 muscle scores",
        "Anne Example registered a patient, MMN-001",
    ]
    page = answer.content.decode()
    assert "Scales were read wrongly." in page
    assert "12 Jan 2024" not in page  # a clinical date


def test_who_treats_the_patient_reads_the_day_of_the_visit_too(client, anne, visited):
    answer = look(client, anne, f"/trail/patients/{visited.patient_id}/")

    assert sentences(answer) == [
        "Anne Example amended a visit of MMN-001, 12 Jan 2024: weight [kg]",
        "Anne Example recorded a visit of MMN-001, 12 Jan 2024: 4 muscle scores",
        "Anne Example registered a patient, MMN-001",
    ]


@pytest.mark.django_db(transaction=True)
def test_activity_tells_what_operators_and_sessions_did(client, auditor, centre):
    register_patient(examples.patient(centre=centre), by=None)
    with principal.in_force(None), transaction.atomic():
        centre.name = "Other"
        centre.save()

    said = sentences(look(client, auditor, "/trail/"))

    assert "operator, by tests registered a patient, SYN-001" in said
    assert "a database session as mmn_app wrote: 1 centre changed" in said


def test_activity_is_asked_by_person_kind_and_time(client, auditor, anne, visited):
    register_patient(examples.patient(study_id="OTHER", centre=visited.patient.centre), by=None)

    by_anne = look(client, auditor, "/trail/", who=str(anne.pk), what="write")
    operators = look(client, auditor, "/trail/", who="operator", what="write")
    exports = look(client, auditor, "/trail/", what="export")
    long_ago = look(client, auditor, "/trail/", since="2020-01-01", until="2020-01-02")
    today = timezone.localdate().isoformat()
    of_today = look(client, auditor, "/trail/", since=today, until=today, who=str(anne.pk))

    assert len(sentences(by_anne)) == 3
    assert "operator, by tests registered a patient, OTHER" in sentences(operators)
    assert sentences(exports) == sentences(long_ago) == []
    assert set(sentences(by_anne)) <= set(sentences(of_today))
    assert "Nothing of this kind in this time." in exports.content.decode()


def test_what_cannot_be_asked_is_said_beside_its_field(client, auditor, visited):
    answer = look(
        client, auditor, "/trail/", centre="NOPE", who="nobody", since="soon", until="2020-13-01"
    )

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"centre", "who", "since", "until"}
    assert answer.context["question"].centre_id == visited.patient.centre_id


def test_a_foreign_centre_is_answered_as_one_that_does_not_exist(client, auditor, visited):
    examples.centre("C2")

    foreign = without_tokens(look(client, auditor, "/trail/", centre="C2", until="2024-01-01"))
    absent = without_tokens(look(client, auditor, "/trail/", centre="C9", until="2024-01-01"))

    assert foreign.replace("C2", "XX") == absent.replace("C9", "XX")


@pytest.mark.django_db(transaction=True)
def test_pages_hold_each_action_once(client, auditor, centre, monkeypatch):
    monkeypatch.setattr(walking, "ACTIONS_PER_PAGE", 4)
    monkeypatch.setattr(walking, "STEPS_AT_ONCE", 3)
    monkeypatch.setattr(walking, "WALK", walking.WALK.replace("< 200", "< 3"))
    for number in range(5):
        patient = register_patient(examples.patient(study_id=f"P-{number}", centre=centre), by=None)
        record_visit(
            Visit(patient=patient, visited_on=DAY),
            muscle_scores=[MuscleScore(muscle="wrist_extension", side="left", mrc_grade="4")],
            by=None,
        )

    seen, address, pages = [], "/trail/?what=write", 0
    client.force_login(auditor)
    while address:
        answer = client.get(address)
        seen += [line.action.id for line in answer.context["lines"]]
        address = answer.context["next"] and f"/trail/{answer.context['next']}"
        pages += 1
        assert pages < 10

    written = {entry.action_id for entry in told() if entry.centre_id == centre.pk}
    assert len(seen) == len(set(seen))
    assert set(seen) == written - {e.action_id for e in told() if e.kind != "write"}
    assert pages > 2


@pytest.mark.django_db(transaction=True)
def test_a_million_rows_of_one_action_are_one_step(client, auditor, centre, monkeypatch):
    """Here some hundred, and a walk that may take ten steps."""
    patient = register_patient(examples.patient(centre=centre), by=None)
    days = [DAY + timedelta(days=n) for n in range(500)]
    Visit.objects.bulk_create([Visit(patient=patient, visited_on=day) for day in days])
    monkeypatch.setattr(walking, "STEPS_PER_PAGE", 10)

    said = sentences(look(client, auditor, "/trail/", what="write"))

    assert said[:2] == [
        "operator, by tests wrote of SYN-001: 500 visits recorded",
        "operator, by tests registered a patient, SYN-001",
    ]


def test_who_may_not_read_the_trail_is_refused(client, anne, visited):
    answer = look(client, anne, "/trail/")

    assert answer.status_code == 403


@pytest.mark.django_db(transaction=True)
def test_an_auditor_of_all_centres_may_ask_for_what_belongs_to_none(client, centre):
    everywhere = person("Aud Itor", Role.AUDITOR, None)

    said = sentences(look(client, everywhere, "/trail/", centre="-", what="write"))

    assert said == [
        "operator, by tests granted a role",
        "operator, by tests wrote: 1 user recorded",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_the_activity_takes_so_many_queries(client, auditor, centre, count):
    for number in range(count):
        patient = register_patient(examples.patient(study_id=f"P-{number}", centre=centre), by=None)
        record_visit(Visit(patient=patient, visited_on=DAY), by=None)
    client.force_login(auditor)

    with CaptureQueriesContext(connection) as queries:
        client.get("/trail/")

    # Session, user, roles; centres, people to choose from; a walk, groups, entries; names; what may
    # tell the days of visits, and its values; the last seal.
    assert len(queries) == 12, [query["sql"] for query in queries]


# ── An action, a patient, a record ───────────────────────────────────────────────────────────


def action_of(entry_table: str, operation: str = "insert"):
    return Entry.objects.filter(table_name=entry_table, operation=operation).latest("seq").action_id


def test_an_action_is_told_row_by_row(client, anne, visited):
    answer = look(client, anne, f"/trail/actions/{action_of('patients_visit')}/")

    page = answer.content.decode()
    assert "Anne Example recorded a visit of MMN-001, 12 Jan 2024: 4 muscle scores" in page
    assert [row["thing"] for row in answer.context["rows"]] == ["visit"] + ["muscle score"] * 4
    assert "7f3a" in page
    shown = {c.column: c.new for c in answer.context["rows"][1]["changes"]}
    assert shown["mrc_grade"] == "4"


def test_an_auditor_sees_which_field_changed_and_no_value(client, auditor, visited):
    answer = look(client, auditor, f"/trail/actions/{action_of('patients_visit', 'update')}/")

    [row] = answer.context["rows"]
    assert [(c.column, c.is_shown) for c in row["changes"]] == [("weight_kg", False)]
    page = answer.content.decode()
    assert "Weight [kg]" in page
    assert "72.25" not in page
    recorded = look(client, auditor, f"/trail/actions/{action_of('patients_visit')}/")
    assert "Values are shown to those who treat the patient." in recorded.content.decode()


def test_a_record_tells_who_changed_what_when_and_why(client, anne, visited):
    address = f"/trail/patients/{visited.patient_id}/patients_visit/{visited.pk}/"
    answer = look(client, anne, address)

    amended, recorded = answer.context["steps"]
    assert (amended.who, amended.entry.reason) == (
        "Anne Example",
        "Scales were read wrongly.",
    )
    assert [(c.name, c.old, c.new) for c in amended.changes] == [("Weight [kg]", "70", "72.25")]
    assert ("Visit", "12 Jan 2024") in [(c.name, c.new) for c in recorded.changes]


@pytest.fixture
def regraded(anne, visited):
    """One grade of the visit is another one, and one does not count."""
    left, right = visited.muscle_scores.filter(muscle="wrist_extension").order_by("side")
    with principal.in_force(principal_for(anne)):
        amend(left, {"mrc_grade": "3+"}, by=anne, reason="Read again.")
        void(right, by=anne, reason="Of another visit.")
    return left


def test_the_history_of_a_visit_tells_of_its_grades(client, anne, visited, regraded):
    address = f"/trail/patients/{visited.patient_id}/patients_visit/{visited.pk}/"

    voided, graded, weighed, recorded = look(client, anne, address).context["steps"]

    assert (voided.much, voided.entry.reason) == (["1 muscle score voided"], "Of another visit.")
    [part] = graded.parts
    assert part.name == "wrist extension, left"
    assert [(c.name, c.old, c.new) for c in part.changes] == [("MRC grade", "4", "3+")]
    assert (weighed.parts, weighed.much) == ([], [])
    assert recorded.much == ["4 muscle scores recorded"]


def test_the_history_of_a_visit_tells_who_signed_it(client, anne, visited):
    with principal.in_force(principal_for(anne)):
        signature = sign_visit(visited, as_read=get_examination(visited).version, by=anne)
        take_signature_back(signature, by=anne, reason="Signed too early.")

    address = f"/trail/patients/{visited.patient_id}/patients_visit/{visited.pk}/"
    withdrawn, signed, *_before = look(client, anne, address).context["steps"]

    assert (signed.who, signed.much) == ("Anne Example", ["1 signature recorded"])
    assert (withdrawn.who, withdrawn.entry.reason) == ("Anne Example", "Signed too early.")
    [part] = withdrawn.parts
    assert (part.name, [change.name for change in part.changes]) == ("signature", ["Taken back"])
    assert re.fullmatch(r"\d+ \w{3} \d{4}, [\d:]{8}", part.changes[0].new)


def test_an_action_names_the_record_that_it_changed(client, anne, auditor, visited, regraded):
    address = f"/trail/actions/{action_of('patients_musclescore', 'update')}/"
    first = Entry.objects.filter(table_name="patients_musclescore", operation="update").first()

    [shown] = look(client, anne, f"/trail/actions/{first.action_id}/").context["rows"]
    [hidden] = look(client, auditor, address).context["rows"]

    assert (shown["thing"], shown["name"]) == ("muscle score", "wrist extension, left")
    assert (hidden["thing"], hidden["name"]) == ("muscle score", "")


def test_a_field_has_a_history_of_its_own(client, anne, visited):
    with principal.in_force(principal_for(anne)):
        amend(visited, {"mmn_rods": 40}, by=anne, reason="Found on paper.")

    address = f"/trail/patients/{visited.patient_id}/patients_visit/{visited.pk}/"
    weight = look(client, anne, address, field="weight_kg").context["steps"]
    unknown = look(client, anne, address, field="nothing").context["steps"]

    assert [[(c.old, c.new) for c in step.changes] for step in weight] == [
        [("70", "72.25")],
        [("not recorded", "70")],
    ]
    assert len(unknown) == 3


def test_a_voided_record_keeps_its_history(client, anne, visited):
    with principal.in_force(principal_for(anne)):
        void(visited, by=anne, reason="Of another patient.")

    said = sentences(look(client, anne, f"/trail/patients/{visited.patient_id}/"))

    assert said[0] == "Anne Example voided a visit of MMN-001, 12 Jan 2024: 4 muscle scores"


def test_what_belongs_to_no_patient_has_a_history_too(client, auditor, centre):
    centre.name = "Salpêtrière"
    centre.save(update_fields=["name"])

    answer = look(client, auditor, f"/trail/records/accounts_centre/{centre.pk}/")

    [named, _opened] = answer.context["steps"]
    assert [(c.column, c.new) for c in named.changes] == [("name", "Salpêtrière")]


def test_who_read_a_patient_is_shown_on_demand(client, anne, visited):
    client.force_login(anne)
    client.get("/patients/MMN-001/")

    without = client.get(f"/trail/patients/{visited.patient_id}/")
    with_reads = client.get(f"/trail/patients/{visited.patient_id}/?reads=1")

    assert "Anne Example read MMN-001" not in sentences(without)
    assert sentences(with_reads)[0] == "Anne Example read MMN-001"


@pytest.mark.parametrize(
    "address",
    [
        "/trail/patients/{patient}/",
        "/trail/patients/{patient}/patients_visit/{visit}/",
        "/trail/actions/{action}/",
        "/trail/records/patients_visit/{visit}/",
    ],
)
def test_what_is_not_yours_is_not_found(client, centre, visited, address):
    stranger = person("Bob Example", Role.NEUROLOGIST, examples.centre("C2"))
    there = address.format(
        patient=visited.patient_id, visit=visited.pk, action=action_of("patients_visit")
    )
    nowhere = address.format(patient=uuid4(), visit=uuid4(), action=uuid4())

    foreign, absent = look(client, stranger, there), look(client, stranger, nowhere)

    assert foreign.status_code == absent.status_code == 404
    assert without_tokens(foreign) == without_tokens(absent)


def test_an_unreadable_record_id_is_not_found(client, anne):
    assert look(client, anne, "/trail/records/patients_visit/a%00b/").status_code == 404


def test_a_coordinator_of_all_centres_finds_no_history(client, visited):
    national = person("Nat Ional", Role.NATIONAL_COORDINATOR, None)

    assert look(client, national, f"/trail/patients/{visited.patient_id}/").status_code == 404
    page = client.get("/patients/MMN-001/").content.decode()
    assert "/trail/" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_a_patients_history_takes_so_many_queries(client, anne, centre, count):
    with principal.in_force(principal_for(anne)):
        patient = register_patient(examples.patient(centre=centre), by=anne)
        for number in range(count):
            record_visit(Visit(patient=patient, visited_on=DAY + timedelta(number)), by=anne)
    client.force_login(anne)

    with CaptureQueriesContext(connection) as queries:
        client.get(f"/trail/patients/{patient.pk}/")

    # Session, user, roles; actions, groups, entries; names; what may tell the days of visits, and
    # its values.
    assert len(queries) == 9, [query["sql"] for query in queries]


# ── Export ───────────────────────────────────────────────────────────────────────────────────


def exported(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_trail_leaves_in_one_file(client, auditor, visited):
    rows = exported(look(client, auditor, "/trail/activity.csv", what="write"))

    assert [row["seq"] for row in rows] == sorted((row["seq"] for row in rows), key=int)
    assert {row["centre_id"] for row in rows} == {str(visited.patient.centre_id)}
    amended = rows[-1]
    assert amended["reason"] == "Scales were read wrongly."
    assert amended["changed"].split() == [
        "version",
        "weight_kg",
        "recorded_at",
        "amend_reason",
    ] or (set(amended["changed"].split()) >= {"version", "weight_kg", "amend_reason"})
    assert (amended["old"], amended["new"]) == ("", "")
    assert {row["table_name"] for row in rows if row["new"]} <= {
        "accounts_centre",
        "accounts_membership",
    }


@pytest.mark.django_db(transaction=True)
def test_what_was_noted_is_one_line_too(client, auditor, anne, visited):
    client.force_login(anne)
    client.get("/patients/MMN-001/")
    client.get("/trail/")
    client.get("/nowhere/")
    client.get("/api/v1/visits/")
    list(client.get("/api/v1/visits/?format=csv").streaming_content)
    client.logout()

    said = sentences(look(client, auditor, "/trail/", who=str(anne.pk)))

    # Sign-ins and what was about nobody's record are their centre's; lists are of no centre.
    assert said[:5] == [
        "Anne Example signed out",
        "Anne Example was refused an address that is none",
        "Anne Example was refused trail:activity",
        "Anne Example read MMN-001",
        "Anne Example signed in",
    ]


@pytest.mark.django_db(transaction=True)
def test_lists_that_were_read_are_told_with_their_rows(client, anne, visited):
    everywhere = person("Aud Itor", Role.AUDITOR, None)
    client.force_login(anne)
    client.get("/api/v1/visits/")
    list(client.get("/api/v1/visits/?format=csv").streaming_content)

    said = sentences(look(client, everywhere, "/trail/", centre="-", who=str(anne.pk)))

    assert "Anne Example read api:visits: 1 row" in said
    assert "Anne Example exported api:visits: 1 row" in said


def test_an_export_of_the_trail_is_in_the_trail(client, auditor, visited):
    rows = exported(look(client, auditor, "/trail/activity.csv"))

    begun, ended = [entry for entry in told() if entry.kind == "export"]
    assert {begun.route, ended.route} == {"trail:activity_csv"}
    assert (begun.rows, ended.rows) == (None, len(rows))


def test_a_reason_that_a_spreadsheet_would_run_is_inert(client, auditor, visited):
    with principal.in_force(principal.operator("tests")):
        amend(visited, {"weight_kg": Decimal(71)}, by=None, reason="=1+1")

    rows = exported(look(client, auditor, "/trail/activity.csv", what="write"))

    assert rows[-1]["reason"] == "'=1+1"


# ── The record as it was known ───────────────────────────────────────────────────────────────


def then(entry_at) -> str:
    return entry_at.isoformat()


def weights(answer) -> list[float]:
    return [visit.recorded.weight_kg for visit in answer.context["dashboard"].visits]


def test_a_patients_page_shows_what_was_known_at_a_time(client, anne, visited):
    """Before the visit was saved whole, when it was, and after it was amended."""
    visit = Entry.objects.get(table_name="patients_visit", operation="insert")
    scores = Entry.objects.filter(table_name="patients_musclescore").latest("seq")

    between = look(client, anne, "/patients/MMN-001/", known_at=then(visit.at))
    recorded = look(client, anne, "/patients/MMN-001/", known_at=then(scores.at))
    now = look(client, anne, "/patients/MMN-001/")

    assert weights(between) == []
    assert weights(recorded) == [70]
    assert weights(now) == [72.25]
    assert "As known on" in recorded.content.decode()
    assert "As known on" not in now.content.decode()


def test_what_was_known_is_read_and_not_worked_with(client, anne, visited):
    at = then(Entry.objects.latest("seq").at)

    now = look(client, anne, "/patients/MMN-001/").content.decode()
    known = look(client, anne, "/patients/MMN-001/", known_at=at).content.decode()

    for offered in ("/patients/MMN-001/visits/new/", f"/visits/{visited.pk}/", "identity"):
        assert offered in now
        assert offered not in known
    assert "12 Jan 2024" in known


def test_a_time_knows_of_no_later_day(client, anne, visited):
    usual = look(client, anne, "/patients/MMN-001/", known_at="2001-06-30T12:00")
    later = look(
        client, anne, "/patients/MMN-001/", known_at="2001-06-30T12:00", as_of="2001-07-01"
    )

    assert usual.context["as_of"].day == later.context["as_of"].day == date(2001, 6, 30)
    refusal = "1 Jul 2001 lies after 30 Jun 2001: nothing was known of it then."
    assert refusal in later.content.decode()


def test_an_earlier_day_may_be_asked_for_and_leads_back_within_the_time(client, anne, visited):
    at = then(timezone.now())

    answer = look(client, anne, "/patients/MMN-001/", known_at=at, as_of="2024-01-11")

    assert answer.context["dashboard"].visits == ()
    assert f'href="?known_at={quote(at, safe="")}"' in answer.content.decode()


def test_before_the_patient_was_registered_nothing_was_known(client, anne, visited):
    answer = look(client, anne, "/patients/MMN-001/", known_at="2001-01-01T00:00")

    page = answer.content.decode()
    assert "At that time the registry did not know this patient" in page
    assert "72.25" not in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2999-01-01T00:00", "1 Jan 2999, 00:00:00 has not come yet"),
        ("yesterday", "This is not a time."),
        ("2024-02-30T10:00", "This is not a time."),
        ("0001-01-01T00:00+14:00", "This is not a time."),
        ("9999-12-31T23:59-14:00", "This is not a time."),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_now_is_shown(client, anne, visited, text, said):
    answer = look(client, anne, "/patients/MMN-001/", known_at=text)

    page = answer.content.decode()
    assert said in page
    assert "The record is shown as it is known now." in page
    assert weights(answer) == [72.25]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_what_is_older_than_the_trail_is_said_and_not_shown(client, anne, visited):
    with above() as session, looking_away(session, "patients_visit"):
        examples.saved(examples.visit(patient=visited.patient, visited_on=DAY + timedelta(30)))

    answer = look(client, anne, "/patients/MMN-001/", known_at=then(timezone.now()))

    page = answer.content.decode()
    assert "did not see the beginning of all of it (visits)" in page
    assert "72.25" not in page


def test_how_a_record_was_is_not_for_those_who_see_months(client, visited):
    national = person("Nat Ional", Role.NATIONAL_COORDINATOR, None)

    answer = look(client, national, "/patients/MMN-001/", known_at="2024-01-01T00:00")

    assert answer.status_code == 403
    assert "shown to those who treat the patient" in answer.content.decode()


def test_a_patients_page_leads_to_the_history_and_that_to_each_time(client, anne, visited):
    history = f"/trail/patients/{visited.patient_id}/"

    assert f'href="{history}"' in look(client, anne, "/patients/MMN-001/").content.decode()
    page = look(client, anne, history)
    links = re.findall(r'href="(/patients/MMN-001/\?known_at=[^"]+)"', page.content.decode())

    assert [weights(client.get(link)) for link in links] == [[72.25], [70], []]


def test_an_auditor_finds_the_history_and_no_way_to_the_values(client, auditor, visited):
    page = look(client, auditor, f"/trail/patients/{visited.patient_id}/").content.decode()

    assert "Anne Example" in page
    assert "/patients/MMN-001/" not in page
    assert "known_at" not in page


def test_a_visits_page_leads_to_its_history(client, anne, visited):
    page = look(client, anne, f"/patients/MMN-001/visits/{visited.pk}/").content.decode()

    address = f"/trail/patients/{visited.patient_id}/patients_visit/{visited.pk}/"
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200
