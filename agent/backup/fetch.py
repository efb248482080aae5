"""Reads the planned cases, several at a time, and stores each as soon as it is proven to be the right account's."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from agent.backup.attachments import AttachmentFetcher
from agent.backup.outcome import Counts
from agent.backup.streak import Streak
from agent.backup.threads import Thread
from agent.backup.threads import ThreadReader
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.log import get_logger
from agent.recovery.climb import Reader
from agent.recovery.identity import Guard
from storage.archive import ChangeKind
from storage.archive import ingest
from storage.database import Database
from storage.records import CaseRecord

log = get_logger(__name__)


@dataclass(slots=True)
class CaseFetcher:
    """`header` is the page that proves the account when a case's own pages do not. `missed` says what went wrong."""

    reader: Reader
    database: Database
    run_id: str
    threads: ThreadReader
    guard: Guard[Thread]
    streak: Streak
    attachments: AttachmentFetcher
    header: PageRequest
    counts: Counts
    on_case: Callable[[], None]
    missed: dict[str, str] = field(default_factory=dict)
    _drifted: Reading | None = None
    _settling: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetch(self, requests: Sequence[PageRequest], *, at_once: int) -> None:
        """Read and store; ends early, with whole cases, when a person wants an end. Raises a `RunStopped`."""
        queue = deque(requests)

        async def work() -> None:
            while queue and not self.reader.stop.finishing:
                request = queue.popleft()
                thread = await self.read(request)
                if thread.record is None:
                    self.missed[str(request.case_id)] = thread.verdict.value
                self.on_case()

        workers = [asyncio.create_task(work()) for _ in range(min(at_once, len(queue)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        await self.settle()
        if self._drifted is not None and not self.streak.good:
            raise self.streak.drift(self._drifted)

    async def read(self, request: PageRequest) -> Thread:
        """Read one case, and store it now or after the next header."""
        thread = await self.threads.read_thread(request)
        stopped = self.streak.note(thread.readings[0])
        if stopped is not None:
            raise stopped
        if thread.record is None:
            self._drifted = thread.readings[0] if thread.verdict is Verdict.DRIFTED else self._drifted
        elif self.guard.admit(thread, thread.readings):
            await self._store(thread.record, thread.readings)
        elif self.guard.full:
            await self.settle()
        return thread

    async def settle(self, *, always: bool = False) -> None:
        """Store what has waited for a header, after reading one; `always` read one, whether anything waits or not."""
        async with self._settling:
            held = self.guard.take()
            if not (held or always):
                return
            await self.prove()
            for thread in held:
                assert thread.record is not None
                await self._store(thread.record, thread.readings)

    async def prove(self) -> None:
        """Read a header live: whatever was read before it is the account's. Raises `WrongAccount` if it is not."""
        self.guard.require(await self.reader.read(self.header))

    async def _store(self, record: CaseRecord, readings: Sequence[Reading]) -> None:
        # The earliest page's time: what came after it may be missing, and the next plan must know.
        seen_at = min(reading.snapshot.read_at for reading in readings)
        change = ingest(self.database, record, run_id=self.run_id, seen_at=seen_at)
        self.counts.messages += len(record.messages)
        self.counts.new += change.kind is ChangeKind.NEW
        self.counts.changed += change.kind is ChangeKind.CHANGED
        self.counts.unchanged += change.kind is ChangeKind.UNCHANGED
        self.counts.attachments += len(record.attachments) + sum(len(each.attachments) for each in record.messages)
        log.info("case_stored", case=record.case_id, change=change.kind.value, messages=len(record.messages))
        await self.attachments.fetch([record.case_id])
        if not record.complete:
            self.missed[record.case_id] = "thread incomplete"
