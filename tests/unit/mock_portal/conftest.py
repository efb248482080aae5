"""Worlds with a fixed present, for tests that need no server, and visitors of portals that do serve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.settings import PortalSettings
from mock_portal.world import World
from tests.unit.mock_portal.http_visitor import HttpVisitor

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_world() -> Callable[..., World]:
    def make(**settings: Any) -> World:
        return World(PortalSettings(**{"cases": 60, "now": NOW, **settings}))

    return make


@pytest.fixture
def enter(caselog_portal: PortalFactory) -> Callable[..., HttpVisitor]:
    """Start a portal with these settings and sign in to it by HTTP."""

    def run(name: str = "harbor-us", *, engine: str = "chromium", **settings: Any) -> HttpVisitor:
        visitor = HttpVisitor(caselog_portal(**{"cases": 20, **settings}), engine=engine)
        visitor.sign_in(name)
        return visitor

    return run
