"""The list as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from mock_portal.data.model import Case
from mock_portal.site.portal import Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = ("column_id", "column_subject", "column_status", "column_email", "column_created", "column_updated")


def workbook(here: Visit, cases: Iterable[Case]) -> bytes:
    words, zone = here.words, here.account.time_zone
    book = Workbook(write_only=True)
    sheet = book.create_sheet(words.text("case_log"))
    sheet.append([words.text(column) for column in _COLUMNS])
    for case in cases:
        sheet.append(
            [
                case.id,
                ILLEGAL_CHARACTERS_RE.sub("", case.subject),
                here.portal.skin.status_word(case.status, words),
                case.owner,
                words.date(case.created, zone, "list"),
                words.date(case.updated, zone, "minute"),
            ]
        )
    out = BytesIO()
    book.save(out)
    return out.getvalue()
