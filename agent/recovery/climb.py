"""Reads pages for a run and gets past those that stay blank. `ladder` says what to do; this sees to it.

While one page climbs beyond RELOAD no other read begins, and what was read in a context that the climber closed is
read again without counting.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from agent.clock import Clock
from agent.errors import DownloadFailed
from agent.errors import EngineDied
from agent.errors import RunStopped
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.log import get_logger
from agent.portal.protocol import Download
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.recovery.evidence import EvidenceKeeper
from agent.recovery.gate import Gate
from agent.recovery.ladder import BELIEVED
from agent.recovery.ladder import next_step
from agent.recovery.logbook import Logbook
from agent.recovery.page import PageClimb
from agent.recovery.page import Recovery
from agent.recovery.page import Seen
from agent.recovery.page import lost_reading
from agent.recovery.rungs import Rungs
from agent.recovery.rungs import RungTaker
from agent.recovery.rungs import Taken
from agent.recovery.sign_in import SignIns
from agent.recovery.sign_in import condition_after
from agent.recovery.steps import Budgets
from agent.recovery.steps import GiveUp
from agent.recovery.steps import Reload
from agent.recovery.steps import Renew
from agent.recovery.steps import Rung
from agent.recovery.steps import Step
from agent.recovery.steps import Stop
from agent.recovery.stop import StopToken
from agent.recovery.stopping import stop_error
from storage.journal import AccountCondition
from storage.records import AttachmentRef

log = get_logger(__name__)

#: The journal's word for an attempt whose context another page's climb closed before anybody saw what came of it.
OVERTAKEN = "overtaken by another climb"


class Reader:
    """The one way in which a run reads pages of an account. Several tasks may read at once.

    `recoveries` and `pages` (reads per lane) are for the run's report. After a `RunStopped` every read raises it again.
    """

    def __init__(
        self,
        portal: Portal,
        *,
        account: AccountFacts,
        logbook: Logbook,
        clock: Clock,
        stop: StopToken,
        budgets: Budgets | None = None,
        evidence: EvidenceKeeper | None = None,
    ) -> None:
        self.recoveries: list[Recovery] = []
        self.pages: Counter[str] = Counter()
        self.stop = stop
        self._portal = portal
        self._account = account
        self._logbook = logbook
        self._clock = clock
        self._budgets = budgets or Budgets()
        self._evidence = evidence or EvidenceKeeper(portal, logbook)
        self._gate = Gate(clock, stop)
        self._rungs = RungTaker(portal, self._gate, logbook, SignIns(account.name, logbook))
        self._stopped: RunStopped | None = None
        self._signed_in = False
        self._reached = False  #: the portal, with any answer to any read of this run

    async def read(self, request: PageRequest) -> Reading:
        """Return a reading that can be believed (OK, EMPTY, GONE), or the last one of a case that was given up.

        Raises a `RunStopped`, or `NoEngine` when not even the start environment can be had any more.
        """
        page = self._page(request)
        while True:
            seen = await self._look(page)
            if page.generation != self._portal.generation:
                self._logbook.finish_attempt(page.open_attempt, OVERTAKEN)
                page.open_attempt = None
                page.enter(self._portal.generation, self._portal.environment)
            if self._stale(seen):
                continue
            step = self._judge(page, seen)
            if step is None:
                return self._believe(page, seen)
            if isinstance(step, Reload):
                await self._take(page, seen, step)
                continue
            async with self._gate.alone():
                if not self._stale(seen):
                    return await self._climb(page, seen, step)

    async def _climb(self, page: PageClimb, seen: Seen, step: Step) -> Reading:
        """Take rung after rung, alone."""
        following: Step | None = step
        while following is not None:
            if isinstance(following, GiveUp):
                return await self._give_up(page, following)
            if isinstance(following, Stop):
                raise await self._stop_run(page, following)
            try:
                taken = await self._take(page, seen, following)
            except RunStopped as stopped:
                self._stopped = stopped
                raise
            if taken is Taken.SKIPPED:
                following = self._next(page, seen)
                continue
            seen = self._unseen() if taken is Taken.DIED else await self._look(page, climbing=True)
            following = self._judge(page, seen)
        return self._believe(page, seen)

    async def download(self, attachment: AttachmentRef) -> Download:
        """Fetch an attachment's content, once more when the engine died or was renewed under it.

        Raises `DownloadFailed`, or a `RunStopped`; the file belongs to the caller.
        """
        for again in (True, False):
            await self._turn()
            seen = self._unseen()
            try:
                return await self._gate.heeding(self._portal.download(attachment))
            except EngineDied as death:
                if not (again and await self._revive(attachment, seen)):
                    raise DownloadFailed(attachment.name, death.reason) from death
            except RunStopped as stopped:
                self._stopped = stopped
                self._logbook.set_account_state(condition_after(stopped), stopped.reason)
                raise
            except DownloadFailed:
                if not (again and self._stale(seen)):
                    raise
        raise AssertionError("the second round returns or raises")

    async def _revive(self, attachment: AttachmentRef, seen: Seen) -> bool:
        """Relaunch the engine that died under a download, unless somebody has done so already."""
        async with self._gate.alone():
            if self._stale(seen):
                return True
            if self._rungs.spent.relaunches >= self._budgets.relaunches_per_run:
                return False
            environment = self._portal.environment
            request = PageRequest(kind=PageKind.CASE, url=attachment.url or attachment.name)
            page = self._page(request)
            page.notice(seen)
            taken = await self._take(page, seen, Renew(Rung.RELAUNCH, environment))
            if taken is not Taken.SKIPPED:
                self._logbook.finish_attempt(page.open_attempt, taken.value)
            self._report(page, cured=taken is Taken.DONE)
            return taken is Taken.DONE

    async def _turn(self, *, climbing: bool = False) -> None:
        await self._gate.turn(climbing=climbing)
        if self._stopped is not None:
            raise self._stopped

    def _page(self, request: PageRequest) -> PageClimb:
        return PageClimb(request, self._portal.environment, self._portal.generation)

    async def _take(self, page: PageClimb, seen: Seen, step: Rungs) -> Taken:
        begun = self._clock.monotonic()
        taken = await self._rungs.take(page, seen, step, signed_in=self._signed_in)
        page.lasted(self._clock.monotonic() - begun)
        return taken

    def _unseen(self) -> Seen:
        return Seen(None, self._portal.generation, self._gate.slowed)

    async def _look(self, page: PageClimb, *, climbing: bool = False) -> Seen:
        await self._turn(climbing=climbing)
        seen = self._unseen()
        begun = self._clock.monotonic()
        try:
            reading = await self._gate.heeding(self._portal.read(page.request))
        except EngineDied as death:
            log.warning("engine_died", engine=death.engine, reason=death.reason)
            return seen
        finally:
            page.lasted(self._clock.monotonic() - begun)
        self._reached = self._reached or reading.snapshot.status is not None
        self._logbook.page_read(reading, seconds=self._clock.monotonic() - begun)
        self.pages[reading.snapshot.lane.value] += 1
        if reading.verdict not in BELIEVED and self._evidence.every_page:
            await self._evidence.save(reading)
        return replace(seen, reading=reading)

    def _stale(self, seen: Seen) -> bool:
        """Whether somebody else has changed the world since that look began."""
        throttled = seen.reading is not None and seen.reading.verdict is Verdict.THROTTLED
        return seen.generation != self._portal.generation or (throttled and seen.slowed != self._gate.slowed)

    def _judge(self, page: PageClimb, seen: Seen) -> Step | None:
        self._logbook.finish_attempt(page.open_attempt, seen.verdict)
        page.open_attempt = None
        if seen.reading is None or seen.reading.verdict not in BELIEVED:
            page.notice(seen)
        return self._next(page, seen)

    def _next(self, page: PageClimb, seen: Seen) -> Step | None:
        spent = replace(self._rungs.spent, seconds=self._rungs.spent.seconds + page.seconds)
        climb = page.climb(signed_in=self._signed_in, reached=self._reached)
        return next_step(page.sight(seen), climb, spent, self._budgets, tuple(self._logbook.versions))

    def _believe(self, page: PageClimb, seen: Seen) -> Reading:
        assert seen.reading is not None
        self._report(page, cured=True)
        if not self._signed_in:
            # A session that still works proves that whatever stood in the way is gone.
            self._signed_in = True
            self._logbook.set_account_state(AccountCondition.OK, "")
        environment = self._portal.environment
        if page.attempts and environment != page.start:
            self._logbook.remember(environment, page.verdict or "")
        return seen.reading

    async def _give_up(self, page: PageClimb, step: GiveUp) -> Reading:
        self._report(page, cured=False)
        reading = page.last or lost_reading(page.request, self._portal.environment, self._clock.now())
        log.warning("page_given_up", url=page.request.url, verdict=page.verdict, reason=step.reason)
        await self._evidence.save(reading)
        if page.left_start:
            try:
                await self._portal.renew(page.start)
            except EngineDied as death:  # the next read finds out what can be had
                log.warning("engine_died", engine=death.engine, reason=death.reason)
        return reading

    async def _stop_run(self, page: PageClimb, step: Stop) -> RunStopped:
        self._report(page, cured=False)
        folder = None if page.last is None else await self._evidence.save(page.last)
        self._stopped = stop_error(step, page, account=self._account, evidence=folder)
        self._logbook.set_account_state(condition_after(self._stopped), self._stopped.reason)
        return self._stopped

    def _report(self, page: PageClimb, *, cured: bool) -> None:
        recovery = page.recovery(self._portal.environment, cured=cured)
        if recovery is not None:
            self.recoveries.append(recovery)
        spent = self._rungs.spent
        self._rungs.spent = replace(spent, seconds=spent.seconds + page.seconds)
