"""Read a page once as it comes, signing in if need be. What it shows is the answer: nothing is recovered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import AccessDenied
from agent.errors import PersonNeeded
from agent.errors import PortalUnreachable
from agent.errors import RunStopped
from agent.errors import Throttled
from agent.errors import WrongAccount
from agent.extract.snapshot import Verdict

if TYPE_CHECKING:
    from agent.config.model import AccountSettings
    from agent.extract.reading import Reading
    from agent.extract.snapshot import PageRequest
    from agent.portal.protocol import Portal
    from agent.recovery.sign_in import SignIns
    from agent.recovery.stop import StopToken

STOPS: dict[Verdict, type[RunStopped]] = {
    Verdict.CHALLENGE: PersonNeeded,
    Verdict.DENIED: AccessDenied,
    Verdict.THROTTLED: Throttled,
}


@dataclass(frozen=True, slots=True)
class PlainReader:
    """For trying a profile: a page that it does not understand is what is looked for."""

    portal: Portal
    settings: AccountSettings
    sign_ins: SignIns
    stop: StopToken

    async def read(self, request: PageRequest) -> Reading:
        """Raises a `RunStopped` for what must not be pushed against, for another account's page, and for Ctrl-C."""
        self.stop.begin()
        reading = await self.portal.read(request)
        if reading.verdict is Verdict.LOGIN and not self.sign_ins.submitted:
            await self.sign_ins.submit(self.portal)
            reading = await self.portal.read(request)
        name, url, shown = self.settings.name, reading.snapshot.final_url, reading.identity
        if reading.verdict in STOPS:
            raise STOPS[reading.verdict](name, reading.reason, url)
        if reading.verdict is Verdict.WRONG_ACCOUNT:
            found = ", ".join(filter(None, (shown.account_name, shown.marketplace))) if shown else ""
            raise WrongAccount(name, reading.reason, url, expected=self.settings.account_name, found=found)
        if reading.verdict is Verdict.ERROR and reading.snapshot.status is None:
            raise PortalUnreachable(name, reading.reason, url)
        return reading
