"""Sending processes that pause at a seam between the code and the world, wake, or are killed there.

Each runs in a greenlet, so that a synchronous call can pause too. No transaction is open at a seam: while one process
pauses, everybody else goes on as other processes would. A killed one reaches neither the archive nor the portal any
more, so that no clean-up of it has an effect.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from greenlet import getcurrent  # type: ignore[import-untyped]  # greenlet ships no types
from greenlet import greenlet

from agent.clock import ManualClock
from agent.delivery import reconcile
from agent.recovery import account_lock
from storage import journal
from storage import outbox
from storage.process import Holder
from tests.unit.delivery.killing import ARCHIVE_SEAMS
from tests.unit.delivery.killing import WORLD_SEAMS
from tests.unit.delivery.killing import Killed
from tests.unit.recovery.scripted_portal import NOON

#: Where else a process may stop: at the account's lock, and while it waits.
LOCK_SEAMS = ("lock_account", "holds_account", "release_account")


class Fate(StrEnum):
    """What happens to a process at a seam."""

    PAUSE = "pause"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Doom:
    """The fate that meets a process `before` or after so many more seams."""

    fate: Fate
    after: int
    before: bool


class Process:
    """One run of `work`. It stands still until `go`; afterwards it paused, or is over.

    One that `seems_dead` lives on where others cannot see it, in another container for example.
    """

    def __init__(self, number: int, work: Callable[[Process], Coroutine[Any, Any, object]]) -> None:
        self.holder = Holder(host="desk", pid=number, process_started_at=NOON + timedelta(seconds=number))
        self.paused = False
        self.over = False
        self.seems_dead = False
        self.seams: list[str] = []
        self._killed = False
        self._work = work
        self._doom: Doom | None = None
        self._greenlet = greenlet(self._run)

    def go(self, doom: Doom | None = None) -> None:
        """Run on until the end, or until its doom."""
        self._doom, self.paused = doom, False
        self.seams.clear()
        # Whoever wakes it gets it back, not whoever began it.
        self._greenlet.parent = getcurrent()
        self._greenlet.switch(self)

    def kill(self) -> None:
        self._killed = True
        self.go()

    def cross(self, name: str, *, before: bool) -> None:
        """Called at each seam, on the way in and on the way out."""
        if self._killed:
            raise Killed
        if before:
            self.seams.append(name)
        doom = self._doom
        if doom is None or len(self.seams) != doom.after or before is not doom.before:
            return
        self._doom = None
        if doom.fate is Fate.KILL:
            self._killed = True
            raise Killed
        self.paused = True
        self._greenlet.parent.switch()
        if self._killed:
            raise Killed

    def _run(self, _: object) -> None:
        coroutine = self._work(self)
        try:
            while True:
                coroutine.send(None)
        except (StopIteration, Killed):
            self.over = True


@contextmanager
def world_of(processes: list[Process], clock: ManualClock) -> Iterator[None]:
    """Wrap the seams; a call by no process of the list crosses none."""

    def process() -> Process | None:
        current = getcurrent()
        return next((each for each in processes if each._greenlet is current), None)

    def around(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if (mine := process()) is None:
                return function(*arguments, **named)
            mine.cross(name, before=True)
            result = function(*arguments, **named)
            mine.cross(name, before=False)
            return result

        async def call_async(*arguments: Any, **named: Any) -> Any:
            if (mine := process()) is None:
                return await function(*arguments, **named)
            mine.cross(name, before=True)
            result = await function(*arguments, **named)
            mine.cross(name, before=False)
            return result

        return call_async if inspect.iscoroutinefunction(function) else call

    def me() -> Holder:
        mine = process()
        assert mine is not None, "only processes take locks"
        return mine.holder

    def is_dead(holder: Holder) -> bool:
        return all(each.over or each.seems_dead for each in processes if each.holder == holder)

    with pytest.MonkeyPatch.context() as patch:
        for owner, names in ((outbox, ARCHIVE_SEAMS), (journal, LOCK_SEAMS)):
            for name in names:
                patch.setattr(owner, name, around(getattr(owner, name), name))
        for owner_, name in (*WORLD_SEAMS, (type(clock), "sleep")):
            patch.setattr(owner_, name, around(getattr(owner_, name), f"{owner_.__name__}.{name}"))
        patch.setattr(account_lock, "this_process", me)
        for module in (account_lock, reconcile):
            patch.setattr(module, "is_dead", is_dead)
        yield
