"""Excel out and in: the archive as a workbook, a sheet to fill with replies, and that sheet read back."""

from storage.workbook.export import export_xlsx
from storage.workbook.replies import ReplyRow
from storage.workbook.replies import ReplySheet
from storage.workbook.replies import RowFault
from storage.workbook.replies import RowProblem
from storage.workbook.replies import read_replies
from storage.workbook.template import write_reply_sheet

__all__ = [
    "ReplyRow",
    "ReplySheet",
    "RowFault",
    "RowProblem",
    "export_xlsx",
    "read_replies",
    "write_reply_sheet",
]
