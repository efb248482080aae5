"""What a sending run reads of a case, and how it knows whose it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from agent.backup.threads import ThreadReader
from agent.delivery.threads import CaseThreads
from agent.errors import WrongAccount
from agent.extract.assemble import assemble
from agent.extract.reading import Identity
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.profile.load import parse_profile
from storage.database import Database
from storage.records import CaseRecord
from storage.records import Tab
from tests.unit.backup.backup_house import PROFILE
from tests.unit.delivery.sending_run import SendingRun
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.reading_run import ReadingRun
from tests.unit.recovery.scripted_portal import OURS
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal

Run = Callable[..., Any]


def threads_of(database: Database, portal: ScriptedPortal) -> CaseThreads:
    reader = ReadingRun.start(database, portal).reader
    profile = parse_profile("scripted", PROFILE)
    whole = ThreadReader(portal, reader.read, partial(assemble, profile=profile, account=ACCOUNT))
    return CaseThreads(portal=portal, reader=reader, account=ACCOUNT, tabs=(Tab.ALL,), read_whole=whole.read_thread)


def test_a_row_is_looked_for_once_and_anew_for_another_attempt(run: SendingRun, run_async: Run) -> None:
    """A read-back takes the row that the first read found; where the portal repeats its last page the search ends."""
    portal = ScriptedPortal([ScriptedCase("1")])
    portal.case_needs_row = True
    read = portal.read

    async def repeats(request: PageRequest) -> Reading:
        shown = await read(request)
        return replace(shown, next=replace(request, number=1)) if request.kind is PageKind.LIST else shown

    portal.read = repeats  # type: ignore[method-assign]  # a portal whose list has no end
    threads = threads_of(run.database, portal)

    async def reads() -> list[CaseRecord | Reading]:
        return [await threads.read("1"), await threads.read("1", again=True), await threads.read("9")]

    first, again, unknown = run_async(reads())

    assert first == again
    assert isinstance(unknown, Reading)
    assert ["/list/all?page=1", "/case/1", "/case/1", *["/list/all?page=1"] * 2, "/case/9"] == portal.reads()


def test_a_thread_without_a_header_is_followed_by_one(run: SendingRun, run_async: Run) -> None:
    """And it is nobody's thread when that one names another account."""
    headers = {1: OURS, 3: Identity("Somebody Else", "US")}
    portal = ScriptedPortal([ScriptedCase("1")], header=lambda _request: headers.get(len(portal.reads())))
    threads = threads_of(run.database, portal)

    async def prove_and_read() -> None:
        await threads.prove()
        await threads.read("1")

    with pytest.raises(WrongAccount):
        run_async(prove_and_read())
    assert ["/list/all?page=1", "/case/1", "/list/all?page=1"] == portal.reads()
