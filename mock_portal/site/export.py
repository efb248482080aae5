"""The list as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from mock_portal.data.model import Case
from mock_portal.site.portal import Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = ("column_id", "column_subject", "column_status", "column_email", "column_created")


def workbook(here: Visit, cases: Iterable[Case]) -> bytes:
    words, zone, skin = here.words, here.account.time_zone, here.portal.skin
    book = Workbook(write_only=True)
    sheet = book.create_sheet(words.text("case_log"))
    # a face that shows no update time has none to export
    columns = [*_COLUMNS, "column_updated"] if skin.shows_updates else _COLUMNS
    sheet.append([words.text(column) for column in columns])
    for case in cases:
        row = [
            case.id,
            ILLEGAL_CHARACTERS_RE.sub("", case.subject),
            skin.status_word(case.status, words),
            case.owner,
            words.date(case.created, zone, "list"),
            words.date(case.updated, zone, "minute"),
        ]
        sheet.append(row[: len(columns)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
