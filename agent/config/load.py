"""Read `caselog.toml` strictly: all problems are reported together, each under the person's own key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic import ValidationError
from pydantic_settings import SettingsError

from agent.config.environment import misspelt
from agent.config.model import AccountSettings
from agent.config.model import Configuration
from agent.config.model import EngineSettings
from agent.config.model import Pace
from agent.config.model import Proxy
from agent.config.model import SecretSource
from agent.errors import ConfigurationError
from agent.errors import Problem

_TABLES: tuple[type[BaseModel], ...] = (Configuration, AccountSettings, Pace, Proxy, SecretSource, EngineSettings)
_KNOWN_KEYS = sorted({key for table in _TABLES for key in table.model_fields})


def load_configuration(path: Path) -> Configuration:
    """The file with the environment over it; a file that is not there counts as empty."""
    file = _read(path)
    slips = misspelt(os.environ, iter(Configuration.model_fields), file)
    try:
        configuration = Configuration(**file)
    except ValidationError as error:
        raise ConfigurationError((*_problems(error), *slips), path=path) from error
    except SettingsError as error:
        # The cause quotes the value, which may be a secret.
        raise ConfigurationError((Problem("CASELOG_*", f"{error}; nested values are JSON"),), path=path) from None
    if slips:
        raise ConfigurationError(slips, path=path)
    return configuration


def account_settings(configuration: Configuration, name: str, *, path: Path) -> AccountSettings:
    """One account by its section's name."""
    try:
        return configuration.accounts[name]
    except KeyError:
        known = ", ".join(configuration.accounts) or "none"
        problem = Problem(f"accounts.{name}", f"there is no such account; configured: {known}")
        raise ConfigurationError((problem,), path=path) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        # Windows editors like to put a byte order mark in front.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        problem = Problem("the file", "is not UTF-8; save it as UTF-8 in your editor")
        raise ConfigurationError((problem,), path=path) from None
    except OSError as error:
        raise ConfigurationError((Problem("the file", f"cannot be read: {error.strerror}"),), path=path) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError((Problem("the file", f"is not valid TOML: {error}"),), path=path) from None


def _problems(error: ValidationError) -> Sequence[Problem]:
    details = error.errors(include_input=False, include_url=False, include_context=False)
    places = [detail["loc"] for detail in details]
    found = []
    for detail in details:
        place = detail["loc"]
        if any(other[: len(place)] == place and other != place for other in places):
            continue  # only echoes what is wrong inside it
        where = ".".join(str(part) for part in place) or "the file"
        found.append(Problem(where, _words(detail["type"], where.rpartition(".")[2], detail["msg"])))
    return tuple(found)


def _words(kind: str, key: str, message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        near = get_close_matches(key, _KNOWN_KEYS, n=1)
        return f"is no known key; did you mean {near[0]}?" if near else "is no known key"
    if kind == "string_too_short":
        return "is empty"
    if kind in {"model_type", "dict_type"}:
        return "should be a table"
    return message.removeprefix("Value error, ").removeprefix("Input ")
