"""Find, merge and check profiles. A person's own profile goes before the bundled one of the same name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import Problem
from agent.errors import ProfileError
from agent.profile.lint import lint
from agent.profile.merge import merge
from agent.profile.merge import with_whole_lists
from agent.profile.model.profile import PortalProfile
from agent.profile.walk import dotted

_IN_TAB = re.compile(r"tabs\.\w+\.(?=list\b)")


@dataclass(frozen=True, slots=True)
class ProfileSource:
    """A profile's file; `bundled` ones come with the product."""

    name: str
    bundled: bool
    path: Traversable


def known_profiles(folder: Path | None = None) -> tuple[ProfileSource, ...]:
    """Every profile that can be loaded, by name; `folder` holds the person's own."""
    found = {source.name: source for source in _bundled()}
    if folder is not None and folder.is_dir():
        for path in filter(Path.is_file, folder.glob("*.toml")):
            found[path.stem] = ProfileSource(path.stem, bundled=False, path=path)
    return tuple(found[name] for name in sorted(found))


def load_profile(name: str, folder: Path | None = None) -> PortalProfile:
    """Raises `ProfileError` with every problem of the profile; the keys are those of the merged file."""
    return parse_profile(name, _inherited(name, folder, ()))


def parse_profile(name: str, table: dict[str, Any]) -> PortalProfile:
    """A profile from a table as TOML gives it."""
    try:
        profile = PortalProfile.model_validate({**with_whole_lists(table), "name": name})
    except ValidationError as error:
        raise ProfileError(name, _once(_problems(error))) from error
    problems = _once(lint(profile))
    if problems:
        raise ProfileError(name, problems)
    return profile


def _bundled() -> Iterator[ProfileSource]:
    for path in resources.files("agent.profile").joinpath("portals").iterdir():
        if path.name.endswith(".toml"):
            yield ProfileSource(path.name.removesuffix(".toml"), bundled=True, path=path)


def _inherited(name: str, folder: Path | None, seen: tuple[tuple[str, bool], ...]) -> dict[str, Any]:
    sources = {source.name: source for source in known_profiles(folder)}
    if seen and seen[-1][0] == name:
        # A person's profile may extend the bundled one that it replaces.
        sources = {source.name: source for source in _bundled()}
    source = sources.get(name)
    if source is None:
        known = ", ".join(sources) or "none"
        raise ProfileError(name, (Problem("profile", f"there is no such profile; known: {known}"),))
    if (source.name, source.bundled) in seen:
        raise ProfileError(name, (Problem("extends", "a profile cannot extend itself"),))
    table = _read(source)
    parent = table.get("extends")
    if not isinstance(parent, str):
        return table
    inherited = _inherited(parent, folder, (*seen, (source.name, source.bundled)))
    try:
        return merge(inherited, table)
    except ValueError as error:
        raise ProfileError(name, (Problem("drop", str(error)),)) from error


def _read(source: ProfileSource) -> dict[str, Any]:
    try:
        return tomllib.loads(source.path.read_text(encoding="utf-8").removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(source.name, (Problem("the file", f"is not TOML in UTF-8: {error}"),)) from error
    except OSError as error:
        raise ProfileError(source.name, (Problem("the file", f"cannot be read: {error.strerror}"),)) from error


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    return tuple(
        Problem(dotted(detail["loc"]) or "the file", _words(detail["type"], detail["msg"]))
        for detail in error.errors(include_url=False, include_context=False)
    )


def _once(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Without what a tab's list only has from the list of all tabs."""
    shared = {(problem.where, problem.what) for problem in problems}
    return tuple(p for p in problems if (_IN_TAB.sub("", p.where), p.what) not in shared or not _IN_TAB.match(p.where))


def _words(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is no known key"
    if kind == "missing":
        return "is missing"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return "should be a table"
    if kind == "tuple_type":
        return "should be a list"
    return message.removeprefix("Value error, ")
