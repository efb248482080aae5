"""Browsers that many tests share: a browser's start costs seconds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from typing import TypeVar

from agent.browser.running import Browsers

T = TypeVar("T")

LONGEST = 90.0  #: seconds


class LoopThread:
    """An event loop in a thread of its own, so that browsers can outlive one test."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T], *, seconds: float | None = LONGEST) -> T:
        """The result; a test that waits for what never comes fails."""
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(coroutine, seconds), self.loop).result()

    def stop(self) -> None:
        self.run(_cancel_the_others(), seconds=None)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def _cancel_the_others() -> None:
    """End what a server still does for a browser that is gone."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class BrowserRoom:
    """Browsers below `root`, whose path is short, since theirs for sockets must be."""

    def __init__(self, root: Path) -> None:
        self.thread = LoopThread()
        self.browsers = Browsers(root)
        self.run(self.browsers.__aenter__())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """A whole run may take longer than any single step."""
        return self.thread.run(coroutine, seconds=None)

    def close(self) -> None:
        self.run(self.browsers.close())
        self.thread.stop()
