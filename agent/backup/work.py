"""The work of a run: list, prove, plan, fetch, store, mark what is absent."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from agent.backup import absence
from agent.backup.attachments import AttachmentFetcher
from agent.backup.fetch import CaseFetcher
from agent.backup.listing import Lister
from agent.backup.listing import TabListing
from agent.backup.marking import Marker
from agent.backup.outcome import Counts
from agent.backup.plan import ROTATION
from agent.backup.plan import PlanRules
from agent.backup.plan import plan
from agent.backup.plan import revisit
from agent.backup.rules import PortalRules
from agent.backup.streak import Streak
from agent.backup.threads import Thread
from agent.backup.threads import ThreadReader
from agent.clock import Clock
from agent.errors import SuspiciousShrink
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.recovery.climb import Reader
from agent.recovery.identity import Guard
from agent.recovery.logbook import Logbook
from agent.recovery.rows import find_rows
from storage import archive
from storage import journal
from storage.archive import CaseState
from storage.database import Database
from storage.erasure.stubs import erased_cases
from storage.journal import Certificate
from storage.records import CaseSummary
from storage.records import Tab

#: How many runs back a failed read counts: by then the case has had its turn again.
LOOK_BACK = 2 * ROTATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person asked for."""

    tab: Tab | None = None
    case_id: str | None = None
    full: bool = False
    accept_shrink: bool = False
    evidence: bool = False

    @property
    def scope(self) -> str:
        """What the run covers; only `all` can be complete."""
        if self.case_id is not None:
            return f"case:{self.case_id}"
        return "all" if self.tab is None else f"tab:{self.tab.value}"


@dataclass(slots=True, kw_only=True)
class BackupWork:
    """One run's work, with what it has found so far."""

    database: Database
    account: AccountFacts
    rules: PortalRules
    options: Options
    portal: Portal
    reader: Reader
    logbook: Logbook
    run_id: str
    at_once: int
    clock: Clock
    progress: Callable[[str, int, int | None], None]
    losses: absence.Losses = field(default_factory=absence.Losses)
    certificates: dict[Tab, Certificate] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    finished: bool = False  #: reached its end without a person's wish to end it
    _guard: Guard[Thread] = field(init=False)
    _fetcher: CaseFetcher = field(init=False)
    _marker: Marker = field(init=False)
    _tried: Mapping[str, datetime] = field(default_factory=dict)
    _rows: dict[str, CaseSummary] = field(default_factory=dict)
    _planned: int = 0
    _done: int = 0

    def __post_init__(self) -> None:
        self._guard = Guard(self.account)
        self._fetcher = CaseFetcher(
            reader=self.reader,
            database=self.database,
            run_id=self.run_id,
            threads=ThreadReader(self.portal, self.reader.read, self.rules.assemble),
            guard=self._guard,
            streak=Streak(self.account.name),
            attachments=AttachmentFetcher(self.database, self.account.name, self.clock, self.reader.download),
            header=self.portal.list_request(self.rules.tabs[0]),
            counts=self.counts,
            on_case=self._tick,
        )
        self._marker = Marker(
            account=self.account.name,
            portal=self.portal,
            fetcher=self._fetcher,
            losses=self.losses,
            clock=self.clock,
            accept_shrink=self.options.accept_shrink,
        )

    async def do(self) -> None:
        """Do all of it. Raises a `RunStopped` or an `EngineError`; what was stored until then is whole."""
        erased = erased_cases(self.database, self.account.name)
        states = archive.case_states(self.database, self.account.name)
        states = {case_id: state for case_id, state in states.items() if case_id not in erased}
        self._tried = journal.failed_reads(self.database, self.account.name, last_runs=LOOK_BACK)
        if self.options.case_id is not None:
            await self._fetcher.prove()
            await self._fetch([await self._request_of(self.options.case_id)])
        else:
            listings = await self._list()
            if not self.options.accept_shrink:
                self._refuse_shrink(states)
            self._note(listings)
            self._pass_over(erased)
            await self._fetch(self._plan(listings, states))
            if self.options.tab is None:
                await self._look_beside_lists(states)
        self.finished = not self._finishing

    def missed(self) -> Iterator[str]:
        """Name what a complete run of this scope would have and this one has not."""
        if not self.finished:
            yield "ended early"
        if self.options.case_id is None:
            for tab in self._tabs:
                if tab not in self.certificates or not self.certificates[tab].ok:
                    yield f"tab {tab.value}: no certificate"
        for case_id, reason in self._fetcher.missed.items():
            yield f"case {case_id}: {reason}"
        whole = {*self._rows, *self._marker.beside, self.options.case_id}
        for pending in archive.pending_files(self.database, self.account.name):
            if pending.ref.case_id in whole:
                yield f"case {pending.ref.case_id}: attachment {pending.name}"
        if self._marker.outage:
            yield "outage: too many cases went at once"

    @property
    def _tabs(self) -> tuple[Tab, ...]:
        return self.rules.tabs if self.options.tab is None else (self.options.tab,)

    @property
    def _plan_rules(self) -> PlanRules:
        return PlanRules(row_changes_with_message=self.rules.row_changes_with_message, full=self.options.full)

    @property
    def _finishing(self) -> bool:
        return self.reader.stop.finishing

    async def _list(self) -> list[TabListing]:
        ends: list[Reading] = []

        async def read(request: PageRequest) -> Reading:
            ends[1:] = [await self._read(request)]
            return ends[-1]

        lister = Lister(self.portal, read, lambda: self._finishing)
        listings = []
        for tab in self._tabs:
            listing = await lister.list_tab(tab)
            listings.append(listing)
            self.certificates[tab] = listing.certificate
            # A row of an earlier tab stays: all were listed before any thread is read.
            self._rows = {**listing.rows, **self._rows}
            self.progress("list", len(self._rows), None)
        for reading in ends:
            self._guard.require(reading)
        self.counts.seen = len(self._rows)
        return listings

    async def _read(self, request: PageRequest) -> Reading:
        reading = await self.reader.read(request)
        self._guard.shows(reading)
        return reading

    def _refuse_shrink(self, states: dict[str, CaseState]) -> None:
        before = journal.last_certificates(self.database, self.account.name)
        shrink = absence.find_shrink(before, self.certificates.values(), self.rules.history)
        if shrink is not None:
            present = sum(state.absent_since is None for state in states.values())
            self._marker.book(shrink.before - shrink.now, present)
            raise SuspiciousShrink(
                self.account.name,
                "a history tab lost more cases than is believable",
                self.portal.list_request(shrink.tab).url,
                tab=shrink.tab.value,
                before=shrink.before,
                now=shrink.now,
            )

    def _note(self, listings: list[TabListing]) -> None:
        now = self.clock.now()
        for listing in listings:
            proof = listing.certificate
            journal.record_certificate(self.database, self.run_id, proof, at=now)
            archive.note_tab(
                self.database,
                self.account.name,
                proof.tab,
                listing.there,
                run_id=self.run_id,
                seen_at=now,
                complete=proof.ok,
            )

    def _pass_over(self, erased: frozenset[str]) -> None:
        """Leave out what a person erased: it is not even opened."""
        listed = self._rows.keys() & erased
        self.counts.erased = len(listed)
        for case_id in listed:
            del self._rows[case_id]

    def _plan(self, listings: list[TabListing], states: dict[str, CaseState]) -> list[PageRequest]:
        attention = {case_id for each in listings if each.certificate.tab is Tab.ATTENTION for case_id in each.rows}
        planned = plan(
            self._rows.values(),
            states,
            self._plan_rules,
            attention=attention,
            tried=self._tried,
            now=self.clock.now(),
        )
        self.counts.unchanged += len(planned.unchanged)
        return [self.portal.case_request(row.case_id, row) for row in planned.fetch]

    async def _request_of(self, case_id: str) -> PageRequest:
        """The request for a single case, with its list row where its page alone does not say enough."""
        wanted = {case_id} if self.portal.case_needs_row else frozenset[str]()
        rows = await find_rows(self.portal, self._read, self.rules.tabs, wanted, finishing=lambda: self._finishing)
        return self.portal.case_request(case_id, rows.get(case_id))

    async def _fetch(self, requests: list[PageRequest]) -> None:
        self._planned = len(requests)
        await self._fetcher.fetch(requests, at_once=self.at_once)
        again = {pending.ref.case_id for pending in archive.pending_files(self.database, self.account.name)}
        fetched = [str(request.case_id) for request in requests if request.case_id in again]
        if fetched and not self._finishing:
            # A session may have ended under a download: whoever reads a page signs in again.
            await self.reader.read(self._fetcher.header)
            await self._fetcher.attachments.fetch(fetched)

    def _tick(self) -> None:
        self._done += 1
        self.progress("cases", self._done, self._planned)

    async def _look_beside_lists(self, states: dict[str, CaseState]) -> None:
        missing = absence.find_missing(
            states,
            self._rows.keys(),
            self.certificates,
            self.rules.history,
            accept_shrink=self.options.accept_shrink,
        )
        if self._marker.believes(missing):
            again = revisit(missing.unlisted, self._plan_rules, tried=self._tried, now=self.clock.now())
            await self._marker.mark((*missing.case_ids, *again), {state.case_id for state in missing.unlisted})
