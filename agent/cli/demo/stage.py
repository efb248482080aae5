"""Where the demo plays: a mock portal with its faults, and a private home in a folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.invocation import Invocation
from agent.config.private import write_private
from agent.errors import ConfigurationError
from agent.errors import Problem

if TYPE_CHECKING:
    from mock_portal.server import MockPortal

SESSION_KEY = "CASELOG_DEMO_SESSION_KEY"
#: By this file a folder is known to be a demo's, and may be made anew.
MARK = ".caselog-demo"

#: Counted per engine over the pages that are asked for: an empty page now and then, and from some page on scripts that
#: throw in Chromium whatever is tried there.
FAULTS = (
    {"kind": "blank", "engine": "chromium", "after": 8, "times": 2},
    {"kind": "script_throws", "engine": "chromium", "after": 16},
)


@dataclass(frozen=True, slots=True)
class Stage:
    """`call` is what the demo's commands would be run with; `account` is the one that it plays with."""

    folder: Path
    portal: MockPortal
    call: Invocation
    account: str


@contextmanager
def staged(folder: Path, *, skin: str, seed: int, cases: int) -> Iterator[Stage]:
    from mock_portal.server import MockPortal
    from mock_portal.settings import PortalSettings

    _make_anew(folder)
    settings = PortalSettings(skin="hill" if skin == "hill" else "classic", seed=seed, cases=cases, faults=FAULTS)
    with MockPortal(settings) as portal:
        ready = portal.ready
        call = Invocation()
        call.home = folder / "home"
        call.environ = {**os.environ, **ready.environment, SESSION_KEY: secrets.token_urlsafe(32)}
        # The first account's section; with a key the session is kept, and one sign-in serves all runs.
        section = ready.caselog_toml.partition("\n[accounts.")[0].rstrip()
        write_private(call.places.config_file, f'{section}\nsession_key = {{ env = "{SESSION_KEY}" }}\n'.encode())
        yield Stage(folder, portal, call, ready.accounts[0].name)


def _make_anew(folder: Path) -> None:
    """A former demo's folder is replaced; any other one that holds something is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            problem = Problem("--dir", "holds other files; name an empty folder, or one of a former demo")
            raise ConfigurationError((problem,), path=folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
