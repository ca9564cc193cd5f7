"""Diagnostic category (outcomes.md §9) by trying every completion of the missing answers."""

from itertools import product

from .conduction import BLOCK, NOT_ASSESSABLE, grade_efns

QUESTIONS = [
    "weakness_over_1_month",
    "weakness_in_2_nerves",
    "sensory_loss_beyond_vibration",
    "upper_motor_neuron_signs",
    "marked_bulbar_involvement",
    "diffuse_symmetric_onset",
    "sensory_conduction_normal",
    "improved_after_immunoglobulin",
    "plexus_mri_t2",
]


def answers(own):
    """Latest answer of each finding that was answered `present` or `absent`: True or False."""
    known = {}
    for row in sorted(own["findings"], key=lambda row: row["observed_on"]):
        if row["state"] in {"present", "absent"}:
            known[row["finding"]] = row["state"] == "present"
    return known


def anti_gm1_raised(own):
    """By the latest sample with an interpretation; None without one, or where it is borderline."""
    samples = [
        row for row in own["laboratory"] if row["test"] == "anti_gm1_igm" and row["interpretation"]
    ]
    if not samples:
        return None
    latest = max(samples, key=lambda row: row["taken_on"])["interpretation"]
    return {"positive": True, "high": True, "negative": False}.get(latest)


def csf_protein_raised_below_1(own):
    """§9 "CSF protein raised but < 1 g/L", by the latest sample that says so or the contrary."""
    answer = None
    for row in sorted(own["laboratory"], key=lambda row: row["taken_on"]):
        if row["test"] != "csf_protein":
            continue
        grams = row["value"] if row["unit"] == "g/L" else None
        raised = {"positive": True, "high": True, "negative": False}.get(row["interpretation"])
        if raised is False or (grams is not None and grams >= 1):
            answer = False
        elif raised and grams is not None:
            answer = True
    return answer


def blocks_of_nerves(own):
    """(nerves with definite block, nerves with any block) in any study; None if no segment of any
    study could be assessed. Left and right are two nerves.
    """
    graded = [
        ((row["nerve"], row["side"]), grade_efns(own, row)[0]) for row in own["nerve_segments"]
    ]
    if all(grade == NOT_ASSESSABLE for _, grade in graded):
        return None
    definite = {nerve for nerve, grade in graded if grade == "definite"}
    return len(definite), len({nerve for nerve, grade in graded if grade in BLOCK})


def category(answer, definite, blocked):
    """§9 with every question answered, and numbers of nerves with definite and with any block.

    "weakness in one nerve only" is taken as weakness (for over a month) that is not in 2 nerves.
    """
    exclusion = any(
        answer[question]
        for question in (
            "upper_motor_neuron_signs",
            "marked_bulbar_involvement",
            "sensory_loss_beyond_vibration",
            "diffuse_symmetric_onset",
        )
    )
    core_1 = answer["weakness_over_1_month"] and answer["weakness_in_2_nerves"]
    core_2 = not answer["sensory_loss_beyond_vibration"]
    sensory_normal = answer["sensory_conduction_normal"]
    improved = answer["improved_after_immunoglobulin"]
    clinical_ok = core_1 and core_2 and not exclusion and (sensory_normal or not blocked)
    supportive = answer["anti_gm1"] + answer["csf_protein"] + answer["plexus_mri_t2"] + improved
    weak_in_one = answer["weakness_over_1_month"] and not answer["weakness_in_2_nerves"]
    lines = [
        (clinical_ok and definite >= 1, "definite"),
        (clinical_ok and blocked >= 2, "probable"),
        (clinical_ok and blocked == 1 and supportive >= 2, "probable"),
        (clinical_ok and sensory_normal and improved, "possible"),
        (core_2 and not exclusion and weak_in_one and blocked >= 1, "possible"),
        (True, "not_met"),
    ]
    return next(result for applies, result in lines if applies)


def diagnosis(own):
    """§9: "a missing answer that could change the result gives not evaluable": the category, or
    that, where two ways of completing what is missing disagree.
    """
    known = answers(own)
    known |= {"anti_gm1": anti_gm1_raised(own), "csf_protein": csf_protein_raised_below_1(own)}
    questions = [*QUESTIONS, "anti_gm1", "csf_protein"]
    options = [
        [True, False] if known.get(question) is None else [known[question]]
        for question in questions
    ]
    blocks = blocks_of_nerves(own)
    found = set()
    for choice in product(*options):
        for numbers in [(0, 0), (0, 1), (0, 2), (1, 1)] if blocks is None else [blocks]:
            found.add(category(dict(zip(questions, choice, strict=True)), *numbers))
        if len(found) > 1:
            return "not_evaluable"
    return found.pop()
