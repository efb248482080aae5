"""`CASELOG_*` as a person writes them: names of accounts in any case, and slips of the pen told."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from agent.config.places import HOME_VARIABLE
from agent.errors import Problem

PREFIX = "CASELOG_"
#: What the program reads besides the keys of the configuration.
_OTHERS = (HOME_VARIABLE, "CASELOG_CHROMIUM", "CASELOG_FIREFOX")
#: How much a name has to be like a known one to be a slip of the pen.
_LIKENESS = 0.8


def with_written_names(given: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    """What the environment says, with the file's spelling of accounts: variables have no upper and lower case."""
    accounts, written = given.get("accounts"), file.get("accounts")
    if not isinstance(accounts, Mapping) or not isinstance(written, Mapping):
        return dict(given)
    spelt = {name.casefold(): name for name in written}
    named = {
        name if name in written else spelt.get(name.casefold(), name): settings for name, settings in accounts.items()
    }
    return {**given, "accounts": named}


def misspelt(environ: Mapping[str, str], keys: Iterator[str], file: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Variables that are almost one that the program knows. Any other may hold a secret, of this file or another."""
    known = {PREFIX + key.upper() for key in keys}.union(_OTHERS)
    secrets = set(_secret_variables(file))
    found = []
    for name in sorted(environ):
        head = name.upper().partition("__")[0]
        if not head.startswith(PREFIX) or head in known or name in secrets:
            continue
        near = get_close_matches(head[len(PREFIX) :], [one[len(PREFIX) :] for one in known], n=1, cutoff=_LIKENESS)
        found += [Problem(name, f"is no known variable; did you mean {PREFIX}{one}?") for one in near]
    return tuple(found)


def _secret_variables(table: object) -> Iterator[str]:
    """The names in every `{ env = "NAME" }`."""
    for key, value in table.items() if isinstance(table, Mapping) else ():
        if key == "env" and isinstance(value, str):
            yield value
        yield from _secret_variables(value)
