"""The judges of the soak see what they are there to see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from agent.delivery.send import SendOutcome
from agent.errors import AccessDenied
from agent.errors import DriftedPage
from agent.errors import PersonNeeded
from agent.errors import RunStopped
from agent.errors import WrongAccount
from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from storage.outbox import Draft
from storage.outbox import OutboxEntry
from storage.outbox import OutboxStatus
from storage.outbox import Proof
from tests.soak.judge_replies import judge_replies
from tests.soak.run_seen import RunSeen
from tests.soak.run_seen import judge_manners
from tests.soak.witness import Span
from tests.soak.witness import Witness

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def entry(status: OutboxStatus = OutboxStatus.SENT, *, reason: str | None = None) -> OutboxEntry:
    return OutboxEntry(
        entry_id=1,
        draft=Draft(account="harbor-us", case_id="7", text="Thank you."),
        status=status,
        content_hash="",
        created_at=NOON,
        created_by="ann",
        updated_at=NOON,
        approval=None,
        claim=None,
        attempts=1,
        first_baseline=None,
        baseline=None,
        submit_started_at=NOON,
        proof=Proof(message_id="m1") if status is OutboxStatus.SENT else None,
        reason=reason,
    )


def line(message: str = "m1") -> dict[str, Any]:
    return {"kind": "reply", "case": "7", "text": "Thank you.", "message": message, "attachments": []}


@pytest.fixture
def witness() -> Any:
    with MockPortal(PortalSettings(cases=2)) as portal:
        yield Witness(portal, "harbor-us")


@pytest.mark.parametrize(
    ("entries", "ledger", "met", "misses"),
    [
        ([entry()], [line()], set(), False),
        ([entry()], [line(), line("m2")], set(), True),
        ([entry()], [], set(), True),
        ([], [line()], set(), True),
        ([entry(), replace(entry(), entry_id=2)], [line(), line("m2")], set(), True),
        ([entry(OutboxStatus.QUEUED)], [], set(), True),
        ([entry(OutboxStatus.HELD, reason="not_there")], [], set(), True),
        ([entry(OutboxStatus.HELD, reason="not_there")], [], {"reply_dropped"}, False),
        ([entry(OutboxStatus.HELD, reason="not_there")], [line()], {"reply_dropped"}, False),
        ([entry(OutboxStatus.REJECTED)], [line()], {"upload_refused"}, True),
        ([entry(OutboxStatus.REJECTED)], [], set(), True),
        ([entry(OutboxStatus.REJECTED)], [], {"server_error"}, False),
    ],
    ids=[
        "once",
        "twice",
        "lost",
        "from nowhere",
        "one proof for two",
        "left",
        "held",
        "dropped",
        "late",
        "refused",
        "no reason",
        "error",
    ],
)
def test_replies_are_counted_by_the_ledger(
    witness: Witness, entries: list[OutboxEntry], ledger: list[dict[str, Any]], met: set[str], misses: bool
) -> None:
    """A reply that is there twice, not at all, unproved or held for nothing is a miss."""
    assert misses == bool(judge_replies(entries, ledger, witness, met, final=True))


def run(*asked: tuple[str, int, list[str], float], error: RunStopped | None = None) -> RunSeen:
    """A run that asked for these pages: path, status, faults, seconds since noon."""
    requests = [
        {
            "sequence": number,
            "method": "GET",
            "path": path,
            "status": status,
            "faults": faults,
            "engine": "chromium",
            "tags": ["document"],
            "time": (NOON + timedelta(seconds=seconds)).isoformat(),
        }
        for number, (path, status, faults, seconds) in enumerate(asked, 1)
    ]
    outcome = SendOutcome("harbor-us", ended_by=error)
    return RunSeen(Span(NOON, NOON + timedelta(minutes=1)), "r", requests, outcome, pages=1)


DENIED = ("/cases/7", 403, ["access_denied"], 0.0)
CHALLENGED: tuple[tuple[str, int, list[str], float], ...] = (
    ("/cases/7", 302, ["challenge"], 0.0),
    ("/ap/cvf?returnTo=%2Fcases%2F7", 200, [], 0.1),
)


@pytest.mark.parametrize(
    ("seen", "sign_ins", "misses"),
    [
        (run(DENIED, error=AccessDenied("harbor-us", "")), 1, False),
        (run(DENIED, ("/cases/8", 200, [], 1.0), error=AccessDenied("harbor-us", "")), 1, True),
        (run(*CHALLENGED, error=PersonNeeded("harbor-us", "")), 1, False),
        (run(*CHALLENGED, ("/cases/8", 200, [], 1.0), error=PersonNeeded("harbor-us", "")), 1, True),
        (run(DENIED, error=WrongAccount("harbor-us", "")), 1, True),
        (run(error=DriftedPage("harbor-us", "")), 1, True),
        (run(), 3, True),
        (run(("/cases/7", 429, ["throttled"], 0.0), ("/cases/8", 200, [], 0.5)), 0, True),
        (run(("/cases/7", 429, ["throttled"], 0.0), ("/cases/8", 200, [], 1.5)), 0, False),
    ],
    ids=[
        "stopped",
        "pushed on",
        "challenged",
        "went round it",
        "wrong reason",
        "no reason",
        "too many passwords",
        "hurried",
        "waited",
    ],
)
def test_manners_are_judged_by_the_portal_s_log(seen: RunSeen, sign_ins: int, misses: bool) -> None:
    """An end without a cause, a request after a stop, a hurried return and a third password are misses."""
    assert misses == bool(judge_manners(seen, sign_ins=sign_ins))


def test_the_witness_knows_what_could_be_observed_when() -> None:
    """Before, during and after a change different states count; a removed case has none."""
    with MockPortal(PortalSettings(cases=2)) as portal:
        witness = Witness(portal, "harbor-us")
        case = portal.truth()["cases"][0]
        begin = datetime.now(UTC)
        portal.advance(unlist=[case["id"]])
        middle = datetime.now(UTC)
        portal.advance(remove=[case["id"]])
        end = datetime.now(UTC)

        told = [
            [state and state["listed"] for state in witness.states(case["id"], span)]
            for span in (Span(begin, begin), Span(begin, middle), Span(middle, end), Span(end, end))
        ]

    assert [[True], [True, False], [False, None], [None]] == told
