"""Starts and stops Playwright's driver with the run's folder as its temporary directory."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.browser.calls import attempted
from agent.errors import DriverFailed
from agent.extract.snapshot import Engine

if TYPE_CHECKING:
    from playwright.async_api import BrowserType
    from playwright.async_api import Playwright

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_TEMPORARY = ("TMPDIR", "TEMP", "TMP")
_environment = threading.Lock()


async def start_driver(temporary: Path) -> Playwright:
    """Start a driver; it and its browsers inherit `temporary`, this process keeps its own."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - slow to import, and most commands need none

    async with _temporary_directory(temporary):
        try:
            return await asyncio.wait_for(async_playwright().start(), _START_SECONDS)
        except TimeoutError as error:
            raise DriverFailed(f"it did not answer within {_START_SECONDS:.0f} s") from error
        except Exception as error:
            # Whatever it is, from a missing file to a process that was killed: there is no driver.
            raise DriverFailed(str(error) or type(error).__name__) from error


async def stop_driver(playwright: Playwright) -> None:
    await attempted(playwright.stop(), seconds=_STOP_SECONDS)


def browser_type(playwright: Playwright, engine: Engine) -> BrowserType:
    types = {
        Engine.CHROMIUM: playwright.chromium,
        Engine.FIREFOX: playwright.firefox,
        Engine.WEBKIT: playwright.webkit,
    }
    return types[engine]


def own_builds(playwright: Playwright) -> dict[Engine, Path]:
    """Where Playwright keeps its own browsers, whether they were downloaded or not."""
    engines = (Engine.CHROMIUM, Engine.FIREFOX)
    return {engine: Path(browser_type(playwright, engine).executable_path) for engine in engines}


@asynccontextmanager
async def _temporary_directory(path: Path) -> AsyncIterator[None]:
    # The driver copies the environment at a moment that we do not see, so only one may start at a time.
    while not _environment.acquire(blocking=False):  # noqa: ASYNC110 - held by another thread's loop, perhaps
        await asyncio.sleep(0.02)
    before = {name: os.environ.get(name) for name in _TEMPORARY}
    os.environ.update(dict.fromkeys(_TEMPORARY, str(path)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        _environment.release()
