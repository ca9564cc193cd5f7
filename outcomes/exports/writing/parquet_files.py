"""Parquet: typed columns, a group of rows at a time; labels and units travel with the fields."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from outcomes.exports.columns import Chunk, Column, Kind
from outcomes.exports.writing.package import Package

ROWS_PER_GROUP = 100_000
_TYPES = {
    Kind.COUNT: pa.int32(),
    Kind.NUMBER: pa.float64(),
    Kind.TRUTH: pa.bool_(),
}


class ParquetWriter:
    def __init__(self, package: Package, folder: Path, banner: str):
        self.package, self.folder, self.banner = package, folder, banner

    def table(self, name: str, columns: Sequence[Column], chunks: Iterable[Chunk]) -> int:
        schema = pa.schema([_field(c) for c in columns], {"note": self.banner})
        path, rows = self.folder / f"{name}.parquet", 0
        with pq.ParquetWriter(path, schema) as writer:
            for group in in_groups(chunks, ROWS_PER_GROUP):
                writer.write_batch(_batch(group, columns, schema))
                rows += len(group)
        self.package.add(path, path.name, name, rows)
        return rows

    def end(self) -> None:
        pass


def in_groups(chunks: Iterable[Chunk], rows: int) -> Iterable[Chunk]:
    """The same rows, so many at a time; the last are fewer."""
    kept: Chunk = []
    for chunk in chunks:
        kept.extend(chunk)
        while len(kept) >= rows:
            yield kept[:rows]
            kept = kept[rows:]
    if kept:
        yield kept


def _field(column: Column) -> pa.Field:
    kind = pa.date32() if column.is_day else _TYPES.get(column.kind, pa.string())
    said = {"label": column.label, "unit": column.unit}
    return pa.field(column.name, kind, metadata={k: v for k, v in said.items() if v})


def _batch(group: Chunk, columns: Sequence[Column], schema: pa.Schema) -> pa.RecordBatch:
    by_column = zip(*group, strict=True)
    arrays = [
        pa.array(map(_float, values) if column.kind is Kind.NUMBER else values, field.type)
        for values, column, field in zip(by_column, columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _float(value: object) -> float | None:
    return None if value is None else float(value)
