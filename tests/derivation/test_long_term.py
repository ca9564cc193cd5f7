"""Long-term status (rules, section 4)."""

import pandas as pd
import pytest

from outcomes.derivation.long_term import GROUP_OF, LongTermStatus
from tests.derivation.drawn import outcome, patient, timestamp

# Two courses 28 days apart, so e = 28 and 45 days without infusion still are treatment.
INFUSIONS = "0 28 56 84 112 140 168 196 224"
LAST = 224


def muscles(days, *rows):
    names = ("wrist_extension", "finger_extension", "thumb_abduction")
    drawn = [
        f"left {name} | {' | '.join(row.split())}" for name, row in zip(names, rows, strict=False)
    ]
    return "\n".join([f"muscle | {' | '.join(days.split())}", "-+-", *drawn])


RESPONDED = ("0 183", "3 4", "3 4")
FAILED = ("0 183", "3 3", "3 3")


def status(grades=RESPONDED, as_of=4000, infusions=INFUSIONS, **drawn):
    found = outcome(
        patient(infusions=infusions, grades=muscles(*grades) if grades else "", **drawn), as_of
    )
    assert found["long_term_group"] == GROUP_OF[found["long_term_status"]]
    return found["long_term_status"]


def test_without_an_infusion_a_patient_is_unclassifiable():
    found = outcome(patient(visits="0 300"))

    assert found["long_term_status"] == "unclassifiable"
    assert found["last_contact_on"] == timestamp(300)
    assert pd.isna(found["follow_up_days"])
    assert pd.isna(found["off_days"])


@pytest.mark.parametrize(("visit", "expected"), [(183, "unclassifiable"), (184, "dependent")])
def test_follow_up_must_exceed_183_days(visit, expected):
    assert status(grades=None, infusions="0 28 56 84 112 140", visits=str(visit)) == expected


@pytest.mark.parametrize(
    ("grades", "clinician", "expected"),
    [
        (RESPONDED, "", "dependent"),
        (FAILED, "", "treated_without_response"),
        (FAILED, "yes", "treated_without_response"),  # the rule speaks where it can
        (None, "no", "treated_without_response"),
        (None, "yes", "dependent"),
        (None, "unknown", "dependent"),
        (None, "", "dependent"),
    ],
)
def test_on_treatment(grades, clinician, expected):
    recorded = {"clinician_response": clinician}

    assert status(grades, visits=f"{LAST}", recorded=recorded) == expected


@pytest.mark.parametrize(
    ("grades", "clinician", "response", "by"),
    [
        (RESPONDED, "no", "yes", "rule"),
        (FAILED, "yes", "no", "rule"),
        (None, "yes", "yes", "clinician"),
        (None, "no", "no", "clinician"),
        (None, "unknown", "unknown", ""),
        (None, "", "unknown", ""),
    ],
)
def test_a_response_is_the_rules_where_it_is_evaluable(grades, clinician, response, by):
    drawn = patient(
        infusions=INFUSIONS,
        grades=muscles(*grades) if grades else "",
        recorded={"clinician_response": clinician},
    )

    found = outcome(drawn)

    assert (found["response"], found["response_by"]) == (response, by)


@pytest.mark.parametrize("history", ["yes", "unknown"])
def test_a_response_counts_whatever_the_treatment_history(history):
    recorded = {"prior_immunoglobulin": history}

    assert status(FAILED, visits=f"{LAST}", recorded=recorded) == "treated_without_response"


@pytest.mark.parametrize(
    ("contact", "expected"), [(LAST + 45, "dependent"), (LAST + 46, "recently_stopped")]
)
def test_on_treatment_is_asked_at_last_contact(contact, expected):
    assert status(visits=f"{contact}") == expected


def drug(started, ended=""):
    return f"drug | started_on | ended_on\n-+-+-\nrituximab | {started} | {ended}"


@pytest.mark.parametrize(
    ("started", "ended", "is_running"),
    [
        (0, "", True),
        (240, "", True),  # last contact is day 240
        (241, "", False),
        (0, 240, False),
        (0, 241, True),
        (0, 300, True),
    ],
)
def test_an_immunosuppressant_runs_at_last_contact(started, ended, is_running):
    found = status(visits="240", immunosuppressants=drug(started, ended))

    assert found == ("dependent_with_immunosuppressant" if is_running else "dependent")


def test_an_end_after_the_day_asked_about_is_not_known_yet():
    drugs = drug(0, 240)

    assert status(visits="240", immunosuppressants=drugs, as_of=240) == "dependent"
    assert status(visits="239", immunosuppressants=drugs, as_of=239) == (
        "dependent_with_immunosuppressant"
    )


def test_without_a_response_comes_before_the_immunosuppressant():
    assert status(FAILED, visits="240", immunosuppressants=drug(0)) == "treated_without_response"


def regimen(started, ended="", reason="", route="IV"):
    return (
        "started_on | route | ended_on | end_reason\n-+-+-+-\n"
        f"{started} | {route} | {ended} | {reason}"
    )


OFF = {"visits": "500"}


@pytest.mark.parametrize(
    ("started", "ended", "expected"),
    [
        (0, "", "treatment_unconfirmed"),
        (500, "", "treatment_unconfirmed"),  # begun on the day of last contact
        (501, "", "stopped_unproven"),
        (0, 600, "stopped_unproven"),  # ended by the day asked about
        (0, 4000, "stopped_unproven"),
        (0, 4001, "treatment_unconfirmed"),  # an end to come is not known yet
    ],
)
def test_a_running_regimen_without_infusions_is_unconfirmed(started, ended, expected):
    assert status(regimens=regimen(started, ended, "access" if ended else ""), **OFF) == expected


def test_unconfirmed_treatment_comes_before_a_relapse():
    relapsing = ("0 183 300", "3 4 3", "3 4 3")

    assert status(relapsing, **OFF) == "relapsed_untreated"
    assert status(relapsing, regimens=regimen(0), **OFF) == "treatment_unconfirmed"


def test_a_relapse_comes_before_non_response():
    assert status(("0 183 300", "3 3 2", "3 3 2"), **OFF) == "relapsed_untreated"
    assert status(("0 183 300", "3 3 3", "3 3 2"), **OFF) == "non_responder"


@pytest.mark.parametrize(
    ("grades", "regimens", "expected"),
    [
        (FAILED, regimen(0, 225, "remission"), "non_responder"),
        (None, regimen(0, 225, "inefficacy"), "non_responder"),
        (None, regimen(0, 225, "access"), "stopped_unproven"),
        (RESPONDED, regimen(0, 225, "inefficacy"), "stopped_unproven"),  # a response speaks for it
    ],
)
def test_a_non_responder_off_treatment(grades, regimens, expected):
    assert status(grades, regimens=regimens, **OFF) == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ("100 | SC | 225 | switch", "stopped_unproven"),  # a later one ended otherwise
        ("0 | SC | 225 | switch", "non_responder"),  # of several that day, any
        ("-5 | SC | 225 | switch", "non_responder"),
        ("501 | SC | 600 | switch", "non_responder"),  # begun after last contact
    ],
)
def test_the_last_regimen_is_the_one_begun_last_until_last_contact(others, expected):
    regimens = f"{regimen(0, 225, 'inefficacy')}\n{others}"

    assert status(None, regimens=regimens, **OFF) == expected


def test_a_regimen_may_end_after_last_contact():
    assert status(None, regimens=regimen(0, 550, "inefficacy"), **OFF) == "non_responder"


@pytest.mark.parametrize(
    ("visit", "expected"),
    [(LAST + 182, "recently_stopped"), (LAST + 183, "stopped_unproven")],
)
def test_recently_stopped_until_183_days_off(visit, expected):
    assert status(visits=f"{visit}") == expected


def test_off_counts_to_the_last_visit():
    def off(**drawn):
        return outcome(patient(**drawn))["off_days"]

    assert off(infusions="0 100", visits="150") == 50
    assert off(infusions="0 100", visits="50") == 0
    assert off(infusions="0 100") == 0


REMAINING = ("0 183 407", "3 4 4", "3 4 4")  # examined 183 days after the last infusion


def test_remission_needs_an_examination_183_days_after_the_last_infusion():
    assert status(REMAINING) == "remission"
    assert status(("0 183 406", "3 4 4", "3 4 4"), visits="407") == "stopped_unproven"


def test_the_late_examination_need_not_count():
    assert status(("0 183 407", "3 4 4", "3 4 NT", "3 4 NT")) == "remission"


def test_remission_needs_a_response():
    unknown = ("183 407", "4 4", "4 4")  # no baseline

    assert status(unknown) == "stopped_unproven"
    assert status(unknown, recorded={"clinician_response": "yes"}) == "remission"
    assert status(unknown, recorded={"clinician_response": "no"}) == "non_responder"


def test_remission_on_an_immunosuppressant():
    assert status(REMAINING, immunosuppressants=drug(0)) == "remission_on_immunosuppressant"
    assert status(REMAINING, immunosuppressants=drug(0, 407)) == "remission"


def test_every_status_has_a_group():
    assert set(GROUP_OF) == set(LongTermStatus)


# --- flags ---------------------------------------------------------------------------------------


def attempt(day, result="failed"):
    return f"attempted_on | kind | outcome\n-+-+-\n{day} | reduction | {result}"


@pytest.mark.parametrize(
    ("attempts", "proven"),
    [
        (attempt(224), True),  # the day of last contact
        (attempt(225), False),
        (attempt(-500), True),
        (attempt(100, "tolerated"), False),
        (attempt(100, "unknown"), False),
        ("", False),
    ],
)
def test_a_failed_attempt_proves_dependency(attempts, proven):
    drawn = patient(infusions=INFUSIONS, grades=muscles(*RESPONDED))
    if attempts:
        drawn = patient(infusions=INFUSIONS, grades=muscles(*RESPONDED), dose_attempts=attempts)

    assert outcome(drawn)["dependency_proven"] == proven


def test_treated_without_response_is_a_dependency_too():
    drawn = patient(infusions=INFUSIONS, grades=muscles(*FAILED), dose_attempts=attempt(0))

    assert outcome(drawn)["long_term_status"] == "treated_without_response"
    assert outcome(drawn)["dependency_proven"]


def test_only_the_dependent_have_a_dependency():
    drawn = patient(infusions=INFUSIONS, grades=muscles(*REMAINING), dose_attempts=attempt(100))

    assert pd.isna(outcome(drawn)["dependency_proven"])


def gap(infusions, *grades, visits="", grips=""):
    """Is dependency proven by a gap between courses? The patient is on treatment at the end."""
    drawn = patient(infusions=infusions, grades=muscles(*grades), visits=visits, grips=grips)
    found = outcome(drawn)
    assert found["long_term_group"] == "dependent"
    return bool(found["dependency_proven"])


def test_a_relapse_in_a_long_gap_between_courses_proves_dependency():
    # Every 28 days until 56, the next course on day 98: 42 = 1.5 × 28 days later.
    assert gap("0 28 56 98 126 154 182 210", "50 90", "4 3", "4 3")
    # 41 days are not long.
    assert not gap("0 28 56 97 126 154 182 210", "50 90", "4 3", "4 3")
    # Without a loss a gap proves nothing.
    assert not gap("0 28 56 98 126 154 182 210", "50 90", "4 4", "4 3")


def test_the_relapse_lies_strictly_before_the_later_course():
    infusions = "0 28 56 98 126 154 182 210"

    assert gap(infusions, "50 97", "4 3", "4 3")
    assert not gap(infusions, "50 98", "4 3", "4 3")


def test_the_relapse_lies_more_than_28_days_after_the_earlier_course():
    infusions = "0 28 56 98 126 154 182 210"

    assert gap(infusions, "50 85", "4 3", "4 3")
    assert not gap(infusions, "50 84", "4 3", "4 3")


def test_a_gap_is_judged_from_the_last_day_of_the_earlier_course():
    infusions = "0 28 56 57 58 59 60 98 126 154 182 210"

    assert gap(infusions, "50 89", "4 3", "4 3")
    assert not gap(infusions, "50 88", "4 3", "4 3")


def test_courses_of_several_routes_that_start_together_end_with_the_later():
    infusions = """
        given_on | route | dose_g
        ---------+-------+-------
        0        | IV    | 40
        28       | IV    | 40
        56       | IV    | 40
        56       | SC    | 10
        59       | SC    | 10
        98       | IV    | 40
        126      | IV    | 40
        154      | IV    | 40
        182      | IV    | 40
        210      | IV    | 40
    """

    assert gap(infusions, "50 88", "4 3", "4 3")
    assert not gap(infusions, "50 87", "4 3", "4 3")


def test_a_first_interval_is_expected_to_be_28_days():
    # Nothing before the first gap: 42 days are long.
    assert gap("0 42 70 98 126 154 182 210", "0 35", "4 3", "4 3")
    assert not gap("0 41 70 98 126 154 182 210", "0 35", "4 3", "4 3")


def test_a_gap_is_measured_against_the_four_intervals_before_it():
    # 60, then four of 30 days: 1.5 × 30 = 45.
    assert gap("0 60 90 120 150 180 225 255", "150 215", "4 3", "4 3")
    # Two of 60 and two of 30 days: 1.5 × 45 = 67.5.
    assert not gap("0 60 120 150 180 247 277 307", "180 240", "4 3", "4 3")
    assert gap("0 60 120 150 180 248 278 308", "180 240", "4 3", "4 3")


def test_a_grip_proves_dependency_in_a_gap_too():
    grips = """
        side | 50 | 90
        -----+----+---
        left | 60 | 52
    """

    assert gap("0 28 56 98 126 154 182 210", "50", "4", "4", grips=grips)


def test_the_reference_of_a_gap_is_looked_for_among_all_examinations_before():
    infusions = "0 28 56 98 126 154 182 210"

    assert gap(infusions, "-900 90", "4 3", "4 3")


@pytest.mark.parametrize(
    ("infusions", "flagged"),
    [
        ("0 28 210", False),
        ("0 28 211", True),
        ("0", False),
        ("0 1 184", True),  # from one infusion day to the next
    ],
)
def test_183_days_from_one_infusion_day_to_the_next_is_a_remission_once_had(infusions, flagged):
    assert outcome(patient(infusions=infusions))["relapsed_after_remission"] == flagged


def test_another_route_ends_a_gap():
    infusions = """
        given_on | route | dose_g
        ---------+-------+-------
        0        | IV    | 40
        100      | SC    | 10
        200      | IV    | 40
    """

    assert not outcome(patient(infusions=infusions))["relapsed_after_remission"]


def test_without_an_infusion_no_remission_can_have_ended():
    assert pd.isna(outcome(patient(visits="0"))["relapsed_after_remission"])


@pytest.mark.parametrize(
    ("as_of", "deceased_on", "lost"),
    [
        (396, "", False),
        (397, "", True),
        (397, "397", False),
        (397, "398", True),  # a death to come is not known yet
        (4000, "10", False),
    ],
)
def test_lost_to_follow_up_after_396_days_without_contact(as_of, deceased_on, lost):
    drawn = patient(visits="0", recorded={"deceased_on": deceased_on})

    assert outcome(drawn, as_of)["lost_to_follow_up"] == lost


def test_who_was_never_seen_cannot_be_lost():
    assert pd.isna(outcome(patient())["lost_to_follow_up"])


def test_death_studies_and_samples_are_not_contact():
    found = outcome(
        patient(
            infusions="0",
            visits="10",
            recorded={"deceased_on": "300"},
            laboratory="""
                taken_on | test
                ---------+-----
                200      | ck
            """,
            nerve_segments="""
                studied_on | nerve  | side | distal_site | proximal_site
                -----------+--------+------+-------------+--------------
                250        | median | left | wrist       | elbow
            """,
        )
    )

    assert found["last_contact_on"] == timestamp(10)
    assert found["follow_up_days"] == 10
    assert found["death_days"] == 300
