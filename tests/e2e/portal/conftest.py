"""Browsers that a module's tests share, and a small portal of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.browser.running import Browsers
from agent.extract.snapshot import Engine
from tests.e2e.browser.lab import serving
from tests.e2e.browser_room import BrowserRoom
from tests.e2e.browser_room import LoopThread
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.small_portal import SmallPortal


@pytest.fixture(scope="module")
def loop_thread(browser_room: BrowserRoom) -> LoopThread:
    return browser_room.thread


@pytest.fixture(scope="module")
def browsers(browser_room: BrowserRoom) -> Browsers:
    return browser_room.browsers


@pytest.fixture
def room(loop_thread: LoopThread, browsers: Browsers, tmp_path: Path) -> Iterator[DeskRoom]:
    """The small portal, seen with Chromium."""
    with serving(loop_thread, SmallPortal()) as desk:
        yield DeskRoom(loop_thread, browsers, desk, tmp_path, Engine.CHROMIUM)


@pytest.fixture(params=[Engine.CHROMIUM, Engine.FIREFOX])
def either_room(
    loop_thread: LoopThread, browsers: Browsers, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[DeskRoom]:
    """The small portal, seen with each engine in turn."""
    with serving(loop_thread, SmallPortal()) as desk:
        yield DeskRoom(loop_thread, browsers, desk, tmp_path, request.param)
