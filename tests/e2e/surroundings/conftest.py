"""The command's shop, in surroundings that fail it."""

from __future__ import annotations

from tests.e2e.cli.conftest import open_shop

__all__ = ["open_shop"]
