"""How fast a portal is asked: one limiter per portal, before every navigation and every request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.clock import Clock

#: Seconds that the portal may make us wait by itself; what it asks for beyond is the run's decision.
LONGEST_REST = 60.0


class Limiter:
    """At most `requests_per_second` begin (0: no limit), at most `at_once` run, none before a rest is over."""

    def __init__(self, clock: Clock, *, requests_per_second: float, at_once: int) -> None:
        self._clock = clock
        self._gap = 1 / requests_per_second if requests_per_second > 0 else 0.0
        self._running = asyncio.Semaphore(at_once)
        self._queue = asyncio.Lock()
        self._not_before = clock.monotonic()

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

    def rest(self, seconds: float) -> None:
        """The portal asked to be left alone for a while."""
        self._not_before = max(self._not_before, self._clock.monotonic() + seconds)
