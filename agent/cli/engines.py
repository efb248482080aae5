"""`caselog engines`: which browsers were found and how each is driven; `engines install` gets missing ones."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from typing import Any

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import table
from agent.cli.setup import set_up_browsers

if TYPE_CHECKING:
    from agent.browser.engines import FoundEngine

app = typer.Typer(help="The browsers that read the portal.")


@app.callback(invoke_without_command=True)
def engines(context: typer.Context, as_json: AsJson = False) -> None:
    """Show which browsers were found and how each is driven. Nothing is launched."""
    if context.invoked_subcommand is not None:
        return
    from agent.cli.browsers import discover

    call = invocation(context)
    found = asyncio.run(discover(call))
    value = {
        "found": [as_value(each) for each in found.found],
        "tried": [
            {"engine": tried.engine.value, "where": tried.where, "why_not": tried.why_not} for tried in found.tried
        ],
    }
    columns = ("engine", "version", "from", "driven by", "path")
    rows = [(each.engine, each.version, each.kind, each.how_driven, each.path) for each in found.found]
    lines = [f"  {tried.engine}: {tried.where} ({tried.why_not})" for tried in found.tried]
    call.answer(
        value,
        table(columns, rows) if rows else "No browser was found. Get one with: caselog engines install",
        *(["", "Looked at in vain:", *lines] if lines else []),
    )


def as_value(found: FoundEngine) -> dict[str, Any]:
    return {
        "engine": found.engine.value,
        "version": found.version,
        "from": found.kind.value,
        "driven_by": found.how_driven.value,
        "path": str(found.path),
    }


@app.command()
def install(context: typer.Context, as_json: AsJson = False) -> None:
    """Get missing browsers: Playwright's own builds, else the system's packages."""
    set_up_browsers(invocation(context))
