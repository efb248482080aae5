"""Lets the reads of one account through: all of them, one climber alone, or none after a stop; never too fast."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from typing import Any
from typing import TypeVar

from agent.clock import Clock
from agent.recovery.stop import StopToken

T = TypeVar("T")

#: Seconds between two reads after the first 429, at least and at most.
FIRST_PACE = 1.0
SLOWEST_PACE = 60.0

#: Seconds between two looks at the stop switch while a page is read.
ASK_SECONDS = 1.0

#: So many reads tell how fast the run has been.
RECENT = 8


class Gate:
    """Stands before every read of an account.

    Invariant: while somebody climbs, no other read *begins*. Reads in flight are not waited for: the climber closes
    their context, and they are repeated.
    """

    def __init__(self, clock: Clock, stop: StopToken) -> None:
        self._clock = clock
        self._stop = stop
        self._climber = asyncio.Lock()
        self._open = asyncio.Event()
        self._open.set()
        self._not_before = clock.monotonic()
        self._pace = 0.0
        self._begun: deque[float] = deque(maxlen=RECENT)
        #: Counts the times that the account was told to slow down; a read that began before one adds no other.
        self.slowed = 0

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Hold everybody else back."""
        async with self._climber:
            self._open.clear()
            try:
                yield
            finally:
                self._open.set()

    async def turn(self, *, climbing: bool = False) -> None:
        """Wait until one more read may begin; the climber itself waits for the pace only."""
        while True:
            if not climbing:
                await self._open.wait()
            self._stop.check()
            wait = self._not_before - self._clock.monotonic()
            if wait <= 0:
                break
            await self.sleep(wait)
        now = self._clock.monotonic()
        self._begun.append(now)
        self._not_before = now + self._pace

    def slow_down(self, seconds: float) -> None:
        """Let the account rest for `seconds`, and read at half the speed from then on."""
        self.slowed += 1
        self._pace = min(SLOWEST_PACE, max(FIRST_PACE, 2 * self._pace, 2 * self._interval()))
        self._begun.clear()  # the rest itself is no measure of the speed
        self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def _interval(self) -> float:
        """Seconds between the latest reads: the limiter below may be slower than any pace set here."""
        return (self._begun[-1] - self._begun[0]) / (len(self._begun) - 1) if len(self._begun) > 1 else 0.0

    async def heeding(self, work: Coroutine[Any, Any, T]) -> T:
        """Await a read, which may take minutes; it is broken off when the stop switch is thrown."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=ASK_SECONDS))[0]:
                self._stop.check()
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def sleep(self, seconds: float) -> None:
        """Wait in steps short enough for a stop to be obeyed."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            self._stop.check()
            await self._clock.sleep(min(left, 1.0))
