"""The workbook that people fill with replies; `replies` reads it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from pathlib import Path

from storage.archive.model import CaseListing
from storage.workbook.saving import new_workbook
from storage.workbook.sheets import Column
from storage.workbook.sheets import Sheet

#: What a reply row must and may have; other columns are for the reader's eyes.
REQUIRED = ("account", "case", "text")
OPTIONAL = ("attachments", "batch")

GUIDE = (
    ("account", "The account's name in caselog.toml. Needed."),
    ("case", "The case's number, as text. Needed."),
    ("text", "The reply, as it is to stand in the case. A row without text and attachments is left out."),
    ("attachments", "Files to send, one per line or separated by semicolons; relative to this workbook's folder."),
    ("batch", "A name for rows that are to be approved together, if any."),
    ("subject, status", "To recognise the case; they are not read back."),
    ("", "Then: caselog outbox import THIS-FILE. Nothing is sent before it is approved."),
)


COLUMNS = (
    Column("account", 14),
    Column("case", 18),
    Column("text", 90),
    Column("attachments", 40),
    Column("batch", 14),
    Column("subject", 50),
    Column("status", 18),
)


def write_reply_sheet(path: Path, cases: Iterable[CaseListing], *, batch: str = "") -> int:
    """Write a workbook with a row for each case, ready to fill; returns the number of rows."""
    with new_workbook(path) as workbook:
        sheet = Sheet(workbook, "replies", COLUMNS, UTC)
        for case in cases:
            sheet.append([case.ref.account, case.ref.case_id, None, None, batch or None, case.subject, case.status_raw])
        sheet.finish()
        guide = Sheet(workbook, "how to fill", [Column("column", 18), Column("what to write", 100)], UTC)
        for line in GUIDE:
            guide.append(line)
    return sheet.count
