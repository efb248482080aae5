"""Starts and stops a portal, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any
from typing import Self
from typing import TypeVar

from aiohttp import web

from mock_portal.advance import advance
from mock_portal.classic.skin import ClassicSkin
from mock_portal.hill.skin import HillSkin
from mock_portal.ready import Ready
from mock_portal.ready import ready
from mock_portal.settings import PortalSettings
from mock_portal.site.app import build
from mock_portal.site.portal import Portal
from mock_portal.site.skin import Skin
from mock_portal.truth import truth

T = TypeVar("T")

_SKINS: dict[str, type[Skin]] = {"classic": ClassicSkin, "hill": HillSkin}
_START_SECONDS = 10.0


class MockPortal:
    """One portal on a loopback port. Several may run side by side; they share nothing.

    Between `start` and `stop` the control methods answer what `/_control` answers, without a token.
    """

    def __init__(self, settings: PortalSettings | None = None) -> None:
        self.settings = settings or PortalSettings()
        self._portal = Portal(self.settings, _SKINS[self.settings.skin]())
        self._app = build(self._portal)
        self._portal.faults.replace(self.settings.faults)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._serve, name="mock-portal", daemon=True)
        self._stopping: asyncio.Event | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._ready: Ready | None = None

    @property
    def ready(self) -> Ready:
        assert self._ready is not None, "the portal was not started"
        return self._ready

    def start(self) -> Ready:
        """Serve until `stop`. Raises what the server raised, such as `OSError` for a port that is taken."""
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise TimeoutError(f"the mock portal did not start within {_START_SECONDS} s")
        if self._failure is not None:
            raise self._failure
        return self.ready

    def stop(self) -> None:
        if self._thread.is_alive():
            assert self._loop is not None
            assert self._stopping is not None
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def truth(self, account: str | None = None) -> dict[str, Any]:
        world, skin = self._portal.world, self._portal.skin
        return self._inside(lambda: truth(world, skin, world.account(account)))

    def ledger(self) -> list[dict[str, Any]]:
        return self._inside(lambda: [entry.as_json() for entry in self._portal.world.ledger.entries])

    def faults(self) -> list[dict[str, Any]]:
        return self._inside(self._portal.faults.as_json)

    def set_faults(self, *descriptions: dict[str, Any]) -> None:
        self._inside(lambda: self._portal.faults.replace(descriptions))

    def advance(self, **changes: Any) -> dict[str, Any]:
        return self._inside(lambda: advance(self._portal.world, self._portal.skin, changes))

    def history(self) -> list[dict[str, Any]]:
        return self._inside(self._portal.world.events)

    def requests(self) -> dict[str, Any]:
        return self._inside(self._portal.log.as_json)

    def _inside(self, ask: Callable[[], T]) -> T:
        """Ask in the server's thread: nothing in the portal has a lock."""

        async def asking() -> T:
            return ask()

        assert self._loop is not None, "the portal was not started"
        return asyncio.run_coroutine_threadsafe(asking(), self._loop).result()

    def _serve(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits in `start`
            self._failure = error
        finally:
            self._started.set()

    async def _run(self) -> None:
        settings = self.settings
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
            host, port = runner.addresses[0][:2]
            self._ready = ready(settings, self._portal.skin, f"http://{host}:{port}")
            self._started.set()
            await self._stopping.wait()
        finally:
            await runner.cleanup()
