"""Looks through lists for the rows of certain cases: some portals show half of a case there only."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Set

from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.portal.protocol import Portal
from storage.records import CaseSummary
from storage.records import Tab


async def find_rows(
    portal: Portal,
    read: Callable[[PageRequest], Awaitable[Reading]],
    tabs: Iterable[Tab],
    wanted: Set[str],
    *,
    finishing: Callable[[], bool] = lambda: False,
) -> dict[str, CaseSummary]:
    """The rows of the cases that are `wanted`, as far as there are any; reads page after page until all are found.

    Ends early once `finishing`.
    """
    rows: dict[str, CaseSummary] = {}
    for tab in tabs:
        seen: set[str] = set()
        request: PageRequest | None = portal.list_request(tab)
        while request is not None and not rows.keys() >= wanted and not finishing():
            reading = await read(request)
            listed = {row.case_id: row for row in reading.page.rows} if isinstance(reading.page, ListPage) else {}
            rows |= {case_id: row for case_id, row in listed.items() if case_id in wanted}
            # Some portals show their last page again for every number beyond it.
            request = reading.next if listed.keys() - seen else None
            seen |= listed.keys()
    return rows
