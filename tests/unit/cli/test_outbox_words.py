"""Every code of the delivery has words for people."""

from __future__ import annotations

from agent.cli.outbox import words
from agent.delivery.hold import HoldReason
from agent.delivery.lint import LintCode
from agent.delivery.preflight import FileCode
from storage.workbook import RowFault


def test_every_code_is_put_into_words() -> None:
    """A new code without words fails here, and so do words for a code that is gone."""
    assert (
        {code.value for code in LintCode},
        {code.value for code in FileCode},
        {reason.value for reason in HoldReason},
        {fault.value for fault in RowFault},
    ) == (set(words.TEXT), set(words.FILES), set(words.HOLDS), set(words.ROWS))


def test_reason_keeps_its_detail() -> None:
    """A held reply tells what happened and the particulars; a reason of a person's own stays as it is."""
    assert "the case is closed; open a new one that names it (Closed)" == words.about_reason("case_closed: Closed")
    assert "not needed" == words.about_reason("not needed")
