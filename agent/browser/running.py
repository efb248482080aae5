"""One run's driver and browsers: launched when first wanted, launched again when they died, gone at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import Self

from agent.browser.calls import PageTrouble
from agent.browser.calls import attempted
from agent.browser.calls import guarded
from agent.browser.driver import browser_type
from agent.browser.driver import own_builds
from agent.browser.driver import start_driver
from agent.browser.driver import stop_driver
from agent.browser.engines import Discovery
from agent.browser.engines import FoundEngine
from agent.browser.engines import find_engines
from agent.browser.identity import honest
from agent.browser.launch import LaunchSpec
from agent.browser.launch import lacks_screen
from agent.browser.launch import launch_arguments
from agent.browser.launch import sandbox_possible
from agent.browser.rundir import RunDirectory
from agent.browser.rundir import usual_root
from agent.errors import EngineDied
from agent.errors import NoEngine
from agent.extract.snapshot import Engine

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from playwright.async_api import BrowserContext
    from playwright.async_api import Playwright

_LAUNCH_SECONDS = 60.0
_CALL_SECONDS = 30.0
_CLOSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RunningBrowser:
    """A launched browser. `user_agent` is its own, with our name at the end."""

    spec: LaunchSpec
    browser: Browser
    user_agent: str

    @property
    def version(self) -> str:
        return self.browser.version


class Browsers:
    """The browsers of one run, under one driver and one temporary folder.

    Invariant: after `close`, or after the next run started below the same `root`, no process and no file is left.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        headless: bool = True,
        discover: Callable[[dict[Engine, Path]], Discovery] = find_engines,
    ) -> None:
        self._root = root or usual_root()
        self._headless = headless
        self._discover = discover
        self._directory: RunDirectory | None = None
        self._playwright: Playwright | None = None
        self._discovery: Discovery | None = None
        self._running: dict[Engine, RunningBrowser] = {}
        self._sandbox = sandbox_possible()
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def directory(self) -> Path:
        """The run's private folder: on a local disk, removed at the end."""
        assert self._directory is not None, "Browsers is used as an async context manager"
        return self._directory.path

    @property
    def discovery(self) -> Discovery:
        assert self._discovery is not None, "Browsers is used as an async context manager"
        return self._discovery

    @property
    def playwright(self) -> Playwright:
        assert self._playwright is not None, "Browsers is used as an async context manager"
        return self._playwright

    async def new_context(self, engine: Engine, **options: Any) -> tuple[RunningBrowser, BrowserContext]:
        """Open a context; a browser or driver that turns out to be dead is replaced once."""
        running = await self.get(engine)
        try:
            return running, await self._open(running, options)
        except EngineDied:
            await self.discard(running)
            running = await self.get(engine)
            return running, await self._open(running, options)

    async def get(self, engine: Engine) -> RunningBrowser:
        """Return the running browser, launched if need be. Raises `NoEngine` when there is none to launch."""
        async with self._lock:
            running = self._running.get(engine)
            if running is None or not running.browser.is_connected():
                running = self._running[engine] = await self._launch(engine)
            return running

    async def discard(self, running: RunningBrowser) -> None:
        """Close a browser that is of no more use; the next one who wants its engine gets another."""
        async with self._lock:
            if self._running.get(running.spec.found.engine) is running:
                del self._running[running.spec.found.engine]
        await attempted(running.browser.close(), seconds=_CLOSE_SECONDS)

    async def close(self) -> None:
        for running in self._running.values():
            await attempted(running.browser.close(), seconds=_CLOSE_SECONDS)
        self._running.clear()
        if self._playwright is not None:
            await stop_driver(self._playwright)
            self._playwright = None
        if self._directory is not None:
            await asyncio.to_thread(self._directory.remove)
            self._directory = None

    async def _start(self) -> None:
        if self._directory is None:
            self._directory = await asyncio.to_thread(RunDirectory.create, self._root)
        try:
            self._playwright = await start_driver(self._directory.path)
            if self._discovery is None:
                self._discovery = await asyncio.to_thread(self._discover, own_builds(self._playwright))
        except BaseException:
            await self.close()
            raise

    async def _open(self, running: RunningBrowser, options: dict[str, Any]) -> BrowserContext:
        engine = running.spec.found.engine
        try:
            call = running.browser.new_context(**options)
            return await guarded(call, what="new context", engine=engine, seconds=_CALL_SECONDS)
        except PageTrouble as trouble:
            if trouble.timed_out:
                raise EngineDied(engine, f"new context: {trouble.why}") from trouble
            raise NoEngine(wanted=engine.value, tried=[f"{running.spec.found.path}: {trouble.why}"]) from trouble

    async def _restart_driver(self) -> None:
        """Replace a dead driver. A Firefox outlives it as an orphan, so its processes are ended first."""
        assert self._directory is not None
        self._running.clear()
        if self._playwright is not None:
            await stop_driver(self._playwright)
        await asyncio.to_thread(self._directory.reap)
        await self._start()

    async def _launch(self, engine: Engine) -> RunningBrowser:
        self.discovery.best(engine)
        tried: list[str] = []
        for found in self.discovery.found:
            if found.engine is engine:
                launched = await self._launch_found(found)
                if isinstance(launched, RunningBrowser):
                    return launched
                tried.append(f"{found.path}: {launched}")
        raise NoEngine(wanted=engine.value, tried=tried)

    async def _launch_found(self, found: FoundEngine) -> RunningBrowser | str:
        """Launch one browser, or say why it does not."""
        if not self._headless and lacks_screen():
            return "there is no screen to open a window on (DISPLAY is not set)"
        spec = LaunchSpec(found, headless=self._headless, sandbox=self._sandbox)
        try:
            return await self._try(spec)
        except (EngineDied, PageTrouble) as failed:
            if "Connection closed" in _why(failed):
                await self._restart_driver()
            elif _lacks_sandbox(failed):
                self._sandbox = False  # the kernel does not grant it: do not ask again
                spec = replace(spec, sandbox=False)
            else:
                return _why(failed)
        try:
            return await self._try(spec)
        except (EngineDied, PageTrouble) as failed:
            return _why(failed)

    async def _try(self, spec: LaunchSpec) -> RunningBrowser:
        engine = spec.found.engine
        launch = browser_type(self.playwright, engine).launch(**launch_arguments(spec))
        browser = await guarded(launch, what="launch", engine=engine, seconds=_LAUNCH_SECONDS)
        try:
            asked = _user_agent(browser, engine)
            user_agent = await guarded(asked, what="launch", engine=engine, seconds=_CALL_SECONDS)
        except BaseException:
            await attempted(browser.close(), seconds=_CLOSE_SECONDS)
            raise
        return RunningBrowser(spec, browser, honest(user_agent))


def _why(failed: EngineDied | PageTrouble) -> str:
    return failed.reason if isinstance(failed, EngineDied) else failed.why


def _lacks_sandbox(failed: EngineDied | PageTrouble) -> bool:
    """Whether Chromium ended for want of a sandbox, which Playwright tells below the error's first line."""
    return "sandboxing failed" in str(failed.__cause__)


async def _user_agent(browser: Browser, engine: Engine) -> str:
    """What the browser calls itself. Chromium says so without a page, which would cost it a window."""
    if engine is Engine.CHROMIUM:
        devtools = await browser.new_browser_cdp_session()
        told = await devtools.send("Browser.getVersion")
        await devtools.detach()
        return str(told["userAgent"])
    page = await browser.new_page()
    try:
        return str(await page.evaluate("navigator.userAgent"))
    finally:
        await page.close()
