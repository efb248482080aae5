"""`caselog config check`: all problems of the configuration at once."""

from __future__ import annotations

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.errors import ConfigurationError
from agent.errors import Problem

app = typer.Typer(help="The configuration file.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The configuration file."""


@app.command()
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Read the configuration and report every problem at once. Nothing is opened, no secret is fetched."""
    call = invocation(context)
    file = call.places.config_file
    if not file.exists() and not call.configuration.accounts:
        raise ConfigurationError(
            (Problem("the file", "is not there; write a first one with: caselog init"),), path=file
        )
    accounts = call.configuration.accounts
    value = {
        "path": str(file),
        "accounts": [
            {"account": name, "profile": account.profile, "base_url": account.base_url}
            for name, account in accounts.items()
        ],
    }
    lines = [f"{file} is in order: {len(accounts)} account{'s' if len(accounts) != 1 else ''}."]
    lines += [f"  {name}: {account.profile} at {account.base_url}" for name, account in accounts.items()]
    call.answer(value, "\n".join(lines))
