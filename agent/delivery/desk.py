"""What a sending run works with, and how it sees a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.clock import Clock
from agent.delivery.match import Expected
from agent.delivery.rules import SendingRules
from agent.extract.reading import Reading
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.recovery.stop import StopToken
from storage.database import Database
from storage.outbox import Draft
from storage.process import Holder
from storage.records import CaseRecord


class LiveThreads(Protocol):
    """Reads whole threads live and with recovery.

    A record is proven to be the configured account's. A reading tells why there is none (gone, or given up); what ends
    the run is raised as `RunStopped`.
    """

    async def read(self, case_id: str, *, again: bool = False) -> CaseRecord | Reading:
        """Read the case; `again`: only its messages matter, what its list row says may be of a moment ago."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One account's place to send from. `holds_account`: whether the account's lock is still ours.

    `scratch` is the run's private folder, which is removed even after a kill; `None` is the system's temporary one.
    """

    account: AccountFacts
    database: Database
    portal: Portal
    threads: LiveThreads
    rules: SendingRules
    clock: Clock
    stop: StopToken
    holder: Holder
    holds_account: Callable[[], bool]
    scratch: Path | None = None

    def expected(self, draft: Draft) -> Expected:
        return Expected(text=draft.text, rules=self.rules.text, files=tuple(file.name for file in draft.files))

    async def rest(self, seconds: float) -> None:
        """Wait in steps short enough for a stop to be obeyed."""
        until = self.clock.monotonic() + seconds
        while (left := until - self.clock.monotonic()) > 0:
            self.stop.check()
            await self.clock.sleep(min(left, 1.0))
