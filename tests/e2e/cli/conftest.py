"""A mock portal, a home that is configured for it, and the command as another program runs it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock_portal.server import MockPortal
from tests.e2e.command import Ran
from tests.e2e.command import ask_command
from tests.e2e.command import command_line
from tests.e2e.command import run_command


@dataclass(frozen=True)
class Shop:
    """One account's home. The account's saved session spares the tests after the first a sign-in."""

    portal: MockPortal
    home: Path

    @property
    def account(self) -> str:
        return self.portal.ready.accounts[0].name

    @property
    def profile(self) -> str:
        return f"mock-{self.portal.ready.skin}"

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, **self.portal.ready.environment, "SESSION_KEY": "a key for tests"}

    def command(self, *arguments: str) -> list[str]:
        return command_line(self.home, *arguments)

    def run(self, *arguments: str, **environ: str) -> Ran:
        return run_command(self.home, *arguments, environ={**self.environ, **environ})

    def ask(self, *arguments: str) -> Ran:
        """What has become of things; see `ask_command`."""
        return ask_command(self.home, *arguments, environ=self.environ)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*arguments), env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )


@pytest.fixture
def open_shop(tmp_path: Path, caselog_portal: Callable[..., MockPortal]) -> Callable[..., Shop]:
    """Start a portal and configure its first account; takes the portal's settings."""

    def opened(**settings: Any) -> Shop:
        portal = caselog_portal(**{"otp_period": 5, **settings})  # a second sign-in waits for another code
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        section = portal.ready.caselog_toml.partition("\n[accounts.")[0].rstrip()
        text = f'{section}\nsession_key = {{ env = "SESSION_KEY" }}\n'
        (home / "caselog.toml").write_text(text, encoding="utf-8")
        return Shop(portal, home)

    return opened
