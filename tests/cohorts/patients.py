"""One patient: ``{table: rows}`` with days as offsets from the cohort's day 0, no study id yet."""

from tests.oracles.records import FULL_DATES

from .measurements import findings, laboratory, segments
from .stories import STORIES
from .strength import GRADES, MUSCLES, grips, score, scores, visit_days
from .treatment import NEAR_THE_END, OUTCOMES, immunosuppressants, regimens, treatment


def patient_fields(pick, first):
    return {
        "centre": pick.one_of(["A01", "B02"]),
        "sex": pick.one_of(["female", "male", "female", "male", "other", "unknown"]),
        "birth_year": pick.one_of(["", "1950", "1961", "1975"]),
        "onset_on": pick.one_of(["", "2003", "2003-05", "2003-05-17", "2011-12", "2009-02"]),
        "included_on": first + pick.one_of([-30, 0, 0, 0, 10, 200]),
        "prior_immunoglobulin": pick.one_of(["no", "no", "no", "yes", "unknown"]),
        "clinician_response": pick.one_of(["", "yes", "yes", "no", "unknown"]),
        "atrophy_at_baseline": pick.one_of(["", "yes", "no", "unknown"]),
    }


def anything(pick):
    """A course of treatment and examinations with no plan behind them."""
    shift = pick.one_of([0, 0, 0, 1, 7, 200])
    infusions = [(day + shift, *rest) for day, *rest in treatment(pick)]
    own_regimens = regimens(pick, [row[0] for row in infusions]) if pick.once_in(2) else []
    infused = [row[0] for row in infusions] or [row["started_on"] for row in own_regimens]
    days = visit_days(pick, infused or [shift])
    return {
        "infusions": infusions,
        "regimens": own_regimens,
        "visits": days,
        "muscle_scores": scores(pick, days),
        "grip_strengths": grips(pick, days) if pick.once_in(2) else [],
        "nerve_segments": segments(pick, min(infused, default=shift)) if pick.once_in(2) else [],
    }


def patient(pick):
    """Half of the patients follow one of the stories that end on an edge of the rules."""
    plan = pick.one_of([*[anything] * len(STORIES), *STORIES])(pick)
    infused = [row[0] for row in plan["infusions"]]
    started = infused or [row["started_on"] for row in plan["regimens"]]
    first = min([*started, *([] if started else plan["visits"])], default=0)
    last = max([*plan["visits"], *infused], default=0)
    tables = plan | {
        "patients": [patient_fields(pick, first)],
        "visits": [
            {"visited_on": day, "weight_kg": pick.one_of(["", "", "70", "63.5", "80"])}
            for day in plan["visits"]
        ],
        "infusions": [
            dict(zip(("given_on", "route", "product", "dose_g"), row, strict=True))
            for row in plan["infusions"]
        ],
        "dose_attempts": [
            {"attempted_on": last + day, "kind": "stop", "outcome": pick.one_of(OUTCOMES)}
            for day in (pick.some_of(NEAR_THE_END, 1) if pick.once_in(2) else [])
        ],
        "immunosuppressants": immunosuppressants(pick, last) if pick.once_in(4) else [],
        "laboratory": laboratory(pick, first) if pick.once_in(2) else [],
        "findings": findings(pick, first) if pick.once_in(2) else [],
    }
    if pick.once_in(8):
        later = pick.one_of([0, 1, 100, 500])
        tables["patients"][0]["deceased_on"] = max(_days_of_records(tables)) + later
    return tables


def _days_of_records(tables):
    """Days of everything that may not follow a death."""
    return [
        value
        for rows in tables.values()
        for row in rows
        for column, value in row.items()
        if column in FULL_DATES - {"ended_on"} and value is not None
    ]


def predictable_patient(pick):
    """A naive patient with complete examinations at day 0 and 183: evaluable, predictors filled."""
    rows = []
    for muscle, side in MUSCLES:
        before = pick.one_of([3, 6, 9, 10, 12])
        after = min(12, before + pick.one_of([0, 0, 3]))
        rows += [score(muscle, side, 0, GRADES[before]), score(muscle, side, 183, GRADES[after])]
    fields = patient_fields(pick, 0) | {"included_on": 0, "prior_immunoglobulin": "no"}
    given = {"route": "IV", "product": "Kiovig", "dose_g": "30"}
    return {
        "patients": [fields],
        "visits": [{"visited_on": 0}, {"visited_on": 183}],
        "muscle_scores": rows,
        "infusions": [{"given_on": 28 * number, **given} for number in range(8)],
        "nerve_segments": segments(pick, 0),
        "laboratory": laboratory(pick, 0),
        "findings": findings(pick, 0),
    }
