"""Keeps what a page showed when it could not be got past: for the first of its kind only, unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from agent.errors import EngineError
from agent.extract.reading import Reading
from agent.log import get_logger
from agent.portal.protocol import Portal
from agent.recovery.logbook import Logbook

log = get_logger(__name__)


@dataclass(slots=True)
class EvidenceKeeper:
    """A group is what looks like one trouble: the kind of page, the verdict and the reason."""

    portal: Portal
    logbook: Logbook
    every_page: bool = False
    _groups: set[tuple[str, ...]] = field(default_factory=set)

    async def save(self, reading: Reading) -> Path | None:
        """Save and journal the evidence; `None` when its group has some, or the engine could not give any."""
        group = (reading.snapshot.request.kind.value, reading.verdict.value, reading.reason)
        if group in self._groups and not self.every_page:
            return None
        try:
            folder = await self.portal.save_evidence(reading)
        except EngineError as death:
            # The reason to stop is more important than a picture of it.
            log.warning("evidence_lost", url=reading.snapshot.request.url, error=type(death).__name__)
            return None
        self._groups.add(group)
        self.logbook.evidence(reading, folder)
        log.info("evidence_saved", url=reading.snapshot.request.url, folder=str(folder))
        return folder
