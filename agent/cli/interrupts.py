"""Ctrl-C once finishes what is in hand; twice ends it now. Works the same on every system."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from typing import TypeVar

T = TypeVar("T")


class Interrupts:
    """Counts Ctrl-C for one command, in the command's loop."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._count = 0
        self._finish: Callable[[], None] = lambda: None

    @property
    def interrupted(self) -> bool:
        """Whether nothing new should begin."""
        return self._count > 0

    def finish_by(self, finish: Callable[[], None]) -> None:
        """What the first Ctrl-C calls; one that came before this is not lost."""
        self._finish = finish
        if self.interrupted:
            finish()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the work to its end. Raises `KeyboardInterrupt` when it was ended by a second Ctrl-C."""
        return asyncio.run(self._guarded(work))

    async def _guarded(self, work: Coroutine[Any, Any, T]) -> T:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(work)

        def pressed(_number: int, _frame: FrameType | None) -> None:
            # A signal comes between any two instructions: what it asks for is done by the loop.
            loop.call_soon_threadsafe(self._pressed, task)

        with handling(signal.SIGINT, pressed):
            try:
                return await task
            except asyncio.CancelledError:
                raise KeyboardInterrupt from None

    def _pressed(self, task: asyncio.Future[Any]) -> None:
        self._count += 1
        if self._count == 1:
            self._tell("Finishing what is in hand. Ctrl-C again stops at once.")
            self._finish()
        else:
            task.cancel()


@contextmanager
def handling(number: signal.Signals, pressed: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """For the block, `pressed` is what the signal does."""
    before = signal.signal(number, pressed)
    try:
        yield
    finally:
        signal.signal(number, before)
