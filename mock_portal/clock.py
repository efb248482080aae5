"""The portal's own time: it starts at `now`, runs with the real clock, and can be pushed forward.

Sign-in codes do not use it; they need the time that the visitor's own clock shows.
"""

from __future__ import annotations

import time
from datetime import UTC
from datetime import datetime
from datetime import timedelta


class PortalClock:
    """Aware UTC times only."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def day_line(self) -> datetime:
        """The present without the seconds since the start: windows of days must not shift while pages are read."""
        return self._start

    def advance(self, by: timedelta) -> None:
        self._start += by


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
