"""The recorded tables of a cohort, read as columns from one snapshot.

No query joins recorded tables: right after a large import PostgreSQL may not know their sizes, and
then a join of scores with visits compares each with each. Parents are looked up on this side.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db import connections
from django.db.models import QuerySet

from infusions.models import DoseAttempt, Immunosuppressant, Infusion, Regimen
from mmn_registry.snapshot import one_snapshot
from outcomes.derivation.columns import Column, Words
from outcomes.derivation.columns import Columns as Table
from outcomes.derivation.derive import derive
from outcomes.derivation.frames import COLUMNS, Records
from outcomes.derivation.rules import RULES, Rules
from outcomes.packed import (
    Code,
    Columns,
    Ids,
    Packed,
    PackedColumns,
    Statement,
    fetch_together,
    rows_in_passing,
    rows_of,
)
from patients.models import (
    Finding,
    GripStrength,
    LaboratoryResult,
    LowerLimit,
    MuscleScore,
    NerveConductionStudy,
    NerveSegment,
    Patient,
    Visit,
)
from patients.models.record import Record
from patients.vocabulary import MRC_THIRDS, MrcGrade

OF_PATIENT = {
    "infusions": Infusion,
    "regimens": Regimen,
    "dose_attempts": DoseAttempt,
    "immunosuppressants": Immunosuppressant,
    "laboratory": LaboratoryResult,
    "findings": Finding,
}
_HAVE_PARTS = ("visits", "nerve_segments")  # of studies, their segments
OF_VISIT = {"muscle_scores": MuscleScore, "grip_strengths": GripStrength}


# A chunk is derived in some hundred megabytes, however many patients there are.
PATIENTS_AT_ONCE = 4_096
# From this share of the registry on, tables are read as they lie and not by their indexes.
SHARE_IN_PASSING = 0.25
FEW_PATIENTS = 500

# The table holds the grade in thirds beside its text, and a number is compared faster.
_GRADES = Code(
    (MrcGrade.NOT_TESTED.value, *(grade.value for grade in MRC_THIRDS)),
    "mrc_thirds",
    tuple((place, thirds) for place, thirds in enumerate(MRC_THIRDS.values(), 1))[::-1],
)
_THIRDS = np.array([np.nan, *MRC_THIRDS.values()])  # of the words of _GRADES


def load_records(patients: QuerySet[Patient]) -> Records:
    """Everything recorded of some patients that shapes their outcomes; voided records are not."""
    (records,) = records_in_chunks(patients, None)
    return records


def records_in_chunks(
    patients: QuerySet[Patient], patients_at_once: int | None = PATIENTS_AT_ONCE
) -> Iterator[Records]:
    """The same of some patients at a time, in the order of their study ids; at least one chunk.

    All is read before the first chunk is handed out, in arrays of few bytes per row.
    """
    using = patients.db
    with one_snapshot(using):
        people = _read_patients(patients)
        reader = _Reader(using, len(people), in_passing=_are_many(len(people), using))
        tables, lower_limits = _read_tables(reader, people)
    everyone = len(people)
    at_once = patients_at_once or max(everyone, 1)
    rows = {name: table.rows_by_chunk(at_once, everyone) for name, table in tables.items()}
    for chunk, first in enumerate(range(0, max(everyone, 1), at_once)):
        study_ids = people.study_ids(slice(first, first + at_once))
        yield Records(
            patients=people.chosen(study_ids),
            lower_limits=lower_limits,
            **{
                name: table.chosen(name, rows[name][chunk], study_ids)
                for name, table in tables.items()
            },
        )


def derive_patients(patients: QuerySet[Patient], as_of: date, rules: Rules = RULES) -> pd.DataFrame:
    """`Outcomes.patients` of a cohort of any size, without what they rest on."""
    chunks = records_in_chunks(patients)
    return pd.concat([derive(records, as_of, rules).patients for records in chunks])


@dataclass(frozen=True)
class _People:
    """The patients, sorted bytewise by study id."""

    columns: Columns
    words: Mapping[str, pd.Index]

    def __len__(self) -> int:
        return len(self.columns["study_id"])

    def study_ids(self, chosen: slice) -> "_StudyIds":
        names = pd.Index(self.columns["study_id"][chosen], dtype="str", name="study_id")
        return _StudyIds(chosen, names)

    def chosen(self, those: "_StudyIds") -> Table:
        """Their recorded rows."""
        own = {
            column: _column(self.columns[column][those.chosen], self.words.get(column))
            for column in COLUMNS["patients"]
        }
        own["study_id"] = Words(np.arange(len(those.names)), those.names, is_categorical=False)
        return Table.named(own)


class _StudyIds(NamedTuple):
    """Some of the patients, by their places among all."""

    chosen: slice
    names: pd.Index


@dataclass(frozen=True)
class _Rows:
    """Recorded rows of one table, and at which place among its parents the parent of each is."""

    people: _People
    parents: "_Rows | None"  # None: the patients themselves
    place: npt.NDArray[np.int32]
    columns: Columns
    words: Mapping[str, pd.Index]  # of the columns that hold codes

    def patient(self, place: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The place of the patient of rows with parents at these places."""
        return place if self.parents is None else self.parents.place[place]

    def chunk(self, at_once: int) -> npt.NDArray[np.uint16]:
        """The chunk of each row's patient; in few bits, which are sorted fast."""
        if self.parents is None:
            return (self.place // at_once).astype(np.uint16)
        return self.parents.chunk(at_once)[self.place]

    def rows_by_chunk(self, at_once: int, everyone: int) -> list[npt.NDArray[np.int32]]:
        chunk = self.chunk(at_once)
        order = np.argsort(chunk, kind="stable").astype(np.int32)
        chunks = max(-(-everyone // at_once), 1)
        return np.split(order, np.cumsum(np.bincount(chunk, minlength=chunks))[:-1])

    def chosen(self, name: str, rows: npt.NDArray[np.int32], those: "_StudyIds") -> Table:
        """Some rows, all of these patients; each column is taken when it is asked for."""

        def column(name: str) -> Column:
            if name == "study_id":
                return Words(self.patient(self.place[rows]) - those.chosen.start, those.names)
            if name in self.columns:
                return _column(self.columns[name][rows], self.words.get(name))
            if name == "mrc_thirds":
                return _THIRDS[self.columns["mrc_grade"][rows]]
            return self.parents.columns[name][self.place[rows]]

        return Table(COLUMNS[name], len(rows), column)


def _column(values: npt.NDArray, words: pd.Index | None) -> Column:
    return values if words is None else Words(values, words)


def _read_patients(patients: QuerySet[Patient]) -> _People:
    standing = Patient.objects.using(patients.db).filter(pk__in=patients.values("pk"))
    packed = _patient_columns()
    columns = packed.read(standing)
    order = np.argsort(columns["study_id"])
    return _People({c: values[order] for c, values in columns.items()}, packed.words)


@cache
def _patient_columns() -> PackedColumns:
    paths = {column: column for column in ("id", "centre_id", *COLUMNS["patients"])}
    return PackedColumns(Patient, paths | {"centre": "centre__code"})


def _are_many(patients: int, using: str) -> bool:
    """Whether they are a good share of the registry, as far as PostgreSQL knows its size."""
    if patients < FEW_PATIENTS:
        return False
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'patients_patient'::regclass")
        (registered,) = cursor.fetchone()
        # Policies look dearer to the planner than they are: compiling costs more than it saves.
        cursor.execute("SET LOCAL jit = off")
    return patients >= SHARE_IN_PASSING * registered


def _read_tables(reader: "_Reader", people: _People) -> tuple[dict[str, _Rows], Table]:
    of_patients = _Parents(Ids(people.columns["id"]), people, None)
    models = {"visits": Visit, "nerve_segments": NerveConductionStudy, **OF_PATIENT}
    asked = {
        name: _Asked.of(name, model, "patient_id", of_patients, has_parts=name in _HAVE_PARTS)
        for name, model in models.items()
    }
    asked["lower_limits"] = _Asked.of("lower_limits", LowerLimit, "centre_id", _centres(people))
    found = reader.read(asked)
    limits = found.pop("lower_limits")
    parents = {
        name: _Parents(Ids(found[name].columns.pop("id")), people, found[name])
        for name in _HAVE_PARTS
    }
    found.pop("nerve_segments")  # the studies: what the rules read are their segments
    parts = {
        name: _Asked.of(name, model, "visit_id", parents["visits"])
        for name, model in OF_VISIT.items()
    }
    parts["nerve_segments"] = _Asked.of(
        "nerve_segments", NerveSegment, "study_id", parents["nerve_segments"]
    )
    return found | reader.read(parts), _limits(people, limits)


class _Parents(NamedTuple):
    ids: Ids
    people: _People
    rows: _Rows | None  # None: the patients themselves


class _Asked(NamedTuple):
    """Rows of some parents, and how they come."""

    model: type[Record]
    key: str
    parents: _Parents
    packed: PackedColumns

    @classmethod
    def of(
        cls,
        name: str,
        model: type[Record],
        key: str,
        parents: _Parents,
        *,
        has_parts: bool = False,
    ) -> "_Asked":
        columns = ("id",) * has_parts + _own_columns(name, model)
        return cls(model, key, parents, packed_columns(model, (key, *columns)))

    def rows(self, columns: Columns) -> _Rows:
        place = columns.pop("place")
        return _Rows(self.parents.people, self.parents.rows, place, columns, self.packed.words)

    def placed(self, fetched: Packed) -> Columns:
        """The place of the parent instead of its id; others, met in passing, are left out."""
        columns = self.packed.unpacked(fetched)
        place = self.parents.ids.places(columns.pop(self.key))
        columns["place"] = place
        is_ours = place >= 0
        return columns if is_ours.all() else {c: v[is_ours] for c, v in columns.items()}


@dataclass(frozen=True)
class _Reader:
    using: str
    patients: int
    in_passing: bool

    def read(self, asked: Mapping[str, _Asked]) -> dict[str, _Rows]:
        if self.patients < FEW_PATIENTS:
            return self._read_together(asked)
        return {name: self._read_one(one) for name, one in asked.items()}

    def _read_together(self, asked: Mapping[str, _Asked]) -> dict[str, _Rows]:
        """All in one round: of few patients, asking takes longer than what is asked for."""
        statements = [
            _statement_for(one.model, one.key, one.packed)(one.parents.ids)
            for one in asked.values()
        ]
        fetched = fetch_together(statements, self.using)
        return {
            name: one.rows(one.placed(packed))
            for (name, one), packed in zip(asked.items(), fetched, strict=True)
        }

    def _read_one(self, asked: _Asked) -> _Rows:
        # While one part is unpacked, PostgreSQL packs the next.
        with ThreadPoolExecutor(max_workers=1) as beside:
            unpacking = [
                beside.submit(asked.placed, asked.packed.fetch(rows)) for rows in self._rows(asked)
            ]
        parts = [part.result() for part in unpacking]
        whole = {c: np.concatenate([part.pop(c) for part in parts]) for c in list(parts[0])}
        return asked.rows(whole)

    def _rows(self, asked: _Asked) -> Iterator[QuerySet]:
        records = asked.model.objects.using(self.using)
        if self.in_passing:
            return rows_in_passing(records)
        return rows_of(records, asked.key, asked.parents.ids)


@cache
def _statement_for(
    model: type[Record], key: str, packed: PackedColumns
) -> Callable[[Ids], Statement]:
    return packed.statement_for(model.objects.all(), key)


@cache
def packed_columns(model: type[Record], columns: tuple[str, ...]) -> PackedColumns:
    return PackedColumns(model, {c: c for c in columns}, {"mrc_grade": _GRADES})


@cache
def _own_columns(name: str, model: type[Record]) -> tuple[str, ...]:
    own = {field.name for field in model._meta.get_fields()}
    # Grades come by their thirds, and give them back.
    return tuple(c for c in COLUMNS[name][1:] if c in own and c != "mrc_thirds")


def _centres(people: _People) -> _Parents:
    return _Parents(Ids(np.unique(people.columns["centre_id"])), people, None)


def _limits(people: _People, rows: _Rows) -> Table:
    """Centres by their codes, as the patients name them."""
    _, first = np.unique(people.columns["centre_id"], return_index=True)
    centre = people.columns["centre"][first][rows.place]
    own = {c: _column(rows.columns[c], rows.words.get(c)) for c in COLUMNS["lower_limits"][1:]}
    return Table.named({"centre": centre, **own})
