"""Which accounts a command is about. A name that nobody knows is refused.

It would match nothing, and look like success.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.errors import ConfigurationError
from agent.errors import Problem

if TYPE_CHECKING:
    from agent.cli.invocation import Invocation
    from agent.config.model import AccountSettings
    from storage.database import Database


def chosen_accounts(call: Invocation, names: Sequence[str] = ()) -> list[AccountSettings]:
    """The named accounts, or all. Raises `ConfigurationError` when there is none, before anything is opened."""
    chosen = [call.account(name) for name in dict.fromkeys(names or call.configuration.accounts)]
    if not chosen:
        problem = Problem("accounts", "no account is configured; write a first one with: caselog init")
        raise ConfigurationError((problem,), path=call.places.config_file)
    return chosen


def known_account(call: Invocation, database: Database, name: str | None) -> str | None:
    """The name, if the configuration or the archive knows it: what is archived outlives its section."""
    from storage.accounts import known_accounts

    if name is not None and name not in known_accounts(database):
        call.account(name)
    return name
