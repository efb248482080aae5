"""Reads all pages of one case, part by part, and has them assembled into one record."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from agent.extract.assemble import content_of
from agent.extract.reading import CasePage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.protocol import Portal
from storage.records import CaseRecord

Read = Callable[[PageRequest], Awaitable[Reading]]
Assemble = Callable[[Sequence[Reading]], CaseRecord]


@dataclass(frozen=True, slots=True)
class Thread:
    """What was read of a case. Without a record, `verdict` tells why the case's own page could not be had."""

    record: CaseRecord | None
    readings: tuple[Reading, ...]

    @property
    def verdict(self) -> Verdict:
        return self.readings[0].verdict


@dataclass(frozen=True, slots=True)
class ThreadReader:
    """Reads threads of one account."""

    portal: Portal
    read: Read
    assemble: Assemble

    async def read_thread(self, first: PageRequest) -> Thread:
        """Read a case whole. A page that could not be had leaves the record incomplete."""
        thread = await self._once(first)
        if thread.record is None or thread.record.complete or len(thread.readings) == 1:
            return thread
        if any(reading.verdict is not Verdict.OK for reading in thread.readings):
            return thread
        # A message that arrives while the pages are read moves others from page to page; once more is enough, or never.
        return await self._once(first)

    async def _once(self, first: PageRequest) -> Thread:
        sources = [await self._follow(first)]
        if sources[0][0].verdict is not Verdict.OK:
            return Thread(None, tuple(sources[0]))
        own = sources[0][0].page
        told = replace(first, requester=own.requester) if isinstance(own, CasePage) else first
        sources += [await self._follow(part) for part in self.portal.case_parts(told)]
        readings = [reading for source in sources for reading in source]
        # What a drifted page shows is not believed in part either.
        believed = [reading if reading.verdict is Verdict.OK else replace(reading, page=None) for reading in readings]
        record = self.assemble(believed)
        for source in sources if record.complete else ():
            if _may_have_moved(source):
                head = await self.read(source[0].snapshot.request)
                readings.append(head)
                record = replace(record, complete=record.complete and _contents(head) == _contents(source[0]))
        return Thread(record, tuple(readings))

    async def _follow(self, first: PageRequest) -> list[Reading]:
        """One source of the thread, page after page."""
        readings: list[Reading] = []
        request: PageRequest | None = first
        while request is not None:
            reading = await self.read(request)
            if readings and _repeats(reading, readings):
                readings[-1] = replace(readings[-1], next=None)
                break
            readings.append(reading)
            request = reading.next if reading.verdict is Verdict.OK else None
        return readings


def _repeats(reading: Reading, earlier: Sequence[Reading]) -> bool:
    """Whether a page brings nothing that the source's earlier ones had not: some portals repeat their last for ever."""
    if not isinstance(reading.page, CasePage):
        return False
    return {content for other in earlier for content in _contents(other)}.issuperset(_contents(reading))


def _may_have_moved(source: Sequence[Reading]) -> bool:
    """Whether a message could come or go between a source's pages without a trace.

    A count on every page tells; but not of messages that it leaves out, unless their ids show which were read twice.
    """
    pages = [reading.page for reading in source if isinstance(reading.page, CasePage)]
    told = all(page.total_messages is not None for page in pages)
    return len(pages) > 1 and not (
        told and all(message.counted or message.native_id is not None for page in pages for message in page.messages)
    )


def _contents(reading: Reading) -> list[tuple[object, ...]]:
    return [content_of(message) for message in reading.page.messages] if isinstance(reading.page, CasePage) else []
