"""The recorded tables of a cohort, read as columns from one snapshot.

No query joins recorded tables: right after a large import PostgreSQL may not know their sizes, and
then a join of scores with visits compares each with each. Parents are looked up on this side.
"""

from collections.abc import Iterator, Mapping
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
        reader = _Reader(using, in_passing=_are_many(len(people), using))
        tables = _read_tables(reader, people)
        lower_limits = _read_limits(people, using)
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


def _read_tables(reader: "_Reader", people: _People) -> dict[str, _Rows]:
    of_patients = _Parents(Ids(people.columns["id"]), people, None)
    visits, visit_ids = reader.parts_with_ids("visits", Visit, "patient_id", of_patients)
    studies, study_ids = reader.parts_with_ids(
        "nerve_segments", NerveConductionStudy, "patient_id", of_patients
    )
    of_visits = _Parents(visit_ids, people, visits)
    of_studies = _Parents(study_ids, people, studies)
    return {
        "visits": visits,
        **{
            name: reader.parts(name, m, "patient_id", of_patients) for name, m in OF_PATIENT.items()
        },
        **{name: reader.parts(name, m, "visit_id", of_visits) for name, m in OF_VISIT.items()},
        "nerve_segments": reader.parts("nerve_segments", NerveSegment, "study_id", of_studies),
    }


class _Parents(NamedTuple):
    ids: Ids
    people: _People
    rows: _Rows | None  # None: the patients themselves


@dataclass(frozen=True)
class _Reader:
    using: str
    in_passing: bool

    def parts(self, name: str, model: type[Record], key: str, parents: _Parents) -> _Rows:
        """The rows of these parents."""
        table, _ = self._read(model, key, parents, _own_columns(name, model))
        return table

    def parts_with_ids(
        self, name: str, model: type[Record], key: str, parents: _Parents
    ) -> tuple[_Rows, Ids]:
        """Rows that have parts in turn."""
        table, ids = self._read(model, key, parents, ["id", *_own_columns(name, model)])
        return table, Ids(ids)

    def _read(
        self, model: type[Record], key: str, parents: _Parents, columns: list[str]
    ) -> tuple[_Rows, npt.NDArray]:
        packed = packed_columns(model, (key, *columns))

        def placed(fetched: Packed) -> Columns:
            return _placed(packed.unpacked(fetched), key, parents.ids)

        # While one part is unpacked, PostgreSQL packs the next.
        with ThreadPoolExecutor(max_workers=1) as beside:
            unpacking = [
                beside.submit(placed, packed.fetch(rows))
                for rows in self._rows(model, key, parents)
            ]
        parts = [part.result() for part in unpacking]
        whole = {c: np.concatenate([part.pop(c) for part in parts]) for c in list(parts[0])}
        ids, place = whole.pop("id", None), whole.pop("place")
        return _Rows(parents.people, parents.rows, place, whole, packed.words), ids

    def _rows(self, model: type[Record], key: str, parents: _Parents) -> Iterator[QuerySet]:
        records = model.objects.using(self.using)
        if self.in_passing:
            return rows_in_passing(records)
        return rows_of(records, key, parents.ids)


@cache
def packed_columns(model: type[Record], columns: tuple[str, ...]) -> PackedColumns:
    return PackedColumns(model, {c: c for c in columns}, {"mrc_grade": _GRADES})


def _placed(columns: Columns, key: str, parents: Ids) -> Columns:
    """The place of the parent instead of its id; rows of others, met in passing, are left out."""
    place = parents.places(columns.pop(key))
    columns["place"] = place
    is_ours = place >= 0
    return columns if is_ours.all() else {c: v[is_ours] for c, v in columns.items()}


def _own_columns(name: str, model: type[Record]) -> list[str]:
    own = {field.name for field in model._meta.get_fields()}
    # Grades come by their thirds, and give them back.
    return [column for column in COLUMNS[name][1:] if column in own and column != "mrc_thirds"]


def _read_limits(people: _People, using: str) -> Table:
    ids, first = np.unique(people.columns["centre_id"], return_index=True)
    packed = packed_columns(LowerLimit, ("centre_id", *COLUMNS["lower_limits"][1:]))
    (rows,) = rows_of(LowerLimit.objects.using(using), "centre_id", Ids(ids))
    columns = packed.read(rows)
    limits = {c: _column(columns[c], packed.words.get(c)) for c in COLUMNS["lower_limits"][1:]}
    centre = people.columns["centre"][first][Ids(ids).places(columns["centre_id"])]
    return Table.named({"centre": centre, **limits})
