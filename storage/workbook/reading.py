"""The sheets of an Excel workbook as rows of texts. What Excel has made of a text is said, not guessed at."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from storage.errors import TableUnreadable

#: No workbook of replies is larger; a file that is was not meant, or was made to harm.
MOST_BYTES_UNPACKED = 100_000_000
MOST_PARTS = 2_000
MOST_COLUMNS = 256


@dataclass(frozen=True, slots=True)
class Unclear:
    """A cell whose text Excel has changed, or that is no text: the reader cannot know what was meant."""

    shown: str
    why: str


CellText = str | Unclear

#: A row's number as the spreadsheet shows it, and its cells.
Row = tuple[int, list[CellText]]


@contextmanager
def sheets_of(path: Path) -> Iterator[list[Iterator[Row]]]:
    """The rows of each sheet, while the file is open. In a damaged file anything may be raised, at any row."""
    _check_size(path)
    with ExitStack() as stack:
        results, formulas = (_opened(stack, path, results=each) for each in (True, False))
        yield [_rows(*pair) for pair in zip(results.worksheets, formulas.worksheets, strict=True)]


def _opened(stack: ExitStack, path: Path, *, results: bool) -> Any:
    # Opened here, since openpyxl leaves a file open that it cannot read.
    file = stack.enter_context(path.open("rb"))
    workbook = load_workbook(file, read_only=True, data_only=results)
    stack.callback(workbook.close)
    return workbook


def _check_size(path: Path) -> None:
    """A small file can unpack to more than any memory holds; its table of contents says so beforehand."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES_UNPACKED:
        raise TableUnreadable(str(path), "it would unpack to an unreasonable size")


def _rows(results: Any, formulas: Any) -> Iterator[Row]:
    # The size that the file claims for a sheet is often wrong.
    results.reset_dimensions()
    formulas.reset_dimensions()
    for number, pair in enumerate(zip(results.iter_rows(), formulas.iter_rows(), strict=True), start=1):
        yield number, [_cell(*cells) for cells in zip(*(row[:MOST_COLUMNS] for row in pair), strict=True)]


def _cell(result: Any, formula: Any) -> CellText:
    value = result.value
    match value:
        case None:
            if formula.data_type == "f":
                return Unclear(str(formula.value), "is a formula without a result: open the file in Excel and save it")
            return ""
        case str():
            return Unclear(value, "is a formula's error") if result.data_type == "e" else _plain(value)
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
