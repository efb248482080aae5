"""What could be observed when: every change of what the portal shows, in order."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from typing import Any

from mock_portal.clock import PortalClock
from mock_portal.clock import iso


class History:
    """Append-only. `time` is the portal's time, `at` the real one.

    `shows` is the case as the pages show it from then on, in the truth's words; None when it cannot be opened.
    """

    def __init__(self, clock: PortalClock) -> None:
        #: by account and case id; whoever knows how cases are shown puts it in
        self.show: Callable[[str, str], dict[str, Any] | None] = lambda account, case: None
        self._clock = clock
        self._events: list[dict[str, Any]] = []

    @property
    def events(self) -> Sequence[dict[str, Any]]:
        return self._events

    def note(self, event: str, *, account: str, case: str, **detail: Any) -> None:
        shows = self.show(account, case)
        self._events.append(
            {
                "sequence": len(self._events) + 1,
                "time": iso(self._clock.now()),
                "at": iso(datetime.now(UTC)),
                "account": account,
                "case": case,
                "event": event,
                **detail,
                "shows": shows,
            }
        )
