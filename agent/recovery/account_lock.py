"""One process works on an account at a time; a lock is taken over only from a process that is provably dead."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime

import psutil

from agent import errors
from agent.clock import Clock
from storage import journal
from storage import outbox
from storage.database import Database
from storage.errors import AccountBusy
from storage.process import Holder
from storage.process import lives


def this_process() -> Holder:
    """Name the running process."""
    me = psutil.Process()
    started = datetime.fromtimestamp(me.create_time(), tz=UTC)
    return Holder(host=socket.gethostname(), pid=me.pid, process_started_at=started)


def is_dead(holder: Holder) -> bool:
    """Whether the holder is provably gone. On another host nothing can be proved."""
    return holder.host == socket.gethostname() and not lives(holder.pid, holder.process_started_at.timestamp())


@contextmanager
def hold_account(database: Database, account: str, *, purpose: str, clock: Clock) -> Iterator[str]:
    """Hold the account for the block; yields the lock's token. Raises `agent.errors.AccountBusy`."""
    token = _lock(database, account, purpose=purpose, clock=clock)
    try:
        yield token
    finally:
        journal.release_account(database, account, token)


def drop_account(database: Database, account: str, *, person: str, reason: str, clock: Clock) -> tuple[Holder, ...]:
    """Believe a person that whoever holds the account or a reply of it is gone; returns who that was.

    A reply whose submit had begun becomes unconfirmed, so that only its thread decides. Raises
    `agent.errors.AccountBusy` when one of them is a living process of this machine.
    """
    lock = journal.account_lock(database, account)
    claims = [(entry, entry.claim) for entry in outbox.in_flight(database, account) if entry.claim is not None]
    holders = dict.fromkeys([*([lock.holder] if lock else []), *(claim.holder for _, claim in claims)])
    for holder in holders:
        if holder.host == socket.gethostname() and not is_dead(holder):
            raise errors.AccountBusy(account, f"process {holder.pid} on this machine, which is running")
    for entry, claim in claims:
        outbox.release_dead_claim(database, entry.entry_id, claim.token, at=clock.now())
    if lock is not None:
        journal.drop_lock(database, account, lock.token, person=person, reason=reason, at=clock.now())
    elif holders:
        journal.audit(database, actor=person, action="claims dropped", subject=account, reason=reason, at=clock.now())
    return tuple(holders)


def _lock(database: Database, account: str, *, purpose: str, clock: Clock) -> str:
    me = this_process()
    dead: str | None = None
    while True:
        try:
            return journal.lock_account(database, account, holder=me, purpose=purpose, at=clock.now(), dead_token=dead)
        except AccountBusy as busy:
            holder = Holder(host=busy.host, pid=busy.pid, process_started_at=busy.process_started_at)
            if busy.token == dead or not is_dead(holder):
                since = f"{busy.process_started_at:%Y-%m-%d %H:%M:%S} UTC"
                text = f"{busy.purpose}: process {busy.pid} on {busy.host}, running since {since}"
                raise errors.AccountBusy(account, text, elsewhere=busy.host != me.host) from busy
            dead = busy.token
