"""Reads all pages of one case, part by part, and has them assembled into one record."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from agent.extract.reading import CasePage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
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


async def read_thread(read: Read, first: PageRequest, assemble: Assemble) -> Thread:
    """Read a case whole. A page that could not be had leaves the record incomplete."""
    thread = await _read_once(read, first, assemble)
    if thread.record is None or thread.record.complete or len(thread.readings) == 1:
        return thread
    if any(reading.verdict is not Verdict.OK for reading in thread.readings):
        return thread
    # A message that arrives while the pages are read moves others from page to page; once more is enough, or never.
    return await _read_once(read, first, assemble)


async def _read_once(read: Read, first: PageRequest, assemble: Assemble) -> Thread:
    readings: list[Reading] = []
    request: PageRequest | None = first
    while request is not None:
        reading = await read(request)
        if readings and _repeats(reading, readings):
            readings[-1] = replace(readings[-1], next=None)
            break
        readings.append(reading)
        request = reading.next if reading.verdict is Verdict.OK else None
    if readings[0].verdict is not Verdict.OK:
        return Thread(None, tuple(readings))
    # What a drifted page shows is not believed in part either.
    believed = [reading if reading.verdict is Verdict.OK else replace(reading, page=None) for reading in readings]
    return Thread(assemble(believed), tuple(readings))


def _repeats(reading: Reading, earlier: Sequence[Reading]) -> bool:
    """Whether a page beyond the first brings nothing new: some portals repeat their last page for ever."""
    request, page = reading.snapshot.request, reading.page
    if request.number == 1 or not isinstance(page, CasePage):
        return False
    shown = {
        message
        for other in earlier
        if isinstance(other.page, CasePage) and other.snapshot.request.part == request.part
        for message in other.page.messages
    }
    return shown.issuperset(page.messages)
