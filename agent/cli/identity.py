"""Who sits at the keyboard: the name that approvals and decisions are noted under."""

from __future__ import annotations

import getpass


def person() -> str:
    """The system's user name; a container may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
