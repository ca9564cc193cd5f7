"""The page of a nerve conduction study: rows, grades beside them, questions, and what is kept."""

import re
from datetime import date
from html import unescape

import pytest

from mmn_registry.accounts.actions import grant_role
from mmn_registry.accounts.models import Centre
from mmn_registry.accounts.roles import Role
from patients.actions import amend, record_whole, void
from patients.models import (
    Confirmation,
    Finding,
    LaboratoryResult,
    LowerLimit,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    ProtocolSegment,
)
from patients.unusual import plain
from tests.bundles import exported
from tests.outcomes.pages import words
from tests.outcomes.stories import neurologist, store_patient

pytestmark = pytest.mark.django_db
NEW = "/patients/P-1/studies/new/"
MEDIAN = "median-right-wrist-elbow"
ULNAR = "ulnar-left-wrist-below_elbow"
BLOCKED = {
    "distal_amplitude": "8",
    "proximal_amplitude": "3,5",
    "distal_area": "24",
    "proximal_area": "9.6",
    "distal_duration": "5",
    "proximal_duration": "5.5",
}


@pytest.fixture
def anne(client, tmp_path):
    store_patient(tmp_path, study_id="P-1")
    anne = neurologist("C1")
    client.force_login(anne)
    return anne


def row(segment, **values):
    return {f"{name}-{segment}": value for name, value in values.items()}


def opened(client, address=NEW):
    """What a browser would send of the form as it opens."""
    html = re.sub(r"<template.*?</template>", "", client.get(address).content.decode(), flags=re.S)
    found = re.findall(r"<input [^>]*>", html)
    typed = {}
    for field in found:
        name, value = re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)
        if name and "checkbox" not in field:
            typed.setdefault(name.group(1), unescape(value.group(1)) if value else "")
    for name, options in re.findall(r'<select [^>]*?name="([^"]*)".*?>(.*?)</select>', html, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        typed[name] = chosen.group(1) if chosen else ""
    return typed


def send(client, address=NEW, **more):
    return client.post(address, {**opened(client, address), "studied_on": "3 Mar 2020", **more})


def said(answer):
    return words(answer.content.decode())


def rows_shown(answer):
    html = re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.S)
    return re.findall(r'<tr class="segment" data-segment="([^"]*)"', html)


@pytest.fixture
def study(anne, client):
    assert send(client, **row(MEDIAN, **BLOCKED)).status_code == 302
    return NerveConductionStudy.objects.get()


def page_of(study):
    return f"/patients/P-1/studies/{study.pk}/"


# ── Rows ───────────────────────────────────────────────────────────────────────────────────


def test_a_first_study_opens_with_the_usual_protocol_on_both_sides(anne, client):
    shown = rows_shown(client.get(NEW))

    assert len(shown) == 14
    assert shown[:3] == [
        "median-right-wrist-elbow",
        "median-left-wrist-elbow",
        "median-right-elbow-axilla",
    ]


def test_a_first_study_opens_with_the_centres_own_protocol(anne, client):
    centre = Centre.objects.get(code="C1")
    for place, (nerve, sides) in enumerate((("ulnar", "left"), ("radial", "both")), 1):
        ProtocolSegment.objects.create(
            centre=centre,
            nerve=nerve,
            sides=sides,
            distal_site="elbow",
            proximal_site="axilla",
            place=place,
        )

    assert rows_shown(client.get(NEW)) == [
        "ulnar-left-elbow-axilla",
        "radial-right-elbow-axilla",
        "radial-left-elbow-axilla",
    ]


def test_a_later_study_opens_with_the_rows_of_the_last_and_says_what_they_were(study, client):
    answer = client.get(NEW)

    assert rows_shown(answer) == [MEDIAN]
    assert "3 Mar 2020: definite, area −60 %" in said(answer)


def test_rows_of_the_protocol_are_added_without_script_and_nothing_is_saved(study, client):
    typed = {**opened(client), **row(MEDIAN, distal_amplitude="7"), "do": "protocol"}

    answer = client.post(NEW, typed)

    assert len(rows_shown(answer)) == 14
    assert f'name="distal_amplitude-{MEDIAN}" form="record" value="7"' in answer.content.decode()
    assert NerveConductionStudy.objects.count() == 1


def test_a_row_is_added_by_name_without_script(study, client):
    chosen = {
        "add_nerve": "radial",
        "add_side": "left",
        "add_distal": "elbow",
        "add_proximal": "erb",
    }

    answer = client.post(NEW, {**opened(client), **chosen, "do": "add"})

    assert rows_shown(answer) == [MEDIAN, "radial-left-elbow-erb"]


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ({"add_side": ""}, "To add a row, choose: Side."),
        ({"add_proximal": "elbow"}, "A segment runs between two sites: choose two."),
    ],
)
def test_a_row_that_is_not_fully_named_is_not_added(study, client, left_out, sentence):
    chosen = {
        "add_nerve": "radial",
        "add_side": "left",
        "add_distal": "elbow",
        "add_proximal": "erb",
    }

    answer = client.post(NEW, {**opened(client), **chosen, **left_out, "do": "add"})

    assert rows_shown(answer) == [MEDIAN]
    assert sentence in said(answer)


# ── Recording ──────────────────────────────────────────────────────────────────────────────


def test_only_rows_with_a_value_are_recorded(study, anne):
    (segment,) = study.segments.all()

    assert (study.studied_on, study.recorded_by) == (date(2020, 3, 3), anne)
    assert (segment.nerve, segment.side) == ("median", "right")
    assert (segment.distal_site, segment.proximal_site) == ("wrist", "elbow")
    assert plain(segment.proximal_amplitude_mv) == "3.5"
    assert plain(segment.proximal_area_mv_ms) == "9.6"


def test_an_excluded_segment_keeps_its_reason_and_the_laboratorys_opinion(anne, client):
    send(client, **row(MEDIAN, **BLOCKED, excluded="submaximal", reported="definite"))

    segment = NerveSegment.objects.get()
    assert (segment.excluded, segment.reported_block) == ("submaximal", "definite")


def test_a_study_without_any_value_is_refused(anne, client):
    answer = send(client)

    assert answer.status_code == 200
    assert "No segment has a value yet: a study has at least one." in said(answer)
    assert not NerveConductionStudy.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("distal_amplitude", "50.1", "50.1 is not possible. An amplitude lies between 0 and 50 mV"),
        ("distal_amplitude", "8 mV", "“8 mV” is not a number. Write it like 62.5 or 62,5."),
        ("proximal_area", "-1", "-1 is not possible. The area of a response lies between 0 and"),
        ("distance", "0", "0 is not possible. The length of a segment is more than 0 mm"),
        ("excluded", "tired", "“tired” is not a known code here."),
    ],
)
def test_what_is_impossible_is_refused_beside_its_cell_and_kept_as_typed(
    anne, client, name, value, sentence
):
    answer = send(client, **row(MEDIAN, **{**BLOCKED, name: value}))

    html = answer.content.decode()
    beside = re.search(rf'id="{name}-{MEDIAN}_error">(.*?)</span>', html)
    assert unescape(beside.group(1)).startswith(sentence)
    assert "Median, right: wrist–elbow," in said(answer)
    assert not NerveConductionStudy.objects.exists()


def test_a_second_study_of_a_day_is_refused(study, client):
    answer = send(client, **row(MEDIAN, **BLOCKED))

    assert "This patient has a study on this day already." in said(answer)
    assert NerveConductionStudy.objects.count() == 1


# ── Amending ───────────────────────────────────────────────────────────────────────────────


def test_an_amendment_writes_what_differs_and_voids_rows_that_were_emptied(study, client):
    address = page_of(study)
    typed = {**opened(client, address), "reason": "Wrong nerve."}
    emptied = {name: "" for name in typed if name.endswith(MEDIAN)}

    answer = client.post(address, {**typed, **emptied, **row(ULNAR, distal_amplitude="9")})

    assert answer.status_code == 302
    (segment,) = study.segments.all()
    assert (segment.nerve, plain(segment.distal_amplitude_mv)) == ("ulnar", "9")
    gone = NerveSegment.including_voided.get(nerve="median")
    assert gone.void_reason == "Wrong nerve."


def test_a_segment_that_was_recorded_without_values_stays(anne, client):
    study = NerveConductionStudy(studied_on=date(2020, 3, 3), patient=Patient.objects.get())
    bare = NerveSegment(nerve="tibial", side="left", distal_site="ankle", proximal_site="erb")
    record_whole(study, parts=([bare],), by=anne)
    address = page_of(study)

    typed = {**opened(client, address), "reason": "Added.", **row(MEDIAN, distal_amplitude="9")}
    client.post(address, typed)

    assert sorted(study.segments.values_list("nerve", flat=True)) == ["median", "tibial"]


def test_two_people_on_one_study_choose_value_by_value(study, client):
    address = page_of(study)
    mine = {
        **opened(client, address),
        **row(MEDIAN, distal_amplitude="7", proximal_area="8"),
        "reason": "Measured again.",
    }
    amend(study.segments.get(), {"distal_amplitude_mv": 6}, by=None, reason="A slip.")

    page = said(client.post(address, mine))

    assert "1 value was changed by both of you: choose." in page
    assert "Median, right: wrist–elbow, distal amplitude" in page
    assert "Median, right: wrist–elbow, proximal area" in page


def test_a_voided_study_takes_its_segments_along(study, client):
    address = f"{page_of(study)}void/"
    page = client.get(address).content.decode()
    as_read = re.search(r'name="as_read" value="(\w+)"', page).group(1)
    assert "It has 1 segment, which does not count any more." in page

    client.post(address, {"as_read": as_read, "reason": "Another patient's."})

    assert not NerveConductionStudy.objects.exists()
    assert not NerveSegment.objects.exists()


# ── Live ───────────────────────────────────────────────────────────────────────────────────


def looked(client, **typed):
    return client.post(f"{NEW}?look", {"studied_on": "3 Mar 2020", **typed})


def result(answer, segment=MEDIAN):
    html = answer.content.decode()
    found = re.search(rf'data-look-part="result-{segment}">(.*?)</div>', html, re.S)
    return words(found.group(1))


def test_each_row_says_its_losses_its_grade_and_the_line_that_decided(anne, client):
    answer = looked(client, **row(MEDIAN, **BLOCKED, distance="240"))

    assert result(answer) == (
        "definite block line 5: area loss ≥ 50 %, duration increase ≤ 30 % "
        "area −60 % · amplitude −56.3 % · duration +10 % "
        "Utrecht: definite block, line 5, area loss ≥ 50 % over a long segment of an arm. "
        "No lower limit known: its condition is left out."
    )
    assert not NerveConductionStudy.objects.exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"proximal_area": "12"}, "definite block line 5"),
        ({"proximal_area": "12.1"}, "probable block line 7"),
        ({"proximal_duration": "6.5"}, "definite block line 5"),
        ({"proximal_duration": "6.6"}, "probable block line 6"),
        ({"proximal_area": "0", "proximal_duration": ""}, "definite block line 5"),
        ({"proximal_area": "17"}, "no block line 8"),
        ({"distal_amplitude": "1"}, "not assessable line 3"),
        ({"distal_amplitude": "1.1"}, "definite block line 5"),
        ({"lower_limit": "6", "distal_amplitude": "1.2"}, "not assessable line 3"),
        ({"distal_amplitude": ""}, "not assessable line 1"),
        ({"distal_area": ""}, "not assessable line 4"),
        ({"excluded": "cold"}, "not assessable line 0"),
    ],
)
def test_grades_are_those_of_the_rules_at_every_boundary(anne, client, changed, told):
    assert result(looked(client, **row(MEDIAN, **{**BLOCKED, **changed}))).startswith(told)


def test_a_segment_over_an_entrapment_site_says_so(anne, client):
    segment = "ulnar-right-below_elbow-above_elbow"

    told = result(looked(client, **row(segment, **BLOCKED)), segment)

    assert told.startswith("not assessable line 2: the segment spans a common entrapment site")


def test_the_lower_limit_is_the_centres_of_the_studys_day(anne, client):
    centre = Centre.objects.get(code="C1")
    for day, mv in (("2019-01-01", "4"), ("2020-03-04", "41")):
        LowerLimit.objects.create(
            centre=centre, nerve="median", valid_from=day, distal_amplitude_lln_mv=mv
        )
    typed = row(MEDIAN, **BLOCKED)

    assert "Lower limit 4 mV, of the centre on this day." in result(looked(client, **typed))
    later = client.post(f"{NEW}?look", {"studied_on": "4 Mar 2020", **typed})
    assert result(later).startswith("not assessable line 3")
    own = looked(client, **typed, **row(MEDIAN, lower_limit="5"))
    assert "Lower limit 5 mV, of this segment." in result(own)


def test_a_row_that_can_be_read_is_graded_while_another_cannot(anne, client):
    answer = looked(client, **row(MEDIAN, **BLOCKED), **row(ULNAR, distal_amplitude="x"))

    assert result(answer).startswith("definite block")
    assert "What follows is shown once every value can be read." in said(answer)


def test_what_would_follow_is_shown_and_said_after_saving(study, client):
    typed = {**opened(client), **row(MEDIAN, **{**BLOCKED, "proximal_area": "20"})}
    typed["studied_on"] = "1 Dec 2020"

    answer = client.post(f"{NEW}?look", typed)
    assert "Conduction blocks: 1 → 0, if saved now" in said(answer)

    saved = client.post(NEW, typed, follow=True)
    assert "The nerve conduction study of 1 Dec 2020 is saved." in said(saved)
    assert "Conduction blocks is now 1 → 0" in said(saved)


# ── Unusual ────────────────────────────────────────────────────────────────────────────────


def test_microvolts_are_asked_about_beside_their_row_and_confirmed_by_name(anne, client):
    typed = row(MEDIAN, **{**BLOCKED, "distal_amplitude": "40"})

    asked = send(client, **typed)

    assert asked.status_code == 200
    assert (
        "Right median nerve, wrist–elbow: a distal amplitude of 40 mV is seldom. "
        "Was it 40 µV, which is 0.04 mV? Change to 0.04 40 is right"
    ) in said(asked)
    assert not NerveConductionStudy.objects.exists()

    key = f"perhaps_microvolts:distal_amplitude-{MEDIAN}:40"
    assert send(client, **typed, confirmed=key).status_code == 302
    assert [(c.key, c.confirmed_by) for c in Confirmation.objects.all()] == [(key, anne)]


# ── Who ────────────────────────────────────────────────────────────────────────────────────


def test_people_of_another_centre_find_neither_page_nor_study(study, client):
    client.force_login(neurologist("C2"))

    assert client.get(NEW).status_code == 404
    assert client.get(page_of(study)).status_code == 404
    assert client.post(NEW, {"studied_on": "3 Mar 2020"}).status_code == 404


# ── Kept and compared ──────────────────────────────────────────────────────────────────────


def test_a_draft_keeps_rows_that_were_added_and_values_as_they_were_typed(anne, client):
    typed = {
        **opened(client),
        **row("radial-left-elbow-erb", distal_amplitude="6,"),
        "address": NEW,
    }
    client.post("/drafts/save/", typed)

    answer = client.get(NEW)

    assert rows_shown(answer)[-1] == "radial-left-elbow-erb"
    assert 'name="distal_amplitude-radial-left-elbow-erb" form="record" value="6,"' in (
        answer.content.decode()
    )
    assert not NerveConductionStudy.objects.exists()


def test_what_is_entered_by_hand_is_what_an_import_of_the_same_makes(tmp_path, client):
    """Of studies, samples, findings and limits: the exported bytes are the imported ones."""
    store_patient(tmp_path / "stored", study_id="P-1", **ENTERED)
    imported = exported(tmp_path / "imported")
    user = neurologist("C1")
    grant_role(user, Role.COORDINATOR, centre=Centre.objects.get(code="C1"))
    client.force_login(user)
    for made in (
        *NerveConductionStudy.objects.all(),
        *LaboratoryResult.objects.all(),
        *Finding.objects.all(),
        *LowerLimit.objects.all(),
    ):
        void(made, by=None, reason="To be entered by hand.")
    assert exported(tmp_path / "emptied") != imported

    values = {**BLOCKED, "distance": "240", "lower_limit": "5", "reported": "definite"}
    send(client, **row(MEDIAN, **values), **row(ULNAR, distal_amplitude="9", excluded="cold"))
    for address, typed in (
        (
            "/patients/P-1/laboratory/new/",
            {
                "taken_on": "1 Dec 2019",
                "test": "csf_protein",
                "value": "0,62",
                "unit": "g/L",
                "interpretation": "high",
                "method": "nephelometry",
                "cutoff": "0.45",
            },
        ),
        (
            "/patients/P-1/findings/new/",
            {"observed_on": "1 Dec 2019", "finding": "plexus_mri_t2", "state": "absent"},
        ),
    ):
        assert client.post(address, {**opened(client, address), **typed}).status_code == 302
    limit = {"nerve": "ulnar", "distal_amplitude_lln_mv": "6,5", "valid_from": "1 Jan 2010"}
    centre = Centre.objects.get(code="C1")
    client.post(f"/centres/{centre.pk}/lower-limits/new/", limit)

    assert exported(tmp_path / "typed") == imported


ENTERED = {
    "nerve_segments": """
study_id | studied_on | nerve | side | distal_site | proximal_site | distal_amplitude_mv \
| proximal_amplitude_mv | distal_area_mv_ms | proximal_area_mv_ms | distal_duration_ms \
| proximal_duration_ms | distal_amplitude_lln_mv | distance_mm | excluded | reported_block
P-1 | 2020-03-03 | median | right | wrist | elbow | 8 | 3.5 | 24 | 9.6 | 5 | 5.5 | 5 | 240 \
|| definite
P-1 | 2020-03-03 | ulnar | left | wrist | below_elbow | 9 |||||||| cold |
""",
    "laboratory": """
study_id | taken_on | test | value | unit | interpretation | method | cutoff
P-1 | 2019-12-01 | csf_protein | 0.62 | g/L | high | nephelometry | 0.45
""",
    "findings": """
study_id | observed_on | finding | state
P-1 | 2019-12-01 | plexus_mri_t2 | absent
""",
    "lower_limits": """
centre | nerve | valid_from | distal_amplitude_lln_mv
C1 | ulnar | 2010-01-01 | 6.5
""",
}
