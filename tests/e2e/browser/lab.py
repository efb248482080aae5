"""A small server with odd pages, and an engine to look at them with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import asynccontextmanager
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from typing import TypeVar

from aiohttp import web
from selectolax.lexbor import LexborHTMLParser

from agent.browser.page import Arrival
from agent.browser.page import LivePage
from agent.browser.running import Browsers
from agent.extract.snapshot import Engine
from tests.e2e.browser_room import LoopThread

S = TypeVar("S", bound="OddSite")

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class OddSite:
    """Pages by path; `seen` lists the requests as (method, path)."""

    url: str = ""
    pages: dict[str, Answer | str] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.path))
        self.user_agents.append(request.headers.get("User-Agent", ""))
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404, text="nothing here")
        if isinstance(page, str):
            return web.Response(text=page, content_type="text/html")
        return await page(request)


@dataclass(frozen=True)
class Lab:
    """Browsers, a site for them, and one engine to look at it with."""

    thread: LoopThread
    browsers: Browsers
    site: OddSite
    engine: Engine

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what the browser or the server will do."""
        while not holds():  # noqa: ASYNC110 - neither sets an event of ours
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def page(self) -> AsyncIterator[LivePage]:
        running, context = await self.browsers.new_context(self.engine)
        yield LivePage(await context.new_page(), engine=running.spec.found.engine)
        await context.close()

    def arrive(self, path: str, *, seconds: float = 15) -> Arrival:
        async def go() -> Arrival:
            async with self.page() as page:
                return await page.open(f"{self.site.url}{path}", seconds=seconds)

        return self.thread.run(go())

    def read(self, path: str = "/", *, when: str = "*") -> LexborHTMLParser:
        """Read the page once its text has such an element."""

        async def go() -> LexborHTMLParser:
            async with self.page() as page:
                await page.open(f"{self.site.url}{path}", seconds=15)
                while not (tree := LexborHTMLParser(await page.html())).css(when):
                    pass
                return tree

        return self.thread.run(go())


@contextmanager
def serving(thread: LoopThread, odd: S) -> Iterator[S]:
    """Serve a site's `answer` on a port of its own; its `url` is known from then on."""

    async def start() -> web.AppRunner:
        app = web.Application(client_max_size=64_000_000)
        app.router.add_route("*", "/{path:.*}", odd.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        odd.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    runner = thread.run(start())
    try:
        yield odd
    finally:
        thread.run(runner.cleanup())
