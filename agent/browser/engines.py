"""Which browsers there are: an override, Playwright's own build, the system's. Nothing is launched here."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.browser.places import COMMANDS
from agent.browser.places import OVERRIDES
from agent.browser.places import usual_places
from agent.browser.version import FLOORS
from agent.browser.version import below_floor
from agent.browser.version import read_version
from agent.errors import NoEngine
from agent.extract.snapshot import Engine


class EngineKind(StrEnum):
    """Where an engine comes from."""

    OVERRIDE = "override"  #: named by the person in CASELOG_CHROMIUM or CASELOG_FIREFOX
    PLAYWRIGHT = "playwright"  #: Playwright's own build
    SYSTEM = "system"  #: installed on this machine


class Drive(StrEnum):
    """The protocol that an engine is driven by."""

    CDP = "cdp"  #: Chromium's own
    JUGGLER = "juggler"  #: only Playwright's builds of Firefox speak it
    BIDI = "bidi"  #: WebDriver BiDi: every other Firefox


@dataclass(frozen=True, slots=True)
class FoundEngine:
    """A browser that can be launched."""

    engine: Engine
    kind: EngineKind
    path: Path
    version: str
    how_driven: Drive


@dataclass(frozen=True, slots=True)
class Tried:
    """A place that was looked at in vain; `where` is a path or the name of an environment variable."""

    engine: Engine
    where: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, best first for each engine, and what was not."""

    found: tuple[FoundEngine, ...]
    tried: tuple[Tried, ...]

    def best(self, engine: Engine) -> FoundEngine:
        for found in self.found:
            if found.engine is engine:
                return found
        looked = [f"{tried.where}: {tried.why_not}" for tried in self.tried if tried.engine is engine]
        raise NoEngine(wanted=engine.value, tried=looked)


def find_engines(
    own_builds: Mapping[Engine, Path],
    *,
    environ: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
) -> Discovery:
    """Look in every place. `own_builds` says where Playwright keeps its own browsers, present or not."""
    found: list[FoundEngine] = []
    tried: list[Tried] = []
    for engine in (Engine.CHROMIUM, Engine.FIREFOX):
        own_build = own_builds.get(engine)
        seen: set[Path] = set()
        for kind, path in _candidates(engine, own_build, environ, platform):
            real = _real(path)
            if real in seen:
                continue
            seen.add(real)
            looked = _look(engine, kind, path, own_build)
            if isinstance(looked, FoundEngine):
                found.append(looked)
            else:
                tried.append(looked)
    return Discovery(tuple(found), tuple(tried))


def _candidates(
    engine: Engine, own_build: Path | None, environ: Mapping[str, str], platform: str
) -> Iterator[tuple[EngineKind, Path]]:
    override = environ.get(OVERRIDES[engine])
    if override:
        # A person who names a browser wants that one: a wrong path is reported, never replaced by a guess.
        yield EngineKind.OVERRIDE, Path(override)
        return
    if own_build is not None:
        yield EngineKind.PLAYWRIGHT, own_build
    for command in COMMANDS[engine]:
        where = shutil.which(command, path=environ.get("PATH", ""))
        if where:
            yield EngineKind.SYSTEM, Path(where)
    for path in usual_places(engine, platform=platform, environ=environ):
        yield EngineKind.SYSTEM, path


def _look(engine: Engine, kind: EngineKind, path: Path, own_build: Path | None) -> FoundEngine | Tried:
    where = f"{OVERRIDES[engine]}={path}" if kind is EngineKind.OVERRIDE else str(path)
    if not path.is_file():
        return Tried(engine, where, "not there")
    version = read_version(engine, path)
    if version is None:
        return Tried(engine, where, f"does not answer as {engine.value}")
    if below_floor(engine, version):
        return Tried(engine, where, f"version {version} is older than {FLOORS[engine]}")
    return FoundEngine(engine, kind, path, version, _drive(engine, path, own_build))


def _drive(engine: Engine, path: Path, own_build: Path | None) -> Drive:
    if engine is Engine.CHROMIUM:
        return Drive.CDP
    return Drive.JUGGLER if own_build is not None and _real(path) == _real(own_build) else Drive.BIDI


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except OSError:
        return path
