"""The real `Portal`: one account at one portal, through a browser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agent.browser.page import LivePage
from agent.browser.session import Session
from agent.clock import Clock
from agent.errors import EngineDied
from agent.errors import EngineError
from agent.errors import PersonNeeded
from agent.extract.reading import Reading
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.downloading import Downloader
from agent.portal.evidence import EvidenceBook
from agent.portal.learning import Learner
from agent.portal.limiter import Limiter
from agent.portal.looking import Watcher
from agent.portal.person import wait_for_person
from agent.portal.presence import Presence
from agent.portal.protocol import DateSpan
from agent.portal.protocol import Download
from agent.portal.protocol import ReplyForm
from agent.portal.replying import ReplyOpener
from agent.portal.sign_in import Credentials
from agent.portal.sign_in import SignInAttempt
from agent.portal.site import Site
from agent.portal.visit import Visit
from agent.portal.visit import before
from storage.records import AttachmentRef
from storage.records import CaseSummary
from storage.records import Tab

_GOOD = frozenset({Verdict.OK, Verdict.EMPTY, Verdict.GONE})


@dataclass(slots=True)
class BrowserPortal:
    """Implements `agent.portal.protocol.Portal`. `scratch` is a folder that goes with the run."""

    site: Site
    clock: Clock
    limiter: Limiter
    presence: Presence
    credentials: Credentials
    evidence: EvidenceBook
    scratch: Path
    passwords_submitted: int = 0
    _in_order: bool = False

    @property
    def environment(self) -> Environment:
        return self.presence.environment

    @property
    def generation(self) -> int:
        return self.presence.generation

    @property
    def case_needs_row(self) -> bool:
        return self.site.case_needs_row

    def list_span(self, tab: Tab) -> DateSpan | None:
        return self.site.list_span(tab, today=self.clock.now().date())

    def list_request(self, tab: Tab, span: DateSpan | None = None) -> PageRequest:
        return self.site.list_request(tab, today=self.clock.now().date(), span=span)

    def case_request(self, case_id: str, row: CaseSummary | None) -> PageRequest:
        return self.site.case_request(case_id, row)

    def case_parts(self, request: PageRequest) -> tuple[PageRequest, ...]:
        return self.site.case_parts(request)

    async def open(self) -> Self:
        """Open the context, so that an environment that cannot be had is known at once. Raises `NoEngine`."""
        await self.presence.session()
        return self

    async def read(self, request: PageRequest) -> Reading:
        async with self.limiter.slot():
            session = await self.presence.session()
            await self.evidence.record(session)
            reading = await self._learn(session, request)
            if reading is None:
                reading = await self._visit(session, self.site.filled(request))
            return reading

    async def renew(self, environment: Environment) -> None:
        await self.presence.renew(environment)

    async def sign_in(self) -> None:
        session = await self.presence.session()
        await session.stop_trace()
        async with self.limiter.slot(), session.page() as page:
            attempt = SignInAttempt(self.site, self.clock, self.limiter, page, self.credentials)
            try:
                await attempt.run()
            finally:
                self.passwords_submitted += attempt.password_submitted
        await self._keep(session)

    async def wait_for_person(self, *, seconds: float, wanted: Callable[[], bool] = lambda: True) -> None:
        """Show the sign-in page in a window and wait until somebody has signed in, as long as it is `wanted`.

        Raises `PersonNeeded` if nobody did.
        """
        session = await self.presence.session()
        async with session.page() as page:
            if not await wait_for_person(self.site, self.clock, page, seconds=seconds, wanted=wanted):
                raise PersonNeeded(self.site.account.name, "nobody signed in", page.url)
        await self._keep(session)

    async def download(self, attachment: AttachmentRef) -> Download:
        async with self.limiter.slot():
            session = await self.presence.session()
            downloader = Downloader(self.site, self.clock, self.limiter, self.scratch / "downloads")
            return await downloader.fetch(session, attachment)

    async def open_reply(self, case_id: str) -> ReplyForm | Reading:
        engine = self.site.profile.delivery.engine
        session = await self.presence.submitting(Engine(engine) if engine is not None else None)
        proven = session is await self.presence.session()
        opener = ReplyOpener(self.site, self.clock, self.limiter, session, proven=proven)
        opened = await opener.open(self.case_request(case_id, None))
        if isinstance(opened, Reading):
            self.limiter.heed(opened.snapshot.status, opened.snapshot.retry_after)
        return opened

    async def save_evidence(self, reading: Reading) -> Path:
        session: Session | None = None
        with suppress(EngineError):
            session = await self.presence.session()
        return await self.evidence.save(reading, session, self.scratch)

    async def close(self) -> None:
        """Keep the session if it was in order to the last, and leave."""
        if self._in_order:
            with suppress(EngineDied):
                await self.presence.save()
        await self.presence.close()

    async def _learn(self, session: Session, request: PageRequest) -> Reading | None:
        """Read the variables that the request's URL lacks; a reading tells why that was not possible."""
        missing = self.site.unknown(self.site.filled(request).url)
        if not missing:
            return None
        async with session.page() as page:
            learner = Learner(self.site, self.limiter, self._watcher(session, page, request))
            reading = await learner.learn(missing)
            if reading is not None:
                await self._note(session, page, reading)
            return reading

    async def _visit(self, session: Session, request: PageRequest) -> Reading:
        async with session.page(before(request)) as page:
            watcher = self._watcher(session, page, request)
            reading = await Visit(self.site, self.clock, self.limiter, page, watcher).read()
            await self._note(session, page, reading)
            return reading

    async def _note(self, session: Session, page: LivePage, reading: Reading) -> None:
        self._in_order = reading.verdict in _GOOD
        self.limiter.heed(reading.snapshot.status, reading.snapshot.retry_after)
        if self._in_order:
            self.evidence.calm()
            await self.presence.remember(session)
        else:
            await self.evidence.trouble(page, reading)

    async def _keep(self, session: Session) -> None:
        await self.presence.remember(session)
        self._in_order = True
        await self.presence.save()

    def _watcher(self, session: Session, page: LivePage, request: PageRequest) -> Watcher:
        return Watcher(
            site=self.site,
            clock=self.clock,
            page=page,
            request=request,
            environment=session.environment,
            engine_version=session.engine_version,
            seconds=self.site.profile.politeness.deadline,
        )
