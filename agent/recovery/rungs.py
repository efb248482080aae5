"""Takes one rung: journals it, does it, books what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from enum import StrEnum

from agent.errors import CaselogError
from agent.errors import EngineDied
from agent.errors import NoEngine
from agent.errors import RecoveryExhausted
from agent.extract.snapshot import Environment
from agent.portal.protocol import Portal
from agent.recovery.gate import Gate
from agent.recovery.ladder import Spent
from agent.recovery.logbook import Logbook
from agent.recovery.page import PageClimb
from agent.recovery.page import Seen
from agent.recovery.sign_in import SignIns
from agent.recovery.steps import Reload
from agent.recovery.steps import Renew
from agent.recovery.steps import Rung
from agent.recovery.steps import SignIn
from agent.recovery.steps import Skip
from agent.recovery.steps import Wait

Rungs = Reload | Wait | Renew | SignIn | Skip


class Taken(StrEnum):
    """What became of an attempt."""

    DONE = "done"  #: look at the page again
    SKIPPED = "skipped"  #: the rung could not be had: ask for the next one
    DIED = "died"  #: the engine ended in it


@dataclass(slots=True)
class RungTaker:
    """Makes attempts for all pages of a run. `spent` is what they cost so far."""

    portal: Portal
    gate: Gate
    logbook: Logbook
    sign_ins: SignIns
    spent: Spent = field(default_factory=Spent)

    async def take(self, page: PageClimb, seen: Seen, step: Rungs, *, signed_in: bool) -> Taken:
        """Make one attempt on `page`; its row in the journal stays open until the page was looked at again."""
        rung, environment = self._aim(step)
        # The first sign-in of a run gets past nothing; `sign_ins` has its own row for it.
        reported = signed_in or not isinstance(step, SignIn)
        attempt = self.logbook.begin_attempt(page.request.url, seen, rung, environment) if reported else None
        taken = Taken.DONE
        try:
            await self._do(step)
        except NoEngine as absent:
            taken = Taken.SKIPPED
            self.logbook.finish_attempt(attempt, f"not available: {'; '.join(absent.tried) or absent.wanted}")
        except EngineDied:
            taken = Taken.DIED
        except CaselogError as error:
            self.logbook.finish_attempt(attempt, type(error).__name__)
            raise
        if isinstance(step, Skip):
            taken = Taken.SKIPPED
            self.logbook.finish_attempt(attempt, f"skipped: {step.reason}")
        page.book(rung, environment, skipped=taken is Taken.SKIPPED, reported=reported)
        page.open_attempt = None if taken is Taken.SKIPPED else attempt
        self._spend(step)
        return taken

    def _aim(self, step: Rungs) -> tuple[Rung, Environment]:
        if isinstance(step, Renew | Skip):
            return step.rung, step.environment
        rungs = {Reload: Rung.RELOAD, Wait: Rung.WAIT, SignIn: Rung.SIGN_IN}
        return rungs[type(step)], self.portal.environment

    async def _do(self, step: Rungs) -> None:
        match step:
            case Reload(wait=wait):
                await self.gate.sleep(wait)
            case Wait(seconds=seconds):
                self.gate.slow_down(seconds)  # the next turn, everybody's, waits for it
            case Renew(environment=environment, wait=wait):
                await self.gate.sleep(wait)
                await self.portal.renew(environment)
            case SignIn():
                await self._sign_in()
            case Skip():
                pass

    async def _sign_in(self) -> None:
        try:
            await self.sign_ins.submit(self.portal)
        except RecoveryExhausted:
            # The sign-in page itself stayed blank. Nobody is signed in, so that the next look says LOGIN and the
            # ladder goes on to another environment.
            return

    def _spend(self, step: Rungs) -> None:
        spent = self.spent
        match step:
            case Wait(seconds=seconds):
                self.spent = replace(
                    spent, throttles=spent.throttles + 1, throttled_seconds=spent.throttled_seconds + seconds
                )
            case Renew(rung=Rung.RELAUNCH):
                self.spent = replace(spent, attempts=spent.attempts + 1, relaunches=spent.relaunches + 1)
            case _:
                self.spent = replace(spent, attempts=spent.attempts + 1, sign_ins=self.sign_ins.submitted)
