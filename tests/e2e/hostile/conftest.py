"""The small portal with an archive of its own, and the commands over it."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.config.model import AccountSettings
from agent.extract.snapshot import Engine
from agent.profile.model.profile import PortalProfile
from tests.e2e.backup.real_house import RealHouse
from tests.e2e.browser.lab import serving
from tests.e2e.browser_room import BrowserRoom
from tests.e2e.command import run_command
from tests.e2e.portal.small_portal import PASSWORD
from tests.e2e.portal.small_portal import USER
from tests.e2e.portal.small_portal import SmallPortal
from tests.e2e.portal.small_portal import small_profile

FILES = [{"items": "a.file", "name": "a.file", "url": {"css": "a.file", "attr": "href"}}]
MESSAGES = {"name": "messages", "items": "article.m", "author": "i", "sent_at": "time", "body": ".body"}


@dataclass(slots=True)
class HostileHouse(RealHouse):
    """An archive of the small portal, whose profile is no file."""

    @property
    def profile(self) -> PortalProfile:
        return small_profile(
            case__messages=[{**MESSAGES, "attachments": FILES}], politeness__deadline=30, politeness__pages=1
        )

    def command(self, *arguments: str, code: int = 0) -> str:
        """What a command prints."""
        ran = run_command(self.home, *arguments, environ=os.environ | self.environ)
        assert code == ran.code, ran.out + ran.err
        return ran.out


@pytest.fixture
def desk(browser_room: BrowserRoom) -> Iterator[SmallPortal]:
    with serving(browser_room.thread, SmallPortal()) as desk:
        yield desk


@pytest.fixture
def house(browser_room: BrowserRoom, desk: SmallPortal, tmp_path: Path) -> Callable[[Engine], HostileHouse]:
    """The archive, read with this engine."""

    def build(engine: Engine) -> HostileHouse:
        account = AccountSettings(
            profile="small",
            base_url=desk.url,
            account_name="Ann Ltd",
            user=USER,
            password={"env": "PASSWORD"},
        )
        account._name = "small"
        return HostileHouse(browser_room, tmp_path / "home", account, {"PASSWORD": PASSWORD}, start=engine)

    return build
