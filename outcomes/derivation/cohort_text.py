"""The tables of a cohort as a page of plain text, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Table = dict[str, Any]
Row = tuple[str, ...]

LABELS = {
    "NO_INFUSION": "no infusion",
    "NO_BASELINE": "no baseline examination",
    "FEWER_THAN_2_IMPROVABLE": "fewer than 2 improvable muscles",
    "PENDING": "month 6 still to come",
    "NO_EXAMINATION": "no examination at month 6",
    "MISSING_GRADES": "missing grades at month 6",
    "NO_STUDY": "no study",
    "FEWER_THAN_2_STUDIES": "fewer than 2 studies",
    "AXONAL_LOSS": "axonal loss",
    "NO_COMMON_SEGMENT": "no segment assessable in both",
    "TOO_SHORT": "treated too short",
    "NO_REFERENCE": "no reference dose",
    "NO_WEIGHT": "no weight",
    "treated_without_response": "on treatment without a response",
    "dependent_with_immunosuppressant": "dependent, with immunosuppressant",
    "treatment_unconfirmed": "treatment unconfirmed",
    "relapsed_untreated": "relapsed, untreated",
    "non_responder": "non-responder",
    "recently_stopped": "recently stopped",
    "stopped_unproven": "stopped, unproven",
    "remission_on_immunosuppressant": "remission on immunosuppressant",
    "age_at_onset_years": "age at onset",
    "onset_to_treatment_years": "onset to treatment",
    "affected_muscles": "affected muscles",
    "affected_limb_regions": "affected limb regions",
    "mrc_140": "MRC-140",
    "conduction_blocks": "conduction blocks",
    "anti_gm1_igm": "anti-GM1 IgM",
    "csf_protein_g_per_l": "CSF protein",
    "ck_u_per_l": "CK",
    "reflexes_lost": "reflexes reduced or absent",
}
RESPONSE_ROWS = {
    "naive": "naive, first treated by IV",
    "naive_without_other_immunotherapy": "… without other immunotherapy",
    "naive_without_carried_forward": "… without grades carried forward",
    "naive_first_subcutaneous": "naive, first treated by SC",
    "pretreated": "pretreated",
    "unknown_history": "history unknown",
}
VARIANT_ROWS = {
    "strict": "… strict: no muscle lost a point",
    "grip": "… grip: weaker hand + 8 kPa",
    "mrc_sum": "… MRC sum + 2",
}
SHARE_HEAD = ("", "n", "of", "%", "95 % CI")
NONE = "–"


def cohort_text(summary: Table) -> str:
    """Write a cohort's tables as plain text, every proportion with its denominator.

    Parameters
    ----------
    summary : dict as :func:`outcomes.derivation.cohort.summarise` returns it

    Returns
    -------
    str of several lines, ending with a line break. Rounded for reading: the numbers themselves are
    in the JSON. A dash stands where there is no value.

    Raises
    ------
    KeyError
        If a table is missing from the summary.

    References
    ----------
    .. [1] J.-M. Léger et al. (L08), J. Neurol. Neurosurg. Psychiatry 79:93-96, 2008.
    """
    parts = [
        _heading(summary),
        _reasons("Diagnostic category", summary["diagnosis"]),
        _short_term(summary["short_term"]),
        _reasons("Not evaluable", summary["short_term"]["naive"]["not_evaluable"]),
        _long_term(summary["long_term"]),
        _statuses(summary["long_term"]["statuses"], summary["patients"]),
        _block_change(summary["block_change"]["naive"]),
        _reasons("Blocks not evaluable", summary["block_change"]["naive"]["not_evaluable"]),
        _follow_up_and_dose(summary),
        _dose_answers(summary["dose"]),
        _curve("Time to remission, naive patients", summary["time_to_remission"]),
        _curve("From remission to relapse or next infusion", summary["time_to_relapse"]),
        _predictors(summary["predictors"]),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _heading(summary: Table) -> list[str]:
    rules = summary["rules"]
    return [
        f"Cohort as of {summary['as_of']}",
        f"Rules {rules['name']}, version {rules['version']}; block criteria {rules['criteria']}",
        f"{summary['patients']} patients: {summary['naive']} naive,"
        f" {summary['pretreated']} pretreated, {summary['unknown_history']} with unknown history",
    ]


def _short_term(tables: Table) -> list[str]:
    primary, variants = tables["naive"], tables["naive_variants"]
    rows = [
        _response_row(label, tables[key]) for key, label in RESPONSE_ROWS.items() if key in tables
    ]
    rows += [_share_row(label, variants[key]) for key, label in VARIANT_ROWS.items()]
    rows += [
        _share_row("Worst case: not evaluable as no", primary["worst_case"]),
        _share_row("Best case: not evaluable as yes", primary["best_case"]),
    ]
    rows += [
        _response_row(f"Centre {code}", table) for code, table in tables["naive_by_centre"].items()
    ]
    head = (*SHARE_HEAD[:2], "of evaluable", *SHARE_HEAD[3:], "not evaluable")
    return [
        *_lines("Responders at 6 months", head, rows),
        f"  Test against {100 * primary['reference']:g} %: p = {_p(primary['p_value'])}"
        " (exact binomial, two-sided)",
        f"  Non-responders because treatment stopped for inefficacy:"
        f" {primary['stopped_for_inefficacy']} of {primary['evaluable'] - primary['responders']};"
        f" results that may still change: {primary['provisional']} of {primary['patients']}",
    ]


def _response_row(label: str, table: Table) -> Row:
    left_out = table["patients"] - table["evaluable"]
    share = {**table, "n": table["responders"], "of": table["evaluable"]}
    return (*_share_row(label, share), str(left_out))


def _long_term(table: Table) -> list[str]:
    of, dependent = table["classified"], table["dependent"]
    groups = [
        ("Remission", "remission"),
        ("On periodic immunoglobulin", "dependent"),
        ("Other", "other"),
    ]
    rows = [_share_row(label, {**table[key], "of": of}) for label, key in groups]
    without = (
        "… of them without a response",
        str(dependent["without_response"]),
        str(dependent["n"]),
    )
    flags = [
        ("Dependency proven", "dependency_proven"),
        ("Relapsed after a remission", "relapsed_after_remission"),
        ("Lost to follow-up", "lost_to_follow_up"),
    ]
    rows = [*rows[:2], without, *rows[2:], *(_share_row(label, table[key]) for label, key in flags)]
    return _lines("Long-term status", SHARE_HEAD, rows)


def _statuses(statuses: Table, patients: int) -> list[str]:
    rows = [
        (_label(word), str(status["n"]), str(patients), _label(status["group"]))
        for word, status in statuses.items()
    ]
    return _lines("Finest statuses", (*SHARE_HEAD[:3], "group"), rows) if rows else []


def _block_change(table: Table) -> list[str]:
    of, segments, nerves = (
        str(table["evaluable"]),
        table["segments_with_block"],
        table["nerves_with_block"],
    )
    kinds = ("decreased", "unchanged", "increased")
    rows = [
        *((kind.capitalize(), str(table[kind]), of) for kind in kinds),
        _share_row("Decreased or unchanged", table["decreased_or_unchanged"]),
    ]
    return [
        *_lines("Conduction block from first to last study, naive patients", SHARE_HEAD, rows),
        f"  Segments with block {segments['first']} → {segments['last']},"
        f" nerves {nerves['first']} → {nerves['last']}",
    ]


def _follow_up_and_dose(summary: Table) -> list[str]:
    dose = summary["dose"]
    rows = [
        _spread_row("Follow-up [years]", summary["follow_up_years"]),
        _spread_row("Dose now [g/week]", dose["weekly_dose_g"]),
        _spread_row("Dose now [g/kg/week]", dose["weekly_dose_g_per_kg"], decimals=2),
    ]
    head = ("", "n", "mean", "SD", "median", "quartiles")
    return _lines("Follow-up and dose", head, rows)


def _dose_answers(dose: Table) -> list[str]:
    of = sum(dose["trend"].values())
    rows: list[Row] = [
        (f"Dose {_label(word)}", str(n), str(of)) for word, n in dose["trend"].items()
    ]
    rows.append(_share_row("Declining responsiveness", dose["declining_responsiveness"]))
    return _lines("Dose now against months 3 to 9", SHARE_HEAD, rows)


def _curve(title: str, curve: Table) -> list[str]:
    rows = [
        (
            f"{read['years']}",
            str(read["at_risk"]),
            _percent(read["without_event"]["survival"]),
            _limits(read["without_event"]),
            _percent(read["incidence"]["incidence"]),
            _limits(read["incidence"]),
        )
        for read in curve["at_years"]
    ]
    head = ("years", "at risk", "without event %", "95 % CI", "incidence %", "95 % CI")
    low, high = (_number(curve[limit], 0) for limit in ("ci_low", "ci_high"))
    return [
        *_lines(title, head, rows),
        f"  {curve['events']} of {curve['patients']} patients had the event,"
        f" {curve['deaths']} died without it;"
        f" median {_number(curve['median_days'], 0)} days (95 % CI {low} to {high})",
    ]


def _predictors(lines: Iterable[Table]) -> list[str]:
    rows = [_predictor_row(line) for line in lines]
    head = ("", "n", "missing", "compared", "effect", "estimate", "95 % CI", "p", "q")
    title = "Predictors of short-term response: evidence for an effect, never for its absence"
    return _lines(title, head, rows) if rows else []


def _predictor_row(line: Table) -> Row:
    described = (_label(line["name"]), str(line["n"]), str(line["missing"]), _compared(line))
    if line["p_value"] is None:
        return (*described, "too few for a test")
    estimate, high = (
        "∞" if line[key] is None else _number(line[key], 2) for key in ("estimate", "ci_high")
    )
    interval = f"{_number(line['ci_low'], 2)} to {high}"
    effect = line["effect"].replace("_", " ")
    return (*described, effect, estimate, interval, _p(line["p_value"]), _p(line["q_value"]))


def _compared(line: Table) -> str:
    if "levels" in line:
        levels = line["levels"].items()
        return ", ".join(f"{level} {own['responders']}/{own['n']}" for level, own in levels)
    responders, others = (_number(line["groups"][group]["median"]) for group in line["groups"])
    return f"medians {responders} vs {others} {line['unit']}"


def _reasons(title: str, counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    return _lines(title, (), [(_label(word), str(n)) for word, n in counts.items()])


def _lines(title: str, head: Row, rows: Sequence[Row]) -> list[str]:
    """A title and rows in columns as wide as their widest cell."""
    table = [head, *rows] if head else list(rows)
    columns = max((len(row) for row in table), default=0)
    width = [max(len(row[n]) for row in table if n < len(row)) for n in range(columns)]
    return [
        title,
        *(
            "  " + "  ".join(f"{cell:<{width[n]}}" for n, cell in enumerate(row)).rstrip()
            for row in table
        ),
    ]


def _share_row(label: str, table: Table) -> Row:
    """A proportion as it stands under ``SHARE_HEAD``; without patients only its counts."""
    counts = (label, str(table["n"]), str(table["of"]))
    if table["proportion"] is None:
        return (*counts, NONE, NONE)
    return (*counts, _percent(table["proportion"]), _limits(table))


def _spread_row(label: str, values: Table, decimals: int = 1) -> Row:
    mean, sd, median, q1, q3 = (
        _number(values[key], decimals) for key in ("mean", "sd", "median", "q1", "q3")
    )
    return (label, str(values["n"]), mean, sd, median, f"{q1} to {q3}")


def _limits(table: Table) -> str:
    if table["ci_low"] is None:
        return NONE
    return f"{_percent(table['ci_low'])}–{_percent(table['ci_high'])}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _number(value: float | None, decimals: int = 1) -> str:
    return NONE if value is None else f"{value:.{decimals}f}"


def _p(value: float | None) -> str:
    return NONE if value is None else f"{value:.4g}"


def _label(word: str) -> str:
    return LABELS.get(word, word.replace("_", " "))
