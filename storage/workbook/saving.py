"""A workbook gets its name only when it is whole; what had the name before stays until then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from openpyxl import Workbook


@contextmanager
def new_workbook(path: Path) -> Iterator[Workbook]:
    """A workbook to be written row by row; it lies at `path` after the block, or nothing of it lies anywhere."""
    workbook = Workbook(write_only=True)
    temporary = path.with_name(f"{path.name}.part")
    try:
        yield workbook
        workbook.save(temporary)
        temporary.replace(path)
    except BaseException:
        _abandon(workbook)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _abandon(workbook: Workbook) -> None:
    """Close what a failure left open: it would be tried again, with a traceback, when the program ends."""
    for sheet in workbook.worksheets:
        # Each ends with an error once more: what it wants to write has no place.
        with suppress(Exception):
            sheet.close()
