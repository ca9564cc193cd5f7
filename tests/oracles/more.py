"""What pages and curves read beside the printed columns, each by its own sentence of the rules."""

from datetime import timedelta

from . import long_term
from .conduction import BLOCK, NOT_ASSESSABLE, first_and_last_study_on, key_changes, studies
from .diagnosis import diagnosis
from .dose import last_weight
from .examinations import baseline_on, cycle_phase, month6_on, thirds
from .predictors import YEAR, middle_of
from .response import grip_response, in_primary_table, mrc_sum_response
from .treatment import (
    course_starts,
    courses,
    days_between,
    expected_interval,
    first_route,
    index_on,
    last_contact_on,
    last_infusion_on,
    on_treatment,
)

# Changes of a segment that the rules name; the others have no name there.
NAMED_CHANGES = [
    *("persistent", "resolved", "new"),
    *("lost_to_axonal_loss", "not_retested", "first_seen"),
]
ANSWER = {True: "responder", False: "non_responder", None: "not_evaluable"}


def more_columns(own, as_of):
    """{column: value} as the derived table names them; a column is left out where the rules are
    silent about this patient.
    """
    return {
        **_treatment(own),
        **_short_term(own),
        **_long_term(own, as_of),
        **_studies(own),
        **_variants(own),
        "diagnosis_category": diagnosis(own),
    }


def _treatment(own):
    index, onset = index_on(own), middle_of(own["patient"]["onset_on"])
    columns = {
        "first_route": first_route(own),
        "in_primary_table": in_primary_table(own),
        "last_infusion_on": last_infusion_on(own),
        "onset_to_treatment_years": days_between(onset, index) / YEAR if index and onset else None,
    }
    if index:
        columns["expected_interval_days"] = expected_interval(course_starts(own))
        columns["weight_kg"], columns["weight_on"] = last_weight(own)
        # "flag stale_weight if older than 180 days"
        if columns["weight_on"]:
            age = days_between(columns["weight_on"], last_contact_on(own))
            columns["stale_weight"] = age > 180
    return columns


def _short_term(own):
    """§3: "Flags that change nothing"."""
    index, before, after = index_on(own), baseline_on(own), month6_on(own)
    if index is None:
        return {}
    early = [row for row in courses(own) if row["first_on"] <= index + timedelta(days=183)]
    copied = any(
        row["visited_on"] in {before, after}
        and row["origin"] == "carried_forward"
        and thirds(row["mrc_grade"]) is not None
        and row["not_due_to_mmn"] != "yes"
        for row in own["muscle_scores"]
    )
    columns = {"few_courses": len(early) < 2, "carried_forward_month6": copied}
    if after:
        columns["month6_at_trough"] = cycle_phase(own, after) == "trough"
        columns["co_treated"] = any(row["started_on"] < after for row in own["immunosuppressants"])
    return columns


def _long_term(own, as_of):
    response, source = long_term.response_and_source(own, as_of)
    columns = {"response": response, "response_by": source, **long_term.survival(own, as_of)}
    columns = {name: value for name, value in columns.items() if value is not None}
    infused_on = last_infusion_on(own)
    if infused_on is None:
        return columns
    treated = columns["on_treatment"] = on_treatment(own, last_contact_on(own))
    columns["reference_on"] = long_term.reference_on(own, infused_on)
    if not treated:
        days = long_term.relapse_days(own, infused_on)
        columns["relapse_on"] = days[0] if days else None
    died = own["patient"]["deceased_on"]
    columns["death_days"] = days_between(index_on(own), died) if died else None
    return columns


def _studies(own):
    """§5: nerves with block over the same keys as the segments, and blocks lost to axonal loss."""
    first_on, last_on = first_and_last_study_on(own)
    if first_on == last_on:  # "they must differ"
        return {"study_first_on": first_on, "study_last_on": None}
    columns = {"study_first_on": first_on, "study_last_on": last_on}
    first, last = studies(own)[first_on], studies(own)[last_on]
    changes = list(key_changes(first, last).values())
    shared = [
        key
        for key in first.keys() & last.keys()
        if NOT_ASSESSABLE not in {first[key][0], last[key][0]}
    ]
    for name, study in (("first", first), ("last", last)):
        nerves = {key[:2] for key in shared if study[key][0] in BLOCK}
        columns[f"nerves_blocked_{name}"] = len(nerves) if shared else None
    return columns | {"blocks_lost_to_axonal_loss": changes.count("lost_to_axonal_loss")}


def _variants(own):
    """§3: the named variants; two equally weak hands are left to the reader of the rules."""
    columns = {"mrc_sum_response": ANSWER[mrc_sum_response(own, "MRC-140")]}
    squeezed = grip_response(own)
    if squeezed is not None:
        columns["grip_response"] = ANSWER[squeezed]
    return columns
