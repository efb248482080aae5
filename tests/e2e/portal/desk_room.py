"""Opens the small portal as the product does, with real browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from agent.browser.running import Browsers
from agent.clock import SystemClock
from agent.config.model import AccountSettings
from agent.config.places import Places
from agent.extract.reading import Reading
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import PageRequest
from agent.portal.browser_portal import BrowserPortal
from agent.portal.opening import open_portal
from agent.profile.model.profile import PortalProfile
from agent.secrets import Redactor
from agent.secrets import Secrets
from tests.e2e.browser_room import LoopThread
from tests.e2e.portal.small_portal import PASSWORD
from tests.e2e.portal.small_portal import USER
from tests.e2e.portal.small_portal import SmallPortal
from tests.e2e.portal.small_portal import small_profile


@dataclass
class DeskRoom:
    """What a test works with; `secrets` are what the account's sources give."""

    thread: LoopThread
    browsers: Browsers
    desk: SmallPortal
    folder: Path
    engine: Engine
    secrets: dict[str, str] = field(default_factory=lambda: {"PASSWORD": PASSWORD, "KEY": "k", "TOTP": ""})

    @asynccontextmanager
    async def portal(
        self,
        profile: PortalProfile | None = None,
        *,
        engine: Engine | None = None,
        signed_in: bool = True,
        by_password: bool = False,
        **account: Any,
    ) -> AsyncIterator[BrowserPortal]:
        """An open portal, by default one that knows its visitor: who does not type a password has one page less."""
        opened = await open_portal(
            self.account(**account),
            profile or small_profile(),
            browsers=self.browsers,
            environment=Environment(engine or self.engine),
            secrets=Secrets(environ=self.secrets, redactor=Redactor()),
            clock=SystemClock(),
            places=Places.under(self.folder),
        )
        try:
            self.desk.knows_next = signed_in and not by_password
            if by_password:
                await opened.sign_in()
            yield opened
        finally:
            await opened.close()

    def account(self, **changes: Any) -> AccountSettings:
        values: dict[str, Any] = {
            "profile": "small",
            "base_url": self.desk.url,
            "account_name": "Ann Ltd",
            "user": USER,
            "password": {"env": "PASSWORD"},
        }
        account = AccountSettings(**{**values, **changes})
        account._name = "small"
        return account

    def read(self, request: PageRequest, profile: PortalProfile | None = None, **how: Any) -> Reading:
        """One page, read by somebody who is signed in."""

        async def go() -> Reading:
            async with self.portal(profile, **how) as portal:
                return await portal.read(request)

        return self.thread.run(go())
