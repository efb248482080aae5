"""`caselog config check`: all problems of the configuration at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.errors import ConfigurationError
from agent.errors import Problem
from agent.errors import ProfileError

if TYPE_CHECKING:
    from agent.config.model import AccountSettings

app = typer.Typer(help="The configuration file.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The configuration file."""


@app.command()
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Read the configuration and its profiles, and report every problem at once. No secret is fetched."""
    call = invocation(context)
    file = call.places.config_file
    if not file.exists() and not call.configuration.accounts:
        raise ConfigurationError(
            (Problem("the file", "is not there; write a first one with: caselog init"),), path=file
        )
    accounts = call.configuration.accounts
    problems = [problem for settings in accounts.values() for problem in _profile(call, settings)]
    if problems:
        raise ConfigurationError(problems, path=file)
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


def _profile(call: Invocation, settings: AccountSettings) -> Iterator[Problem]:
    """What is wrong with the profile that an account names, and what it lacks of the account."""
    from agent.profile.fit import account_problems
    from agent.profile.load import load_profile

    try:
        profile = load_profile(settings.profile, call.places.profiles)
    except ProfileError as error:
        where = f"accounts.{settings.name}.profile"
        yield from (Problem(where, f"{settings.profile}: {each.where}: {each.what}") for each in error.problems)
    else:
        yield from account_problems(settings, profile)
