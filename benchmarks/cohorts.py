"""Made-up cohorts of any size, as untidy as real ones, written straight into a database.

Twelve full examinations of 28 muscles and a hundred infusions per patient in the mean; and grades
are missing or carried forward, half and stray examinations, corrections, switches from vein to
skin, home treatment, pauses, stops, patients out of sight. The same size is the same cohort.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
import pandas as pd
import psycopg

from mmn_registry.demo_data.living import EXAMINED, LOWER_LIMIT_MV, NORMAL_AMPLITUDE_MV, SEGMENTS
from patients.vocabulary import MRC_THIRDS, FindingKind, Side

AS_OF = date(2025, 12, 31)
LAST_DAY = (AS_OF - date(1970, 1, 1)).days
VISITS = 13  # at most; 12.5 in the mean
PATIENTS_PER_CENTRE = 1_000
# A block is made and written at a time. Study ids are given by centre: whoever reads in their
# order meets rows from all over the tables, as in a registry that grew over the years.
BLOCK = 2_000

MUSCLES = [(muscle.value, side.value) for muscle in EXAMINED for side in Side]
GRADE_OF_THIRDS = {thirds: grade.value for grade, thirds in MRC_THIRDS.items()}
# There is no 1-, 1+ or 2 thirds: the nearest grade that there is, by thirds.
GRADES = np.array([GRADE_OF_THIRDS[{1: 0, 2: 3, 4: 3}.get(n, n)] for n in range(16)], dtype=object)
DRUGS = ["mycophenolate", "cyclophosphamide", "rituximab"]
CORRECTED = {"voided_at": "2026-01-05", "void_reason": "Recorded by mistake."}

Tables = dict[str, pd.DataFrame]
Dice = np.random.Generator


@dataclass(frozen=True)
class Block:
    """Some patients: their rows, their treatment and their visits, one array entry each."""

    dice: Dice
    patients: pd.DataFrame  # with the days that frame each one's treatment
    infusions: pd.DataFrame  # patient (position), day, route
    visits: pd.DataFrame  # patient (position), day, is_full; their ids


def fill(database: psycopg.Connection, patients: int) -> None:
    """Write a cohort as a superuser, whom COPY and row-level security let through."""
    codes = [f"C{number:03}" for number in range(1, max(patients // PATIENTS_PER_CENTRE, 2) + 1)]
    centres = pd.DataFrame({"id": _ids(np.random.default_rng(1), len(codes)), "code": codes})
    with _triggers_resting(database, [*TABLES, "accounts_centre"]):
        _copy(database, "accounts_centre", centres.assign(name=""))
        _copy(database, "patients_lowerlimit", _lower_limits(centres))
        for first in range(0, patients, BLOCK):
            block = _block(first, min(BLOCK, patients - first), centres)
            for table, make in TABLES.items():
                _copy(database, table, make(block))
    database.commit()
    database.autocommit = True
    database.execute("VACUUM (ANALYZE)")


@contextmanager
def _triggers_resting(database: psycopg.Connection, tables: list[str]) -> Iterator[None]:
    """What they guard is kept by how the rows are made; each wakes as it was."""
    states = database.execute(
        "SELECT tgrelid::regclass::text, quote_ident(tgname),"
        " CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA'"
        " ELSE 'ENABLE' END FROM pg_trigger"
        " WHERE tgrelid::regclass::text = ANY(%s) AND tgenabled <> 'D'",
        [tables],
    ).fetchall()
    for table in tables:
        database.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    yield
    for table, trigger, state in states:
        database.execute(f"ALTER TABLE {table} {state} TRIGGER {trigger}")


def _copy(database: psycopg.Connection, table: str, rows: pd.DataFrame) -> None:
    rows = rows.drop(columns=[column for column in rows if column.startswith("_")])
    # Texts that were not recorded are empty, never NULL; no row gets these otherwise.
    rows = rows.assign(version=1, amend_reason="")
    rows["void_reason"] = rows["void_reason"].fillna("") if "void_reason" in rows else ""
    if table == "accounts_centre":
        rows = rows[["id", "code", "name"]]
    with database.cursor() as cursor:
        statement = f"COPY {table} ({', '.join(rows)}) FROM STDIN (FORMAT csv, NULL '~')"
        with cursor.copy(statement) as copy:
            copy.write(rows.to_csv(index=False, header=False, na_rep="~"))


# ── People and their treatment ───────────────────────────────────────────────────────────────


def _block(first: int, n: int, centres: pd.DataFrame) -> Block:
    dice = np.random.default_rng([2008, first])
    patients = _patients(dice, first, n, centres)
    infusions = _treatment(dice, patients)
    last = infusions.groupby("patient")["day"].max().reindex(range(n), fill_value=0).to_numpy()
    patients["_last_infusion"] = last
    # So that everybody's records end by the day looked at; some began only lately.
    at_least = np.where(patients["_is_recent"], 60, 400)
    begin = LAST_DAY - np.maximum(last + patients["_unseen"], at_least).to_numpy()
    patients["_begin"] = begin
    infusions["day"] += begin[infusions["patient"]]
    patients["included_on"] = _dates(begin - dice.integers(10, 60, n))
    onset = begin - dice.integers(200, 3000, n)
    patients["onset_on"] = _dates(onset).astype("datetime64[M]").astype("datetime64[D]")
    patients["birth_year"] = 1970 + onset // 365 - dice.integers(28, 62, n)
    return Block(dice, patients, infusions, _visits(dice, patients))


def _patients(dice: Dice, first: int, n: int, centres: pd.DataFrame) -> pd.DataFrame:
    centre = dice.integers(len(centres), size=n)
    numbers = np.arange(first, first + n)
    story = dice.random(n)
    is_recent = dice.random(n) < 0.05
    infusions = np.where(is_recent, dice.integers(1, 9, n), dice.integers(20, 190, n))
    unseen = np.where(story > 0.7, dice.integers(100, 1500, n), dice.integers(0, 30, n))
    return pd.DataFrame(
        {
            "id": _ids(dice, n),
            "study_id": [
                f"{code}-{number:06}"
                for code, number in zip(centres["code"].to_numpy()[centre], numbers, strict=True)
            ],
            "centre_id": centres["id"].to_numpy()[centre],
            "sex": dice.choice(["male", "female", "unknown"], n, p=[0.72, 0.27, 0.01]),
            "onset_precision": "month",
            "diagnosed_precision": "",
            "prior_immunoglobulin": dice.choice(["no", "yes", "unknown"], n, p=[0.76, 0.2, 0.04]),
            "clinician_response": dice.choice(
                ["", "yes", "no", "unknown"], n, p=[0.6, 0.2, 0.1, 0.1]
            ),
            "atrophy_at_baseline": dice.choice(["", "yes", "no", "unknown"], n),
            "_weight": np.round(dice.normal(78, 11, n), 1),
            "_is_recent": is_recent,
            "_infusions": np.where(story < 0.04, 0, infusions),
            "_cycle": dice.choice([14, 21, 28, 28, 35, 42], n),
            "_course_days": dice.choice([1, 1, 2, 3, 5], n),
            "_switch_at": np.where(dice.random(n) < 0.25, dice.integers(10, 120, n), 999),
            "_home_at": np.where(dice.random(n) < 0.5, dice.integers(20, 160, n), 999),
            "_pause_at": np.where(dice.random(n) < 0.2, dice.integers(5, 90, n), 999),
            "_pause": dice.integers(100, 500, n),
            # Out of sight; stopped and still seen; or on treatment.
            "_is_lost": story > 0.9,
            "_unseen": np.where(is_recent, dice.integers(0, 30, n), unseen),
            "_responds": dice.random(n) < 0.65,
            "_whole_points": dice.random(n) < 0.4,
        }
    )


def _treatment(dice: Dice, patients: pd.DataFrame) -> pd.DataFrame:
    """Every infusion: courses by vein, then for some weekly under the skin, with pauses."""
    counts = patients["_infusions"].to_numpy()
    patient = np.repeat(np.arange(len(patients)), counts)
    rank = np.arange(len(patient)) - np.repeat(np.cumsum(counts) - counts, counts)
    of = patients.iloc[patient]
    is_sc = rank >= of["_switch_at"].to_numpy()
    starts_course = rank % of["_course_days"].to_numpy() == 0
    cycle = of["_cycle"].to_numpy() + dice.integers(-3, 4, len(patient))
    gap = np.where(is_sc, 7, np.where(starts_course, cycle, 1))
    gap += np.where(rank == of["_pause_at"].to_numpy(), of["_pause"].to_numpy(), 0)
    gap[rank == 0] = 0
    total = np.cumsum(gap)
    before = np.append(0, total)[np.cumsum(counts) - counts]  # of the patients before
    day = total - np.repeat(before, counts)
    # Home treatment goes on unrecorded.
    is_recorded = ~(is_sc & (rank >= of["_home_at"].to_numpy()))
    infusions = pd.DataFrame({"patient": patient, "day": day, "is_sc": is_sc})
    return infusions[is_recorded].reset_index(drop=True)


def _visits(dice: Dice, patients: pd.DataFrame) -> pd.DataFrame:
    """Before treatment, at 3 and 6 months, then evenly; and at times a thumb on an infusion day."""
    n = len(patients)
    seen_until = patients["_last_infusion"] + np.where(patients["_is_lost"], 0, patients["_unseen"])
    until = np.maximum(seen_until.to_numpy(), 400)
    later = 230 + (until - 230)[:, None] * np.arange(1, VISITS - 2) / (VISITS - 3)
    early = np.column_stack(
        [-dice.integers(0, 75, n), dice.integers(75, 110, n), dice.integers(150, 215, n)]
    )
    full = np.hstack([early, later.astype(int)])
    stray = dice.choice([-1, 0, 184, 400], (n, 1))
    day = patients["_begin"].to_numpy()[:, None] + np.hstack([full, stray])
    # Who comes: to the first visit and that of month 6 not all, to stray ones every other.
    comes = [0.96, 1, 0.93, *[1] * (VISITS - 3), 0.5]
    patient, place = np.nonzero((dice.random(day.shape) < comes) & (day <= LAST_DAY))
    day = day[patient, place]
    visits = pd.DataFrame({"patient": patient, "day": day, "is_full": place < VISITS})
    visits = visits.drop_duplicates(["patient", "day"])
    # Rows lie in the order in which they were recorded.
    visits = visits.sort_values(["day", "patient"], ignore_index=True)
    return visits.assign(id=_ids(dice, len(visits)))


# ── The tables ───────────────────────────────────────────────────────────────────────────────


def _patient_rows(block: Block) -> pd.DataFrame:
    return block.patients


def _visit_rows(block: Block) -> pd.DataFrame:
    dice, visits = block.dice, block.visits
    n = len(visits)
    weight = block.patients["_weight"].to_numpy()[visits["patient"]] + dice.normal(0, 1.5, n)
    return pd.DataFrame(
        {
            "id": visits["id"],
            "patient_id": _patient_id(block, visits["patient"]),
            "visited_on": _dates(visits["day"]),
            "weight_kg": np.where(dice.random(n) < 0.85, np.round(weight, 1), np.nan),
            "onls_arm": _some(dice, n, 0.6, 5),
            "onls_leg": _some(dice, n, 0.6, 7),
            "mmn_rods": _some(dice, n, 0.4, 50),
        }
    )


def _score_rows(block: Block) -> pd.DataFrame:
    dice, visits = block.dice, block.visits
    is_graded = _examined(dice, visits["is_full"].to_numpy())
    visit, muscle = np.nonzero(is_graded)
    thirds = _strength(block)[visit, muscle]
    n = len(visit)
    is_not_tested = dice.random(n) < 0.02
    words = np.array(MUSCLES, dtype=object)[muscle]
    scores = pd.DataFrame(
        {
            "visit_id": visits["id"].to_numpy()[visit],
            "muscle": words[:, 0],
            "side": words[:, 1],
            "mrc_grade": np.where(is_not_tested, "NT", GRADES[thirds]),
            "not_tested_reason": np.where(
                is_not_tested, dice.choice(["", "pain", "not_done"], n), ""
            ),
            "not_due_to_mmn": np.where(dice.random(n) < 0.005, "true", None),
            "origin": np.where(
                thirds == 15,
                dice.choice(["graded", "rest_normal", ""], n, p=[0.7, 0.1, 0.2]),
                dice.choice(["graded", "carried_forward", ""], n, p=[0.75, 0.05, 0.2]),
            ),
        }
    )
    wrong = scores[dice.random(n) < 0.01].assign(mrc_grade="0", not_tested_reason="", **CORRECTED)
    return pd.concat([scores, wrong], ignore_index=True)


def _examined(dice: Dice, is_full: np.ndarray) -> np.ndarray:
    """Which muscles were graded: all but a few, only the arms, or a handful."""
    shape = (len(is_full), len(MUSCLES))
    arms = np.arange(len(MUSCLES)) < 18
    only_arms = dice.random((len(is_full), 1)) < 0.03
    full = (dice.random(shape) < 0.995) & (arms | ~only_arms)
    return np.where(is_full[:, None], full, dice.random(shape) < 0.1)


def _strength(block: Block) -> np.ndarray:
    """Thirds of a point by visit and muscle: weak muscles recover on treatment, or do not."""
    dice, patients, visits = block.dice, block.patients, block.visits
    shape = (len(patients), len(MUSCLES))
    deficit = np.where(dice.random(shape) < 0.18, dice.integers(1, 13, shape), 0)
    patient = visits["patient"].to_numpy()
    since = visits["day"].to_numpy() - patients["_begin"].to_numpy()[patient]
    is_off = since > patients["_last_infusion"].to_numpy()[patient] + 150
    share = np.clip(since / 183, 0, 1) * np.where(patients["_responds"], 0.6, 0.1)[patient]
    share = np.where(is_off, share * dice.choice([0.2, 1.0], len(share)), share)
    share = share - np.maximum(since - 1500, 0) / 10_000
    thirds = 15 - deficit[patient] * (1 - share[:, None]) + dice.normal(0, 0.4, (len(share), 28))
    thirds = np.where(deficit[patient] == 0, 15, thirds)
    whole = patients["_whole_points"].to_numpy()[patient][:, None]
    thirds = np.where(whole, 3 * np.round(thirds / 3), np.round(thirds))
    return np.clip(thirds, 0, 15).astype(int)


def _grip_rows(block: Block) -> pd.DataFrame:
    dice, visits = block.dice, block.visits
    measured = visits[dice.random(len(visits)) < 0.7]
    both = pd.concat([measured.assign(side=side.value) for side in Side])
    n = len(both)
    strength = dice.normal(60, 12, len(block.patients))[both["patient"]]
    value = (strength + dice.normal(0, 2.5, n)).clip(2, 120)
    return pd.DataFrame(
        {
            "visit_id": both["id"],
            "side": both["side"],
            "device": dice.choice(["vigorimeter_kpa", "jamar_kg"], n, p=[0.9, 0.1]),
            "value": np.round(value, 1),
        }
    )


def _infusion_rows(block: Block) -> pd.DataFrame:
    dice, given = block.dice, block.infusions.sort_values(["day", "patient"], kind="stable")
    n = len(given)
    of = block.patients.iloc[given["patient"]]
    weekly_g = of["_weight"].to_numpy() * 0.4
    by_vein = weekly_g * of["_cycle"].to_numpy() / 7 / of["_course_days"].to_numpy()
    grams = np.where(given["is_sc"], weekly_g, by_vein).clip(5, 200)
    rows = pd.DataFrame(
        {
            "patient_id": _patient_id(block, given["patient"]),
            "given_on": _dates(given["day"]),
            "route": np.where(given["is_sc"], "SC", "IV"),
            "product": np.where(given["is_sc"], "Hizentra", "Privigen"),
            "dose_g": 5 * np.round(grams / 5),
        }
    )
    wrong = rows[dice.random(n) < 0.005].assign(dose_g=1, **CORRECTED)
    return pd.concat([rows, wrong], ignore_index=True)


def _regimen_rows(block: Block) -> pd.DataFrame:
    """By vein until the last infusion so given; a regimen under the skin goes on at home."""
    dice, given = block.dice, block.infusions
    spans = given.groupby(["patient", "is_sc"], as_index=False)["day"].agg(["min", "max"])
    is_sc = spans["is_sc"].to_numpy()
    of = block.patients.iloc[spans["patient"]]
    has_ended = np.where(is_sc, of["_unseen"] > 365, dice.random(len(spans)) < 0.5)
    switched = spans.duplicated("patient", keep="last").to_numpy()
    reasons = dice.choice(["inefficacy", "remission", "patient_choice"], len(spans))
    has_ended = has_ended | switched
    return pd.DataFrame(
        {
            "patient_id": _patient_id(block, spans["patient"]),
            "started_on": _dates(spans["min"]),
            "route": np.where(is_sc, "SC", "IV"),
            "product": "",
            "planned_dose_g": 5 * np.round(of["_weight"].to_numpy() * 0.4 / 5).clip(1),
            "planned_interval_days": pd.array(np.where(is_sc, 7, of["_cycle"]), dtype="Int64"),
            "ended_on": pd.Series(_dates(spans["max"] + 1)).where(has_ended),
            "end_reason": np.where(has_ended, np.where(switched, "switch", reasons), ""),
        }
    )


def _attempt_rows(block: Block) -> pd.DataFrame:
    some = _somebody(block, 0.3)
    return pd.DataFrame(
        {
            "patient_id": _patient_id(block, some),
            "attempted_on": _days_in_course(block, some),
            "kind": block.dice.choice(["reduction", "longer_interval", "stop"], len(some)),
            "outcome": block.dice.choice(["tolerated", "failed", "unknown"], len(some)),
        }
    )


def _drug_rows(block: Block) -> pd.DataFrame:
    some = _somebody(block, 0.12)
    return pd.DataFrame(
        {
            "patient_id": _patient_id(block, some),
            "drug": block.dice.choice(DRUGS, len(some)),
            "started_on": _days_in_course(block, some),
        }
    )


def _studies(block: Block) -> pd.DataFrame:
    """Up to three studies of a patient; the same when the block is asked again."""
    dice = np.random.default_rng([5, int(block.patients["_begin"].sum())])
    offset = np.array([-20, 365, 1200])
    n = len(block.patients)
    patient, place = np.nonzero(dice.random((n, 3)) < [0.85, 0.6, 0.5])
    day = block.patients["_begin"].to_numpy()[patient] + offset[place]
    day = np.minimum(day, LAST_DAY - 3 + place)
    return pd.DataFrame({"id": _ids(dice, len(patient)), "patient": patient, "day": day})


def _study_rows(block: Block) -> pd.DataFrame:
    studies = _studies(block)
    return pd.DataFrame(
        {
            "id": studies["id"],
            "patient_id": _patient_id(block, studies["patient"]),
            "studied_on": _dates(studies["day"]),
        }
    )


def _segment_rows(block: Block) -> pd.DataFrame:
    dice, studies = block.dice, _studies(block)
    shape = (len(studies), len(SEGMENTS))
    study, segment = np.nonzero(dice.random(shape) < 0.8)
    n = len(study)
    words = np.array([[word.value for word in segment] for segment in SEGMENTS], dtype=object)
    normal = np.array([NORMAL_AMPLITUDE_MV[nerve] for nerve, *_ in SEGMENTS])[segment]
    amplitude = normal * dice.uniform(0.1, 1.3, n)
    share = np.where(dice.random(n) < 0.25, dice.uniform(0, 0.6, n), dice.uniform(0.8, 1.05, n))
    share = np.where(dice.random(n) < 0.02, 0, share)
    measures = {
        "distal_amplitude_mv": amplitude,
        "proximal_amplitude_mv": amplitude * share,
        "distal_area_mv_ms": amplitude * 3,
        "proximal_area_mv_ms": amplitude * 3 * share,
        "distal_duration_ms": dice.uniform(5, 8, n),
        "proximal_duration_ms": dice.uniform(5, 11, n),
    }
    measured = {
        name: np.where(dice.random(n) < 0.03, np.nan, np.round(values, 2))
        for name, values in measures.items()
    }
    return pd.DataFrame(
        {
            "study_id": studies["id"].to_numpy()[study],
            "nerve": words[segment, 0],
            "side": dice.choice([side.value for side in Side], n),
            "distal_site": words[segment, 1],
            "proximal_site": words[segment, 2],
            **measured,
            "excluded": dice.choice(["", "cold", "submaximal"], n, p=[0.96, 0.02, 0.02]),
            "reported_block": dice.choice(["", "none", "probable", "definite"], n),
        }
    )


def _laboratory_rows(block: Block) -> pd.DataFrame:
    antibodies, protein, ck = (_somebody(block, share) for share in (0.8, 0.5, 0.7))
    dice = block.dice
    parts = [
        pd.DataFrame(
            {
                "patient": antibodies,
                "test": "anti_gm1_igm",
                "interpretation": dice.choice(
                    ["negative", "borderline", "positive", "high"], len(antibodies)
                ),
            }
        ),
        pd.DataFrame(
            {
                "patient": protein,
                "test": "csf_protein",
                "value": np.round(dice.uniform(0.2, 1.2, len(protein)), 2),
                "unit": "g/L",
                "cutoff": "0.45",
            }
        ),
        pd.DataFrame(
            {
                "patient": ck,
                "test": "ck",
                "value": dice.integers(60, 900, len(ck)).astype(float),
                "unit": "U/L",
            }
        ),
    ]
    rows = pd.concat(parts, ignore_index=True)
    patient = rows.pop("patient").to_numpy()
    texts = dict.fromkeys(("interpretation", "unit", "cutoff"), "")
    rows = rows.fillna(texts).assign(method="")
    return rows.assign(
        patient_id=_patient_id(block, patient),
        taken_on=_dates(block.patients["_begin"].to_numpy()[patient] - 10),
    )


def _finding_rows(block: Block) -> pd.DataFrame:
    parts = [pd.DataFrame({"patient": _somebody(block, 0.85), "finding": k}) for k in FindingKind]
    rows = pd.concat(parts, ignore_index=True)
    patient, n = rows.pop("patient").to_numpy(), len(rows)
    is_usual = rows["finding"].isin(USUAL).to_numpy()
    present = block.dice.random(n) < np.where(is_usual, 0.92, 0.04)
    state = np.where(present, "present", "absent")
    return rows.assign(
        finding=rows["finding"].map(str),
        patient_id=_patient_id(block, patient),
        observed_on=_dates(block.patients["_begin"].to_numpy()[patient] - 10),
        state=np.where(block.dice.random(n) < 0.03, "not_examined", state),
    )


USUAL = (
    FindingKind.WEAKNESS_OVER_1_MONTH,
    FindingKind.WEAKNESS_IN_2_NERVES,
    FindingKind.SENSORY_CONDUCTION_NORMAL,
    FindingKind.CRAMPS_OR_FASCICULATIONS,
)

TABLES: dict[str, Callable[[Block], pd.DataFrame]] = {
    "patients_patient": _patient_rows,
    "patients_visit": _visit_rows,
    "patients_musclescore": _score_rows,
    "patients_gripstrength": _grip_rows,
    "infusions_infusion": _infusion_rows,
    "infusions_regimen": _regimen_rows,
    "infusions_doseattempt": _attempt_rows,
    "infusions_immunosuppressant": _drug_rows,
    "patients_nerveconductionstudy": _study_rows,
    "patients_nervesegment": _segment_rows,
    "patients_laboratoryresult": _laboratory_rows,
    "patients_finding": _finding_rows,
}


def _lower_limits(centres: pd.DataFrame) -> pd.DataFrame:
    limits = [
        {"nerve": nerve.value, "valid_from": date(2000, 1, 1), "distal_amplitude_lln_mv": limit}
        for nerve, limit in LOWER_LIMIT_MV.items()
    ]
    return (
        centres[["id"]].rename(columns={"id": "centre_id"}).merge(pd.DataFrame(limits), how="cross")
    )


# ── Small things ─────────────────────────────────────────────────────────────────────────────


def _ids(dice: Dice, n: int) -> list[str]:
    """Random, as ids are: an index on them is not filled from left to right."""
    drawn = dice.bytes(16 * n)
    return [str(UUID(bytes=drawn[at : at + 16], version=4)) for at in range(0, 16 * n, 16)]


def _dates(days) -> np.ndarray:
    return np.asarray(days).astype("int64").astype("datetime64[D]")


def _patient_id(block: Block, patient) -> np.ndarray:
    return block.patients["id"].to_numpy()[np.asarray(patient)]


def _somebody(block: Block, share: float) -> np.ndarray:
    """Positions of some patients."""
    return np.flatnonzero(block.dice.random(len(block.patients)) < share)


def _days_in_course(block: Block, patient: np.ndarray) -> np.ndarray:
    begin = block.patients["_begin"].to_numpy()[patient]
    return _dates(begin + block.dice.integers(0, 380, len(patient)))


def _some(dice: Dice, n: int, share: float, highest: int) -> pd.api.extensions.ExtensionArray:
    values = pd.array(dice.integers(0, highest + 1, n), dtype="Int64")
    values[dice.random(n) >= share] = pd.NA
    return values
