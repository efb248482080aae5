"""Lists a tab to its end and says what that proves."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from storage.journal.model import Certificate
from storage.records import CaseSummary
from storage.records import Tab

Read = Callable[[PageRequest], Awaitable[Reading]]

#: Cases move between pages while they are read; a portal on which this many listings disagree is not worth a fourth.
LISTINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TabListing:
    """Every row that was seen of a tab, in the order of the list, and what the listing proves.

    Without `certificate.ok` nothing may be taken for absent.
    """

    rows: Mapping[str, CaseSummary]
    certificate: Certificate


@dataclass(slots=True)
class _Pass:
    """One listing from the first page to the last, and the head again."""

    rows: dict[str, CaseSummary]
    totals: set[int | None]
    whole: bool = False  #: reached its end
    head_moved: bool = False  #: the head shows a case that was not listed

    @property
    def proven(self) -> bool:
        return self.whole and not self.head_moved and self.totals == {len(self.rows)}


async def list_tab(read: Read, head: PageRequest, tab: Tab, finishing: Callable[[], bool]) -> TabListing:
    """List `tab` from `head`, again if it moved while it was read. `finishing` tells that a person wants an end."""
    rows: dict[str, CaseSummary] = {}
    before: frozenset[str] | None = None
    ok = False
    for _ in range(LISTINGS):
        listed = await _list_once(read, head, finishing)
        # Rows of an earlier pass stay: they were real, even if they are not proven to be there still.
        rows = {**listed.rows, **{key: row for key, row in rows.items() if key not in listed.rows}}
        ids = frozenset(listed.rows)
        uncounted = listed.totals == {None}
        ok = listed.proven or (uncounted and listed.whole and before == ids)
        if ok or finishing():
            break
        before = ids if uncounted and listed.whole else None
    shown = {total for total in listed.totals if total is not None}
    total = shown.pop() if len(shown) == 1 else None
    certificate = Certificate(tab=tab, listed=len(listed.rows), total=total, ok=ok)
    return TabListing(rows=rows, certificate=certificate)


async def _list_once(read: Read, head: PageRequest, finishing: Callable[[], bool]) -> _Pass:
    listed = _Pass(rows={}, totals=set())
    request: PageRequest | None = head
    while request is not None:
        if finishing():
            return listed
        reading = await read(request)
        page = _list_page(reading)
        new = [row for row in page.rows if row.case_id not in listed.rows]
        listed.totals.add(_total(reading, page))
        listed.rows.update((row.case_id, row) for row in new)
        # Some portals show their last page again for every number beyond it.
        request = reading.next if new else None
    if listed.totals != {None}:
        reading = await read(head)
        again = _list_page(reading)
        listed.totals.add(_total(reading, again))
        listed.head_moved = any(row.case_id not in listed.rows for row in again.rows)
    listed.whole = True
    return listed


def _list_page(reading: Reading) -> ListPage:
    # `Reader` raises for a list that cannot be believed, so that only OK and EMPTY arrive here.
    assert isinstance(reading.page, ListPage), reading.verdict
    return reading.page


def _total(reading: Reading, page: ListPage) -> int | None:
    return 0 if reading.verdict is Verdict.EMPTY and page.total is None else page.total
