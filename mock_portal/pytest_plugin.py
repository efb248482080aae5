"""The fixture that another project's tests use to drive a mock portal.

Loaded in every pytest run of an environment that has the package, so nothing is imported until a test asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol

import pytest

if TYPE_CHECKING:
    from mock_portal.server import MockPortal


class PortalFactory(Protocol):
    """Starts a portal; takes the fields of `mock_portal.settings.PortalSettings`."""

    def __call__(self, **settings: Any) -> MockPortal: ...


@pytest.fixture
def caselog_portal() -> Iterator[PortalFactory]:
    """Start mock portals that stop when the test ends: `caselog_portal(cases=30, skin="hill").ready.url`."""
    from mock_portal.server import MockPortal  # noqa: PLC0415 - see the module's docstring
    from mock_portal.settings import PortalSettings  # noqa: PLC0415

    with ExitStack() as running:

        def start(**settings: Any) -> MockPortal:
            return running.enter_context(MockPortal(PortalSettings(**settings)))

        yield start
