"""The parts put together: shapes, types, and what must never matter."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from outcomes.derivation.derive import OUTCOME_COLUMNS, Outcomes, derive
from outcomes.derivation.frames import Records, empty_records
from outcomes.derivation.rules import RULES
from outcomes.derivation.tables import as_text, outcome_table
from tests.derivation.drawn import cohort, derived, on, outcome, patient, text_frame

TREATED = """
    muscle                | 0  | 183 | 400
    ----------------------+----+-----+----
    left wrist_extension  | 3  | 4   | 2
    left finger_extension | 3  | 4   | 2
    left hip_flexion      | NT | 5   | 5
"""
# A block of the median nerve that has resolved by day 200.
STUDIES = text_frame("""
    studied_on | distal_amplitude_mv | distal_area_mv_ms | proximal_area_mv_ms
    -----------+---------------------+-------------------+--------------------
    2020-01-01 | 8                   | 20                | 8
    2020-07-19 | 8                   | 20                | 16
""").assign(
    nerve="median",
    side="left",
    distal_site="wrist",
    proximal_site="elbow",
    distal_duration_ms="5",
    proximal_duration_ms="5.5",
)


FRAMES = (
    *("patients", "courses", "examinations", "muscle_changes", "relapses"),
    *("segments", "segment_changes", "dose_steps", "sum_scores"),
)


def several():
    return cohort(
        patient("C", infusions="0 28 56", grades=TREATED, visits="600")
        | {"nerve_segments": STUDIES.assign(study_id="C")},
        patient(
            "A",
            infusions=" ".join(str(day) for day in range(0, 400, 28)),
            grades=TREATED,
            grips="side | 0 | 390\n-+-+-\nleft | 60 | 40",
            dose_attempts="attempted_on | kind | outcome\n-+-+-\n100 | reduction | failed",
        ),
        patient("b", visits="0 90", recorded={"prior_immunoglobulin": "yes"}),
        patient(
            "B",
            visits="0 365",
            regimens="""
                started_on | route | planned_dose_g | planned_interval_days
                -----------+-------+----------------+----------------------
                5          | SC    | 12             | 7
            """,
        ),
    )


def frames_of(outcomes: Outcomes):
    return {name: getattr(outcomes, name) for name in FRAMES}


def test_one_row_per_patient_sorted_bytewise_in_the_published_order():
    patients = derive(several(), on(700)).patients

    assert patients.index.tolist() == ["A", "B", "C", "b"]
    assert patients.index.name == "study_id"
    assert tuple(patients.columns[: len(OUTCOME_COLUMNS)]) == OUTCOME_COLUMNS
    assert patients.columns.is_unique


def test_an_empty_cohort_has_every_column_with_its_type():
    nobody, several_patients = derive(empty_records(), date(2020, 1, 1)), derive(several(), on(700))

    pd.testing.assert_series_equal(nobody.patients.dtypes, several_patients.patients.dtypes)
    for name, frame in frames_of(nobody).items():
        assert frame.empty
        assert list(frame) == list(frames_of(several_patients)[name])


def test_patients_without_any_record_are_there():
    found = outcome(patient())

    assert found["short_term_reason"] == "NO_INFUSION"
    assert found["long_term_status"] == "unclassifiable"
    assert found["courses"] == 0


def test_the_order_of_rows_does_not_matter():
    records = several()
    shuffled = Records(
        **{
            name: table.sample(frac=1, random_state=np.random.RandomState(3))
            for name, table in vars(records).items()
        }
    )

    straight, mixed = derive(records, on(700)), derive(shuffled, on(700))

    pd.testing.assert_frame_equal(straight.patients, mixed.patients)
    for name, frame in frames_of(straight).items():
        pd.testing.assert_frame_equal(in_any_order(frame), in_any_order(frames_of(mixed)[name]))


def in_any_order(frame):
    keys = [column for column in frame if frame[column].dtype != "float64"]
    return frame.sort_values(keys, ignore_index=True)


def test_categorical_text_is_read_alike():
    records = several()
    compact = Records(
        **{
            name: table.astype(
                {
                    column: "category"
                    for column in table
                    if isinstance(table[column].dtype, pd.StringDtype)
                }
            )
            for name, table in vars(records).items()
        }
    )

    pd.testing.assert_frame_equal(
        outcome_table(derive(records, on(700))), outcome_table(derive(compact, on(700)))
    )


def test_a_cohort_of_one_is_derived_as_among_others():
    records = several()
    together = outcome_table(derive(records, on(700))).set_index("study_id")

    for study_id in together.index:
        alone = Records(
            **{
                name: table[table["study_id"] == study_id] if "study_id" in table else table
                for name, table in vars(records).items()
            }
        )
        found = outcome_table(derive(alone, on(700))).set_index("study_id")
        pd.testing.assert_series_equal(found.loc[study_id], together.loc[study_id])


@pytest.mark.parametrize("day", [-1, 0, 28, 183, 200, 243, 244, 400])
def test_what_happens_later_changes_nothing(day):
    records = several()
    known = {}
    for name, table in vars(records).items():
        dated = [column for column in table if str(table[column].dtype) == "datetime64[s]"]
        key = {"patients": "included_on"}.get(name, dated[0] if dated else "")
        known[name] = table[table[key] <= pd.Timestamp(on(day))] if key else table

    pd.testing.assert_frame_equal(
        derive(records, on(day)).patients, derive(Records(**known), on(day)).patients
    )


def test_outcomes_carry_their_day_and_rules():
    what_if = replace(RULES, version="1 with two months", month_6_days=(30, 90))

    found = derive(several(), on(700), what_if)

    assert (found.as_of, found.rules.rule_id) == (on(700), "mmn-outcomes/1 with two months")
    assert pd.isna(found.patients.loc["A", "month6_on"])


FINDINGS = """
    observed_on | finding                       | state
    ------------+-------------------------------+--------
    0           | weakness_over_1_month         | present
    0           | weakness_in_2_nerves          | present
    0           | sensory_loss_beyond_vibration | absent
    0           | upper_motor_neuron_signs      | absent
    0           | marked_bulbar_involvement     | absent
    0           | diffuse_symmetric_onset       | absent
    0           | sensory_conduction_normal     | present
"""


def test_the_diagnosis_rests_on_the_guidelines_blocks_whichever_criteria_grade_the_segments():
    # An area loss of 0.60 over a short distance: no long segment, so no block for Utrecht.
    segments = STUDIES[:1].assign(distal_site="below_elbow", study_id="P1")
    drawn = patient(findings=FINDINGS) | {"nerve_segments": segments}
    utrecht = replace(RULES, criteria="Utrecht")

    by_guideline, by_utrecht = derived(drawn), derived(drawn, rules=utrecht)

    assert by_guideline.segments["grade"].tolist() == ["definite"]
    assert by_utrecht.segments["grade"].tolist() != ["definite"]
    for found in (by_guideline, by_utrecht):
        assert found.patients["diagnosis_category"].tolist() == ["definite"]


def test_the_table_is_text():
    table = outcome_table(derived(patient(infusions="0 28", grades=TREATED), as_of=700))

    row = table.iloc[0]
    assert set(map(str, table.dtypes)) == {"str"}
    assert row["study_id"] == "P1"
    assert row["index_on"] == "2020-01-01"
    assert (row["affected"], row["improved"], row["worsened"]) == ("2", "2", "0")
    assert (row["strict_response"], row["provisional"]) == ("yes", "no")
    assert row["dependency_proven"] == ""
    assert row["weekly_dose_g"] == "0.0000"


@pytest.mark.parametrize(
    ("column", "written"),
    [
        (pd.Series([True, None, False], dtype="boolean"), ["yes", "", "no"]),
        (pd.Series([True, False]), ["yes", "no"]),
        (pd.Series([1, None], dtype="Int64"), ["1", ""]),
        (pd.Series([1.23456, None, -0.0, 2]), ["1.2346", "", "0.0000", "2.0000"]),
        (pd.Series(["2020-02-29", None], dtype="datetime64[s]"), ["2020-02-29", ""]),
        (pd.Series(["IMPROVED", ""], dtype="str"), ["IMPROVED", ""]),
        (pd.Series([], dtype="float64"), []),
        (pd.Series([], dtype="boolean"), []),
    ],
)
def test_every_type_has_its_writing(column, written):
    assert as_text(column).tolist() == written


def test_years_from_onset_to_treatment_use_the_middle_of_a_partial_date():
    # From 1 July 2019 to 1 January 2020 are 184 days.
    found = outcome(patient(infusions="0", recorded={"onset_on": "y2019"}))

    assert found["onset_to_treatment_years"] == pytest.approx(184 / 365.25)
