"""A reply that may be at the portal already, what a person decides about it, and steps that can be taken."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.cli.invocation import Invocation
from agent.cli.outbox.sending import report
from agent.cli.visits import Round
from agent.delivery.dispatch import Result
from agent.delivery.send import SendOutcome
from storage import outbox
from storage.database import Database
from storage.outbox import OutboxStatus
from storage.process import Holder

Runner = Callable[..., Any]
NOW = datetime(2026, 1, 16, 9, 0, tzinfo=UTC)
SUBMITTED = "! It was submitted before, at 2026-01-16 10:00 CET: it may be at the portal"


@pytest.fixture
def held(
    caselog: Runner, database: Database, archived: Callable[..., None], make_case: Callable[..., Any]
) -> tuple[str, ...]:
    """The number of a reply that was submitted and not found, and the decision about it without its target."""
    archived(make_case())
    entry_id = caselog("outbox", "add", "main", "100", "--text", "Our answer.", "--batch", "b", "--json").value["entry"]
    digest = caselog("outbox", "approve", str(entry_id), "--json").value["digest"]
    assert 0 == caselog("outbox", "approve", str(entry_id), "--digest", digest).code
    token = outbox.claim(database, entry_id, holder=Holder(host="desk", pid=1, process_started_at=NOW), at=NOW)
    seen = outbox.Baseline(message_ids=("m1", "m2"), occurrences=0, taken_at=NOW)
    outbox.record_baseline(database, entry_id, token, seen)
    outbox.submit_started(database, entry_id, token, at=NOW)
    outbox.mark_unconfirmed(database, entry_id, token, reason="the page went blank", at=NOW)
    outbox.reconcile_held(database, entry_id, reason="not in the thread", at=NOW)
    return str(entry_id), "outbox", "resolve", str(entry_id), "--reason", "I looked", "--as"


def test_making_it_a_draft_is_asked_about(caselog: Runner, held: tuple[str, ...]) -> None:
    """From a draft it is two steps to a second post: the way there is warned of as the direct one is."""
    entry, *resolve = held

    refused = caselog(*resolve, "draft")
    after = caselog("outbox", "show", entry, "--json").value["status"]
    settled = caselog(*resolve, "draft", "--yes", "--json")

    told = "if the portal took it and does not show it yet, it is posted a second time"
    assert (2, True, "held") == (refused.code, told in " ".join(refused.err.split()), after)
    assert ("draft", "2026-01-16T09:00:00Z") == (settled.value["status"], settled.value["first_submit_at"])


@pytest.mark.parametrize("command", ["show 1", "approve 1", "approve --batch b"])
def test_approver_learns_that_it_was_submitted(caselog: Runner, held: tuple[str, ...], command: str) -> None:
    """Whoever looks at the draft or approves it sees that the portal may have it."""
    caselog(*held[1:], "draft", "--yes")

    ran = caselog("outbox", *command.split())

    told = "! Submitted before, so that they may be at the portal: entries 1" if "batch" in command else SUBMITTED
    assert told in (ran.out + ran.err).splitlines()


@pytest.mark.parametrize("reason", ["", "  "])
def test_decision_without_a_reason_is_a_usage_error(caselog: Runner, held: tuple[str, ...], reason: str) -> None:
    """An empty reason is asked for, and is no bug."""
    ran = caselog("outbox", "resolve", held[0], "--as", "cancelled", "--reason", reason)

    assert (2, True) == (ran.code, "say why with --reason" in ran.err)


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        ("\ufeffGrüße\r\n退款".encode(), 0, "Grüße\n退款"),
        ("退款".encode("gbk"), 2, "standard input: cannot be read as UTF-8 text"),
    ],
    ids=["utf-8", "gbk"],
)
@pytest.mark.usefixtures("database")
def test_piped_reply_is_utf8_whatever_the_console_is(
    *, caselog: Runner, monkeypatch: pytest.MonkeyPatch, content: bytes, code: int, told: str
) -> None:
    """What a program writes into the pipe is the reply, byte for byte; what is no UTF-8 is refused, and no bug."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="gbk"))

    ran = caselog("outbox", "add", "main", "100", "--text", "-", "--json")

    assert code == ran.code
    assert told == ran.value["text"] if code == 0 else ran.value["error"]["where"][0].startswith(told)


def test_step_after_an_import_can_be_taken(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], tmp_path: Path
) -> None:
    """Each batch is named with what approves it; a reply of no batch is approved by its number."""
    archived(make_case("100"), make_case("200"))
    sheet = tmp_path / "replies.csv"
    sheet.write_text("account,case,text,batch\nmain,100,One 1,two words\nmain,200,Two 2,\n", encoding="utf-8")

    ran = caselog("outbox", "import", str(sheet))

    step = "caselog outbox approve --batch 'two words', caselog outbox approve ENTRY"
    assert f"Look at them and queue them with: {step}" == ran.out.splitlines()[-1]


def test_step_after_sending_fits_the_reply(capsys: pytest.CaptureFixture[str]) -> None:
    """No step is one that its reply's state refuses."""
    results = {
        number: Result(number, status, "")
        for number, status in enumerate((OutboxStatus.HELD, OutboxStatus.REJECTED, OutboxStatus.UNCONFIRMED))
    }

    report(Invocation(), Round(done=[("main", SendOutcome("main", results=results))]))

    assert [
        "Look at those that are held: caselog outbox show ENTRY; settle them: caselog outbox resolve ENTRY",
        "Look at those that are rejected: caselog outbox show ENTRY; mend them: caselog outbox edit ENTRY",
        "The next caselog outbox send finds out about those that are unconfirmed.",
    ] == capsys.readouterr().out.splitlines()[-3:]
