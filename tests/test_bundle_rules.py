"""Every problem of a bundle is told at once: file, row, column, value, what to do."""

import csv
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from infusions.models import Regimen
from mmn_registry.bundle import FILES, TABLES, load_bundle
from mmn_registry.interchange import Table
from patients.actions import void
from patients.calendar import registry_today
from patients.models import MuscleScore, NerveConductionStudy, Patient, Visit
from patients.vocabulary import Muscle
from tests.bundles import MUSCLE_SCORE, PATIENT, SMALL_BUNDLE, VISIT, bundle, refusal

pytestmark = pytest.mark.django_db

# Of bundle.md, word by word: * is part of the key, ! is required.
TABLES_OF_THE_BUNDLE = {
    "patients.csv": "study_id*! centre! sex! birth_year onset_on diagnosed_on included_on! "
    "prior_immunoglobulin! clinician_response atrophy_at_baseline deceased_on",
    "visits.csv": "study_id*! visited_on*! weight_kg onls_arm onls_leg incat_arm incat_leg "
    "mmn_rods",
    "muscle_scores.csv": "study_id*! visited_on*! muscle*! side*! mrc_grade! not_tested_reason "
    "not_due_to_mmn origin",
    "grip_strengths.csv": "study_id*! visited_on*! side*! device*! value!",
    "infusions.csv": "study_id*! given_on*! route*! product*! dose_g!",
    "infusion_lots.csv": "study_id*! given_on*! route*! product*! lot_number*! dose_g",
    "regimens.csv": "study_id*! started_on*! route*! product planned_dose_g "
    "planned_interval_days ended_on end_reason",
    "dose_attempts.csv": "study_id*! attempted_on*! kind! outcome!",
    "immunosuppressants.csv": "study_id*! drug*! started_on*! ended_on",
    "nerve_segments.csv": "study_id*! studied_on*! nerve*! side*! distal_site*! proximal_site*! "
    "distal_amplitude_mv proximal_amplitude_mv distal_area_mv_ms proximal_area_mv_ms "
    "distal_duration_ms proximal_duration_ms distal_amplitude_lln_mv distance_mm excluded "
    "reported_block",
    "laboratory.csv": "study_id*! taken_on*! test*! value unit interpretation method cutoff",
    "findings.csv": "study_id*! observed_on*! finding*! state!",
    "adverse_reactions.csv": "study_id*! occurred_on*! reaction*! severity! serious! route "
    "product lot_number onset_hours action outcome",
    "consents.csv": "study_id*! scope*! version*! given_on*! withdrawn_on",
    "lower_limits.csv": "centre*! nerve*! valid_from*! distal_amplitude_lln_mv!",
}


def drawn(table: Table) -> str:
    return " ".join(c.name + "*" * c.key + "!" * c.required for c in table.columns)


def test_the_tables_are_those_of_the_bundle():
    assert {t.file: drawn(t) for t in TABLES if t.has_file} == TABLES_OF_THE_BUNDLE
    assert tuple(TABLES_OF_THE_BUNDLE) == FILES


def test_the_nasty_bundle_is_told_in_full_and_nothing_is_stored(tmp_path):
    folder = bundle(
        tmp_path,
        patients="""
            study_id | centre | sex    | included_on | prior_immunoglobulin
            P1       | C1     | female | 2004-01-01  | no
            P2       | C1     | male   | 2004-01-01  | no
        """,
        visits="""
            study_id | visited_on | weight_kg
            P1       | 2004-01-10 | 70
            P1       | 2031-01-10 | 70
            P9       | 2004-01-10 | 70
            P1       | 2004-01-10 | 71
        """,
        muscle_scores="""
            study_id | visited_on | muscle        | side | mrc_grade
            P1       | 2004-01-10 | elbow_flexion | left | 6
            P1       | 2004-01-10 | elbow         | left | 4
        """,
        grip_strengths="""
            study_id | visited_on | side | device
            P1       | 2004-01-10 | left | jamar_kg
        """,
        infusions="""
            study_id | given_on   | route | product | dose_g
            P1       | 2004-01-15 | IV    | =1+1    | 30
        """,
    )
    (folder / "adverse_reactions.csv").write_bytes(
        b"study_id,occurred_on,reaction,severity,serious,action\n"
        b"P2,2004-01-15,fever,mild,no,none\n"
        b"P1,2004-01-15,fever,mild,no,dose r\xe9duite\n"
    )

    assert refusal(folder) == [
        'visits.csv, row 3, visited_on "2031-01-10": 2031-01-10 lies after today, '
        f"{registry_today()}. Correct the date.",
        'visits.csv, row 4, study_id "P9": No patient P9 is in patients.csv or in the registry. '
        "Add it there, or correct this row.",
        'visits.csv, row 5, visited_on "2004-01-10": Row 2 has the same study_id and visited_on. '
        "Keep one of the two.",
        'muscle_scores.csv, row 2, mrc_grade "6": “6” is not a known code here. Use one of: '
        "0, 1, 2-, 2, 2+, 3-, 3, 3+, 4-, 4, 4+, 5-, 5, NT.",
        'muscle_scores.csv, row 3, muscle "elbow": “elbow” is not a known code here. Use one of: '
        f"{', '.join(Muscle)}.",
        "grip_strengths.csv, row 1, value: This required column is missing. "
        "Add it, with a value in each row.",
        'infusions.csv, row 2, product "=1+1": “=1+1” begins with =, which a spreadsheet would '
        "run as a formula. Leave that character out.",
        r'adverse_reactions.csv, row 3, action "dose r\xe9duite": This is not UTF-8 text. '
        'Save the file as "CSV UTF-8" and load it again.',
    ]
    assert not Patient.including_voided.exists()


CELLS = {
    "patients": {
        "study_id": ["", "-1", "@x", "+1", "=1", "\tx", " x", "a/b", "x" * 61],
        "sex": ["", "Female", "f"],
        "birth_year": ["1899", "61", "x", "1961.5", "2" * 5000],
        "onset_on": ["03", "2003-13", "2003-02-30", "May 2003", "20030507", "2031"],
        "included_on": ["", "2003", "2003-05", "2003-5-7", "2003-W01-1", "٢٠٠٣-٠٥-٠٧"],
        "clinician_response": ["YES", "n"],
    },
    "visits": {
        "weight_kg": [
            "70,5",
            "7e1",
            "1_0",
            "NaN",
            "Infinity",
            "70.1234567891",
            "812",
            "0",
            "٧٠",
            "70 kg",
        ],
        "onls_arm": ["6", "-1", "1.5", "two"],
    },
    "muscle_scores": {"mrc_grade": ["", "6", "4.5", "nt"], "not_due_to_mmn": ["true", "1", "Yes"]},
}
DRAWINGS = {"patients": PATIENT, "visits": VISIT, "muscle_scores": MUSCLE_SCORE}


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        (t, c, text)
        for t, columns in CELLS.items()
        for c, texts in columns.items()
        for text in texts
    ],
)
def test_a_cell_that_says_nothing_storable_is_told_with_its_place(tmp_path, table, column, text):
    folder = bundle(tmp_path, **DRAWINGS)
    write_cell(folder / f"{table}.csv", column, text)

    problems = refusal(folder)

    own = [problem for problem in problems if problem.startswith(f"{table}.csv, row 2, {column}")]
    assert len(own) == 1
    assert own[0].endswith(".")
    assert "nvalid" not in own[0]


def write_cell(path, column, text):
    """Put a text into the first record, with a column for it if there is none."""
    with path.open(newline="") as file:
        (record,) = csv.DictReader(file)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(record | {column: text}))
        writer.writeheader()
        writer.writerow(record | {column: text})


@pytest.mark.parametrize("text", ["70.0", "070", "70.50000", "1.0001"])
def test_a_number_may_be_written_longer_than_it_is(tmp_path, text):
    folder = bundle(tmp_path, **DRAWINGS)
    write_cell(folder / "visits.csv", "weight_kg", text)

    assert refusal(folder) == []
    assert Visit.objects.get().weight_kg == Decimal(text)


def test_a_table_asks_the_same_rules_as_a_form(tmp_path):
    """Of two values of one row, in the words of the model."""
    folder = bundle(
        tmp_path,
        patients="""
            study_id | centre | sex    | birth_year | onset_on | diagnosed_on | PRIOR | included_on
            P1       | C1     | female | 1980       | 2003     | 2002         | no    | 1979-01-01
        """.replace("PRIOR", "prior_immunoglobulin"),
        regimens="""
            study_id | started_on | route | ended_on   | end_reason
            P1       | 2004-02-01 | IV    | 2004-01-01 |
            P1       | 2004-02-01 | SC    |            | switch
        """,
        consents="""
            study_id | scope    | version | given_on   | withdrawn_on
            P1       | registry | 1       | 2004-02-01 | 2004-01-01
        """,
        nerve_segments="""
            study_id | studied_on | nerve  | side | distal_site | proximal_site
            P1       | 2004-02-01 | median | left | wrist       | wrist
        """,
    )

    assert [place(problem) for problem in refusal(folder)] == [
        ("patients.csv", 2, "diagnosed_on"),
        ("patients.csv", 2, "included_on"),
        ("regimens.csv", 2, "ended_on"),
        ("regimens.csv", 3, "end_reason"),
        ("nerve_segments.csv", 2, "proximal_site"),
        ("consents.csv", 2, "withdrawn_on"),
    ]


def place(problem):
    file, row, column = problem.split(":")[0].split(", ")[:3]
    return file, int(row.removeprefix("row ")), column.split()[0]


DOORS = [
    ("patients", "sex", "f", Patient(sex="f")),
    ("patients", "birth_year", "1899", Patient(birth_year=1899)),
    ("patients", "study_id", "=1+1", Patient(study_id="=1+1")),
    ("visits", "weight_kg", "812", Visit(weight_kg=Decimal(812))),
    ("visits", "weight_kg", "70.1234567891", Visit(weight_kg=Decimal("70.1234567891"))),
    ("visits", "visited_on", "2999-01-01", Visit(visited_on=date(2999, 1, 1))),
    ("muscle_scores", "mrc_grade", "6", MuscleScore(mrc_grade="6")),
    ("muscle_scores", "mrc_grade", "", MuscleScore(mrc_grade="")),
]


@pytest.mark.parametrize(("table", "column", "text", "record"), DOORS)
def test_a_cell_is_refused_in_the_words_of_the_model(tmp_path, table, column, text, record):
    folder = bundle(tmp_path, **DRAWINGS)
    write_cell(folder / f"{table}.csv", column, text)

    with pytest.raises(ValidationError) as refused:
        record.full_clean()

    told = next(problem for problem in refusal(folder) if f"row 2, {column}" in problem)
    assert told.endswith(": " + " ".join(refused.value.message_dict[column]))


# --- what a row belongs to ----------------------------------------------------------------------


def test_each_row_names_only_the_nearest_row_that_is_missing(tmp_path):
    folder = bundle(
        tmp_path,
        patients=PATIENT,
        visits="""
            study_id | visited_on
            P9       | 2004-01-10
        """,
        muscle_scores="""
            study_id | visited_on | muscle        | side | mrc_grade
            P1       | 2004-02-10 | elbow_flexion | left | 4
            P8       | 2004-02-10 | elbow_flexion | left | 4
            P9       | 2004-01-10 | elbow_flexion | left | 4
        """,
        infusions="""
            study_id | given_on   | route | product | dose_g
            P1       | 2004-01-15 | IV    | Kiovig  | 30
        """,
        infusion_lots="""
            study_id | given_on   | route | product | lot_number
            P1       | 2004-01-15 | SC    | Kiovig  | L1
        """,
    )

    remedy = "Add it there, or correct this row."
    assert refusal(folder) == [
        f'visits.csv, row 2, study_id "P9": No patient P9 is in patients.csv or in the registry. '
        f"{remedy}",
        'muscle_scores.csv, row 2, visited_on "2004-02-10": No visit P1, 2004-02-10 is in '
        f"visits.csv or in the registry. {remedy}",
        'muscle_scores.csv, row 3, study_id "P8": No patient P8 is in patients.csv or in the '
        f"registry. {remedy}",
        'infusion_lots.csv, row 2, product "Kiovig": No infusion P1, 2004-01-15, SC, Kiovig is in '
        f"infusions.csv or in the registry. {remedy}",
    ]


@pytest.mark.parametrize(
    "patients",
    ["study_id,centre\nP1,C1,x\n", "study,centre\nP1,C1\n", 'study_id,centre\n"P1,C1\n', ""],
    ids=["uneven row", "no key column", "open quotation", "empty"],
)
def test_a_table_that_cannot_be_read_is_no_reason_to_miss_its_rows(tmp_path, patients):
    folder = bundle(tmp_path, visits=VISIT)
    (folder / "patients.csv").write_text(patients)

    assert {place_of_file(problem) for problem in refusal(folder)} == {"patients.csv"}


def place_of_file(problem):
    return problem.split(",")[0].split(":")[0]


def test_a_row_with_a_problem_of_its_own_is_not_missed(tmp_path):
    folder = bundle(
        tmp_path, patients=PATIENT.replace("P1", "=P"), visits=VISIT.replace("P1", "=P")
    )

    assert [place(problem) for problem in refusal(folder)] == [
        ("patients.csv", 2, "study_id"),
        ("visits.csv", 2, "study_id"),
    ]


# --- what was decided before --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("visits", lambda: Visit.objects.get(visited_on="2004-01-10", patient__study_id="A-1")),
        ("patients", lambda: Patient.objects.get(study_id="A-2")),
        ("nerve_segments", lambda: NerveConductionStudy.objects.get(studied_on="2005-01-12")),
        ("muscle_scores", lambda: MuscleScore.objects.get(muscle="elbow_flexion")),
    ],
)
def test_a_voided_record_does_not_come_back_by_itself(tmp_path, table, record):
    load_bundle(SMALL_BUNDLE)
    void(record(), by=None, reason="Another patient's.")

    problems = refusal(SMALL_BUNDLE)

    today = registry_today()
    assert [place_of_file(problem) for problem in problems] == [f"{table}.csv"]
    assert problems[0].endswith(
        f"A record with this key was voided on {today} (“Another patient's.”). "
        "Leave this row out, or record it anew by hand."
    )


def test_a_record_recorded_anew_after_voiding_is_the_one_that_counts(tmp_path):
    load_bundle(SMALL_BUNDLE)
    score = MuscleScore.objects.get(muscle="elbow_flexion")
    void(score, by=None, reason="Wrong grade.")
    MuscleScore.objects.create(
        visit=score.visit, muscle=score.muscle, side=score.side, mrc_grade="1"
    )

    report = load_bundle(SMALL_BUNDLE)

    assert [str(change) for change in report.changes] == [
        "muscle_scores.csv, row 6 (B-1, 2004-01-10, elbow_flexion, left), mrc_grade: 1 → 0",
        "muscle_scores.csv, row 6 (B-1, 2004-01-10, elbow_flexion, left), origin: "
        "not recorded → rest_normal",
    ]


# --- the patient's life -------------------------------------------------------------------------

DEAD = """
    study_id | centre | sex    | birth_year | included_on | prior_immunoglobulin | deceased_on
    P1       | C1     | female | 1960       | 2004-01-01  | no                   | 2005-01-01
"""
AFTER_DEATH = (
    "A record of 2005-01-02 lies after this patient's death on 2005-01-01. "
    "Correct one of the dates."
)
DATED = {
    "visits": "study_id | visited_on\n P1 | DAY",
    "infusions": "study_id | given_on | route | product | dose_g\n P1 | DAY | IV | Kiovig | 30",
    "regimens": "study_id | started_on | route\n P1 | DAY | IV",
    "dose_attempts": "study_id | attempted_on | kind | outcome\n P1 | DAY | stop | failed",
    "immunosuppressants": "study_id | drug | started_on\n P1 | rituximab | DAY",
    "nerve_segments": "study_id | studied_on | nerve | side | distal_site | proximal_site\n"
    "P1 | DAY | median | left | wrist | elbow",
    "laboratory": "study_id | taken_on | test\n P1 | DAY | ck",
    "findings": "study_id | observed_on | finding | state\n P1 | DAY | plexus_mri_t2 | present",
    "adverse_reactions": "study_id | occurred_on | reaction | severity | serious\n"
    "P1 | DAY | fever | mild | no",
}


@pytest.mark.parametrize("table", DATED)
def test_nothing_is_recorded_after_death(tmp_path, table):
    def recorded_on(day):
        return bundle(tmp_path, patients=DEAD, **{table: DATED[table].replace("DAY", day)})

    (problem,) = refusal(recorded_on("2005-01-02"))
    assert place(problem)[:2] == (f"{table}.csv", 2)
    assert problem.endswith(f'"2005-01-02": {AFTER_DEATH}')
    assert refusal(recorded_on("2005-01-01")) == []


@pytest.mark.parametrize("table", DATED)
def test_a_death_that_stored_records_contradict_is_refused(tmp_path, table):
    alive = DEAD.replace("2005-01-01", "")
    load_bundle(
        bundle(tmp_path, patients=alive, **{table: DATED[table].replace("DAY", "2005-01-02")})
    )

    assert refusal(bundle(tmp_path, patients=DEAD)) == [
        f'patients.csv, row 2, deceased_on "2005-01-01": {AFTER_DEATH}'
    ]


def test_nothing_is_recorded_before_birth(tmp_path):
    load_bundle(bundle(tmp_path, patients=DEAD))
    early = bundle(tmp_path, visits=VISIT.replace("2004", "1959"))

    assert refusal(early) == [
        'visits.csv, row 2, visited_on "1959-01-10": A record of 1959-01-10 lies before this '
        "patient's year of birth, 1960. Correct one of the two."
    ]


def test_a_year_of_birth_that_stored_records_contradict_is_refused(tmp_path):
    load_bundle(bundle(tmp_path, patients=DEAD, visits=VISIT))

    late = DEAD.replace("1960", "2004").replace("2004-01-01", "2004-06-01")
    assert refusal(bundle(tmp_path, patients=late)) == []
    later = late.replace("| 2004 ", "| 2005 ").replace("2004-06-01", "2005-01-01")
    assert refusal(bundle(tmp_path, patients=later)) == [
        'patients.csv, row 2, birth_year "2005": A record of 2004-01-10 lies before this '
        "patient's year of birth, 2005. Correct one of the two."
    ]


# --- regimens -----------------------------------------------------------------------------------

REGIMENS = "study_id | started_on | route | ended_on"


def regimens(*rows):
    return "\n".join([REGIMENS, *(f"P1 | {row}" for row in rows)])


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (["2004-02-01 | IV | 2004-05-01", "2004-05-01 | IV |"], []),
        (["2004-02-01 | IV |", "2004-03-01 | SC |"], []),
        (["2004-02-01 | IV | 2004-05-01", "2004-03-01 | IV | 2004-03-01"], []),
        (["2004-02-01 | IV | 2004-05-02", "2004-05-01 | IV |"], [3]),
        (["2004-05-01 | IV |", "2004-02-01 | IV |"], [2]),
        (["2004-02-01 | IV |", "2004-05-01 | IV | 2004-06-01", "2004-07-01 | IV |"], [3, 4]),
    ],
    ids=["touching", "two routes", "of no day", "by a day", "both running", "one over two"],
)
def test_regimens_of_one_route_do_not_overlap(tmp_path, rows, refused):
    problems = refusal(bundle(tmp_path, patients=PATIENT, regimens=regimens(*rows)))

    assert [place(p) for p in problems] == [("regimens.csv", row, "started_on") for row in refused]
    assert Regimen.objects.count() == (0 if refused else len(rows))


def test_a_regimen_does_not_overlap_one_that_is_stored(tmp_path):
    load_bundle(bundle(tmp_path, patients=PATIENT, regimens=regimens("2004-02-01 | IV |")))

    assert refusal(bundle(tmp_path, regimens=regimens("2004-05-01 | IV |"))) == [
        'regimens.csv, row 2, started_on "2004-05-01": A regimen of this route runs from '
        "2004-02-01 to now. End that one first, or correct the dates."
    ]


def test_a_running_regimen_may_end_where_the_next_begins(tmp_path):
    load_bundle(bundle(tmp_path, patients=PATIENT, regimens=regimens("2004-02-01 | IV |")))

    both = regimens("2004-02-01 | IV | 2004-05-01", "2004-05-01 | IV |")
    load_bundle(bundle(tmp_path, regimens=both))

    ends = Regimen.objects.order_by("started_on").values_list("ended_on", flat=True)
    assert list(ends) == [date(2004, 5, 1), None]
