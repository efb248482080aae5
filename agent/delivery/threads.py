"""Reads a case's whole thread for a sending run, and lets nothing through that may be another account's."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Protocol

from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.recovery.climb import Reader
from agent.recovery.identity import Guard
from agent.recovery.rows import find_rows
from storage.records import CaseRecord
from storage.records import CaseSummary
from storage.records import Tab


class WholeThread(Protocol):
    """All pages of one case. Without a record, the first reading tells why."""

    @property
    def record(self) -> CaseRecord | None: ...

    @property
    def readings(self) -> tuple[Reading, ...]: ...


#: Reads all pages that follow from a case's own one, with recovery.
ReadWhole = Callable[[PageRequest], Awaitable[WholeThread]]


@dataclass(slots=True, kw_only=True)
class CaseThreads:
    """Implements `LiveThreads`. `tabs` are looked through for a case's row where its page alone does not say enough.

    The first of them is the page whose header proves the account where a case's pages do not: it is read before
    everything else (`prove`), and after each such thread.
    """

    portal: Portal
    reader: Reader
    account: AccountFacts
    tabs: tuple[Tab, ...]
    read_whole: ReadWhole
    _guard: Guard[None] = field(init=False)
    _rows: dict[str, CaseSummary] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._guard = Guard(self.account)

    async def prove(self) -> None:
        """Read a header live. Raises `WrongAccount` unless it names the configured account."""
        self._guard.require(await self.reader.read(self.portal.list_request(self.tabs[0])))

    async def read(self, case_id: str, *, again: bool = False) -> CaseRecord | Reading:
        if not again:
            self._rows.pop(case_id, None)
        if self.portal.case_needs_row and case_id not in self._rows:
            self._rows |= await find_rows(self.portal, self.reader.read, self.tabs, {case_id})
        thread = await self.read_whole(self.portal.case_request(case_id, self._rows.get(case_id)))
        if thread.record is None:
            return thread.readings[0]
        # Every page is looked at, even after one that proves nothing: a wrong account must not hide behind it.
        proofs = [self._guard.shows(reading) for reading in thread.readings]
        if not all(proofs):
            await self.prove()
        return thread.record
