"""Browsers that many tests share, and a site of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.browser.running import Browsers
from agent.extract.snapshot import Engine
from tests.e2e.browser.lab import Lab
from tests.e2e.browser.lab import OddSite
from tests.e2e.browser.lab import serving
from tests.e2e.browser_room import BrowserRoom
from tests.e2e.browser_room import LoopThread


@pytest.fixture(scope="module")
def loop_thread(browser_room: BrowserRoom) -> LoopThread:
    return browser_room.thread


@pytest.fixture(scope="module")
def browsers(browser_room: BrowserRoom) -> Browsers:
    return browser_room.browsers


@pytest.fixture(params=[Engine.CHROMIUM, Engine.FIREFOX])
def lab(loop_thread: LoopThread, browsers: Browsers, request: pytest.FixtureRequest) -> Iterator[Lab]:
    with serving(loop_thread, OddSite()) as site:
        yield Lab(loop_thread, browsers, site, request.param)
