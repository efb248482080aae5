"""Opens the portal for a run: where the last runs were cured, else as usual, else in any engine that starts."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Collection
from contextlib import suppress
from typing import Protocol

from agent.clock import Clock
from agent.errors import NoEngine
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.log import get_logger
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.recovery.memory import start_environment
from storage.database import Database

log = get_logger(__name__)


class Setting(Protocol):
    """What every kind of run has. `usual` is the normal start, `engines` are those that can be had."""

    @property
    def database(self) -> Database: ...
    @property
    def account(self) -> AccountFacts: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def usual(self) -> Environment: ...
    @property
    def engines(self) -> Collection[Engine]: ...
    @property
    def open_portal(self) -> Callable[[Environment], Awaitable[Portal]]: ...


async def open_at_start(setting: Setting) -> Portal:
    """Open the first environment that can be had. Raises the `NoEngine` of the one that was wanted."""
    start = start_environment(
        setting.database,
        setting.account.name,
        usual=setting.usual,
        engines=setting.engines,
        at=setting.clock.now(),
    )
    try:
        return await setting.open_portal(start)
    except NoEngine as missing:
        others = [Environment(engine=engine) for engine in setting.engines if engine is not start.engine]
        for instead in dict.fromkeys((setting.usual, *others)):
            if instead != start:
                # Shown to the person as well: a browser that does not start wants mending.
                log.error("engine_replaced", engine=start.engine.value, instead=instead.engine.value, why=missing.tried)
                with suppress(NoEngine):
                    return await setting.open_portal(instead)
        raise
