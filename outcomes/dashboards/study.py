"""A study that is only typed so far: what would follow, and the grade of each segment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from outcomes.dashboards.rows import rows_of
from outcomes.dashboards.visit import as_text, with_rows
from outcomes.derivation.block_criteria import CRITERIA
from outcomes.derivation.conduction import graded_segments
from outcomes.derivation.frames import COLUMNS, Records, complete
from outcomes.derivation.rules import RULES
from patients.models import NerveSegment

Segment = tuple[str, str, str, str]
KEY = ("nerve", "side", "distal_site", "proximal_site")


@dataclass(frozen=True)
class Grade:
    """What the criteria say of one segment, and which line of them decided."""

    criteria: str
    nerve: str
    side: str
    distal_site: str
    proximal_site: str
    area_loss: float | None
    amplitude_loss: float | None
    duration_increase: float | None
    lower_limit_mv: float | None
    lower_limit_from: str | None
    grade: str
    grade_reason: str | None
    line: str

    @property
    def is_blocked(self) -> bool:
        return self.grade in {"definite", "probable"}


def with_study(
    records: Records,
    study_id: str,
    studied_on: date,
    segments: Iterable[NerveSegment],
    *,
    instead_of: date | None = None,
) -> Records:
    """Records of one patient as they would be with a study; ``instead_of``: it is amended."""
    rows = _rows(study_id, studied_on, segments)
    stored = records.nerve_segments
    table = with_rows("nerve_segments", stored, rows, "studied_on", instead_of)
    return replace(records, nerve_segments=table)


def grades(
    records: Records, study_id: str, studied_on: date, segments: Iterable[NerveSegment]
) -> Mapping[Segment, list[Grade]]:
    """The grade of each segment by each criteria set, that of the rules first."""
    typed = complete(
        "nerve_segments", pd.DataFrame(_rows(study_id, studied_on, segments), dtype="str")
    )
    found: dict[Segment, list[Grade]] = {}
    if typed.empty:
        return found
    for name in sorted(CRITERIA, key=lambda one: one != RULES.criteria):
        rules = replace(RULES, criteria=name)
        graded = graded_segments(typed, records.patients, records.lower_limits, rules)
        words = graded.assign(criteria=name).astype(dict.fromkeys(KEY, "str"))
        for one in rows_of(Grade, words):
            key = (one.nerve, one.side, one.distal_site, one.proximal_site)
            found.setdefault(key, []).append(one)
    return found


def _rows(
    study_id: str, studied_on: date, segments: Iterable[NerveSegment]
) -> list[dict[str, str]]:
    columns = [c for c in COLUMNS["nerve_segments"] if c not in ("study_id", "studied_on")]
    day = {"study_id": study_id, "studied_on": studied_on.isoformat()}
    return [{**day, **{c: as_text(getattr(s, c)) for c in columns}} for s in segments]
