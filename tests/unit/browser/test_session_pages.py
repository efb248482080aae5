"""A session's pages and its context when the browser does not do its part: no browser is needed to show that."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from typing import Any

import pytest
from playwright.async_api import Error

from agent.browser import session as session_module
from agent.browser.context import ContextSettings
from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.browser.launch import LaunchSpec
from agent.browser.running import Browsers
from agent.browser.running import RunningBrowser
from agent.browser.session import Session
from agent.errors import EngineDied
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from tests.unit.browser.false_playwright import FalseBrowser
from tests.unit.browser.false_playwright import FalseContext

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

FOUND = FoundEngine(Engine.CHROMIUM, EngineKind.SYSTEM, Path("/usr/bin/browser"), "156.0", Drive.CDP)


def running(browser: FalseBrowser) -> Browsers:
    """Browsers of which one was launched already."""
    browsers = Browsers(Path())
    launched = RunningBrowser(LaunchSpec(FOUND), browser, "agent")  # type: ignore[arg-type]
    browsers._running[Engine.CHROMIUM] = launched
    browsers._playwright = SimpleNamespace(devices={})  # type: ignore[assignment]
    return browsers


async def opened(browser: FalseBrowser, **how: Any) -> Session:
    return await Session.open(running(browser), Environment(), ContextSettings(), **how)


def test_a_dead_idle_page_is_passed_over(run_async: AsyncRunner[Any]) -> None:
    """A page that showed what is wanted and died since costs nothing but itself."""

    async def go() -> list[bool]:
        context = FalseContext()
        session = await opened(FalseBrowser([context]))
        async with session.page() as first:
            first.shows = "list"
        context.pages[0].closed = True
        async with session.page("list") as page:
            return [page is first, page.usable]

    assert [False, True] == run_async(go())


def test_two_readers_never_get_the_same_page(run_async: AsyncRunner[Any]) -> None:
    """While one closes a dead page, another takes the idle page that was the first one's next choice."""

    async def go() -> bool:
        context = FalseContext()
        session = await opened(FalseBrowser([context]), pages=3)
        async with session.page(), session.page():
            pass
        dead, closing, closed = context.pages[0], asyncio.Event(), asyncio.Event()
        dead.closed = True

        async def slowly() -> None:
            closing.set()
            await closed.wait()

        dead.closing = slowly
        session._idle.sort(key=lambda page: page.usable)
        async with asyncio.TaskGroup() as group:
            held: list[Any] = []
            left = asyncio.Event()

            async def hold() -> None:
                async with session.page() as page:
                    held.append(page)
                    await left.wait()

            group.create_task(hold())
            await closing.wait()
            group.create_task(hold())
            while not held:  # noqa: ASYNC110 - the second one needs nobody
                await asyncio.sleep(0)
            closed.set()
            while len(held) < 2:  # noqa: ASYNC110 - see above
                await asyncio.sleep(0)
            left.set()
        return held[0] is held[1]

    assert run_async(go()) is False


@pytest.mark.parametrize("call", ["add_init_script", "add_cookies"])
def test_a_context_that_cannot_be_set_up_is_closed(run_async: AsyncRunner[Any], call: str) -> None:
    """What nobody got is not left behind in the browser."""
    context = FalseContext(failing={call: Error("no")})

    with pytest.raises(EngineDied):
        run_async(opened(FalseBrowser([context]), at_start="1", cookies=[{"name": "a", "value": "b"}]))

    assert context.closed


def test_a_browser_that_does_not_answer_goes_with_its_session(
    run_async: AsyncRunner[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Still connected but sick, it would fail the next context as well; a relaunch begins with another browser."""
    monkeypatch.setattr(session_module, "_CALL_SECONDS", 0.01)
    context, browser = FalseContext(), FalseBrowser()
    context.new_page = lambda: asyncio.Event().wait()  # type: ignore[method-assign, assignment, return-value]
    browser.contexts = [context]

    async def go() -> None:
        session = await opened(browser)
        with suppress(EngineDied):
            async with session.page():
                pass
        await session.close()

    run_async(go())

    assert (True, True) == (context.closed, browser.closed)


def test_a_browser_outlives_a_crashed_renderer(run_async: AsyncRunner[Any]) -> None:
    """A crash of one page says nothing about the browser."""
    browser = FalseBrowser()

    async def go() -> None:
        session = await opened(browser)
        async with session.page():
            browser.contexts[0].pages[0].emit("crash")
        await session.close()

    run_async(go())

    assert (True, False) == (browser.contexts[0].closed, browser.closed)
