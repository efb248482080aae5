"""Launches that fail, and what is concluded from that."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from typing import Any

import pytest
from playwright.async_api import Error

from agent.browser import running as running_module
from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.browser.running import Browsers
from agent.extract.snapshot import Engine
from tests.unit.browser.false_playwright import FalseBrowser

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

FOUND = FoundEngine(Engine.CHROMIUM, EngineKind.SYSTEM, Path("/usr/bin/browser"), "156.0", Drive.CDP)
NO_SANDBOX = Error(
    "BrowserType.launch: Target page, context or browser has been closed\nBrowser logs:\nChromium sandboxing failed!"
)
OTHER = Error("BrowserType.launch: it did not start")

Play = Callable[..., tuple[Browsers, list[bool]]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Browsers whose launches end like this, one after the other, and whether each was to have a sandbox."""

    def start(*outcomes: Error | FalseBrowser, says: str | Error = "Chromium") -> tuple[Browsers, list[bool]]:
        left, sandboxes = list(outcomes), []

        async def launch(**arguments: Any) -> FalseBrowser:
            sandboxes.append(arguments["chromium_sandbox"])
            outcome = left.pop(0)
            if isinstance(outcome, Error):
                raise outcome
            return outcome

        async def told(_browser: Any, _engine: Engine) -> str:
            if isinstance(says, Error):
                raise says
            return says

        monkeypatch.setattr(running_module, "browser_type", lambda playwright, engine: SimpleNamespace(launch=launch))
        monkeypatch.setattr(running_module, "_user_agent", told)
        browsers = Browsers(Path())
        browsers._playwright = SimpleNamespace(devices={})  # type: ignore[assignment]
        browsers._sandbox = True
        return browsers, sandboxes

    return start


@pytest.mark.parametrize(
    ("failure", "sandboxes"),
    [(NO_SANDBOX, [True, False, False]), (OTHER, [True, True])],
    ids=["no sandbox here", "another failure"],
)
def test_the_sandbox_is_given_up_only_where_it_failed(
    run_async: AsyncRunner[Any], play: Play, failure: Error, sandboxes: Sequence[bool]
) -> None:
    """A browser that did not start for another reason is no reason to run without a sandbox from then on."""
    browsers, asked = play(failure, FalseBrowser(), FalseBrowser())

    async def go() -> None:
        await browsers._launch_found(FOUND)
        await browsers._launch_found(FOUND)

    run_async(go())

    assert sandboxes == asked


def test_a_browser_that_does_not_say_its_name_is_closed(run_async: AsyncRunner[Any], play: Play) -> None:
    """A launched browser that is not used is not left running."""
    browser = FalseBrowser()
    browsers, _ = play(browser, says=Error("no"))

    assert "no" == run_async(browsers._launch_found(FOUND))
    assert browser.closed
