"""Keeps what a page showed when it could not be got past: for the first of its kind only, unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from agent.extract.reading import Reading
from agent.log import get_logger
from agent.portal.protocol import Portal
from agent.recovery.logbook import Logbook

log = get_logger(__name__)


@dataclass(slots=True)
class EvidenceKeeper:
    """A group is what looks like one trouble: the kind of page, the verdict and the reason.

    `every_page`: each bad look is a group of its own, also of pages that are cured later.
    """

    portal: Portal
    logbook: Logbook
    every_page: bool = False
    _saved: dict[tuple[object, ...], Path] = field(default_factory=dict)

    async def save(self, reading: Reading) -> Path | None:
        """Save and journal the evidence, once for its group; returns where it lies.

        `None` when it could not be had or kept.
        """
        group = self._group(reading)
        if group in self._saved:
            return self._saved[group]
        try:
            folder = await self.portal.save_evidence(reading)
            self.logbook.evidence(reading, folder)
        except Exception as trouble:  # noqa: BLE001 - see below
            # The reason to stop is more important than a picture of it, whatever is wrong with that: a dead engine, a
            # full disk, a recording that does not open.
            log.error("evidence_lost", url=reading.snapshot.request.url, reason=repr(trouble))
            return None
        self._saved[group] = folder
        log.info("evidence_saved", url=reading.snapshot.request.url, folder=str(folder))
        return folder

    def _group(self, reading: Reading) -> tuple[object, ...]:
        snapshot = reading.snapshot
        look = (snapshot.request.url, snapshot.request.number, snapshot.read_at) if self.every_page else ()
        return (snapshot.request.kind, reading.verdict, reading.reason, *look)
