"""Browsers, a mock portal and an archive of its first account for a module's runs."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import pytest

from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from storage.records import Tab
from tests.e2e.browser_room import BrowserRoom
from tests.e2e.delivery.sending_house import SendingHouse


@pytest.fixture(scope="module")
def room(browser_room: BrowserRoom) -> BrowserRoom:
    return browser_room


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPortal]:
    with MockPortal(PortalSettings(cases=25, window_days=None)) as portal:
        yield portal


@pytest.fixture(scope="module")
def house_of(
    room: BrowserRoom, mock: MockPortal, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], SendingHouse]:
    """An archive of an account's own cases: most of the open ones, and enough of them."""

    def build(name: str) -> SendingHouse:
        house = SendingHouse.at(mock.ready, name, room=room, home=tmp_path_factory.mktemp("home"))
        house.backup(Tab.MINE)
        return house

    return build


@pytest.fixture(scope="module")
def house(house_of: Callable[[str], SendingHouse], mock: MockPortal) -> SendingHouse:
    return house_of(mock.ready.accounts[0].name)
