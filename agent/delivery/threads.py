"""Reads a case's whole thread for a sending run, and lets nothing through that may be another account's."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Protocol

from agent.errors import WrongAccount
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageRequest
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.recovery.climb import Reader
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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    _rows: dict[str, CaseSummary] = field(default_factory=dict)

    async def prove(self) -> None:
        """Read a header live. Raises `WrongAccount` unless it names the configured account."""
        header = await self.reader.read(self.portal.list_request(self.tabs[0]))
        if not self._is_ours(header):
            raise WrongAccount(
                self.account.name,
                "the header names no account",
                header.snapshot.final_url,
                expected=self.account.account_name,
            )

    async def read(self, case_id: str, *, again: bool = False) -> CaseRecord | Reading:
        row = self._rows.get(case_id) if again else None
        request = await self._request_of(case_id) if row is None else self.portal.case_request(case_id, row)
        thread = await self.read_whole(request)
        if thread.record is None:
            return thread.readings[0]
        if not all(map(self._is_ours, thread.readings)):
            await self.prove()
        return thread.record

    def _is_ours(self, reading: Reading) -> bool:
        """Whether the page itself is proof; one that proves the contrary has ended the run already."""
        found = reading.identity
        if found is None or found.account_name is None or reading.snapshot.lane is not Lane.LIVE:
            return False
        return found.marketplace is not None or self.account.marketplace is None

    async def _request_of(self, case_id: str) -> PageRequest:
        for tab in self.tabs if self.portal.case_needs_row else ():
            request: PageRequest | None = self.portal.list_request(tab)
            while request is not None:
                reading = await self.reader.read(request)
                for row in reading.page.rows if isinstance(reading.page, ListPage) else ():
                    self._rows[row.case_id] = row
                    if row.case_id == case_id:
                        return self.portal.case_request(case_id, row)
                request = reading.next
        return self.portal.case_request(case_id, None)
