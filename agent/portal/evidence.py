"""What a page showed when it could not be got past: text, picture, recording, all without secrets."""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from secrets import token_hex

from agent.browser.page import LivePage
from agent.browser.scrub import scrub_trace
from agent.browser.session import Session
from agent.config.private import private_folder
from agent.config.private import write_private
from agent.extract.reading import Reading
from agent.extract.snapshot import Snapshot
from agent.log import get_logger
from agent.secrets import Redactor

log = get_logger(__name__)

#: A page that was read well so often after a bad one is out of trouble: the recording is dropped.
CALM_AFTER = 20
#: Pages in one recording. Trouble that comes back for hours would fill the disk.
LONGEST_RECORDING = 50
_MOST_PICTURES = 8


@dataclass(slots=True)
class EvidenceBook:
    """Pictures are taken when a page looks bad, since later it is gone. Recording begins with the first trouble.

    Nothing is recorded or pictured while a sign-in goes on.
    """

    folder: Path
    redactor: Redactor
    _pictures: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _calm: int = CALM_AFTER
    _recorded: int = 0

    async def record(self, session: Session) -> None:
        """Record the page that is about to be read, or do not: asked before each."""
        wanted = self._calm < CALM_AFTER
        if not wanted or self._recorded >= LONGEST_RECORDING:
            await session.stop_trace()
        if wanted:
            self._recorded = self._recorded + 1 if session.tracing else 1
            await session.start_trace()

    def calm(self) -> None:
        self._calm += 1

    async def trouble(self, page: LivePage, reading: Reading) -> None:
        """A page looked bad: keep its picture, and record what follows."""
        self._calm = 0
        picture = await page.screenshot()
        if picture is not None:
            self._pictures[_key(reading.snapshot)] = picture
            while len(self._pictures) > _MOST_PICTURES:
                self._pictures.popitem(last=False)

    async def save(self, reading: Reading, session: Session | None, scratch: Path) -> Path:
        """Write everything there is about a reading; returns the folder."""
        snapshot = reading.snapshot
        folder = private_folder(self._folder(reading))
        write_private(folder / "page.html", self.redactor.redact(snapshot.html).encode())
        picture = self._pictures.pop(_key(snapshot), None)
        if picture is not None:
            write_private(folder / "page.png", picture)
        recorded = await self._record(session, folder / "trace.zip", scratch)
        about = {**_about(reading), "trace": recorded}
        text = json.dumps(about, ensure_ascii=False, indent=2)
        write_private(folder / "about.json", self.redactor.redact(text).encode())
        return folder

    async def _record(self, session: Session | None, kept: Path, scratch: Path) -> bool:
        if session is None or not session.tracing:
            return False
        raw = scratch / f"trace-{token_hex(8)}.zip"  # several pages may be saved at once
        try:
            await session.stop_trace(raw)
            await asyncio.to_thread(scrub_trace, raw, kept, self.redactor.redact)
        except Exception as lost:  # noqa: BLE001 - whatever it is, the page's text and the facts are worth more
            log.warning("recording_lost", reason=repr(lost))
            await asyncio.to_thread(kept.unlink, missing_ok=True)
            return False
        finally:
            raw.unlink(missing_ok=True)
        return True

    def _folder(self, reading: Reading) -> Path:
        snapshot = reading.snapshot
        what = re.sub(r"[^\w.-]", "_", snapshot.request.case_id or snapshot.request.tab or snapshot.request.kind)
        name = f"{snapshot.read_at:%Y%m%dT%H%M%S}-{reading.verdict.value}-{what[:40]}"
        folder, number = self.folder / name, 1
        while folder.exists():
            number += 1
            folder = self.folder / f"{name}-{number}"
        return folder


def _key(snapshot: Snapshot) -> str:
    return f"{snapshot.request.url} {snapshot.request.number} {snapshot.read_at.isoformat()}"


def _about(reading: Reading) -> dict[str, object]:
    snapshot = reading.snapshot
    return {
        "url": snapshot.request.url,
        "final_url": snapshot.final_url,
        "kind": snapshot.request.kind.value,
        "number": snapshot.request.number,
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "status": snapshot.status,
        "failure": snapshot.failure,
        "ready": snapshot.ready,
        "read_at": snapshot.read_at.isoformat(),
        "engine": snapshot.environment.engine.value,
        "device": snapshot.environment.device.value,
        "engine_version": snapshot.engine_version,
        "script_errors": list(snapshot.script_errors),
        "failures": [f"{one.field}: {one.why}" for one in reading.failures],
    }
