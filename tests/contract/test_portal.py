"""What every `Portal` promises: the browser's, and the scripted one that the decisions are tested with."""

from __future__ import annotations

import asyncio
from abc import ABC
from abc import abstractmethod
from collections.abc import Coroutine
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from typing import TypeVar
from urllib.parse import urljoin

import pytest

from agent.errors import DownloadFailed
from agent.errors import EngineDied
from agent.errors import NoEngine
from agent.extract.reading import CasePage
from agent.extract.reading import ListPage
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Verdict
from agent.portal.protocol import Portal
from mock_portal.pytest_plugin import PortalFactory
from storage.records import AttachmentRef
from storage.records import Tab
from tests.e2e.backup.conftest import start_house
from tests.e2e.browser_room import BrowserRoom
from tests.unit.recovery.scripted_portal import BASE
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import message

T = TypeVar("T")

CHROMIUM = Environment(Engine.CHROMIUM)


class Stage(ABC):
    """A portal on which nobody is signed in yet, with one case that has a file, and levers to pull."""

    portal: Portal
    case_id: str
    missing_id = "99999999999"

    @abstractmethod
    def run(self, coroutine: Coroutine[Any, Any, T]) -> T: ...

    @abstractmethod
    def expire(self) -> None:
        """End the session at the portal's side."""


class ScriptedStage(Stage):
    def __init__(self, folder: Path) -> None:
        file = AttachmentRef(name="a.txt", url=f"{BASE}/file/1")
        case = ScriptedCase("1", messages=[message(attachments=(file,))])
        # WebKit stands for an engine that is not there.
        self.scripted = ScriptedPortal([case, ScriptedCase("2")], signed_in=False, folder=folder)
        self.scripted.files[f"{BASE}/file/1"] = b"content"
        self.portal, self.case_id = self.scripted, "1"

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(coroutine)

    def expire(self) -> None:
        self.scripted.signed_in = False


class BrowserStage(Stage):
    def __init__(self, room: BrowserRoom, caselog_portal: PortalFactory, folder: Path) -> None:
        self.mock, self.house = start_house(room, caselog_portal, folder, cases=6, window_days=None)
        self._room = room
        cases = self.mock.truth()["cases"]
        self.case_id = next(c["id"] for c in cases if any(one["attachments"] for one in c["messages"]))
        self.portal = room.run(self.house.open_portal(CHROMIUM))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._room.run(coroutine)

    def expire(self) -> None:
        self.mock.set_faults({"kind": "session_expired", "times": 1})


@pytest.fixture(scope="module")
def room(browser_room: BrowserRoom) -> BrowserRoom:
    return browser_room


@pytest.fixture(params=["scripted", "browser"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    stage: Stage
    if request.param == "scripted":
        stage = ScriptedStage(tmp_path)
    else:
        factory = request.getfixturevalue("caselog_portal")
        stage = BrowserStage(request.getfixturevalue("room"), factory, tmp_path)
    yield stage
    stage.run(stage.portal.close())


async def attachment_of(portal: Portal, case_id: str) -> AttachmentRef:
    reading = await portal.read(portal.case_request(case_id, None))
    assert isinstance(reading.page, CasePage)
    return next(file for one in reading.page.messages for file in one.attachments)


def test_a_read_never_signs_in(stage: Stage) -> None:
    """Signed out, a page is LOGIN however often it is read."""

    async def twice() -> list[Verdict]:
        request = stage.portal.list_request(Tab.ALL)
        return [(await stage.portal.read(request)).verdict for _ in range(2)]

    assert [Verdict.LOGIN] * 2 == stage.run(twice())


def test_passwords_are_counted(stage: Stage) -> None:
    """None before the first sign-in, one after it."""

    async def count() -> list[int]:
        before = stage.portal.passwords_submitted
        await stage.portal.sign_in()
        return [before, stage.portal.passwords_submitted]

    assert [0, 1] == stage.run(count())


def test_a_list_shows_rows_a_total_and_whose_it_is(stage: Stage) -> None:
    """After the sign-in the same request brings a page that can be believed."""

    async def signed_in() -> Any:
        await stage.portal.sign_in()
        return await stage.portal.read(stage.portal.list_request(Tab.ALL))

    reading = stage.run(signed_in())

    assert Verdict.OK is reading.verdict
    assert isinstance(reading.page, ListPage)
    assert stage.case_id in {row.case_id for row in reading.page.rows}
    assert len(reading.page.rows) == reading.page.total
    assert reading.identity is not None
    assert reading.identity.account_name


def test_a_case_opens_by_its_own_link_or_is_gone(stage: Stage) -> None:
    """With its messages; a case that does not exist is an answer, not an error."""

    async def both() -> Any:
        await stage.portal.sign_in()
        there = await stage.portal.read(stage.portal.case_request(stage.case_id, None))
        missing = await stage.portal.read(stage.portal.case_request(stage.missing_id, None))
        return there, missing

    there, missing = stage.run(both())

    assert (Verdict.OK, Verdict.GONE) == (there.verdict, missing.verdict)
    assert stage.case_id == there.page.case_id
    assert there.page.messages


def test_a_request_can_be_read_again_from_nothing(stage: Stage) -> None:
    """The same page, whatever was read in between and in whatever context."""

    async def again() -> Any:
        await stage.portal.sign_in()
        request = stage.portal.case_request(stage.case_id, None)
        first = await stage.portal.read(request)
        await stage.portal.read(stage.portal.list_request(Tab.MINE))
        await stage.portal.renew(CHROMIUM)
        return first, await stage.portal.read(request)

    first, second = stage.run(again())

    assert first.page == second.page


def test_a_renewal_counts_up_and_keeps_the_session(stage: Stage) -> None:
    """Another environment, the same cookies: nobody signs in again."""

    async def renewed() -> Any:
        await stage.portal.sign_in()
        before = stage.portal.generation
        await stage.portal.renew(Environment(Engine.FIREFOX))
        reading = await stage.portal.read(stage.portal.list_request(Tab.ALL))
        return stage.portal.generation - before, stage.portal.environment, reading.verdict

    assert (1, Environment(Engine.FIREFOX), Verdict.OK) == stage.run(renewed())


def test_an_environment_that_cannot_be_had_is_told(stage: Stage) -> None:
    """`NoEngine`, and the environment before it can be had again."""

    async def there_and_back() -> Verdict:
        await stage.portal.sign_in()
        with pytest.raises(NoEngine):
            await stage.portal.renew(Environment(Engine.WEBKIT))
        await stage.portal.renew(CHROMIUM)
        return (await stage.portal.read(stage.portal.list_request(Tab.ALL))).verdict

    assert Verdict.OK is stage.run(there_and_back())


def test_reads_that_a_renewal_cuts_short_come_back(stage: Stage) -> None:
    """With some reading or as a dead engine, and then they can be read again."""

    async def cut_short() -> Verdict:
        await stage.portal.sign_in()
        request = stage.portal.case_request(stage.case_id, None)
        reads = [asyncio.ensure_future(stage.portal.read(request)) for _ in range(3)]
        await asyncio.sleep(0.05)
        await stage.portal.renew(CHROMIUM)
        for read in reads:
            with suppress(EngineDied):
                await read
        return (await stage.portal.read(request)).verdict

    assert Verdict.OK is stage.run(cut_short())


def test_a_session_that_ended_is_seen(stage: Stage) -> None:
    """The next read says LOGIN, and a sign-in is enough to go on."""

    async def expired() -> list[Verdict]:
        await stage.portal.sign_in()
        request = stage.portal.case_request(stage.case_id, None)
        verdicts = [(await stage.portal.read(request)).verdict]
        stage.expire()
        verdicts.append((await stage.portal.read(request)).verdict)
        await stage.portal.sign_in()
        verdicts.append((await stage.portal.read(request)).verdict)
        return verdicts

    assert [Verdict.OK, Verdict.LOGIN, Verdict.OK] == stage.run(expired())


def test_a_file_comes_or_its_failure_is_told(stage: Stage) -> None:
    """The file lies on disk and belongs to the caller; something else in its place is `DownloadFailed`."""

    async def fetched() -> Any:
        await stage.portal.sign_in()
        file = await attachment_of(stage.portal, stage.case_id)
        download = await stage.portal.download(file)
        with pytest.raises(DownloadFailed):
            await stage.portal.download(AttachmentRef(name=file.name, url=urljoin(str(file.url), "/nowhere")))
        return file, download

    file, download = stage.run(fetched())

    assert (file.name, True) == (download.name, download.path.stat().st_size > 0)


def test_evidence_holds_what_the_page_showed(stage: Stage) -> None:
    """A folder of its own for each, with the page's text."""

    async def saved() -> tuple[Path, Path]:
        reading = await stage.portal.read(stage.portal.list_request(Tab.ALL))
        return await stage.portal.save_evidence(reading), await stage.portal.save_evidence(reading)

    first, second = stage.run(saved())

    assert first != second
    assert (first / "page.html").is_file()
