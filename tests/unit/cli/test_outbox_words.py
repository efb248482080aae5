"""Every code of the delivery has words for people."""

from __future__ import annotations

import pytest

from agent.cli.outbox import words
from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.lint import Lint
from agent.delivery.lint import LintCode
from agent.delivery.preflight import FileCode
from agent.delivery.preflight import FileProblem
from agent.errors import AccountBusy
from agent.errors import DownloadFailed
from agent.errors import EngineDied
from agent.errors import NoEngine
from agent.errors import RunStopped
from storage.workbook import RowFault


def test_every_code_is_put_into_words() -> None:
    """A new code without words fails here, and so do words for a code that is gone."""
    assert (
        {code.value for code in LintCode},
        {code.value for code in FileCode},
        {reason.value for reason in HoldReason},
        {fault.value for fault in RowFault},
        {code.value for code in FileCode},
    ) == (set(words.TEXT), set(words.FILES), set(words.HOLDS), set(words.ROWS), set(words.FAULTS))


def test_reason_keeps_its_detail() -> None:
    """A held reply tells what happened and the particulars; a reason of a person's own stays as it is."""
    assert "the case is closed; open a new one that names it (Closed)" == words.about_reason("case_closed: Closed")
    assert "not needed" == words.about_reason("not needed")


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        pytest.param(
            Hold(
                HoldReason.TEXT_RULES,
                "; ".join(map(str, [Lint(LintCode.TOO_LONG, "9 > 5"), Lint(LintCode.MARKUP, "<b>")])),
            ),
            "the text cannot be posted as it is (is longer than the portal takes (9 > 5 characters); "
            "will not be shown as typed: the portal takes a part of it for <b>)",
            id="text",
        ),
        pytest.param(
            Hold(HoldReason.ATTACHMENT_RULES, str(FileProblem(FileCode.CHANGED, "in voice.pdf"))),
            "the files break the portal's rules (its content is not the one that was approved: in voice.pdf)",
            id="file",
        ),
        pytest.param(
            Hold(HoldReason.ATTACHMENT_RULES, str(FileProblem(FileCode.TOO_MANY, "", "3 > 2"))),
            "the files break the portal's rules (too many files: 3 > 2)",
            id="files",
        ),
    ],
)
def test_findings_inside_a_reason_are_put_into_words(hold: Hold, expected: str) -> None:
    """No code reaches a person."""
    assert expected == words.about_reason(str(hold))


def test_whatever_ends_a_run_is_put_into_words() -> None:
    """The reply that was in hand keeps the error's name, which is no text for people."""
    ends = {
        error.__name__ for error in (*RunStopped.__subclasses__(), AccountBusy, NoEngine, EngineDied, DownloadFailed)
    }
    assert ends | {"KeyboardInterrupt", "CancelledError"} == set(words.ENDINGS)
    assert "the run was stopped by the stop switch" == words.about_reason("StopRequested")
