"""One process an account: who may take a lock over, and from whom."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.clock import SystemClock
from agent.errors import AccountBusy
from agent.recovery.account_lock import hold_account
from agent.recovery.account_lock import this_process
from storage import journal
from storage.database import Database
from storage.process import Holder

CLOCK = SystemClock()


def dead_process() -> Holder:
    """A process of this machine that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return replace(this_process(), pid=child.pid)


def hold_as(archive: Database, holder: Holder) -> None:
    journal.lock_account(archive, "acme", holder=holder, purpose="backup", at=CLOCK.now())


def test_a_living_holder_keeps_the_account(archive: Database) -> None:
    """The error names what the holder does, where, and since when."""
    hold_as(archive, this_process())

    with pytest.raises(AccountBusy) as caught, hold_account(archive, "acme", purpose="send", clock=CLOCK):
        pass

    me = this_process()
    assert f"backup: process {me.pid} on {me.host}, running since {me.process_started_at:%Y-%m-%d %H:%M:%S} UTC" == (
        caught.value.holder
    )


def test_a_dead_holder_loses_the_account(archive: Database) -> None:
    """A process that was killed leaves its lock to the next."""
    hold_as(archive, dead_process())

    with hold_account(archive, "acme", purpose="backup", clock=CLOCK) as token:
        assert journal.holds_account(archive, "acme", token)


def test_another_process_under_the_same_number_is_not_the_holder(archive: Database) -> None:
    """The start time tells the holder from a later process that got its number."""
    me = this_process()
    hold_as(archive, replace(me, process_started_at=me.process_started_at - timedelta(hours=1)))

    with hold_account(archive, "acme", purpose="backup", clock=CLOCK) as token:
        assert journal.holds_account(archive, "acme", token)


def test_a_clock_that_was_set_makes_no_holder_look_dead(archive: Database) -> None:
    """The machine's idea of every start moves with its clock: a holder that lives keeps the account all the same."""
    me = this_process()
    hold_as(archive, replace(me, process_started_at=me.process_started_at - timedelta(seconds=30)))

    with pytest.raises(AccountBusy), hold_account(archive, "acme", purpose="backup", clock=CLOCK):
        pass


def test_nothing_is_proved_about_another_machine(archive: Database) -> None:
    """A holder on another host is believed to live."""
    hold_as(archive, replace(dead_process(), host="elsewhere"))

    with pytest.raises(AccountBusy), hold_account(archive, "acme", purpose="backup", clock=CLOCK):
        pass


def test_the_account_is_given_back_whatever_happens(archive: Database) -> None:
    """An error in the block does not leave the account locked."""
    with pytest.raises(RuntimeError), hold_account(archive, "acme", purpose="backup", clock=CLOCK):
        raise RuntimeError

    with hold_account(archive, "acme", purpose="backup", clock=CLOCK):
        pass
