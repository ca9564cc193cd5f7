"""Whose records leave: the patients who are in, some at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

import pandas as pd

from patients.models import Patient

# Some ten thousand records: between two queries no more is written than a second or two take.
PATIENTS_AT_ONCE = 50


@dataclass(frozen=True)
class Batch:
    """Some patients: their outcomes by study id, and their ids."""

    rows: pd.DataFrame
    ids: list[UUID]


@dataclass(frozen=True)
class People:
    """Everybody who is exported, in the order of study ids.

    ``rows`` are their outcomes as of ``day``; patients of the centres in ``coarse`` are shown in
    months and age bands.
    """

    rows: pd.DataFrame
    day: date
    centres: tuple[str, ...]
    coarse: frozenset[str]

    def batches(self) -> Iterator[Batch]:
        for start in range(0, len(self.rows), PATIENTS_AT_ONCE):
            rows = self.rows.iloc[start : start + PATIENTS_AT_ONCE]
            yield Batch(rows, [self._ids[study_id] for study_id in rows.index])

    @cached_property
    def _ids(self) -> Mapping[str, UUID]:
        everybody = Patient.objects.filter(centre__code__in=self.centres)
        return dict(everybody.values_list("study_id", "pk"))

    @cached_property
    def centre_of(self) -> Mapping[str, str]:
        return self.rows["centre"].to_dict()

    def is_coarse(self, study_id: str) -> bool:
        return self.centre_of[study_id] in self.coarse
