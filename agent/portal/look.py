"""One look at a page: what it showed, what was read of it, and how long that may still turn into something else."""

from __future__ import annotations

from dataclasses import dataclass

from agent.browser.page import Arrival
from agent.extract.reader import PageReader
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict

#: Seconds for which a verdict may still turn into a better one while scripts run; of those not named, the deadline.
PATIENCE = {
    Verdict.OK: 0.0,
    Verdict.GONE: 0.0,
    Verdict.CHALLENGE: 0.0,
    Verdict.DENIED: 0.0,
    Verdict.THROTTLED: 0.0,
    Verdict.ERROR: 0.0,
    Verdict.LOGIN: 0.5,
    Verdict.WRONG_ACCOUNT: 1.0,
}
#: A script that threw has most likely not filled the page, and will not; but real pages have harmless errors too.
AFTER_SCRIPT_ERROR = 3.0
SHARE_AFTER_SCRIPT_ERROR = 1 / 3
HOPELESS = frozenset(verdict for verdict, seconds in PATIENCE.items() if seconds == 0.0) - {Verdict.OK}


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a reading is made of."""

    html: str
    trouble: str | None  #: what kept the page from giving its text
    arrival: Arrival
    script_errors: tuple[str, ...]
    request: PageRequest


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page."""

    reading: Reading
    reader: PageReader
    settled: bool
    busy: bool
    asked: int  #: how often the page had asked for what could change it
    alive: bool  #: something on the page could still change it

    def shows_same(self, other: Look | None) -> bool:
        return other is not None and (self.reading.verdict, self.reading.page) == (
            other.reading.verdict,
            other.reading.page,
        )

    def quiet_since(self, other: Look) -> bool:
        """Whether nothing was on its way at both looks nor between: an answer may be here and not drawn yet."""
        return not (self.busy or other.busy) and self.asked == other.asked

    def patience(self, whole: float) -> float:
        """Seconds for which something better may be hoped for, of the `whole` that there are."""
        status = self.reading.snapshot.status
        if self.reading.snapshot.failure is not None or (status is not None and status >= 400):
            return 0.0
        seconds = PATIENCE.get(self.reading.verdict, whole)
        if self.reading.snapshot.script_errors and not self.busy:
            return min(seconds, max(AFTER_SCRIPT_ERROR, whole * SHARE_AFTER_SCRIPT_ERROR))
        return seconds
