"""Who holds an account: a process that pauses, one that was killed, one that only a person can tell anything about."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from agent.clock import SystemClock
from agent.errors import AccountBusy
from agent.recovery.account_lock import drop_account
from agent.recovery.account_lock import hold_account
from agent.recovery.account_lock import this_process
from storage import journal
from storage import outbox
from storage.database import Database
from storage.outbox import Baseline
from storage.outbox import Draft
from storage.outbox import OutboxStatus
from storage.process import Holder

CLOCK = SystemClock()
ELSEWHERE = replace(this_process(), host="elsewhere")

HOLDING = """
import sys
from agent.clock import SystemClock
from agent.recovery.account_lock import hold_account
from storage.opening import open_archive
with hold_account(open_archive(sys.argv[1]), "acme", purpose="backup", clock=SystemClock()):
    print("held", flush=True)
    sys.stdin.read()
"""

Process = subprocess.Popen[str]


@pytest.fixture
def holder(archive: Database) -> Iterator[Process]:
    """Another process, which works on the account."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", HOLDING, str(archive.path)]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "held" == process.stdout.readline().strip()
        yield process
        process.kill()


def claimed_reply(archive: Database, by: Holder, *, submitted: bool) -> int:
    draft = Draft(account="acme", case_id="100" if submitted else "200", text="Our answer.")
    now = CLOCK.now()
    entry_id = outbox.add(archive, draft, author="ann", at=now)
    seen = outbox.content_hash(draft)
    outbox.approve(archive, entry_id, seen_hash=seen, seen_message_ids=(), approver="bob", at=now)
    token = outbox.claim(archive, entry_id, holder=by, at=now)
    if submitted:
        outbox.record_baseline(archive, entry_id, token, Baseline(message_ids=(), occurrences=0, taken_at=now))
        outbox.submit_started(archive, entry_id, token, at=now)
    return entry_id


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that pauses a process")
def test_paused_holder_keeps_the_account_until_it_is_dead(archive: Database, holder: Process) -> None:
    """A process that stands still may go on at any moment; a killed one never will."""
    holder.send_signal(signal.SIGSTOP)
    while psutil.Process(holder.pid).status() != psutil.STATUS_STOPPED:
        pass
    with pytest.raises(AccountBusy) as refusal, hold_account(archive, "acme", purpose="send", clock=CLOCK):
        pass
    holder.kill()
    holder.wait()

    assert f"backup: process {holder.pid} on" in refusal.value.holder
    assert not refusal.value.elsewhere
    with hold_account(archive, "acme", purpose="send", clock=CLOCK) as token:
        assert journal.holds_account(archive, "acme", token)


def test_living_holder_cannot_be_dropped(archive: Database, holder: Process) -> None:
    """What this machine can see to be running is not believed to be gone, whatever a person says."""
    with pytest.raises(AccountBusy, match=str(holder.pid)):
        drop_account(archive, "acme", person="ann", reason="I think so", clock=CLOCK)

    assert journal.account_lock(archive, "acme") is not None


def test_holder_on_another_host_is_dropped_by_a_person(archive: Database) -> None:
    """The lock goes, and so do the claims on its replies; one whose submit had begun is left to reading its thread."""
    journal.lock_account(archive, "acme", holder=ELSEWHERE, purpose="outbox send", at=CLOCK.now())
    entries = [claimed_reply(archive, ELSEWHERE, submitted=submitted) for submitted in (False, True)]
    with pytest.raises(AccountBusy) as refusal, hold_account(archive, "acme", purpose="backup", clock=CLOCK):
        pass

    dropped = drop_account(archive, "acme", person="ann", reason="the container was deleted", clock=CLOCK)

    assert refusal.value.elsewhere
    assert (ELSEWHERE,) == dropped
    assert [OutboxStatus.QUEUED, OutboxStatus.UNCONFIRMED] == [
        outbox.get_entry(archive, entry).status for entry in entries
    ]
    assert [("ann", "lock dropped", "acme", "the container was deleted")] == told(archive)
    with hold_account(archive, "acme", purpose="backup", clock=CLOCK):
        pass


def test_claim_without_a_lock_is_dropped_as_well(archive: Database) -> None:
    """A reply that a lost machine had in hand does not wait for ever."""
    entry = claimed_reply(archive, ELSEWHERE, submitted=False)

    drop_account(archive, "acme", person="ann", reason="the disk is dead", clock=CLOCK)

    assert OutboxStatus.QUEUED is outbox.get_entry(archive, entry).status
    assert [("ann", "claims dropped", "acme", "the disk is dead")] == told(archive)


def test_nothing_is_noted_where_nobody_holds_anything(archive: Database) -> None:
    """A needless wish changes nothing."""
    assert () == drop_account(archive, "acme", person="ann", reason="to be sure", clock=CLOCK)
    assert [] == told(archive)


def told(archive: Database) -> list[tuple[str, str, str, str]]:
    return [(each.actor, each.action, each.subject, each.reason) for each in journal.list_audits(archive)]
