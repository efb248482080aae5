"""The account's context in a browser: opened when first wanted, closed and opened anew on request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field

from agent.browser.context import ContextSettings
from agent.browser.context import Cookie
from agent.browser.context import carried
from agent.browser.running import Browsers
from agent.browser.session import Session
from agent.errors import EngineDied
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.portal.keeping import SessionKeeper
from agent.secrets import Redactor


@dataclass(slots=True)
class Presence:
    """Invariant: of an old context nothing comes into a new one but the session's own cookies.

    They are kept in memory after every good read, since a dead browser cannot be asked for them.
    """

    browsers: Browsers
    keeper: SessionKeeper
    settings: ContextSettings
    redactor: Redactor
    environment: Environment
    pages: int = 1
    cookie_names: Sequence[str] = ()
    at_start: str | None = None
    generation: int = 0
    _session: Session | None = None
    _beside: Session | None = None
    _cookies: list[Cookie] | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def session(self) -> Session:
        """The present context. Raises `NoEngine` when its environment cannot be had."""
        async with self._lock:
            if self._session is None:
                self._session = await self._open(self.environment)
            return self._session

    async def renew(self, environment: Environment) -> None:
        """Close everything and open the environment with the session's cookies. Raises `NoEngine`."""
        self.generation += 1  # reads that are under way belong to the past before their pages close
        async with self._lock:
            await self._leave()
            self._session = await self._open(environment)
            self.environment = environment

    async def submitting(self, engine: Engine | None) -> Session:
        """A context in an engine that is proven to send once, or in the one that the profile insists on."""
        present = await self.session()
        if present.sends_once if engine is None else present.environment.engine is engine:
            return present
        await self.remember(present)
        async with self._lock:
            # A new one for each form: the last one's browser may be dead, and its session signed out.
            if self._beside is not None:
                await self._beside.close()
                self._beside = None
            self._beside = await self._open(Environment(engine or Engine.FIREFOX))
            return self._beside

    async def remember(self, session: Session) -> None:
        """Keep the session's cookies in memory; their values are blotted out wherever they turn up."""
        cookies = carried(await session.cookies(), self.cookie_names)
        for cookie in cookies:
            self.redactor.register(str(cookie["value"]))
        self._cookies = cookies

    async def save(self) -> None:
        """Keep the whole session for the next run."""
        if self._session is not None and self.keeper.key is not None:
            self.keeper.save(await self._session.state())

    async def close(self) -> None:
        async with self._lock:
            await self._leave()

    async def _leave(self) -> None:
        session, beside = self._session, self._beside
        self._session = self._beside = None
        if session is not None:
            with suppress(EngineDied):  # of a dead one, what was remembered last has to do
                await self.remember(session)
            await session.close()
        if beside is not None:
            await beside.close()

    async def _open(self, environment: Environment) -> Session:
        state = self.keeper.load() if self._cookies is None else None
        session = await Session.open(
            self.browsers,
            environment,
            self.settings,
            pages=self.pages,
            state=state,
            cookies=self._cookies or (),
            at_start=self.at_start,
        )
        if self._cookies is None:
            try:
                await self.remember(session)
            except BaseException:
                await session.close()
                raise
        return session
