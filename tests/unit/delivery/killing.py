"""Kills the sending code at the seams between it and the world.

From the kill on neither the archive nor the portal can be reached, so that no clean-up of the dying process has an
effect.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from storage import outbox
from tests.unit.delivery.sending_portal import Form
from tests.unit.delivery.sending_portal import Threads

ARCHIVE_SEAMS = (
    "claim",
    "get_entry",
    "record_baseline",
    "submit_started",
    "release",
    "release_dead_claim",
    "hold",
    "mark_sent",
    "mark_rejected",
    "mark_unconfirmed",
    "reconcile_sent",
    "reconcile_held",
)
WORLD_SEAMS = ((Threads, "read"), (Form, "fill"), (Form, "submit"), (Form, "close"))


class Killed(BaseException):
    """The process ended here."""


class Killer:
    """Counts the calls over the seams and kills at one of them, `before` or after it had its effect."""

    def __init__(self, at: int | None, *, before: bool) -> None:
        self.calls: list[str] = []
        self._at = at
        self._before = before
        self._dead = False

    def enter(self, name: str) -> None:
        if self._dead:
            raise Killed
        self.calls.append(name)
        if len(self.calls) == self._at and self._before:
            self._die()

    def leave(self) -> None:
        if len(self.calls) == self._at:
            self._die()

    def _die(self) -> None:
        self._dead = True
        raise Killed

    def around(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.enter(name)
            result = function(*arguments, **named)
            self.leave()
            return result

        async def call_async(*arguments: Any, **named: Any) -> Any:
            self.enter(name)
            result = await function(*arguments, **named)
            self.leave()
            return result

        return call_async if inspect.iscoroutinefunction(function) else call


@contextmanager
def killing(at: int | None = None, *, before: bool = False) -> Iterator[Killer]:
    """Wrap the seams; without `at` the calls are only counted."""
    killer = Killer(at, before=before)
    with pytest.MonkeyPatch.context() as patch:
        for name in ARCHIVE_SEAMS:
            patch.setattr(outbox, name, killer.around(getattr(outbox, name), name))
        for owner, name in WORLD_SEAMS:
            patch.setattr(owner, name, killer.around(getattr(owner, name), f"{owner.__name__}.{name}"))
        yield killer
