"""Predictors of short-term response (outcomes.md §8)."""

from datetime import date, timedelta
from fractions import Fraction

from .conduction import BLOCK, studies
from .examinations import FULL_STRENGTH, baseline_on, examinations, sum_score
from .response import in_primary_table, short_term
from .statistics import benjamini_hochberg, fisher_p, hodges_lehmann, mann_whitney_p
from .treatment import days_between, index_on

YEAR = Fraction(1461, 4)  # days
NAMES = [
    "age_at_onset_years",
    "sex",
    "onset_to_treatment_years",
    "affected_muscles",
    "affected_limb_regions",
    "mrc_140",
    "atrophy",
    "conduction_blocks",
    "anti_gm1_igm",
    "csf_protein_g_per_l",
    "ck_u_per_l",
    "reflexes_lost",
]
TWO_LEVELS = {
    "sex": ("female", "male"),
    "atrophy": ("yes", "no"),
    "anti_gm1_igm": ("yes", "no"),
    "reflexes_lost": ("yes", "no"),
}


def middle_of(partial):
    """§0: "A partial date counts as its middle (1 July; the 15th) in arithmetic"."""
    if not partial:
        return None
    return date.fromisoformat(partial + {4: "-07-01", 7: "-15", 10: ""}[len(partial)])


def limb_region(muscle, side):
    """§8: "upper arm (shoulder, elbow muscles), lower arm and hand (the other arm muscles), upper
    leg (hip, knee), lower leg and foot, left and right".
    """
    joint = muscle.split("_")[0]
    return {
        "shoulder": "upper arm",
        "elbow": "upper arm",
        "hip": "upper leg",
        "knee": "upper leg",
        "ankle": "lower leg",
        "great": "lower leg",
    }.get(joint, "lower arm"), side


def latest(rows, column, last_on):
    """The latest of some rows on or before a day, or None."""
    known = sorted((row for row in rows if row[column] <= last_on), key=lambda row: row[column])
    return known[-1] if known else None


def _conduction_blocks(own, index):
    early = [day for day in studies(own) if day <= index + timedelta(days=30)]
    if not early:
        return None
    return sum(grade in BLOCK for grade, _ in studies(own)[max(early)].values())


def _anti_gm1_igm(own, as_of):
    rows = [
        row for row in own["laboratory"] if row["test"] == "anti_gm1_igm" and row["interpretation"]
    ]
    sample = latest(rows, "taken_on", as_of)
    answers = {"positive": "yes", "high": "yes", "negative": "no"}
    return answers.get(sample["interpretation"]) if sample else None


def _laboratory(own, test, unit, last_on):
    rows = [
        row
        for row in own["laboratory"]
        if (row["test"], row["unit"]) == (test, unit) and row["value"] is not None
    ]
    sample = latest(rows, "taken_on", last_on)
    return sample["value"] if sample else None


def _reflexes_lost(own, last_on):
    rows = [
        row
        for row in own["findings"]
        if row["finding"] == "reflexes_reduced_or_absent" and row["state"] != "not_examined"
    ]
    seen = latest(rows, "observed_on", last_on)
    return {"present": "yes", "absent": "no"}[seen["state"]] if seen else None


def predictor_values(own, as_of):
    """§8: one value per line of the table, None where missing."""
    patient, index, baseline = own["patient"], index_on(own), baseline_on(own)
    grades = examinations(own)[baseline]
    affected = [key for key, grade in grades.items() if grade < FULL_STRENGTH]
    onset, born = patient["onset_on"], patient["birth_year"]
    return {
        "age_at_onset_years": int(onset[:4]) - born if onset and born is not None else None,
        "sex": patient["sex"] if patient["sex"] in {"female", "male"} else None,
        "onset_to_treatment_years": (
            days_between(middle_of(onset), index) / YEAR if onset else None
        ),
        "affected_muscles": len(affected),
        "affected_limb_regions": len({limb_region(*key) for key in affected}),
        "mrc_140": sum_score(grades, "MRC-140")[0],
        "atrophy": {"yes": "yes", "no": "no"}.get(patient["atrophy_at_baseline"]),
        "conduction_blocks": _conduction_blocks(own, index),
        "anti_gm1_igm": _anti_gm1_igm(own, as_of),
        "csf_protein_g_per_l": _laboratory(own, "csf_protein", "g/L", baseline),
        "ck_u_per_l": _laboratory(own, "ck", "U/L", baseline),
        "reflexes_lost": _reflexes_lost(own, baseline),
    }


def predictor_table(patients, as_of):
    """§8: "Patients of the primary table that are evaluable"; one dict per line."""
    values, responded = [], []
    for own in patients:
        response, _ = short_term(own, as_of)
        if in_primary_table(own) and response != "not_evaluable":
            values.append(predictor_values(own, as_of))
            responded.append(response == "responder")
    lines = [_line(name, [value[name] for value in values], responded) for name in NAMES]
    q_values = benjamini_hochberg([line["p_value"] for line in lines])
    return [line | {"q_value": q} for line, q in zip(lines, q_values, strict=True)]


def _line(name, values, responded):
    known = [(v, r) for v, r in zip(values, responded, strict=True) if v is not None]
    line = {"name": name, "n": len(known), "missing": len(values) - len(known), "p_value": None}
    if name in TWO_LEVELS:
        return line | _two_levels(known, TWO_LEVELS[name])
    return line | _numeric(known)


def _two_levels(known, levels):
    """§8: "A level or group with < 3 patients: p_value null, description only"."""
    a, b = (sum(value == level and response for value, response in known) for level in levels)
    c, d = (sum(value == level and not response for value, response in known) for level in levels)
    enough = min(a + c, b + d, a + b, c + d) >= 3
    return {"p_value": fisher_p(a, b, c, d)} if enough else {}


def _numeric(known):
    yes = [value for value, response in known if response]
    no = [value for value, response in known if not response]
    if min(len(yes), len(no)) < 3:
        return {}
    return {
        "p_value": mann_whitney_p(yes, no),
        "estimate": float(hodges_lehmann(yes, no)),
    }
