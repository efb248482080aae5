"""Decides which archived cases may be absent, and what their own links say about it. Pure.

A case that is not listed is not deleted: portals lose cases for a day. So absence wants certificates for all history
tabs, no outage, and a look at the case's own link.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Set
from dataclasses import dataclass

from agent.extract.snapshot import Verdict
from storage.archive.model import AbsenceKind
from storage.archive.model import CaseState
from storage.journal.model import Certificate
from storage.records import Tab


@dataclass(frozen=True, slots=True)
class Limit:
    """Too many: at least `count`, and at least this `share` of what was there."""

    count: int
    share: float

    def passed(self, lost: int, before: int) -> bool:
        return lost >= self.count and lost >= self.share * before


#: A history tab that lost this many stops the run.
SHRINK = Limit(10, 0.2)

#: This many cases that go at once are the portal's doing; nothing is marked.
OUTAGE = Limit(5, 0.05)


@dataclass(frozen=True, slots=True)
class Shrink:
    """A history tab that lost more than is believable."""

    tab: Tab
    before: int
    now: int


def find_shrink(before: Mapping[Tab, Certificate], now: Iterable[Certificate], history: Set[Tab]) -> Shrink | None:
    """Compare each certified history tab with its last certificate."""
    for certificate in now:
        last = before.get(certificate.tab)
        if last is None or certificate.tab not in history or not certificate.ok:
            continue
        if SHRINK.passed(last.listed - certificate.listed, last.listed):
            return Shrink(certificate.tab, last.listed, certificate.listed)
    return None


@dataclass(frozen=True, slots=True)
class Missing:
    """Archived cases that no history tab lists. With `outage` they say something about the portal, not the cases."""

    case_ids: tuple[str, ...]
    outage: bool


def find_missing(
    archived: Mapping[str, CaseState],
    listed: Set[str],
    certificates: Mapping[Tab, Certificate],
    history: Set[Tab],
    *,
    accept_shrink: bool = False,
) -> Missing:
    """Without a certificate for every history tab nothing is missing. Known absences are no news."""
    proven = bool(history) and all(tab in certificates and certificates[tab].ok for tab in history)
    if not proven:
        return Missing((), outage=False)
    present = {case_id for case_id, state in archived.items() if state.absent_since is None}
    missing = tuple(sorted(present - listed))
    return Missing(missing, outage=not accept_shrink and OUTAGE.passed(len(missing), len(present)))


#: The same for several accounts of one command together: each of them may have lost few.
OUTAGE_TOGETHER = Limit(10, 0.05)


@dataclass(slots=True)
class Losses:
    """What accounts at one portal have lost so far in one command, one account after the other.

    What an earlier account's run has marked stays marked: it was proved by each case's own link, and its return is
    journalled.
    """

    losing: int = 0
    missing: int = 0
    present: int = 0

    def add(self, missing: int, present: int) -> bool:
        """Book one account's; returns whether what they lost together is the portal's doing."""
        self.losing += missing > 0
        self.missing += missing
        self.present += present
        return missing > 0 and self.losing > 1 and OUTAGE_TOGETHER.passed(self.missing, self.present)


#: What opening the case's own link proves. Any other verdict proves nothing.
OWN_LINK = {
    Verdict.OK: AbsenceKind.UNLISTED,
    Verdict.GONE: AbsenceKind.GONE,
}
