"""One tab, held by one reader at a time: opened, read as text, acted on. Everything is under a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar
from urllib.parse import urldefrag

from agent.browser.calls import PageTrouble
from agent.browser.calls import attempted
from agent.browser.calls import guarded
from agent.browser.element import Element
from agent.browser.watch import PageWatch
from agent.browser.watch import failure_code
from agent.browser.watch import shows_error_page
from agent.errors import EngineDied
from agent.extract.classify import ERROR_PAGES

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from collections.abc import Callable

    from playwright.async_api import FrameLocator
    from playwright.async_api import Page

T = TypeVar("T")

_FLATTEN = files("agent.browser").joinpath("flatten.js").read_text(encoding="utf-8")
_READ_SECONDS = 20.0
_CLOSE_SECONDS = 5.0
_LOOK_SECONDS = 0.25
_TICK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a navigation ended. `loaded` is false when the document was not whole before the deadline."""

    url: str
    status: int | None
    failure: str | None
    retry_after: str | None
    loaded: bool


class LivePage:
    """A page of a running browser.

    Raises `EngineDied` when the browser or the renderer went away, `PageTrouble` when the page does not do something.
    """

    def __init__(self, page: Page, *, engine: str) -> None:
        self._page = page
        self._engine = engine
        self._watch = PageWatch(page)
        #: What the last holder left on the page.
        self.shows: object = None
        self._spoilt = False
        self._opened: tuple[str, str | None, bool] = (page.url, None, False)

    @property
    def url(self) -> str:
        return self._page.url

    @property
    def busy(self) -> bool:
        """Whether something that could change the page is on its way."""
        return bool(self._watch.pending)

    @property
    def asked(self) -> int:
        """Counts what the page asked for that could change it."""
        return self._watch.asked

    @property
    def script_errors(self) -> tuple[str, ...]:
        return tuple(self._watch.script_errors)

    @property
    def usable(self) -> bool:
        """Whether the page may be read again; one that once did not answer may not."""
        return not (self._spoilt or self._watch.crashed or self._page.is_closed())

    async def open(self, url: str, *, seconds: float) -> Arrival:
        """Navigate until the document is whole. Whatever the portal or the network does is in the arrival.

        A document cut short never finishes loading in Chromium and an undecodable one never in Firefox, so the
        navigation is raced with the browser's own signs of failure.
        """
        await self._leave_for(url)
        self._watch.reset()
        going = asyncio.ensure_future(self._page.goto(url, wait_until="domcontentloaded", timeout=seconds * 1000))
        failed = asyncio.ensure_future(self._watch.failed.wait())
        try:
            failure, loaded = await self._race(going, failed, seconds)
        finally:
            failed.cancel()
            if not going.done():
                going.cancel()
            with suppress(asyncio.CancelledError, Exception):  # what it says now is known already
                await going
        self._opened = url, failure, loaded
        self._spoilt = self._spoilt or not loaded
        return self.arrived()

    def arrived(self) -> Arrival:
        """How the last navigation ended, as far as is known now: Firefox shows some failures a moment later."""
        wanted, failure, loaded = self._opened
        failure = failure or self._watch.failure
        url = self._page.url
        if shows_error_page(url):
            failure, loaded = failure or failure_code(url), False
        if shows_error_page(url) or url == "about:blank":
            url = self._watch.answered_url or wanted
        return Arrival(url, self._watch.status, failure, self._watch.headers.get("retry-after"), loaded)

    async def act(self, action: Awaitable[None], *, seconds: float) -> None:
        """Do what may bring another document, and wait until that one is whole."""
        self._watch.script_errors.clear()  # what was thrown before says nothing of what this brings
        loaded = True
        await action
        try:
            await self.call(self._page.wait_for_load_state("domcontentloaded"), "load", seconds)
        except PageTrouble:
            loaded = False
        self._opened = self._page.url, None, loaded

    async def html(self, *, values: bool = True, seconds: float = _READ_SECONDS) -> str:
        """The page as text; see `flatten.js`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        how = {"values": values, "errorPages": ERROR_PAGES}
        while True:
            try:
                return str(await self.call(self._page.evaluate(_FLATTEN, how), "read", seconds))
            except PageTrouble as trouble:
                if "context was destroyed" not in trouble.why or loop.time() > until:
                    raise
                await asyncio.sleep(_TICK_SECONDS)  # the page went on to another document meanwhile

    async def document(self) -> float:
        """A mark of the document that stands in the page: tells a new one from the old one that lingers."""
        return float(await self.evaluate("performance.timeOrigin"))

    async def evaluate(self, script: str, argument: Any = None) -> Any:
        return await self.call(self._page.evaluate(script, argument), "script", _READ_SECONDS)

    async def find(
        self, css: str, *, says: Callable[[str], bool] | None = None, frame: Sequence[str] = (), passed: int = 0
    ) -> Element | None:
        """The first element that is shown and whose text is what is wanted, after `passed` others of that kind."""
        inside: Page | FrameLocator = self._page
        for step in frame:
            inside = inside.frame_locator(step)
        for locator in await self.call(inside.locator(css).all(), f"find {css}", _READ_SECONDS):
            element = Element(locator, css, self.call)
            if await element.is_shown() and (says is None or says(await element.text())):
                if not passed:
                    return element
                passed -= 1
        return None

    async def find_input(self, css: str, *, frame: Sequence[str] = ()) -> Element | None:
        """The last such element, shown or not: file inputs are often hidden, and a new one comes after the others."""
        inside: Page | FrameLocator = self._page
        for step in frame:
            inside = inside.frame_locator(step)
        locator = inside.locator(css)
        if not await self.call(locator.count(), f"find {css}", _READ_SECONDS):
            return None
        return Element(locator.last, css, self.call, framed=bool(frame))

    async def press(self, key: str) -> None:
        await self.call(self._page.keyboard.press(key), f"press {key}", _READ_SECONDS)

    async def screenshot(self) -> bytes | None:
        """A picture of what is seen, `None` where the page does not yield one."""
        try:
            shot = self._page.screenshot(type="png", timeout=_CLOSE_SECONDS * 1000)
            return await self.call(shot, "screenshot", _CLOSE_SECONDS + 1)
        except (PageTrouble, EngineDied):
            return None

    async def close(self) -> None:
        await attempted(self._page.close(), seconds=_CLOSE_SECONDS)

    async def quiet(self, *, still: float, seconds: float) -> bool:
        """Wait until nothing that could change the page has been on its way for `still` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        since = loop.time()
        while (now := loop.time()) < until:
            if self._watch.pending:
                since = now
            elif now - since >= still:
                return True
            await asyncio.sleep(_TICK_SECONDS)
        return False

    async def call(self, call: Awaitable[T], what: str, seconds: float) -> T:
        try:
            return await guarded(call, what=what, engine=self._engine, seconds=seconds)
        except PageTrouble as trouble:
            self._spoilt = self._spoilt or trouble.timed_out
            raise

    async def _leave_for(self, url: str) -> None:
        """Make way for a URL of which only the fragment is another one, or nothing: a browser would load nothing."""
        if "#" in url and urldefrag(url).url == urldefrag(self._page.url).url:
            with suppress(PageTrouble):  # then the page is spoilt, and what is opened in it fails
                await self.call(self._page.goto("about:blank"), "leave", _CLOSE_SECONDS)

    async def _race(
        self, going: asyncio.Future[Any], failed: asyncio.Future[Any], seconds: float
    ) -> tuple[str | None, bool]:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds + 1
        before = self._page.url  # may be the error page of the navigation before
        while loop.time() < until:
            done, _ = await asyncio.wait({going, failed}, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if self._watch.crashed:
                raise EngineDied(self._engine, "renderer crashed")
            if going in done:
                return await self._outcome(going, seconds)
            if failed in done:
                return self._watch.failure, False
            if self._page.url != before and shows_error_page(self._page.url):
                return failure_code(self._page.url), False
        return None, False

    async def _outcome(self, going: asyncio.Future[Any], seconds: float) -> tuple[str | None, bool]:
        try:
            await self.call(going, "open", seconds)
        except PageTrouble as trouble:
            return (None if trouble.timed_out else failure_code(trouble.why)), False
        return None, True
