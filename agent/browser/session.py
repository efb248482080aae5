"""A context with its pages: one account's presence in one browser, in one environment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar
from typing import cast

from agent.browser.calls import PageTrouble
from agent.browser.calls import attempted
from agent.browser.calls import guarded
from agent.browser.context import ContextSettings
from agent.browser.context import Cookie
from agent.browser.context import State
from agent.browser.context import context_options
from agent.browser.page import LivePage
from agent.browser.running import Browsers
from agent.browser.running import RunningBrowser
from agent.errors import EngineDied
from agent.extract.snapshot import Environment

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

T = TypeVar("T")

_CALL_SECONDS = 20.0
_CLOSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request outside the pages brought. Header names are in lower case."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes


class Session:
    """A context of its own: own cookies, storage, workers and cache. Several tasks may read at once.

    At most `pages` pages are open; a page goes back among the idle ones only after it was left in good order.
    """

    def __init__(
        self,
        browsers: Browsers,
        running: RunningBrowser,
        context: BrowserContext,
        environment: Environment,
        *,
        pages: int,
    ) -> None:
        self.environment = environment
        self.tracing = False
        self._browsers = browsers
        self._running = running
        self._context = context
        self._engine = environment.engine.value
        self._turns = asyncio.Semaphore(pages)
        self._idle: list[LivePage] = []
        self._closing = asyncio.Event()
        self._sick = False
        self._recording = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        browsers: Browsers,
        environment: Environment,
        settings: ContextSettings,
        *,
        pages: int = 1,
        state: State | None = None,
        cookies: Iterable[Cookie] = (),
        at_start: str | None = None,
    ) -> Session:
        """Open a context, with a whole saved state or with nothing but the cookies. Raises `NoEngine`.

        `at_start` is a script that runs in every document before its own.
        """
        running = await browsers.get(environment.engine)
        options = context_options(
            environment, settings, user_agent=running.user_agent, devices=browsers.playwright.devices
        )
        if state is not None:
            options["storage_state"] = state
        running, context = await browsers.new_context(environment.engine, **options)
        session = cls(browsers, running, context, environment, pages=pages)
        try:
            if at_start is not None:
                await session._call(context.add_init_script(at_start), "set the start script")
            carried = list(cookies)
            if carried:
                await session._call(context.add_cookies(cast("Any", carried)), "set cookies")
        except BaseException:
            await session.close()
            raise
        return session

    @property
    def engine_version(self) -> str:
        return self._running.version

    @property
    def sends_once(self) -> bool:
        return self._running.spec.sends_once

    @asynccontextmanager
    async def page(self, shows: object = None) -> AsyncIterator[LivePage]:
        """Hold a page until the block ends, by preference the one that `shows` this."""
        async with self._turns:
            page = await self._take(shows)
            try:
                yield page
            except BaseException:
                await page.close()
                raise
            if page.usable:
                self._idle.append(page)
            else:
                await page.close()

    async def cookies(self) -> list[Cookie]:
        return cast("list[Cookie]", list(await self._call(self._context.cookies(), "read cookies")))

    async def state(self) -> State:
        """Cookies, local storage and IndexedDB."""
        return cast("State", await self._call(self._context.storage_state(indexed_db=True), "read the session"))

    async def get(self, url: str, *, seconds: float) -> Answer:
        """Request a URL with the session's cookies, outside the pages. A redirect is an answer, it is not followed.

        Raises `PageTrouble` where there is no answer.
        """
        request = self._context.request.get(url, max_redirects=0, timeout=seconds * 1000, fail_on_status_code=False)
        response = await guarded(request, what="request", engine=self._engine, seconds=seconds + 1)
        try:
            body = await guarded(response.body(), what="request", engine=self._engine, seconds=seconds)
        finally:
            await attempted(response.dispose(), seconds=_CLOSE_SECONDS)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.url, response.status, headers, body)

    async def start_trace(self) -> None:
        """Record what the pages do from now on; a recording holds cookies, see `scrub`."""
        async with self._recording:  # several readers may want it at once
            if not self.tracing:
                await self._call(self._context.tracing.start(snapshots=True), "trace")
                self.tracing = True

    async def stop_trace(self, path: Path | None = None) -> None:
        """End the recording, and keep it if there is a path."""
        async with self._recording:
            if self.tracing:
                self.tracing = False
                await self._call(self._context.tracing.stop(path=path), "trace")

    async def close(self) -> None:
        """Close the pages and the context, dead or alive; a browser that was too sick for either goes with them."""
        self._closing.set()
        self._idle.clear()
        closed = await attempted(self._context.close(), seconds=_CLOSE_SECONDS)
        if self._sick or not closed:
            await self._browsers.discard(self._running)

    async def _take(self, shows: object) -> LivePage:
        while self._idle:
            wanted = [page for page in self._idle if shows is not None and page.shows == shows]
            blank = [page for page in self._idle if page.shows is None]
            best = (*wanted, *blank, *self._idle)[0]
            self._idle.remove(best)
            if best.usable:
                return best
            await best.close()
        page = await self._call(self._context.new_page(), "new page")
        return LivePage(page, engine=self._engine)

    async def _call(self, call: Awaitable[T], what: str) -> T:
        """A context that does not do this much is of no more use than a dead one.

        A new page that is wanted while the context closes is never answered, so that the closing is an answer too.
        """
        calling = asyncio.ensure_future(guarded(call, what=what, engine=self._engine, seconds=_CALL_SECONDS))
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait({calling, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                raise EngineDied(self._engine, f"{what}: the context is being closed")
            return calling.result()
        except PageTrouble as trouble:
            self._sick = True
            raise EngineDied(self._engine, f"{what}: {trouble.why}") from trouble
        finally:
            closing.cancel()
            calling.cancel()
