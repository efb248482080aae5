"""Worlds with a fixed present, for tests that need no server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from mock_portal.settings import PortalSettings
from mock_portal.world import World

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_world() -> Callable[..., World]:
    def make(**settings: Any) -> World:
        return World(PortalSettings(**{"cases": 60, "now": NOW, **settings}))

    return make
