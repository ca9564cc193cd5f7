"""The recorded tables as frames, and what counts on a day (rules, section 0)."""

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.columns import Columns
from outcomes.derivation.frames import (
    COLUMNS,
    FrameError,
    complete,
    empty_records,
    known_on,
    read_bundle,
)
from outcomes.derivation.timeline import middle_days
from patients.vocabulary import MrcGrade
from tests.derivation.drawn import cohort, days_of, frame, on, patient, timestamp


def write(folder, table, text):
    (folder / f"{table}.csv").write_text(text, encoding="utf-8")


def test_a_bundle_is_read_typed(tmp_path):
    write(
        tmp_path,
        "patients",
        "study_id,centre,sex,birth_year,onset_on,included_on,prior_immunoglobulin\n"
        "NA,A01,female,1960,2003-05,2020-01-02,no\n",
    )
    write(
        tmp_path,
        "muscle_scores",
        "study_id,visited_on,muscle,side,mrc_grade\n"
        "NA,2020-01-02,hip_flexion,left,4-\n"
        "NA,2020-01-02,hip_flexion,right,NT\n",
    )

    records = read_bundle(tmp_path)

    only = records.patients.iloc[0]
    assert only["study_id"] == "NA"  # a study id, not a missing value
    assert (only["onset_on"], only["onset_precision"]) == (pd.Timestamp("2003-05-01"), "month")
    assert only["birth_year"] == 1960
    assert only["included_on"] == pd.Timestamp("2020-01-02")
    assert pd.isna(only["deceased_on"])
    assert (only["clinician_response"], only["diagnosed_precision"]) == ("", "")
    assert records.muscle_scores["mrc_thirds"].fillna(-1).tolist() == [11, -1]
    assert records.infusions.empty


def test_every_table_has_its_columns_and_types_even_without_rows():
    empty, full = empty_records(), cohort(patient(infusions="0"))

    for name, columns in COLUMNS.items():
        assert tuple(getattr(empty, name)) == columns
        pd.testing.assert_series_equal(getattr(empty, name).dtypes, getattr(full, name).dtypes)


def test_every_grade_has_its_thirds():
    grades = pd.DataFrame({"mrc_grade": list(map(str, MrcGrade))})
    scores = complete("muscle_scores", grades.assign(study_id="P1", visited_on="2020-01-01"))

    assert scores["mrc_thirds"].fillna(-1).tolist() == [
        0,
        3,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        -1,
    ]


def test_what_is_typed_already_stays_as_it_is():
    typed = cohort(patient(infusions="0 28")).infusions

    pd.testing.assert_frame_equal(complete("infusions", typed), typed)


def test_a_grade_that_is_none_is_refused():
    drawn = pd.DataFrame({"study_id": ["P1"], "visited_on": ["2020-01-01"], "mrc_grade": ["6"]})

    with pytest.raises(ValueError, match="'6'"):
        complete("muscle_scores", drawn)


def test_a_table_says_what_it_lacks():
    with pytest.raises(
        FrameError, match="visits lacks visited_on; the frame has study_id, weight_kg"
    ):
        complete("visits", pd.DataFrame({"study_id": ["P1"], "weight_kg": ["70"]}))


def test_a_table_says_what_it_does_not_know():
    with pytest.raises(FrameError, match="visits knows no height_m"):
        complete(
            "visits", pd.DataFrame({"study_id": ["P1"], "visited_on": [""], "height_m": ["2"]})
        )


@pytest.mark.parametrize(
    ("table", "dated_by", "row"),
    [
        ("visits", "visited_on", {}),
        ("muscle_scores", "visited_on", {"mrc_grade": "3"}),
        ("grip_strengths", "visited_on", {}),
        ("infusions", "given_on", {}),
        ("regimens", "started_on", {}),
        ("dose_attempts", "attempted_on", {}),
        ("immunosuppressants", "started_on", {}),
        ("nerve_segments", "studied_on", {}),
        ("laboratory", "taken_on", {}),
        ("findings", "observed_on", {}),
    ],
)
def test_a_record_is_known_from_its_key_date_on(table, dated_by, row):
    drawn = pd.DataFrame(
        [{"study_id": "P1", dated_by: on(day).isoformat(), **row} for day in (9, 10, 11)]
    )
    records = cohort({**patient(), table: drawn})

    assert days_of(getattr(known_on(records, on(10)), table)[dated_by]) == [9, 10]


def test_a_cohort_is_who_was_included_by_then_with_their_records():
    records = cohort(
        patient("A", infusions="1", recorded={"included_on": "10"}),
        patient("B", infusions="2", recorded={"included_on": "11"}),
    )

    known = known_on(records, on(10))

    assert known.patients["study_id"].tolist() == ["A"]
    assert known.infusions["study_id"].tolist() == ["A"]  # dated before inclusion, and known


@pytest.mark.parametrize(("as_of", "is_known"), [(99, False), (100, True)])
def test_an_end_and_its_reason_are_known_from_that_day_on(as_of, is_known):
    records = cohort(
        patient(
            recorded={"deceased_on": "100"},
            regimens="""
                started_on | route | ended_on | end_reason
                -----------+-------+----------+-----------
                0          | IV    | 100      | remission
                5          | SC    | 50       | switch
            """,
            immunosuppressants="""
                drug      | started_on | ended_on
                ----------+------------+---------
                rituximab | 0          | 100
            """,
        )
    )

    known = known_on(records, on(as_of))

    end = timestamp(100) if is_known else None
    assert days_of(known.regimens["ended_on"]) == [100 if is_known else None, 50]
    assert known.regimens["end_reason"].tolist() == ["remission" if is_known else "", "switch"]
    assert days_of(known.immunosuppressants["ended_on"]) == [100 if is_known else None]
    assert days_of(known.patients["deceased_on"]) == [100 if end else None]


def test_undated_fields_of_a_patient_count_always():
    recorded = {"clinician_response": "yes", "diagnosed_on": "4000", "onset_on": "y2019"}

    known = known_on(cohort(patient(recorded=recorded)), on(0)).patients.iloc[0]

    assert known["clinician_response"] == "yes"
    assert known["diagnosed_on"] == timestamp(4000)
    assert known["onset_precision"] == "year"


def test_a_partial_date_counts_as_its_middle():
    drawn = frame("""
        first      | precision | middle
        -----------+-----------+-----------
        2003-01-01 | year      | 2003-07-01
        2003-05-01 | month     | 2003-05-15
        2003-05-31 | day       | 2003-05-31
        2004-02-01 | month     | 2004-02-15
                   |           |
    """)

    columns = Columns.of(drawn)
    middle = middle_days(columns.dates("first"), columns.words("precision"))

    expected = [(day - pd.Timestamp("1970-01-01")).days for day in drawn["middle"].dropna()]
    assert middle[:4].tolist() == expected
    assert np.isnan(middle[4])
