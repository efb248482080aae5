"""Reads a table with headings from an Excel workbook or a CSV file, as texts with their row numbers.

Nothing is guessed silently: an encoding that does not fit is refused, and so is a file that would unpack beyond bounds.
"""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from storage.errors import TableUnreadable
from storage.workbook.encoding import decode

#: No sheet of replies is larger; a file that is was not meant, or was made to harm.
MOST_BYTES = 20_000_000
MOST_BYTES_UNPACKED = 100_000_000
MOST_PARTS = 2_000
MOST_ROWS = 100_000
MOST_COLUMNS = 256

#: Excel's last row. A file may claim any number, and the rows up to it count as empty.
LAST_ROW = 1_048_576

NO_WORKBOOK = "it is no Excel workbook, or a damaged one"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A cell whose text Excel has changed, or that is no text: the reader cannot know what was meant."""

    shown: str
    why: str


CellText = str | Unclear


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as the spreadsheet shows it, and its cells by lower-case heading."""

    number: int
    cells: dict[str, CellText]


def read_table(path: Path, required: Sequence[str]) -> tuple[Line, ...]:
    """All rows that are not empty, below the first row, which must have the required headings."""
    head = _beginning(path)
    if head.startswith(b"PK"):
        return _read_xlsx(path, required)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableUnreadable(
            str(path), "it is an old .xls or an encrypted workbook: save it as .xlsx without a password"
        )
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        raise TableUnreadable(str(path), NO_WORKBOOK)
    return _read_csv(path, required)


def _beginning(path: Path) -> bytes:
    """The first bytes of a file that is one, and not too large. A pipe would be waited for, and for ever."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise TableUnreadable(str(path), "it is no file")
        if about.st_size > MOST_BYTES:
            raise TableUnreadable(str(path), f"it is larger than {MOST_BYTES // 1_000_000} MB")
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise TableUnreadable(str(path), error.strerror or "it cannot be read") from error
    except ValueError as error:  # a NUL in the name
        raise TableUnreadable(str(path), "it has no name that a file can have") from error


def _read_csv(path: Path, required: Sequence[str]) -> tuple[Line, ...]:
    decoded = decode(path.read_bytes())
    if decoded is None:
        raise TableUnreadable(str(path), "its encoding is neither UTF-8 nor GBK: save it as CSV UTF-8")
    text, _ = decoded
    heading = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _lines(path, _numbered(reader), required)
    except csv.Error as error:
        raise TableUnreadable(str(path), f"row {reader.line_num}: {error}") from error


def _numbered(reader: Any) -> Iterator[tuple[int, list[CellText]]]:
    # A quoted cell may span lines; people count rows as their spreadsheet shows them.
    for number, row in enumerate(reader, start=1):
        yield number, [cell.strip() for cell in row[:MOST_COLUMNS]]


def _read_xlsx(path: Path, required: Sequence[str]) -> tuple[Line, ...]:
    _check_size(path)
    try:
        # Opened here, since openpyxl leaves a file open that it cannot read.
        with path.open("rb") as file:
            workbook = load_workbook(file, read_only=True, data_only=True)
            try:
                return _first_sheet(path, workbook.worksheets, required)
            finally:
                workbook.close()
    except TableUnreadable:
        raise
    except Exception as error:
        # openpyxl lets out whatever its parts meet in a damaged file, TypeError and zlib's included.
        raise TableUnreadable(str(path), NO_WORKBOOK) from error


def _first_sheet(path: Path, sheets: Sequence[Any], required: Sequence[str]) -> tuple[Line, ...]:
    """The rows of the first sheet that has the headings; else the first one's complaint."""
    problem = TableUnreadable(str(path), "it has no sheet")
    for number, sheet in enumerate(sheets):
        try:
            return _lines(path, _sheet_rows(sheet), required)
        except TableUnreadable as error:
            problem = error if number == 0 else problem
    raise problem


def _check_size(path: Path) -> None:
    """A small file can unpack to more than any memory holds; its table of contents says so beforehand."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise TableUnreadable(str(path), NO_WORKBOOK) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES_UNPACKED:
        raise TableUnreadable(str(path), "it would unpack to an unreasonable size")


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[CellText]]]:
    # The size that the file claims for a sheet is often wrong.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), start=1):
        yield number, [_cell(cell) for cell in row[:MOST_COLUMNS]]


def _cell(cell: Any) -> CellText:
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return Unclear(value, "is a formula's error") if cell.data_type == "e" else _plain(value)
        case bool():
            return Unclear(str(value), "is a truth value, not a text")
        case int() | float():
            return _number(value)
        case _:
            return Unclear(str(value), "is a date, not a text")


def _plain(text: str) -> str:
    """Excel's way to write a control character is undone; half a pair, which no database can hold, is replaced."""
    return unescape(text).encode("utf-8", "replace").decode("utf-8").strip()


def _number(value: float) -> CellText:
    # Excel keeps 15 digits of a number: the rest of a long case number is gone.
    if value != int(value):
        return Unclear(str(value), "is a number with a fraction, not a text")
    if abs(value) >= 10**15:
        return Unclear(f"{value:.0f}", "is a number that Excel has rounded: format the column as text, enter it again")
    return str(int(value))


def _lines(path: Path, rows: Iterable[tuple[int, list[CellText]]], required: Sequence[str]) -> tuple[Line, ...]:
    found: list[Line] = []
    headings: list[str] | None = None
    for number, cells in rows:
        if number > LAST_ROW:
            raise TableUnreadable(str(path), f"it has more than {LAST_ROW} rows")
        if headings is None:
            headings = [cell.lower() if isinstance(cell, str) else "" for cell in cells]
            missing = [name for name in required if name not in headings]
            if missing:
                raise TableUnreadable(str(path), f"its first row lacks the headings: {', '.join(missing)}")
        elif any(cells):
            if len(found) >= MOST_ROWS:
                raise TableUnreadable(str(path), f"it has more than {MOST_ROWS} rows")
            found.append(Line(number, dict(zip(headings, cells, strict=False))))
    if headings is None:
        raise TableUnreadable(str(path), "it is empty")
    return tuple(found)
