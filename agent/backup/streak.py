"""Tells one bad case from a portal that has gone: pure counting of failures in a row."""

from __future__ import annotations

from dataclasses import dataclass

from agent.errors import DriftedPage
from agent.errors import PortalUnreachable
from agent.errors import RunStopped
from agent.extract.reading import Reading
from agent.extract.snapshot import Verdict

#: So many cases in a row whose page has drifted are the profile's fault, not theirs.
DRIFTED_IN_A_ROW = 5

#: So many cases in a row that nobody could connect for: the portal is gone, and asking on is rude.
UNCONNECTED_IN_A_ROW = 3


@dataclass(slots=True)
class Streak:
    """What the last cases came to. `good` counts the pages that were understood in the whole run."""

    account: str
    good: int = 0
    drifted: int = 0
    unconnected: int = 0

    def note(self, reading: Reading) -> RunStopped | None:
        """Book a case's first page; returns the error that ends the run, if this is one too many."""
        if reading.verdict in {Verdict.OK, Verdict.GONE}:
            self.good += 1
            self.drifted = self.unconnected = 0
            return None
        connected = reading.snapshot.status is not None
        self.drifted = self.drifted + 1 if reading.verdict is Verdict.DRIFTED else 0
        self.unconnected = 0 if connected else self.unconnected + 1
        if self.drifted >= DRIFTED_IN_A_ROW:
            return self.drift(reading)
        if self.unconnected >= UNCONNECTED_IN_A_ROW:
            return PortalUnreachable(self.account, reading.reason, reading.snapshot.request.url)
        return None

    def drift(self, reading: Reading) -> DriftedPage:
        """The error for a profile that does not fit a case's page."""
        fields = tuple(failure.field for failure in reading.failures)
        return DriftedPage(self.account, reading.reason, reading.snapshot.request.url, fields=fields)
