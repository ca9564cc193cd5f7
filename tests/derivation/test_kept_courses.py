"""What is kept of a patient's years reads back as the rules say it, whichever way it is asked."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from mmn_registry.demo_data.living import write_living_cohort
from outcomes.derivation.block_change import block_change
from outcomes.derivation.block_criteria import CRITERIA
from outcomes.derivation.cohort_courses import blocks_by_nerve
from outcomes.derivation.conduction import graded_segments
from outcomes.derivation.derive import derive
from outcomes.derivation.examinations import MUSCLES
from outcomes.derivation.frames import Records, empty_records, read_bundle
from outcomes.derivation.kept_courses import (
    ANNIVERSARIES,
    COURSE_COLUMNS,
    DIED,
    NERVES,
    NOT_FOLLOWED,
    STATUS_ORDER,
    STRENGTH_TIMES,
    anniversary_status,
    block_counts,
    infusion_counts,
    kept_courses,
    strength_grades,
)
from tests.bundles import bundle

TODAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def living(tmp_path_factory):
    folder = tmp_path_factory.mktemp("living")
    write_living_cohort(folder, centre="NORD", today=TODAY)
    records = read_bundle(folder)
    return records, derive(records, TODAY)


def of_patient(records: Records, study_id: str) -> Records:
    own = {
        f.name: table[table["study_id"] == study_id]
        for f in fields(records)
        if "study_id" in (table := getattr(records, f.name))
    }
    return replace(records, **own)


def told(folder, **tables) -> pd.DataFrame:
    """The kept courses of a few drawn patients."""
    outcomes = derive(read_bundle(bundle(folder, **tables)), date(2030, 1, 1))
    return kept_courses(outcomes)


# ---------- Status at anniversaries ----------


def test_the_status_at_an_anniversary_is_what_is_derived_as_of_that_day(living):
    """Every status that occurs, among patients of every story."""
    records, outcomes = living
    course = kept_courses(outcomes)["status_course"]
    kept = pd.DataFrame(anniversary_status(course), index=course.index)
    index_on = outcomes.patients["index_on"]
    seen = set()
    for study_id, row in kept.iterrows():
        own = of_patient(records, study_id)
        for place in np.flatnonzero(row < len(STATUS_ORDER)):
            status = STATUS_ORDER[row[place]]
            if (status, place > 1) in seen:  # each early and late
                continue
            seen.add((status, place > 1))
            day = index_on[study_id] + pd.Timedelta(days=round((place + 1) * 365.25))
            derived = derive(own, day.date()).patients["long_term_status"].iloc[0]

            assert (study_id, place + 1, status) == (study_id, place + 1, derived)
    assert len({status for status, _ in seen}) >= 6


def test_home_treatment_counts_as_far_as_the_last_visit_before_the_anniversary(tmp_path):
    courses = told(
        tmp_path,
        patients="""
            study_id | centre | sex | included_on | prior_immunoglobulin | clinician_response
            P-1      | C1     | male | 2020-01-01 | no | yes
        """,
        regimens="""
            study_id | started_on | route | product | planned_dose_g | planned_interval_days
            P-1      | 2020-01-01 | SC    | Hizentra | 10 | 7
        """,
        visits="""
            study_id | visited_on
            P-1 | 2020-06-01
            P-1 | 2020-12-20
            P-1 | 2022-06-01
        """,
    )

    assert courses["status_course"].tolist() == ["dd"]  # dependent, twice
    assert STATUS_ORDER[ord("d") - ord("a")] == "dependent"


def test_who_died_is_told_from_who_was_not_followed(tmp_path):
    courses = told(
        tmp_path,
        patients="""
            study_id | centre | sex | included_on | prior_immunoglobulin | deceased_on
            P-1      | C1     | male | 2020-01-01 | no | 2021-06-01
            P-2      | C1     | male | 2020-01-01 | no |
            P-3      | C1     | male | 2020-01-01 | no |
        """,
        infusions="""
            study_id | given_on | route | product | dose_g
            P-1 | 2020-01-01 | IV | Privigen | 70
            P-1 | 2021-03-01 | IV | Privigen | 70
            P-2 | 2020-01-01 | IV | Privigen | 70
        """,
    )
    status = anniversary_status(courses["status_course"])

    assert status.shape == (3, ANNIVERSARIES)
    assert set(status[0, 1:]) == {DIED}
    assert status[0, 0] < len(STATUS_ORDER)
    assert set(status[1]) == set(status[2]) == {NOT_FOLLOWED}


# ---------- Strength ----------


def test_grades_are_those_of_the_examinations_at_their_times(living):
    _, outcomes = living
    facts = outcomes.facts
    grades = strength_grades(kept_courses(outcomes)["strength_course"])

    assert grades.shape == (len(facts.study_ids), len(STRENGTH_TIMES), len(MUSCLES))
    for at, position in enumerate((facts.baseline, facts.month_6)):
        expected = np.where(position[:, None] >= 0, facts.exams.thirds[position], -1)
        np.testing.assert_array_equal(grades[:, at], expected)


def test_a_year_takes_the_nearest_counting_examination_of_its_window(tmp_path):
    muscles = ("wrist_extension", "finger_extension")
    graded = [
        ("2020-01-01", "3", "3"),  # baseline
        ("2020-12-30", "4", ""),  # nearest to the first anniversary; half of the muscles count
        ("2021-02-01", "5", "5"),
        ("2023-06-30", "2", "2"),  # 180 days after the third anniversary
    ]
    scores = [
        f"P-1 | {day} | {muscle} | right | {grade}"
        for day, *grades in graded
        for muscle, grade in zip(muscles, grades, strict=True)
        if grade
    ]
    courses = told(
        tmp_path,
        patients="""
            study_id | centre | sex | included_on | prior_immunoglobulin
            P-1      | C1     | male | 2020-01-01 | no
        """,
        visits="\n".join(["study_id | visited_on", *(f"P-1 | {day}" for day, *_ in graded)]),
        muscle_scores="\n".join(["study_id | visited_on | muscle | side | mrc_grade", *scores]),
        infusions="""
            study_id | given_on | route | product | dose_g
            P-1 | 2020-01-01 | IV | Privigen | 70
        """,
    )
    grades = strength_grades(courses["strength_course"])[0]
    wrist = MUSCLES.index(("wrist_extension", "right"))
    found = dict(zip(STRENGTH_TIMES, grades[:, wrist].tolist(), strict=True))

    assert found == {
        **dict.fromkeys(STRENGTH_TIMES, -1),
        "baseline": 9,
        "year_1": 12,
        "year_3": 6,
    }


# ---------- Blocks ----------


@pytest.mark.parametrize("criteria", CRITERIA)
def test_blocks_by_nerve_are_those_of_the_change_by_each_criteria_set(living, criteria):
    _, outcomes = living
    rules = replace(outcomes.rules, criteria=criteria)
    known = outcomes.facts.records
    graded = graded_segments(known.nerve_segments, known.patients, known.lower_limits, rules)
    expected, _ = block_change(graded, outcomes.patients["index_on"], rules)
    courses = kept_courses(outcomes)
    change, counts = block_counts(courses["block_course"], criteria)
    word = expected["block_change_reason"].where(
        expected["block_change_reason"] != "", expected["block_change"]
    )

    assert change.tolist() == word.tolist()
    known_counts = np.maximum(counts, 0).sum(axis=1)
    has_common = (counts[:, :, 0] >= 0).any(axis=1)
    for place, column in enumerate(("blocks_first", "blocks_last")):
        segments = expected[column].astype("float").to_numpy()
        np.testing.assert_array_equal(known_counts[has_common, place], segments[has_common])
    nerves = np.maximum(counts, 0)[:, :, 0] > 0
    blocked = expected["nerves_blocked_first"].astype("float").fillna(0).to_numpy()
    np.testing.assert_array_equal(nerves.sum(axis=1), blocked)
    table = blocks_by_nerve(courses)[criteria]
    assert table["evaluable"] + sum(table["not_evaluable"].values()) == len(courses)
    assert len(table["nerves"]) <= len(NERVES)


# ---------- Routes and infusions ----------


def test_infusions_are_counted_by_route_and_product(living):
    records, outcomes = living
    given = records.infusions.groupby(["route", "product"], observed=True).size()

    assert infusion_counts(kept_courses(outcomes)["infusions_given"]) == given.to_dict()


def test_what_is_kept_of_a_patient_does_not_depend_on_who_else_is_derived(tmp_path):
    patients = """
        study_id | centre | sex | included_on | prior_immunoglobulin
        first    | C1     | male | 2020-01-01 | no
        second   | C1     | male | 2020-01-01 | no
    """
    own = """
        second   | 2020-01-01 | IV | Kiovig   | 70
        second   | 2020-03-01 | IV | Hizentra | 70
    """
    head = "study_id | given_on | route | product | dose_g"
    others = "first | 2020-01-01 | IV | Hizentra | 70"
    alone = told(tmp_path, patients=patients, infusions=f"{head}{own}")
    together = told(tmp_path, patients=patients, infusions=f"{head}\n{others}{own}")

    assert together.loc["second"].equals(alone.loc["second"])


def test_a_switch_begins_with_the_first_day_under_the_skin_after_a_course_by_vein(tmp_path):
    courses = told(
        tmp_path,
        patients="""
            study_id | centre | sex | included_on | prior_immunoglobulin
            back     | C1     | male | 2020-01-01 | no
            never    | C1     | male | 2020-01-01 | no
            sc_only  | C1     | male | 2020-01-01 | no
            untreated | C1    | male | 2020-01-01 | no
        """,
        infusions="""
            study_id | given_on | route | product | dose_g
            back     | 2020-01-01 | IV | Privigen | 70
            back     | 2020-02-01 | SC | Hizentra | 10
            back     | 2020-03-01 | IV | Privigen | 70
            never    | 2020-01-01 | IV | Privigen | 70
            sc_only  | 2020-01-01 | SC | Hizentra | 10
        """,
    )

    switched = courses["switched_to_sc_on"].dropna()
    assert switched.dt.date.to_dict() == {"back": date(2020, 2, 1)}
    assert courses["last_route"].to_dict() == {
        "back": "IV",
        "never": "IV",
        "sc_only": "SC",
        "untreated": "",
    }


def test_nobody_has_no_courses():
    courses = kept_courses(derive(empty_records(), TODAY))

    assert tuple(courses) == COURSE_COLUMNS
    assert courses.empty
    assert strength_grades(courses["strength_course"]).shape[0] == 0
    assert infusion_counts(courses["infusions_given"]) == {}
