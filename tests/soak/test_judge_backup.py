"""The judge of a backup tells what a run left out from what it hid."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from agent.backup.outcome import Counts
from agent.backup.outcome import Outcome
from agent.errors import RecoveryExhausted
from storage.archive import ArchivedCase
from storage.journal import RunOutcome
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from tests.soak.judge_backup import judge_backup
from tests.soak.run_seen import RunSeen
from tests.soak.witness import Span
from tests.soak.witness import Witness

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SHOWN: dict[str, Any] = {
    "id": "7",
    "subject": "Listing",
    "status": "Open",
    "created": NOON.isoformat(),
    "updated": None,
    "listed": True,
    "messages": [
        {
            "n": 1,
            "author": "Ann",
            "body_shown": "Hello",
            "time": NOON.isoformat(),
            "attachments": [{"name": "a.pdf", "sha256": "aa"}, {"name": "a.pdf", "sha256": "bb"}],
        }
    ],
}


class OneCase(Witness):
    """A witness of one case that never changed."""

    def __init__(self) -> None:
        """Watches nothing."""

    def case_ids(self) -> set[str]:
        return {"7"}

    def states(self, case_id: str, during: Span) -> list[dict[str, Any] | None]:
        return [SHOWN]

    def hidden(self, during: Span) -> set[str]:
        return set()


def archived(*files: AttachmentRef, body: str = "Hello", complete: bool = True) -> ArchivedCase:
    message = MessageRecord(
        message_id="m1",
        native_id=True,
        direction=Direction.USER,
        author="Ann",
        sent_at=NOON,
        sent_at_raw="",
        body=body,
        attachments=files,
    )
    record = CaseRecord(
        account="harbor-us",
        case_id="7",
        subject="Listing",
        status=CaseStatus.WITH_PORTAL,
        status_raw="Open",
        created_at=NOON,
        created_at_raw="",
        updated_at=None,
        updated_at_raw=None,
        url="",
        complete=complete,
        messages=(message,),
    )
    return ArchivedCase(
        record=record, first_seen_at=NOON, last_seen_at=NOON, last_read_at=NOON, absent_since=None, tabs=()
    )


def run(*missed: str, error: RecoveryExhausted | None = None) -> RunSeen:
    outcome = Outcome(
        run_id="r",
        account="harbor-us",
        scope="all",
        outcome=RunOutcome.PARTIAL if error is None else RunOutcome.FAILED,
        certificates={},
        counts=Counts(),
        pages={},
        recoveries=(),
        engine="chromium",
        seconds=1.0,
        missed=missed,
        error=error,
    )
    return RunSeen(Span(NOON, NOON), "r", [], outcome, pages=1)


FETCHED = AttachmentRef(name="a.pdf", sha256="aa")
WAITING = AttachmentRef(name="a.pdf")
ENDED = RecoveryExhausted("harbor-us", "")


@pytest.mark.parametrize(
    ("files", "seen", "misses"),
    [
        ((FETCHED, WAITING), run("case 7: attachment a.pdf"), False),
        ((WAITING, WAITING), run("case 7: attachment a.pdf"), False),
        ((FETCHED, WAITING), run(error=ENDED), False),
        ((FETCHED, WAITING), run("case 8: blank"), True),
        ((FETCHED,), run("case 7: attachment a.pdf"), True),
        ((FETCHED, AttachmentRef(name="a.pdf", sha256="cc")), run("case 7: blank"), True),
        ((WAITING, AttachmentRef(name="b.pdf")), run("case 7: attachment b.pdf"), True),
    ],
    ids=["told", "both", "ended", "not told", "lost", "other content", "other name"],
)
def test_a_file_may_wait_only_where_the_run_says_so(
    files: tuple[AttachmentRef, ...], seen: RunSeen, misses: bool
) -> None:
    """A content that is not there yet is no miss if the run names its case or ended; a wrong or lost one is."""
    assert misses == bool(judge_backup(seen, OneCase(), {}, {"7": archived(*files)}))


@pytest.mark.parametrize(
    ("body", "complete", "seen", "misses"),
    [
        ("Hel", False, run("case 7: incomplete"), False),
        ("Hel", False, run("case 8: blank"), True),
        ("Hel", True, run("case 7: incomplete"), True),
        ("lo", False, run("case 7: incomplete"), True),
    ],
    ids=["told", "not told", "called whole", "not its beginning"],
)
def test_a_message_may_be_cut_only_in_a_thread_that_is_called_incomplete(
    body: str, complete: bool, seen: RunSeen, misses: bool
) -> None:
    """What "See more" would have shown is no miss if the thread counts as incomplete and the run says so."""
    case = archived(FETCHED, AttachmentRef(name="a.pdf", sha256="bb"), body=body, complete=complete)

    assert misses == bool(judge_backup(seen, OneCase(), {}, {"7": case}))
