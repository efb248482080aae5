"""Browsers for a module's runs, and a portal with an archive for each test."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.config.model import AccountSettings
from agent.config.model import Configuration
from mock_portal.pytest_plugin import PortalFactory
from mock_portal.ready import Ready
from tests.e2e.backup.real_house import RealHouse
from tests.e2e.browser_room import BrowserRoom


@pytest.fixture(scope="module")
def room(browser_room: BrowserRoom) -> BrowserRoom:
    return browser_room


def first_account(ready: Ready) -> AccountSettings:
    """The account of the ready-made configuration."""
    accounts = Configuration(**tomllib.loads(ready.caselog_toml)).accounts
    return accounts[ready.accounts[0].name]


def start_house(
    room: BrowserRoom, caselog_portal: PortalFactory, folder: Path, **settings: Any
) -> tuple[Any, RealHouse]:
    """Start a portal with these settings, and a house for its first account."""
    # Codes of two seconds, so that a second sign-in need not wait for half a minute.
    mock = caselog_portal(**{"otp_period": 2, **settings})
    account = first_account(mock.ready)
    return mock, RealHouse(room, folder / "home", account, dict(mock.ready.environment))


@pytest.fixture
def mock_house(
    room: BrowserRoom, caselog_portal: PortalFactory, tmp_path: Path
) -> Callable[..., tuple[Any, RealHouse]]:
    """`start_house` with the module's browsers."""

    def start(**settings: Any) -> tuple[Any, RealHouse]:
        return start_house(room, caselog_portal, tmp_path, **settings)

    return start
