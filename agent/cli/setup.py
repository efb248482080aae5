"""`caselog setup`: everything that has to be on the machine, got where it is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.errors import NoEngine

if TYPE_CHECKING:
    from agent.cli.browsers import Launched
    from agent.cli.installing import Step

#: What cannot be done without the engine.
WITHOUT = {
    "chromium": "pages that only render on a phone cannot be recovered",
    "firefox": "replies cannot be sent, since only Firefox is proven not to send one twice",
}


def setup(context: typer.Context, as_json: AsJson = False) -> None:
    """Get this machine ready: two browser engines that work, and fonts for Chinese and Japanese."""
    set_up_browsers(invocation(context))


def set_up_browsers(call: Invocation) -> None:
    """Launch each engine, get what does not work, and launch again. Raises `NoEngine` when one is still missing."""
    from agent.cli.browsers import launch_each
    from agent.cli.installing import has_cjk_fonts

    launched = asyncio.run(launch_each(call))
    steps: list[Step] = []
    for step in _getting(call, launched, fonts=has_cjk_fonts()):
        steps.append(step)
        call.tell(f"{step.what}: {'done' if step.ok else step.detail}")
    if steps:
        launched = asyncio.run(launch_each(call))
    if launched.failed:
        raise _missing(launched, steps)
    fonts = has_cjk_fonts()
    from agent.cli.engines import as_value

    value = {
        "engines": [as_value(found) for found in launched.working],
        "cjk_fonts": fonts,
        "steps": [{"what": step.what, "ok": step.ok, "detail": step.detail} for step in steps],
    }
    names = " and ".join(f"{found.engine.value.capitalize()} {found.version}" for found in launched.working)
    missing_fonts = "" if fonts else "\nFonts for Chinese and Japanese are missing: screenshots will show boxes."
    call.answer(value, f"Ready: {names} work here.{missing_fonts}\nNext: caselog demo, or caselog init")


def _getting(call: Invocation, launched: Launched, *, fonts: bool) -> Iterable[Step]:
    """Yield each step after it was made; the packages only for what the download could not bring to work."""
    from agent.cli.browsers import launch_each
    from agent.cli.installing import download
    from agent.cli.installing import install_packages

    missing = list(launched.failed)
    if missing:
        call.tell(f"Getting {' and '.join(missing)} ...")
        step = download(missing)
        yield step
        if step.ok:
            missing = list(asyncio.run(launch_each(call)).failed)
    wanted = [*missing, *([] if fonts else ["fonts"])]
    if wanted:
        call.tell("Asking the system's packages ...")
        yield install_packages(wanted)


def _missing(launched: Launched, steps: Iterable[Step]) -> NoEngine:
    names = list(launched.failed)
    tried = [f"without {name} {WITHOUT[name]}" for name in names]
    tried += [f"{step.what}: {step.detail}" for step in steps if not step.ok]
    tried += [line for lines in launched.failed.values() for line in lines]
    return NoEngine(wanted=" and ".join(names), tried=tried)
