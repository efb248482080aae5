"""Lists a tab to its end and says what that proves. Where the portal caps a result, its date range is split."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta

from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.protocol import DateSpan
from agent.portal.protocol import Portal
from storage.journal.model import Certificate
from storage.records import CaseSummary
from storage.records import Tab

Read = Callable[[PageRequest], Awaitable[Reading]]

#: Cases move between pages while they are read; a portal on which this many listings disagree is not worth a fourth.
LISTINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TabListing:
    """Every row that was seen of a tab, in the order of the list, and what the listing proves.

    Without `certificate.ok` nothing may be taken for absent. `there` are the cases that stand in the tab now: those
    that the certificate counts; without one, all that were seen.
    """

    rows: Mapping[str, CaseSummary]
    there: Set[str]
    certificate: Certificate


@dataclass(slots=True)
class _Pass:
    """One listing from the first page to the last, and the head again."""

    rows: dict[str, CaseSummary] = field(default_factory=dict)
    totals: set[int | None] = field(default_factory=set)
    whole: bool = False  #: reached its end
    capped: bool = False
    head_moved: bool = False  #: the head shows a case that was not listed

    def count(self, reading: Reading, *, head: bool = False) -> None:
        """Note the page's total. Only at its head does an empty list count: what lies beyond the end is none of it."""
        total = _list_page(reading).total
        if total is not None or reading.verdict is not Verdict.EMPTY:
            self.totals.add(total)
        elif head:
            self.totals.add(0)

    @property
    def proven(self) -> bool:
        return self.whole and not self.capped and not self.head_moved and self.totals == {len(self.rows)}


@dataclass(frozen=True, slots=True)
class Lister:
    """Lists tabs. `read` returns only pages that can be believed; `finishing` tells that a person wants an end."""

    portal: Portal
    read: Read
    finishing: Callable[[], bool]

    async def list_tab(self, tab: Tab) -> TabListing:
        """List `tab`, again if it moved while it was read, in parts if it is capped."""
        span = self.portal.list_span(tab)
        listing, capped = await self._list(self.portal.list_request(tab), tab, whole=span is None)
        if not capped or span is None:
            return listing
        parts = [part async for part in self._parts(tab, span)]
        rows = {case_id: row for part in parts for case_id, row in part.rows.items()}
        totals = [part.certificate.total for part in parts if part.certificate.total is not None]
        total = sum(totals) if len(totals) == len(parts) else None
        # A case in two parts would hide that another one is in none, and one beyond the span would be in no part.
        there = frozenset[str]().union(*(part.there for part in parts))
        apart = len(there) == sum(part.certificate.listed for part in parts) and there >= listing.rows.keys()
        ok = apart and all(part.certificate.ok for part in parts)
        certificate = Certificate(tab=tab, listed=len(there), total=total, ok=ok)
        return TabListing(rows=rows, there=there, certificate=certificate)

    async def _parts(self, tab: Tab, span: DateSpan) -> AsyncIterator[TabListing]:
        """List one half after the other, each split further while it is capped; a single day cannot be split."""
        for half in _halves(span):
            single = half.since == half.until
            listing, capped = await self._list(self.portal.list_request(tab, half), tab, whole=single)
            if not capped or single:
                yield listing
            else:
                async for part in self._parts(tab, half):
                    yield part

    async def _list(self, head: PageRequest, tab: Tab, *, whole: bool) -> tuple[TabListing, bool]:
        """List from `head`, several times if need be. Without `whole`, a capped list is left after its first page."""
        rows: dict[str, CaseSummary] = {}
        before: frozenset[str] | None = None
        ok = False
        for _ in range(LISTINGS):
            listed = await self._once(head, whole=whole)
            # Rows of an earlier pass stay: they were real, even if they are not proven to be there still.
            rows = {**listed.rows, **{key: row for key, row in rows.items() if key not in listed.rows}}
            ids = frozenset(listed.rows)
            uncounted = listed.totals == {None} and listed.whole and not listed.capped
            ok = listed.proven or (uncounted and before == ids)
            if ok or listed.capped or self.finishing():
                break
            before = ids if uncounted else None
        shown = {total for total in listed.totals if total is not None}
        total = shown.pop() if len(shown) == 1 else None
        certificate = Certificate(tab=tab, listed=len(listed.rows), total=total, ok=ok)
        there = listed.rows.keys() if ok else rows.keys()
        return TabListing(rows=rows, there=there, certificate=certificate), listed.capped

    async def _once(self, head: PageRequest, *, whole: bool) -> _Pass:
        listed = _Pass()
        request: PageRequest | None = head
        while request is not None:
            if self.finishing():
                return listed
            reading = await self.read(request)
            page = _list_page(reading)
            listed.count(reading, head=request is head)
            new = [row for row in page.rows if row.case_id not in listed.rows]
            listed.rows.update((row.case_id, row) for row in new)
            listed.capped = listed.capped or page.capped
            if listed.capped and not whole:
                return listed
            # Some portals show their last page again for every number beyond it.
            request = reading.next if new else None
        if listed.totals != {None}:
            reading = await self.read(head)
            listed.count(reading, head=True)
            listed.head_moved = any(row.case_id not in listed.rows for row in _list_page(reading).rows)
        listed.whole = True
        return listed


def _halves(span: DateSpan) -> Iterator[DateSpan]:
    if span.since == span.until:
        yield span
        return
    middle = span.since + (span.until - span.since) // 2
    yield DateSpan(span.since, middle)
    yield DateSpan(middle + timedelta(days=1), span.until)


def _list_page(reading: Reading) -> ListPage:
    # `Reader` raises for a list that cannot be believed, so that only OK and EMPTY arrive here.
    assert isinstance(reading.page, ListPage), reading.verdict
    return reading.page
