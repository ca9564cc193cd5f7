"""A living cohort, made up anew relative to today, and the same for the same day."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from infusions.vocabulary import Reaction, Route, Severity
from patients.vocabulary import (
    MRC_THIRDS,
    FindingKind,
    FindingState,
    GradeOrigin,
    GripDevice,
    LaboratoryTest,
    MotorNerve,
    Muscle,
    NotTestedReason,
    Sex,
    Side,
    StimulationSite,
)

from .stories import STORIES, Phase, Story

# The fourteen muscles of the set MRC-140, each on both sides.
EXAMINED = (
    Muscle.SHOULDER_ABDUCTION,
    Muscle.ELBOW_FLEXION,
    Muscle.ELBOW_EXTENSION,
    Muscle.WRIST_EXTENSION,
    Muscle.WRIST_FLEXION,
    Muscle.FINGER_EXTENSION,
    Muscle.FINGER_FLEXION,
    Muscle.FIRST_DORSAL_INTEROSSEOUS,
    Muscle.THUMB_ABDUCTION,
    Muscle.HIP_FLEXION,
    Muscle.KNEE_EXTENSION,
    Muscle.ANKLE_DORSIFLEXION,
    Muscle.ANKLE_PLANTARFLEXION,
    Muscle.GREAT_TOE_EXTENSION,
)
TERRITORY = {
    MotorNerve.MEDIAN: (Muscle.THUMB_ABDUCTION, Muscle.FINGER_FLEXION, Muscle.WRIST_FLEXION),
    MotorNerve.ULNAR: (Muscle.FIRST_DORSAL_INTEROSSEOUS, Muscle.FINGER_FLEXION),
    MotorNerve.RADIAL: (Muscle.WRIST_EXTENSION, Muscle.FINGER_EXTENSION, Muscle.ELBOW_EXTENSION),
    MotorNerve.MUSCULOCUTANEOUS: (Muscle.ELBOW_FLEXION,),
    MotorNerve.FIBULAR: (Muscle.ANKLE_DORSIFLEXION, Muscle.GREAT_TOE_EXTENSION),
}
GRIP_MUSCLES = (Muscle.FINGER_FLEXION, Muscle.WRIST_EXTENSION, Muscle.FIRST_DORSAL_INTEROSSEOUS)
SITE = StimulationSite
SEGMENTS = (
    (MotorNerve.MEDIAN, SITE.WRIST, SITE.ELBOW),
    (MotorNerve.MEDIAN, SITE.ELBOW, SITE.AXILLA),
    (MotorNerve.ULNAR, SITE.WRIST, SITE.BELOW_ELBOW),
    (MotorNerve.ULNAR, SITE.BELOW_ELBOW, SITE.ABOVE_ELBOW),
    (MotorNerve.ULNAR, SITE.ABOVE_ELBOW, SITE.AXILLA),
    (MotorNerve.RADIAL, SITE.ELBOW, SITE.AXILLA),
    (MotorNerve.MUSCULOCUTANEOUS, SITE.AXILLA, SITE.ERB),
    (MotorNerve.FIBULAR, SITE.ANKLE, SITE.FIBULAR_HEAD_BELOW),
    (MotorNerve.TIBIAL, SITE.ANKLE, SITE.POPLITEAL_FOSSA),
)
NORMAL_AMPLITUDE_MV = {
    MotorNerve.MEDIAN: 9.5,
    MotorNerve.ULNAR: 11.0,
    MotorNerve.RADIAL: 6.5,
    MotorNerve.MUSCULOCUTANEOUS: 8.0,
    MotorNerve.FIBULAR: 5.5,
    MotorNerve.TIBIAL: 10.0,
}
LOWER_LIMIT_MV = {
    MotorNerve.MEDIAN: 4.0,
    MotorNerve.ULNAR: 6.0,
    MotorNerve.RADIAL: 3.0,
    MotorNerve.MUSCULOCUTANEOUS: 4.0,
    MotorNerve.FIBULAR: 2.0,
    MotorNerve.TIBIAL: 4.0,
}
PRODUCTS = {
    Route.IV: ("Privigen", "Kiovig", "Octagam"),
    Route.SC: ("Hizentra", "Cuvitru"),
    Route.FSC: ("HyQvia",),
}
MILD_REACTIONS = (
    Reaction.HEADACHE,
    Reaction.FATIGUE,
    Reaction.FLUSHING_OR_CHILLS,
    Reaction.NAUSEA_OR_VOMITING,
)
DRUGS = ("mycophenolate", "cyclophosphamide", "rituximab")
FULL_STRENGTH_THIRDS = MRC_THIRDS["5"]
GRADE_OF_THIRDS = {thirds: grade for grade, thirds in MRC_THIRDS.items()}
STUDY_EVERY_DAYS = 730
LOTS_SINCE_DAYS = 540  # lot numbers are recorded since the registry asks for them


def write_living_cohort(folder: Path, *, centre: str, today: date) -> None:
    """Write a bundle of sixty patients whose records reach up to ``today``."""
    tables: Tables = defaultdict(list)
    for nerve, limit in LOWER_LIMIT_MV.items():
        tables["lower_limits"].append(
            {
                "centre": centre,
                "nerve": nerve,
                "valid_from": date(2009, 1, 1),
                "distal_amplitude_lln_mv": limit,
            }
        )
    order = list(STORIES)
    Random("order").shuffle(order)  # noqa: S311 — made-up data, the same on every machine
    for number, tell in enumerate(order, start=1):
        study_id = f"{centre[0]}-{number:03}"
        dice = Random(study_id)  # noqa: S311
        patient = _make_patient(study_id, centre, tell(dice), dice, today)
        _record(patient, tables)
    for name, rows in tables.items():
        _write_table(folder / f"{name}.csv", rows)


Tables = defaultdict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class _Patient:
    study_id: str
    centre: str
    story: Story
    dice: Random
    index_on: date
    last_on: date  # no record lies after it
    sex: Sex
    weight_kg: float
    weak_nerves: tuple[tuple[MotorNerve, Side], ...]
    deficit_thirds: dict[tuple[Muscle, Side], int]  # strength lost at index
    recoverable: dict[tuple[Muscle, Side], float]
    whole_points: bool  # this examiner grades without + and −
    prior_immunoglobulin: str

    def on(self, day: int) -> date:
        return self.index_on + timedelta(days=day)

    def has_come(self, day: int) -> bool:
        return self.on(day) <= self.last_on


def _make_patient(study_id: str, centre: str, story: Story, dice: Random, today: date) -> _Patient:
    last_on = today - timedelta(days=story.unseen_for_days or dice.randint(3, 75))
    sex = dice.choices([Sex.MALE, Sex.FEMALE], [0.72, 0.28])[0]
    weak_nerves = _weak_nerves(dice)
    deficits = [1, 2] if story.slight else [3, 3, 4, 5, 6, 6, 8, 9, 12]
    deficit = {
        (muscle, side): dice.choice(deficits)
        for nerve, side in weak_nerves
        for muscle in TERRITORY[nerve]
    }
    return _Patient(
        study_id=study_id,
        centre=centre,
        story=story,
        dice=dice,
        index_on=last_on - timedelta(days=story.follow_up_days),
        last_on=last_on,
        sex=sex,
        weight_kg=round(dice.gauss(82 if sex == Sex.MALE else 67, 9), 1),
        weak_nerves=weak_nerves,
        deficit_thirds=deficit,
        recoverable={key: dice.uniform(0.5, 1.2) for key in deficit},
        whole_points=dice.random() < 0.5 and not story.slight,
        prior_immunoglobulin=dice.choices(["no", "yes", "unknown"], [0.76, 0.2, 0.04])[0],
    )


def _weak_nerves(dice: Random) -> tuple[tuple[MotorNerve, Side], ...]:
    """One to four nerves, mostly of the right arm: asymmetric and distal, as the disease is."""
    nerves = dice.sample(
        [MotorNerve.RADIAL, MotorNerve.ULNAR, MotorNerve.MEDIAN, MotorNerve.RADIAL],
        dice.choice([1, 2, 2, 3]),
    )
    if dice.random() < 0.2:
        nerves.append(MotorNerve.MUSCULOCUTANEOUS)
    if dice.random() < 0.3:
        nerves.append(MotorNerve.FIBULAR)
    sides = [Side.RIGHT, Side.RIGHT, Side.LEFT]
    return tuple(dict.fromkeys((nerve, dice.choice(sides)) for nerve in nerves))


def _record(patient: _Patient, tables: Tables) -> None:
    """Everything that the registry would hold of this patient."""
    tables["patients"].append(_patient_row(patient))
    _record_visits(patient, tables)
    for phase in patient.story.phases:
        _record_phase(patient, phase, tables)
    _record_studies(patient, tables)
    _record_laboratory(patient, tables)
    _record_findings(patient, tables)
    _record_decisions(patient, tables)
    _record_consents(patient, tables)


def _patient_row(patient: _Patient) -> dict[str, object]:
    dice, story = patient.dice, patient.story
    onset_on = patient.on(-dice.randint(200, 3000))
    diagnosed_on = patient.on(-dice.randint(20, 150))
    age_at_onset = dice.randint(28, 62)
    opinion = "unknown"
    if story.phases and story.follow_up_days > 200 and dice.random() < 0.4:
        opinion = "yes" if story.recovered(180) > 0.3 else "no"
    return {
        "study_id": patient.study_id,
        "centre": patient.centre,
        "sex": patient.sex,
        "birth_year": onset_on.year - age_at_onset,
        "onset_on": f"{onset_on:%Y}" if dice.random() < 0.3 else f"{onset_on:%Y-%m}",
        "diagnosed_on": f"{diagnosed_on:%Y-%m}",
        "included_on": patient.on(-dice.randint(15, 19)),
        "prior_immunoglobulin": patient.prior_immunoglobulin,
        "clinician_response": opinion,
        "atrophy_at_baseline": dice.choice(["yes", "no", "no", "unknown"]),
        "deceased_on": patient.last_on + timedelta(days=60) if story.died else "",
    }


def _visit_days(patient: _Patient) -> list[int]:
    """Before treatment, at one, three and six months, then twice a year, and the last contact."""
    dice, story = patient.dice, patient.story
    days = [-dice.randint(1, 14), dice.randint(26, 33), 91 + dice.randint(-7, 7)]
    month_6 = 183 + dice.randint(-15, 25)
    if not story.month_6_missed:
        days.append(month_6)
    day = month_6 + 182
    while day < story.follow_up_days - 40:
        days.append(day + dice.randint(-20, 20))
        day += 182
    missed_last = 122 <= story.follow_up_days <= 243 and story.month_6_missed
    if not missed_last:
        days.append(story.follow_up_days)
    return sorted({day for day in days if patient.has_come(day)})


def _record_visits(patient: _Patient, tables: Tables) -> None:
    for day in _visit_days(patient):
        grades = _grades(patient, day)
        weakest_arm, weakest_leg = _worst_deficits(grades)
        lost = sum(FULL_STRENGTH_THIRDS - thirds for thirds in grades.values())
        key = {"study_id": patient.study_id, "visited_on": patient.on(day)}
        tables["visits"].append(
            key
            | {
                "weight_kg": round(patient.weight_kg + day / 1500 + patient.dice.gauss(0, 0.8), 1),
                "onls_arm": min(4, round(weakest_arm / 4)),
                "onls_leg": min(3, round(weakest_leg / 5)),
                "incat_arm": min(4, round(weakest_arm / 4)),
                "incat_leg": min(3, round(weakest_leg / 5)),
                "mmn_rods": max(8, 50 - round(lost * 0.55)) if day % 3 else "",
            }
        )
        _record_grades(patient, day, grades, key, tables)
        _record_grips(patient, grades, key, tables)


def _grades(patient: _Patient, day: int) -> dict[tuple[Muscle, Side], int]:
    """Every examined muscle in thirds of an MRC point."""
    back = patient.story.recovered(day)
    grades = {}
    for muscle in EXAMINED:
        for side in Side:
            deficit = patient.deficit_thirds.get((muscle, side), 0)
            share = back * patient.recoverable.get((muscle, side), 1.0)
            thirds = FULL_STRENGTH_THIRDS - deficit * (1 - min(share, 1.0))
            grades[muscle, side] = _gradable(thirds, whole=patient.whole_points)
    return grades


def _gradable(thirds: float, *, whole: bool) -> int:
    """The nearest grade that the scale has."""
    scale = [each for each in GRADE_OF_THIRDS if not whole or each % 3 == 0]
    return min(scale, key=lambda each: abs(each - thirds))


def _worst_deficits(grades: dict[tuple[Muscle, Side], int]) -> tuple[int, int]:
    legs = EXAMINED[EXAMINED.index(Muscle.HIP_FLEXION) :]
    lost = {key: FULL_STRENGTH_THIRDS - thirds for key, thirds in grades.items()}
    arm = max(value for (muscle, _side), value in lost.items() if muscle not in legs)
    leg = max(value for (muscle, _side), value in lost.items() if muscle in legs)
    return arm, leg


def _record_grades(
    patient: _Patient,
    day: int,
    grades: dict[tuple[Muscle, Side], int],
    key: dict[str, object],
    tables: Tables,
) -> None:
    # At follow-up, what was always normal is sometimes filled in at once.
    filled = day > 0 and patient.dice.random() < 0.25
    for (muscle, side), thirds in grades.items():
        row = key | {"muscle": muscle, "side": side, "mrc_grade": GRADE_OF_THIRDS[thirds]}
        row |= {"not_tested_reason": "", "origin": GradeOrigin.GRADED}
        if filled and (muscle, side) not in patient.deficit_thirds:
            row["origin"] = GradeOrigin.REST_NORMAL
        elif patient.dice.random() < 0.006:
            reason = patient.dice.choice([NotTestedReason.PAIN, NotTestedReason.NOT_DONE])
            row |= {"mrc_grade": "NT", "not_tested_reason": reason}
        tables["muscle_scores"].append(row)


def _record_grips(
    patient: _Patient,
    grades: dict[tuple[Muscle, Side], int],
    key: dict[str, object],
    tables: Tables,
) -> None:
    full_kpa = 105 if patient.sex == Sex.MALE else 82
    for side in Side:
        share = sum(grades[muscle, side] for muscle in GRIP_MUSCLES) / (3 * FULL_STRENGTH_THIRDS)
        value = full_kpa * share**1.5 + patient.dice.gauss(0, 1.5)
        row = {"side": side, "device": GripDevice.VIGORIMETER_KPA, "value": round(value, 1)}
        tables["grip_strengths"].append(key | row)


def _record_phase(patient: _Patient, phase: Phase, tables: Tables) -> None:
    if not patient.has_come(phase.starts):
        return
    # Its own dice: a patient stays with a product as long as the route stays.
    product = Random(f"{patient.study_id} {phase.route}").choice(PRODUCTS[phase.route])  # noqa: S311
    course_g = max(5 * round(phase.dose_g_per_kg * patient.weight_kg / 5), 5)
    ended = phase.ends is not None and patient.has_come(phase.ends)
    tables["regimens"].append(
        {
            "study_id": patient.study_id,
            "started_on": patient.on(phase.starts),
            "route": phase.route,
            "product": product,
            "planned_dose_g": course_g,
            "planned_interval_days": phase.interval_days,
            "ended_on": patient.on(phase.ends) if ended else "",
            "end_reason": phase.end_reason if ended else "",
        }
    )
    if phase.route == Route.IV:
        _record_courses(patient, phase, product, course_g, tables)


def _record_courses(
    patient: _Patient, phase: Phase, product: str, course_g: int, tables: Tables
) -> None:
    """Hospital courses. Home treatment is not recorded: its regimen stands for it."""
    last_day = patient.story.follow_up_days if phase.ends is None else phase.ends - phase.days
    day, due = phase.starts, phase.starts
    while day <= last_day:
        for number in range(phase.days):
            if patient.has_come(day + number):
                _record_infusion(patient, day + number, product, course_g / phase.days, tables)
        due += phase.interval_days
        day = due + patient.dice.choice([-1, 0, 0, 0, 1, 2])


def _record_infusion(
    patient: _Patient, day: int, product: str, dose_g: float, tables: Tables
) -> None:
    given = {
        "study_id": patient.study_id,
        "given_on": patient.on(day),
        "route": Route.IV,
        "product": product,
        "dose_g": round(dose_g, 1),
    }
    tables["infusions"].append(given)
    lot_number = f"{product[0]}{patient.dice.randint(1000, 9999)}"
    recent = patient.story.follow_up_days - day < LOTS_SINCE_DAYS
    if recent:
        tables["infusion_lots"].append(given | {"lot_number": lot_number})
    if patient.dice.random() < 0.008:
        _record_reaction(patient, given, lot_number if recent else "", tables)


def _record_reaction(
    patient: _Patient, given: dict[str, object], lot_number: str, tables: Tables
) -> None:
    known = {(row["study_id"], row["occurred_on"]) for row in tables["adverse_reactions"]}
    if (given["study_id"], given["given_on"]) in known:
        return
    severe = patient.dice.random() < 0.1
    tables["adverse_reactions"].append(
        {
            "study_id": given["study_id"],
            "occurred_on": given["given_on"],
            "reaction": Reaction.ASEPTIC_MENINGITIS
            if severe
            else patient.dice.choice(MILD_REACTIONS),
            "severity": Severity.SEVERE if severe else patient.dice.choice(list(Severity)[:2]),
            "serious": "yes" if severe else "no",
            "route": given["route"],
            "product": given["product"],
            "lot_number": lot_number,
            "onset_hours": patient.dice.choice([1, 2, 6, 12, 24]),
            "action": "admitted"
            if severe
            else patient.dice.choice(["rate reduced", "paracetamol"]),
            "outcome": "recovered",
        }
    )


def _record_studies(patient: _Patient, tables: Tables) -> None:
    """Nerve conduction before treatment and about every two years."""
    day, number = -patient.dice.randint(5, 40), 0
    while patient.has_come(day) and number < 4:
        for side in Side:
            for nerve, distal, proximal in SEGMENTS:
                row = _segment(patient, day, nerve, side, proximal)
                row |= {"distal_site": distal, "proximal_site": proximal}
                tables["nerve_segments"].append(row)
        number += 1
        day += STUDY_EVERY_DAYS + patient.dice.randint(-90, 90)


def _segment(
    patient: _Patient, day: int, nerve: MotorNerve, side: Side, proximal: StimulationSite
) -> dict[str, object]:
    # Its own dice: a nerve keeps its character from study to study.
    own = Random(f"{patient.study_id} {nerve} {side} {proximal}")  # noqa: S311
    amplitude = NORMAL_AMPLITUDE_MV[nerve] * own.uniform(0.75, 1.2)
    loss, broadening = own.uniform(0.02, 0.15), own.uniform(0.02, 0.15)
    if (nerve, side) in patient.weak_nerves and own.random() < 0.6:
        back = max(0.0, patient.story.recovered(day)) * own.uniform(0.0, 0.8)
        loss = max(0.1, own.uniform(0.35, 0.9) * (1 - back))
        broadening = own.uniform(0.05, 0.4)
        years = max(0, day) / 365
        amplitude *= max(0.08, 1 - own.choice([0.0, 0.0, 0.03, 0.15]) * years)  # axons die slowly
    elif (nerve, side) in patient.weak_nerves:
        loss += max(0.0, -patient.story.recovered(day)) * own.uniform(2, 5)  # a block that comes
    duration_ms = own.uniform(5.2, 6.6)
    wobble = patient.dice.uniform(0.97, 1.03)
    return {
        "study_id": patient.study_id,
        "studied_on": patient.on(day),
        "nerve": nerve,
        "side": side,
        "distal_amplitude_mv": round(amplitude * wobble, 1),
        "proximal_amplitude_mv": round(amplitude * wobble * (1 - loss) * 0.97, 1),
        "distal_area_mv_ms": round(amplitude * wobble * 3.1, 2),
        "proximal_area_mv_ms": round(amplitude * wobble * 3.1 * (1 - loss), 2),
        "distal_duration_ms": round(duration_ms, 1),
        "proximal_duration_ms": round(duration_ms * (1 + broadening), 1),
    }


def _record_laboratory(patient: _Patient, tables: Tables) -> None:
    dice = patient.dice

    def sample(day: int, test: LaboratoryTest, **result: object) -> None:
        if patient.has_come(day):
            empty = {"value": "", "unit": "", "interpretation": "", "method": "", "cutoff": ""}
            key = {"study_id": patient.study_id, "taken_on": patient.on(day), "test": test}
            tables["laboratory"].append(key | empty | result)

    first = -dice.randint(3, 14)
    verdict = dice.choices(["negative", "borderline", "positive", "high"], [0.5, 0.06, 0.29, 0.15])
    sample(first, LaboratoryTest.ANTI_GM1_IGM, interpretation=verdict[0], method="ELISA")
    sample(first, LaboratoryTest.CK, value=round(dice.lognormvariate(5.2, 0.5)), unit="U/L")
    if dice.random() < 0.6:
        value = round(dice.uniform(0.25, 0.85), 2)
        sample(first, LaboratoryTest.CSF_PROTEIN, value=value, unit="g/L")
    sample(first, LaboratoryTest.IGA, value=round(dice.uniform(0.8, 3.5), 1), unit="g/L")
    sample(first, LaboratoryTest.IGG_PRE, value=round(dice.uniform(8, 14), 1), unit="g/L")
    for year in range(1, 1 + patient.story.follow_up_days // 365):
        day = 365 * year + dice.randint(-30, 30)
        if day > patient.story.follow_up_days:
            break
        sample(day, LaboratoryTest.IGG_PRE, value=round(dice.uniform(13, 22), 1), unit="g/L")
        sample(day, LaboratoryTest.HAEMOGLOBIN, value=round(dice.uniform(118, 158)), unit="g/L")
        sample(day, LaboratoryTest.CREATININE, value=round(dice.uniform(50, 105)), unit="umol/L")


def _record_findings(patient: _Patient, tables: Tables) -> None:
    dice, story = patient.dice, patient.story
    observed = {
        FindingKind.WEAKNESS_OVER_1_MONTH: FindingState.PRESENT,
        FindingKind.WEAKNESS_IN_2_NERVES: FindingState.PRESENT
        if len({nerve for nerve, _side in patient.weak_nerves}) > 1
        else FindingState.ABSENT,
        FindingKind.SENSORY_LOSS_BEYOND_VIBRATION: FindingState.ABSENT,
        FindingKind.UPPER_MOTOR_NEURON_SIGNS: FindingState.ABSENT,
        FindingKind.MARKED_BULBAR_INVOLVEMENT: FindingState.ABSENT,
        FindingKind.DIFFUSE_SYMMETRIC_ONSET: FindingState.ABSENT,
        FindingKind.REFLEXES_REDUCED_OR_ABSENT: dice.choice(list(FindingState)[:2]),
        FindingKind.CRAMPS_OR_FASCICULATIONS: dice.choice(list(FindingState)),
        FindingKind.PLEXUS_MRI_T2: dice.choice(list(FindingState)),
        FindingKind.SENSORY_CONDUCTION_NORMAL: FindingState.PRESENT,
    }
    first = patient.on(-dice.randint(1, 14))
    for finding, state in observed.items():
        tables["findings"].append(_finding(patient, first, finding, state))
    if story.phases and patient.has_come(200):
        improved = story.recovered(180) > 0.3
        state = FindingState.PRESENT if improved else FindingState.ABSENT
        kind = FindingKind.IMPROVED_AFTER_IMMUNOGLOBULIN
        tables["findings"].append(_finding(patient, patient.on(200), kind, state))


def _finding(
    patient: _Patient, observed_on: date, finding: FindingKind, state: FindingState
) -> dict[str, object]:
    key = {"study_id": patient.study_id, "observed_on": observed_on}
    return key | {"finding": finding, "state": state}


def _record_decisions(patient: _Patient, tables: Tables) -> None:
    story = patient.story
    for attempt in story.attempts:
        if patient.has_come(attempt.day):
            row = {"study_id": patient.study_id, "attempted_on": patient.on(attempt.day)}
            tables["dose_attempts"].append(row | {"kind": attempt.kind, "outcome": attempt.outcome})
    start = story.immunosuppressant_from
    if start is not None and patient.has_come(start):
        row = {"study_id": patient.study_id, "drug": patient.dice.choice(DRUGS)}
        tables["immunosuppressants"].append(row | {"started_on": patient.on(start), "ended_on": ""})


def _record_consents(patient: _Patient, tables: Tables) -> None:
    given_on = patient.on(-patient.dice.randint(1, 14))
    scopes = ["registry"]
    if patient.dice.random() < 0.9:
        scopes.append("research")
    if patient.dice.random() < 0.6:
        scopes.append("contact")
    withdrew = patient.dice.random() < 0.04
    for scope in scopes:
        withdrawn_on = patient.last_on if withdrew and scope != "registry" else ""
        tables["consents"].append(
            {
                "study_id": patient.study_id,
                "scope": scope,
                "version": "1",
                "given_on": given_on,
                "withdrawn_on": withdrawn_on,
            }
        )


def _write_table(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
