"""The account's contexts: what is opened for nobody is closed again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from typing import Any

import pytest
from playwright.async_api import Error

from agent.browser.context import ContextSettings
from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.browser.launch import LaunchSpec
from agent.browser.running import Browsers
from agent.browser.running import RunningBrowser
from agent.clock import ManualClock
from agent.errors import EngineDied
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.portal.keeping import SessionKeeper
from agent.portal.presence import Presence
from agent.secrets import Redactor
from tests.unit.browser.false_playwright import FalseBrowser
from tests.unit.browser.false_playwright import FalseContext

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner


def presence(browser: FalseBrowser) -> Presence:
    """Of an account without a saved session, in a browser that runs already."""
    found = FoundEngine(Engine.CHROMIUM, EngineKind.SYSTEM, Path("/usr/bin/browser"), "156.0", Drive.CDP)
    browsers = Browsers(Path())
    browsers._running[Engine.CHROMIUM] = RunningBrowser(LaunchSpec(found), browser, "agent")  # type: ignore[arg-type]
    browsers._playwright = SimpleNamespace(devices={})  # type: ignore[assignment]
    keeper = SessionKeeper(Path(), "acme", "https://portal.test", ManualClock(), None, 1)
    return Presence(browsers, keeper, ContextSettings(), Redactor(), Environment())


def test_a_context_whose_cookies_cannot_be_read_is_closed(run_async: AsyncRunner[Any]) -> None:
    """The presence has no context then, and the browser has none of it either."""
    context = FalseContext(failing={"cookies": Error("no")})

    with pytest.raises(EngineDied):
        run_async(presence(FalseBrowser([context])).session())

    assert context.closed
