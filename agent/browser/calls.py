"""Every call into a browser goes through here: under a deadline, and with its errors sorted into three kinds.

A dead browser, renderer or driver is `EngineDied`; a page that does not do its part is `PageTrouble`; anything else is
a bug and passes. Playwright has calls without a timeout of their own: in a page that loops for ever they never return.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from agent.errors import CaselogError
from agent.errors import EngineDied

T = TypeVar("T")

#: What Playwright says, in either engine, when there is nobody left to talk to.
_DEATHS = (
    "Target crashed",
    "Page crashed",
    "Target page, context or browser has been closed",
    "Target closed",
    "Browser has been closed",
    "browser has disconnected",
    "Connection closed",
    "Event loop is closed",
)


@dataclass(eq=False)
class PageTrouble(CaselogError):
    """A page did not do `what`; it becomes a verdict and never leaves `agent.portal`."""

    what: str
    why: str
    timed_out: bool = False


async def guarded(call: Awaitable[T], *, what: str, engine: str, seconds: float) -> T:
    """Await a Playwright call; raises `EngineDied` or `PageTrouble`."""
    try:
        return await asyncio.wait_for(call, seconds)
    except TimeoutError as exc:
        raise PageTrouble(what, f"no answer in {seconds:g} s", timed_out=True) from exc
    except Exception as exc:
        if is_death(exc):
            raise EngineDied(engine, _first_line(exc)) from exc
        if not _from_playwright(exc):
            raise
        raise PageTrouble(what, _first_line(exc), timed_out=type(exc).__name__ == "TimeoutError") from exc


async def attempted(call: Awaitable[object], *, seconds: float) -> bool:
    """Await a call whose failure changes nothing: closing what may be dead already. False where no answer came."""
    try:
        await asyncio.wait_for(call, seconds)
    except TimeoutError:
        return False
    except Exception as exc:  # a dead driver raises the builtin Exception itself
        if not is_death(exc) and not _from_playwright(exc):
            raise
    return True


def is_death(error: Exception) -> bool:
    """Whether the browser, a renderer or the driver has gone; a killed driver raises the builtin `Exception`."""
    if type(error).__name__ == "TargetClosedError":
        return True
    return (type(error) is Exception or _from_playwright(error)) and any(death in str(error) for death in _DEATHS)


def _from_playwright(error: Exception) -> bool:
    return type(error).__module__.startswith("playwright.")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
