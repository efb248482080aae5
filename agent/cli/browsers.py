"""The browsers of this machine, as the configuration and the environment name them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from agent.cli.invocation import Invocation
from agent.errors import NoEngine

if TYPE_CHECKING:
    from agent.browser.engines import Discovery
    from agent.browser.engines import FoundEngine
    from agent.browser.running import Browsers
    from agent.config.model import EngineSettings


def environment(settings: EngineSettings) -> Mapping[str, str]:
    """The environment with the configured paths in it; a variable of the person's goes before the file."""
    from agent.browser.places import OVERRIDES
    from agent.extract.snapshot import Engine

    configured = {OVERRIDES[Engine.CHROMIUM]: settings.chromium, OVERRIDES[Engine.FIREFOX]: settings.firefox}
    return {**{name: path for name, path in configured.items() if path}, **os.environ}


def browsers(call: Invocation, *, headless: bool = True) -> Browsers:
    """A run's browsers, not started yet."""
    from agent.browser.engines import find_engines
    from agent.browser.rundir import usual_root
    from agent.browser.running import Browsers

    discover = partial(find_engines, environ=environment(call.configuration.engines))
    return Browsers(usual_root(), headless=headless, discover=discover)


@dataclass(frozen=True, slots=True)
class Launched:
    """What became of launching each engine: the browser that works, or why none does."""

    working: tuple[FoundEngine, ...]
    failed: Mapping[str, tuple[str, ...]]


async def discover(call: Invocation) -> Discovery:
    async with browsers(call) as found:
        return found.discovery


async def launch_each(call: Invocation) -> Launched:
    """Open a page in every engine: only a launch shows that a browser works on this machine."""
    from agent.extract.snapshot import Engine

    working: list[FoundEngine] = []
    failed: dict[str, tuple[str, ...]] = {}
    async with browsers(call) as found:
        for engine in (Engine.CHROMIUM, Engine.FIREFOX):
            try:
                running = await found.get(engine)
            except NoEngine as error:
                failed[engine.value] = tuple(error.tried)
            else:
                working.append(running.spec.found)
    return Launched(tuple(working), failed)
