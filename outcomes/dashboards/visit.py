"""A visit that is only typed so far, as one of the patient's records."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from outcomes.derivation.frames import Records, complete
from patients.models import GripStrength, MuscleScore

OF_VISIT = ("visits", "muscle_scores", "grip_strengths")
YES_NO = {True: "yes", False: "no", None: ""}


def with_visit(
    records: Records,
    study_id: str,
    values: Mapping[str, object],
    scores: Iterable[MuscleScore],
    grips: Iterable[GripStrength],
    *,
    instead_of: date | None = None,
) -> Records:
    """Records of one patient as they would be with a visit; ``instead_of``: it is amended."""
    key = {"study_id": study_id, "visited_on": values["visited_on"].isoformat()}
    rows = {
        "visits": [{**key, **{n: as_text(v) for n, v in values.items() if n != "visited_on"}}],
        "muscle_scores": [
            {
                **key,
                "muscle": score.muscle,
                "side": score.side,
                "mrc_grade": score.mrc_grade,
                "not_tested_reason": score.not_tested_reason,
                "not_due_to_mmn": YES_NO[score.not_due_to_mmn],
                "origin": score.origin,
            }
            for score in scores
        ],
        "grip_strengths": [
            {**key, "side": grip.side, "device": grip.device, "value": as_text(grip.value)}
            for grip in grips
        ],
    }
    tables = {
        name: with_rows(name, getattr(records, name), rows[name], "visited_on", instead_of)
        for name in OF_VISIT
    }
    return replace(records, **tables)


def with_rows(
    name: str,
    stored: pd.DataFrame,
    rows: list[dict[str, str]],
    dated_by: str,
    instead_of: date | None,
) -> pd.DataFrame:
    """A table of one patient with rows that are typed, in place of those of a day."""
    kept = stored[stored[dated_by] != pd.Timestamp(instead_of)] if instead_of else stored
    typed = complete(name, pd.DataFrame(rows, dtype="str"))
    if not rows or kept.empty:
        return typed if rows else kept
    return pd.concat([kept, typed], ignore_index=True)


def as_text(value: object) -> str:
    return "" if value is None else str(value)
