"""Put the runs of accounts together from what a person configured: archive, browsers, profiles, pace, stop switch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from agent.backup.absence import Losses
from agent.backup.rules import PortalRules
from agent.backup.run import Setting
from agent.backup.threads import ThreadReader
from agent.cli.browsers import browsers
from agent.cli.stop import is_thrown
from agent.clock import SystemClock
from agent.delivery.run import SendSetting
from agent.delivery.threads import ReadWhole
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.portal.opening import limiter_for
from agent.portal.opening import open_portal
from agent.portal.site import origin
from agent.profile.account import AccountFacts
from agent.profile.load import load_profile
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from storage.files import remove_abandoned

if TYPE_CHECKING:
    from agent.browser.running import Browsers
    from agent.cli.invocation import Invocation
    from agent.config.model import AccountSettings
    from agent.portal.browser_portal import BrowserPortal
    from agent.portal.limiter import Limiter
    from agent.portal.protocol import Portal
    from agent.profile.model.profile import PortalProfile
    from agent.recovery.climb import Reader
    from storage.database import Database

Progress = Callable[[str, int, int | None], None]


@dataclass(slots=True)
class Workplace:
    """One command's browsers and archive. Accounts at the same portal share one pace."""

    call: Invocation
    database: Database
    browsers: Browsers
    clock: SystemClock = field(default_factory=SystemClock)
    _limiters: dict[str, Limiter] = field(default_factory=dict)
    _losses: dict[str, Losses] = field(default_factory=dict)

    @property
    def engines(self) -> Mapping[Engine, str]:
        """The engines of this machine with their versions, the best of each kind."""
        return {found.engine: found.version for found in reversed(self.browsers.discovery.found)}

    @property
    def usual(self) -> Environment:
        """What runs begin with: the configured engine, or the other one where it is missing."""
        wanted = Engine(self.call.configuration.engines.first)
        return Environment(engine=wanted if wanted in self.engines else next(iter(self.engines), wanted))

    def stop_token(self, account: str) -> StopToken:
        return StopToken(account, partial(is_thrown, self.call.places.stop_switch))

    def profile(self, settings: AccountSettings) -> PortalProfile:
        return load_profile(settings.profile, self.call.places.profiles)

    def backup(self, settings: AccountSettings, *, stop: StopToken, progress: Progress) -> Setting:
        profile, facts = self.profile(settings), AccountFacts.of(settings)
        return Setting(
            database=self.database,
            account=facts,
            rules=PortalRules.of(profile, facts),
            open_portal=self.opener(settings, profile),
            engines=self.engines,
            usual=self.usual,
            at_once=settings.pace.pages or profile.politeness.pages,
            clock=self.clock,
            stop=stop,
            budgets=Budgets(sign_ins_per_run=settings.sign_ins_per_run),
            progress=progress,
            losses=self._losses.setdefault(origin(settings.base_url), Losses()),
        )

    def sending(self, settings: AccountSettings, *, stop: StopToken) -> SendSetting:
        profile, facts = self.profile(settings), AccountFacts.of(settings)
        assemble = PortalRules.of(profile, facts).assemble

        def whole_reader(portal: Portal, reader: Reader) -> ReadWhole:
            return ThreadReader(portal, reader.read, assemble).read_thread

        return SendSetting(
            database=self.database,
            account=facts,
            profile=profile,
            open_portal=self.opener(settings, profile),
            whole_reader=whole_reader,
            engines=self.engines,
            usual=self.usual,
            clock=self.clock,
            stop=stop,
            budgets=Budgets(sign_ins_per_run=settings.sign_ins_per_run),
            scratch=self.browsers.directory,
        )

    def opener(
        self, settings: AccountSettings, profile: PortalProfile
    ) -> Callable[[Environment], Awaitable[BrowserPortal]]:
        limiter = self._limiters.setdefault(origin(settings.base_url), limiter_for(settings, profile, self.clock))

        async def opened(environment: Environment) -> BrowserPortal:
            return await open_portal(
                settings,
                profile,
                browsers=self.browsers,
                environment=environment,
                secrets=self.call.secrets,
                clock=self.clock,
                places=self.call.places,
                limiter=limiter,
            )

        return opened


@asynccontextmanager
async def workplace(call: Invocation, database: Database, *, headless: bool = True) -> AsyncIterator[Workplace]:
    """Browsers for the block; at its end none of them is left, nor anything that dead runs left behind."""
    for folder in (call.places.data, call.places.blobs, call.places.sessions):
        remove_abandoned(folder)
    async with browsers(call, headless=headless) as opened:
        place = Workplace(call, database, opened)
        wanted = call.configuration.engines.first
        if place.engines and place.usual.engine.value != wanted:
            instead = place.usual.engine.value
            call.tell(f"{wanted} was not found; {instead} reads instead. Get it with: caselog engines install")
        yield place
