"""The summary of a cohort (bundle.md, `summarise_cohort`)."""

from collections import Counter
from fractions import Fraction
from statistics import stdev

from .long_term import survival
from .outcomes import outcome_row
from .predictors import YEAR, predictor_table
from .records import patients_known_on
from .response import in_primary_table
from .statistics import binomial_p, clopper_pearson, quantile


def summarise(bundle, as_of):
    """§3, §4, §5 of the cohort: "null where N = 0 (sd where n < 2); nothing rounded"."""
    patients = list(patients_known_on(bundle, as_of))
    rows = [outcome_row(own, as_of) for own in patients]
    histories = Counter(row["treatment_history"] for row in rows)
    primary = [row for row, own in zip(rows, patients, strict=True) if in_primary_table(own)]
    naive = [row for row in rows if row["treatment_history"] == "naive"]
    return {
        "as_of": as_of.isoformat(),
        "patients": len(rows),
        "naive": histories["naive"],
        "pretreated": histories["pretreated"],
        "unknown_history": histories["unknown"],
        "short_term": {"naive": _short_term(primary)},
        "long_term": _long_term(rows),
        "block_change": {"naive": _block_change(naive)},
        "follow_up_years": _follow_up(rows),
        **_curves(
            [own for own in patients if own["patient"]["prior_immunoglobulin"] == "no"], as_of
        ),
        "predictors": predictor_table(patients, as_of),
    }


def _share(k, n):
    low, high = clopper_pearson(k, n)
    return {"proportion": k / n if n else None, "ci_low": low, "ci_high": high}


def _short_term(rows):
    answers = Counter(row["short_term_response"] for row in rows)
    evaluable = answers["responder"] + answers["non_responder"]
    reasons = Counter(
        row["short_term_reason"] for row in rows if row["short_term_response"] == "not_evaluable"
    )
    return {
        "evaluable": evaluable,
        "responders": answers["responder"],
        **_share(answers["responder"], evaluable),
        "reference": 0.2,
        "p_value": binomial_p(answers["responder"], evaluable),
        "not_evaluable": dict(reasons),
    }


def _long_term(rows):
    groups = Counter(row["long_term_group"] for row in rows)
    statuses = Counter(row["long_term_status"] for row in rows)
    classified = len(rows) - groups["not_classified"]
    tables = {
        group: {"n": groups[group], **_share(groups[group], classified)}
        for group in ("remission", "dependent", "other")
    }
    tables["dependent"]["without_response"] = statuses["treated_without_response"]
    apart = Counter(
        row["long_term_status"] for row in rows if row["long_term_group"] == "not_classified"
    )
    return {"classified": classified, **tables, "not_classified": dict(apart)}


def _block_change(rows):
    changes = Counter(row["block_change"] for row in rows)
    reasons = Counter(
        row["block_change_reason"] for row in rows if row["block_change"] == "not_evaluable"
    )
    return {
        **{name: changes[name] for name in ("decreased", "unchanged", "increased")},
        "not_evaluable": dict(reasons),
    }


def _follow_up(rows):
    """§4: "over all patients with an infusion: mean ± SD, median, IQR in years"; SD with n − 1."""
    years = [row["follow_up_days"] / YEAR for row in rows if row["follow_up_days"] is not None]
    figures = dict.fromkeys(("mean", "sd", "median", "q1", "q3"))
    if years:
        figures |= {
            "mean": float(sum(years) / len(years)),
            "median": float(quantile(years, Fraction(1, 2))),
            "q1": float(quantile(years, Fraction(1, 4))),
            "q3": float(quantile(years, Fraction(3, 4))),
        }
    if len(years) > 1:
        figures["sd"] = float(stdev(years))
    return {"n": len(years), **figures}


def _curves(naive, as_of):
    """§4 Kaplan-Meier, "naive patients by default": who is in the curves, and who has the event."""
    times = [survival(own, as_of) for own in naive]
    return {
        f"time_to_{end}": {
            "patients": sum(time[f"{end}_days"] is not None for time in times),
            "events": sum(bool(time[f"{end}_event"]) for time in times),
        }
        for end in ("remission", "relapse")
    }
