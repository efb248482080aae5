"""Opens the links of cases that no list shows, stores what they show, and marks what they prove."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set
from dataclasses import dataclass
from dataclasses import field

from agent.backup.absence import OWN_LINK
from agent.backup.absence import Losses
from agent.backup.absence import Missing
from agent.backup.fetch import CaseFetcher
from agent.clock import Clock
from agent.extract.reading import Reading
from agent.extract.snapshot import Verdict
from agent.log import get_logger
from agent.portal.protocol import Portal
from storage import archive
from storage.records import CaseRef

log = get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Marker:
    """Marks nothing in an outage. What other accounts' runs of the command marked is taken back when it shows.

    `beside` are the cases whose links open, though no list shows them: a run is not complete without their files.
    """

    account: str
    portal: Portal
    fetcher: CaseFetcher
    losses: Losses
    clock: Clock
    accept_shrink: bool
    beside: set[str] = field(default_factory=set)
    outage: bool = False

    def book(self, lost: int, present: int) -> bool:
        """Count what the account lost; returns whether all accounts together have lost more than is believable."""
        together = self.losses.add(lost, present) and not self.accept_shrink
        if together and self.losses.runs:
            runs, self.losses.runs = self.losses.runs, []
            back = archive.take_back_absences(
                self.fetcher.database, runs, at=self.clock.now(), reason="several accounts lost cases at once"
            )
            log.warning("absences_taken_back", runs=runs, cases=len(back))
        return together

    def believes(self, missing: Missing) -> bool:
        """Whether what is missing can be the cases' own doing; else an outage is recorded."""
        together = self.book(len(missing.case_ids), missing.present) and bool(missing.case_ids)
        self.outage = missing.outage or together
        if self.outage:
            cases = len(missing.case_ids)
            log.warning("outage_recorded", account=self.account, cases=cases, several_accounts=together)
        return not self.outage

    async def mark(self, case_ids: Iterable[str], unlisted: Set[str]) -> None:
        """Open the cases' own links; `unlisted` are those that are known to be in no list."""
        self.beside = set(unlisted)
        found: dict[str, Reading] = {}
        for case_id in case_ids:
            if self.fetcher.reader.stop.finishing:
                break
            thread = await self.fetcher.read(self.portal.case_request(case_id, None))
            if thread.verdict in OWN_LINK:
                found[case_id] = thread.readings[0]
            else:
                self.fetcher.missed[case_id] = f"not listed, own link: {thread.verdict.value}"
        if not found:
            return
        await self.fetcher.settle(always=True)
        if not self.accept_shrink:
            self.losses.runs.append(self.fetcher.run_id)
        for case_id, reading in found.items():
            self._mark(case_id, reading)

    def _mark(self, case_id: str, reading: Reading) -> None:
        if reading.verdict is Verdict.OK:
            self.beside.add(case_id)
        else:
            self.beside.discard(case_id)
        self.fetcher.counts.absent += archive.mark_absent(
            self.fetcher.database,
            CaseRef(account=self.account, case_id=case_id),
            OWN_LINK[reading.verdict],
            run_id=self.fetcher.run_id,
            at=self.clock.now(),
            evidence=f"own link: {reading.verdict.value} ({reading.reason})",
        )
