"""What was recorded and could be derived, centre by centre."""

from typing import Any

import pandas as pd

from outcomes.derivation.block_change import BlockChange
from outcomes.derivation.dose import DoseReason
from outcomes.derivation.long_term import LongTermGroup
from outcomes.derivation.recorded import KINDS, RECORDED_COLUMNS
from outcomes.derivation.response import Response

Table = dict[str, Any]

# What `completeness_by_centre` reads.
CENTRE_COLUMNS = (
    *("centre", "in_primary_table", "treatment_history", "short_term_response"),
    *("long_term_group", "block_change", "dose_reason", "lost_to_follow_up"),
    *RECORDED_COLUMNS,
)


def completeness_by_centre(patients: pd.DataFrame) -> list[Table]:
    """How many have an answer, of how many, by centre.

    Parameters
    ----------
    patients : DataFrame with `CENTRE_COLUMNS`, one row per patient

    Returns
    -------
    list of dict, one per centre in the order of their codes: ``centre``, ``patients`` and
    ``fields``, by name (n, of): ``short_term`` of the primary table, ``long_term``, ``blocks`` of
    the naive, ``dose`` (a trend) of all; ``weight`` of visits; a record of each of
    `recorded.KINDS` of all; ``contact``, not lost, of those with contact.
    """
    is_naive = patients["treatment_history"] == "naive"
    without_trend = [reason.value for reason in DoseReason if reason != DoseReason.NO_WEIGHT]
    is_classified = patients["long_term_group"] != LongTermGroup.NOT_CLASSIFIED
    is_compared = patients["block_change"] != BlockChange.NOT_EVALUABLE
    lost = patients["lost_to_follow_up"]
    everybody = pd.Series(1, index=patients.index)
    counted: dict[str, tuple[pd.Series, pd.Series]] = {
        "short_term": (
            patients["in_primary_table"]
            & (patients["short_term_response"] != Response.NOT_EVALUABLE),
            patients["in_primary_table"],
        ),
        "long_term": (is_classified, everybody),
        "blocks": (is_naive & is_compared, is_naive),
        "dose": (~patients["dose_reason"].isin(without_trend), everybody),
        "weight": (patients["weighed_visits"], patients["visits"]),
        **{kind: (patients[f"has_{kind}"], everybody) for kind in KINDS},
        "contact": ((~lost.astype("boolean")).fillna(value=False), lost.notna()),
    }
    totals = {
        name: (_by_centre(patients, n), _by_centre(patients, of))
        for name, (n, of) in counted.items()
    }
    sizes = _by_centre(patients, everybody)
    return [
        {
            "centre": centre,
            "patients": size,
            "fields": {name: (n[centre], of[centre]) for name, (n, of) in totals.items()},
        }
        for centre, size in sizes.items()
    ]


def _by_centre(patients: pd.DataFrame, values: pd.Series) -> dict[str, int]:
    summed = values.astype("int64").groupby(patients["centre"].astype("str"), sort=True).sum()
    return {str(centre): int(n) for centre, n in summed.items()}
