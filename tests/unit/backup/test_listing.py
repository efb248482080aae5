"""Listing a tab: what is a proof, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from typing import Any
from typing import cast

from agent.backup.listing import LISTINGS
from agent.backup.listing import Lister
from agent.backup.listing import TabListing
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.protocol import DateSpan
from agent.portal.protocol import Portal
from storage.journal import Certificate
from storage.records import Tab
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal

Run = Callable[..., Any]
PORTAL = ScriptedPortal()
JANUARY = date(2026, 1, 1)


@dataclass
class Book:
    """A list as scripted: for each read, what its page shows. The last page is shown for ever."""

    pages: Sequence[tuple[str, int | None]]  #: ids, each one letter, and the total shown
    following: str = ""  #: for each read, `>` when there is a next page
    reads: int = 0
    finishing_after: int = 1000
    seen: list[int] = field(default_factory=list)

    async def read(self, request: PageRequest) -> Reading:
        ids, total = self.pages[min(self.reads, len(self.pages) - 1)]
        more = self.following[self.reads : self.reads + 1] == ">"
        self.reads += 1
        self.seen.append(request.number)
        page = ListPage(rows=tuple(ScriptedCase(one).summary() for one in ids), total=total)
        return Reading(
            snapshot=PORTAL._snapshot(request),
            verdict=Verdict.OK if ids else Verdict.EMPTY,
            reason="",
            page=page,
            next=replace(request, number=request.number + 1) if more else None,
        )

    async def list(self) -> TabListing:
        return await Lister(PORTAL, self.read, lambda: self.reads >= self.finishing_after).list_tab(Tab.ALL)


def proof(listed: int, total: int | None, *, ok: bool = True) -> Certificate:
    return Certificate(tab=Tab.ALL, listed=listed, total=total, ok=ok)


def test_as_many_ids_as_every_page_says_is_a_proof(run_async: Run) -> None:
    """Two pages and the head again, all with the same total."""
    book = Book([("ab", 3), ("c", 3), ("ab", 3)], following="> ")

    listing = run_async(book.list())

    assert (proof(3, 3), ["a", "b", "c"], [1, 2, 1]) == (listing.certificate, list(listing.rows), book.seen)


def test_an_empty_list_is_proven_by_its_own_mark(run_async: Run) -> None:
    """EMPTY without a count is a count of nothing."""
    assert proof(0, 0) == run_async(Book([("", None)]).list()).certificate


def test_an_empty_page_beyond_the_end_is_no_page_of_the_list(run_async: Run) -> None:
    """It counts nothing: neither where the portal shows no total, nor where the other pages show one."""
    uncounted = Book([("ab", None), ("", None), ("ab", None), ("", None)], following="> > ")
    counted = Book([("ab", 2), ("", None), ("ab", 2)], following="> ")

    assert (proof(2, None), 4) == (run_async(uncounted.list()).certificate, uncounted.reads)
    assert (proof(2, 2), 3) == (run_async(counted.list()).certificate, counted.reads)


def test_a_total_that_moves_is_listed_again(run_async: Run) -> None:
    """The second listing agrees with itself; what only the first one saw is kept as a row, but is not there now."""
    book = Book([("ab", 3), ("c", 2), ("ab", 2), ("ac", 2), ("ac", 2)], following=">")

    listing = run_async(book.list())

    assert (proof(2, 2), {"a", "b", "c"}, {"a", "c"}) == (listing.certificate, set(listing.rows), listing.there)


def test_a_head_with_a_new_case_is_listed_again(run_async: Run) -> None:
    """Same total, another case: one came and one went while the list was read."""
    book = Book([("ab", 2), ("xa", 2), ("xa", 2), ("xa", 2)])

    listing = run_async(book.list())

    assert (proof(2, 2), 4) == (listing.certificate, book.reads)


def test_a_list_that_never_agrees_with_itself_proves_nothing(run_async: Run) -> None:
    """The number of listings is bounded."""
    book = Book([("ab", 3)])

    listing = run_async(book.list())

    assert (proof(2, 3, ok=False), 2 * LISTINGS, {"a", "b"}) == (listing.certificate, book.reads, listing.there)


def test_without_a_total_two_equal_listings_are_a_proof(run_async: Run) -> None:
    """The head need not be read again: the second listing does."""
    book = Book([("ab", None), ("c", None), ("ab", None), ("c", None)], following="> > ")

    listing = run_async(book.list())

    assert (proof(3, None), 4) == (listing.certificate, book.reads)


def test_without_a_total_one_listing_that_differs_costs_a_third(run_async: Run) -> None:
    """Consecutive ones must agree."""
    book = Book([("ab", None), ("abc", None), ("abc", None)])

    assert (proof(3, None), 3) == (run_async(book.list()).certificate, book.reads)


def test_a_last_page_that_is_repeated_for_ever_ends_the_list(run_async: Run) -> None:
    """Some portals answer every number beyond the end with the last page."""
    book = Book([("ab", 3), ("c", 3), ("c", 3), ("ab", 3)], following=">>>")

    listing = run_async(book.list())

    assert (proof(3, 3), [1, 2, 3, 1]) == (listing.certificate, book.seen)


def test_pages_that_count_differently_prove_nothing(run_async: Run) -> None:
    """A total on one page and none on another is no total."""
    book = Book([("ab", 3), ("c", None), ("ab", 3)] * LISTINGS, following="> ")

    assert not run_async(book.list()).certificate.ok


def test_an_interrupted_listing_keeps_its_rows_and_proves_nothing(run_async: Run) -> None:
    """A person's wish to end is no end of the list."""
    book = Book([("ab", 3), ("c", 3)], following=">>", finishing_after=1)

    listing = run_async(book.list())

    assert (["a", "b"], False, 1) == (list(listing.rows), listing.certificate.ok, book.reads)


@dataclass
class CappedBook:
    """A tab that lists at most `cap` cases; each case is known by its day of January."""

    days: Sequence[int]
    cap: int = 2
    spans: list[tuple[int, int]] = field(default_factory=list)
    can_split: bool = True

    def list_span(self, tab: Tab) -> DateSpan | None:
        return DateSpan(JANUARY, JANUARY.replace(day=16)) if self.can_split else None

    def list_request(self, tab: Tab, span: DateSpan | None = None) -> PageRequest:
        first, last = (1, 31) if span is None else (span.since.day, span.until.day)
        return replace(PORTAL.list_request(tab), url=f"{first}-{last}")

    async def read(self, request: PageRequest) -> Reading:
        first, last = (int(part) for part in request.url.split("-"))
        self.spans.append((first, last))
        found = [str(day) for day in self.days if first <= day <= last]
        rows = tuple(replace(ScriptedCase(f"{day}").summary(), subject=day) for day in found[: self.cap])
        page = ListPage(rows=rows, total=len(rows), capped=len(found) > self.cap)
        verdict = Verdict.OK if rows else Verdict.EMPTY
        return Reading(snapshot=PORTAL._snapshot(request), verdict=verdict, reason="", page=page)

    async def list(self) -> TabListing:
        return await Lister(cast(Portal, self), self.read, lambda: False).list_tab(Tab.FILTERED)


def test_a_capped_list_is_split_until_every_part_is_whole(run_async: Run) -> None:
    """Only the parts that are capped are split further; the certificate is that of all parts together."""
    book = CappedBook([1, 2, 3, 12])

    listing = run_async(book.list())

    assert (["1", "2", "3", "12"], Certificate(tab=Tab.FILTERED, listed=4, total=4, ok=True)) == (
        list(listing.rows),
        listing.certificate,
    )
    assert [(1, 31), (1, 8), (1, 4), (1, 2), (3, 4), (5, 8), (9, 16)] == list(dict.fromkeys(book.spans))


def test_a_day_that_is_capped_gives_no_certificate(run_async: Run) -> None:
    """There is nothing smaller to ask for: what is shown is kept, and nothing is proved."""
    listing = run_async(CappedBook([5, 5, 5]).list())

    assert (["5"], False) == (list(listing.rows), listing.certificate.ok)


def test_a_capped_list_that_cannot_be_split_gives_no_certificate(run_async: Run) -> None:
    """The count that it shows is the cap's, not the cases'."""
    listing = run_async(CappedBook([1, 2, 3], can_split=False).list())

    assert (["1", "2"], False) == (list(listing.rows), listing.certificate.ok)


def test_a_case_outside_of_the_widest_span_is_missed_and_noticed(run_async: Run) -> None:
    """The list as a whole shows it, no part does: no certificate."""
    listing = run_async(CappedBook([20, 1, 2, 3]).list())

    assert not listing.certificate.ok
