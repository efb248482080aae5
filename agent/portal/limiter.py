"""How fast a portal is asked: one limiter per portal, before every navigation and every request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.clock import Clock

#: Seconds that the portal may make us wait by itself; what it asks for beyond is the run's decision.
LONGEST_REST = 60.0
#: Seconds that a 429 gets which does not say how long to wait.
USUAL_REST = 2.0
#: Seconds between two requests after the first 429, at least and at most.
FIRST_GAP = 1.0
SLOWEST_GAP = 60.0


class Limiter:
    """At most `requests_per_second` begin (0: no limit), at most `at_once` run, none before a rest is over."""

    def __init__(self, clock: Clock, *, requests_per_second: float, at_once: int) -> None:
        self._clock = clock
        self._gap = 1 / requests_per_second if requests_per_second > 0 else 0.0
        self._running = asyncio.Semaphore(at_once)
        self._queue = asyncio.Lock()
        self._not_before = clock.monotonic()
        self._resting_until = self._not_before

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one of the places while a page is read; each request inside still takes a `turn`."""
        async with self._running:
            yield

    async def turn(self) -> None:
        """Wait until one more request may begin; first come, first served."""
        async with self._queue:
            while (wait := self._not_before - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            self._not_before = self._clock.monotonic() + self._gap

    def heed(self, status: int | None, retry_after: float | None) -> None:
        """Note any answer of the portal's: rest as it asks for, and ask at half the speed after a 429.

        Answers that were on their way when the rest began slow nothing down once more.
        """
        if status == 429:
            retry_after = USUAL_REST if retry_after is None else retry_after
            if self._clock.monotonic() >= self._resting_until:
                self._gap = min(SLOWEST_GAP, max(FIRST_GAP, 2 * self._gap))
        if retry_after is not None:
            self.rest(min(retry_after, LONGEST_REST))

    def rest(self, seconds: float) -> None:
        """The portal asked to be left alone for a while."""
        self._resting_until = max(self._resting_until, self._clock.monotonic() + seconds)
        self._not_before = max(self._not_before, self._resting_until)
