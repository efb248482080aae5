"""What is kept of a bad page when something is wrong with the keeping."""

from __future__ import annotations

import asyncio
import json
import zipfile
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import pytest

from agent.errors import EngineDied
from agent.extract.reading import Reading
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.portal.evidence import CALM_AFTER
from agent.portal.evidence import LONGEST_RECORDING
from agent.portal.evidence import EvidenceBook
from agent.secrets import Redactor

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner


class FalseSession:
    """Records as it is told; `log` lists what was asked of it."""

    def __init__(self, *, tracing: bool = True, gives: bytes | Exception = b"") -> None:
        self.tracing = tracing
        self.gives = gives
        self.paths: list[Path] = []
        self.log: list[str] = []

    async def start_trace(self) -> None:
        if not self.tracing:
            self.log.append("start")
        self.tracing = True

    async def stop_trace(self, path: Path | None = None) -> None:
        if self.tracing:
            self.log.append("stop")
        self.tracing = False
        if path is not None:
            self.paths.append(path)
            if isinstance(self.gives, Exception):
                raise self.gives
            await asyncio.to_thread(path.write_bytes, self.gives)
            await asyncio.sleep(0)


class FalsePage:
    async def screenshot(self) -> None:
        return None


def reading() -> Reading:
    snapshot = Snapshot(
        request=PageRequest(kind=PageKind.LIST, url="https://portal.test/list"),
        final_url="https://portal.test/list",
        status=200,
        html="<p>half",
        read_at=datetime(2026, 1, 15, tzinfo=UTC),
        lane=Lane.LIVE,
        environment=Environment(),
        engine_version="1",
        ready=False,
    )
    return Reading(snapshot=snapshot, verdict=Verdict.BLANK, reason="blank")


@pytest.mark.parametrize("gives", [b"no zip", EngineDied("chromium", "killed"), RuntimeError("unforeseen")], ids=str)
def test_a_recording_that_cannot_be_had_costs_nothing_else(
    run_async: AsyncRunner[Any], tmp_path: Path, gives: bytes | Exception
) -> None:
    """Text and facts are kept, they say that there is no recording, and no raw one is left anywhere."""
    book = EvidenceBook(tmp_path / "evidence", Redactor())

    folder = run_async(book.save(reading(), FalseSession(gives=gives), tmp_path))  # type: ignore[arg-type]

    assert ["about.json", "page.html"] == sorted(path.name for path in folder.iterdir())
    assert json.loads((folder / "about.json").read_text())["trace"] is False
    assert [folder.parent] == list(tmp_path.iterdir())


def test_two_pages_are_saved_at_once(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """Each has a raw recording of its own."""
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as some:
        some.writestr("trace.trace", "{}\n")
    content = (tmp_path / "some.zip").read_bytes()
    sessions = [FalseSession(gives=content), FalseSession(gives=content)]
    book = EvidenceBook(tmp_path / "evidence", Redactor())

    async def both() -> list[Path]:
        saving = (book.save(reading(), session, tmp_path) for session in sessions)  # type: ignore[arg-type]
        return list(await asyncio.gather(*saving))

    folders = run_async(both())

    assert [True, True] == [(folder / "trace.zip").exists() for folder in folders]
    assert sessions[0].paths != sessions[1].paths


def test_a_recording_begins_anew_from_time_to_time(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """A run that has a bad page every few minutes for hours does not record them all in one piece."""
    book = EvidenceBook(tmp_path, Redactor())
    session: Any = FalseSession(tracing=False)
    page: Any = FalsePage()

    async def go() -> None:
        for number in range(2 * LONGEST_RECORDING):
            if number % (CALM_AFTER - 1) == 0:
                await book.trouble(page, reading())
            await book.record(session)
            book.calm()
        for _ in range(CALM_AFTER):
            book.calm()
        await book.record(session)

    run_async(go())

    assert ["start", "stop", "start", "stop"] == session.log
