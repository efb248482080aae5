"""Decides which archived cases may be absent, and what their own links say about it. Pure.

A case that is not listed is not deleted: portals lose cases for a day. So absence wants certificates for all history
tabs, no outage, and a look at the case's own link.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Set
from dataclasses import dataclass
from dataclasses import field

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Archived cases that no history tab lists. With `outage` they say something about the portal, not the cases.

    `unlisted` are known to be so: their links opened. `present` counts what was there before; nothing without proof.
    """

    case_ids: tuple[str, ...] = ()
    unlisted: tuple[CaseState, ...] = ()
    present: int = 0
    outage: bool = False


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
        return Missing()
    present = {case_id for case_id, state in archived.items() if state.absent_since is None}
    missing = tuple(sorted(present - listed))
    beside = [archived[case_id] for case_id in sorted(archived.keys() - listed)]
    return Missing(
        case_ids=missing,
        unlisted=tuple(state for state in beside if state.absence is AbsenceKind.UNLISTED),
        present=len(present),
        outage=not accept_shrink and OUTAGE.passed(len(missing), len(present)),
    )


#: The same for several accounts of one command together: each of them may have lost few.
OUTAGE_TOGETHER = Limit(10, 0.05)


@dataclass(slots=True)
class Losses:
    """What accounts at one portal have lost so far in one command, one account after the other.

    `runs` have marked absences: each was proved by the case's own link, but many of them together are the portal's.
    """

    losing: int = 0
    missing: int = 0
    present: int = 0
    runs: list[str] = field(default_factory=list)

    def add(self, missing: int, present: int) -> bool:
        """Book one account's; returns whether what all lost together is the portal's doing."""
        self.losing += missing > 0
        self.missing += missing
        self.present += present
        return self.losing > 1 and OUTAGE_TOGETHER.passed(self.missing, self.present)


#: What opening the case's own link proves. Any other verdict proves nothing.
OWN_LINK = {
    Verdict.OK: AbsenceKind.UNLISTED,
    Verdict.GONE: AbsenceKind.GONE,
}
