"""The same browsers, portals and archives as for whole backups."""

from __future__ import annotations

from tests.e2e.backup.conftest import mock_house
from tests.e2e.backup.conftest import room

__all__ = ["mock_house", "room"]
