"""XLSX: one workbook, a sheet per table, every cell of its type; no cell is ever a formula."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from mmn_registry.tabular import is_run_by_spreadsheets
from outcomes.exports.columns import Chunk, Column
from outcomes.exports.writing.package import Package
from outcomes.exports.writing.parquet_files import in_groups

ROWS_PER_SHEET = 1_000_000  # a sheet has 1,048,576
NAME_LONGEST = 31
CELL_LONGEST = 32_767
CUT = "… [cut: the CSV has the whole text]"
FILE = "tables.xlsx"
# What XML cannot hold, or a reader would take for an escape, is written as Excel escapes it.
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f￾￿]|_(?=x[0-9A-Fa-f]{4}_)")


class XlsxWriter:
    def __init__(self, package: Package, folder: Path, banner: str):
        self.package, self.path = package, folder / FILE
        self.book = Workbook(write_only=True)
        self.book.properties.title = banner
        self.rows = 0

    def table(self, name: str, columns: Sequence[Column], chunks: Iterable[Chunk]) -> int:
        rows, number = 0, 1
        sheet = self._sheet(name, columns)
        for group in in_groups(chunks, ROWS_PER_SHEET // 100):
            if rows + len(group) > number * ROWS_PER_SHEET:
                number += 1
                sheet = self._sheet(f"{name[: NAME_LONGEST - 4]}_{number}", columns)
            for row in group:
                sheet.append([_cell(sheet, value) for value in row])
            rows += len(group)
        self.rows += rows
        return rows

    def end(self) -> None:
        self.book.save(self.path)
        self.package.add(self.path, FILE, rows=self.rows)

    def _sheet(self, name: str, columns: Sequence[Column]) -> WriteOnlyWorksheet:
        sheet = self.book.create_sheet(name[:NAME_LONGEST])
        sheet.freeze_panes = "A2"
        sheet.append([_bold(sheet, column.name) for column in columns])
        return sheet


def _bold(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return _text(sheet, value) if isinstance(value, str) else value


def _text(sheet: WriteOnlyWorksheet, text: str) -> Any:
    """A text stays one, whatever it begins with: marked as Excel marks what is typed behind '."""
    written = _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    if len(written) > CELL_LONGEST:
        written = written[: CELL_LONGEST - len(CUT)] + CUT
    if not is_run_by_spreadsheets(text):
        return written
    cell = WriteOnlyCell(sheet, written)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
