"""A portal in memory that takes replies, keeps a ledger, and misbehaves as it is told.

It is both what a sending run sees of a portal: the reply form, and the whole thread read live.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.clock import ManualClock
from agent.errors import EngineDied
from agent.extract.reading import Reading
from agent.extract.snapshot import Verdict
from agent.portal.protocol import FilledForm
from agent.portal.protocol import ReplyForm
from agent.portal.protocol import SubmitAnswer
from agent.portal.protocol import SubmitResult
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from tests.unit.recovery.scripted_portal import NOON
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import Trouble

CASE = "C1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """What one click does: `times` messages, shown after so many seconds, without the files named."""

    times: int = 1
    shown_after: float = 0
    without: tuple[str, ...] = ()
    shown_as: str | None = None
    answer: SubmitAnswer = SubmitAnswer.ACCEPTED
    words: str = ""
    dies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How the form distorts what is put into it."""

    text: str | None = None
    files: tuple[str, ...] | None = None
    refused: str | None = None
    dies: bool = False


DROPPED = Click(times=0, answer=SubmitAnswer.UNCLEAR)
REFUSED = Click(times=0, answer=SubmitAnswer.REFUSED, words="You cannot reply now.")
BLANK = Click(answer=SubmitAnswer.UNCLEAR)
LATE = Click(shown_after=20, answer=SubmitAnswer.UNCLEAR)


@dataclass(slots=True)
class Form:
    """Implements `ReplyForm`."""

    portal: SendingPortal
    case_id: str
    text: str = ""
    files: tuple[str, ...] = ()

    async def fill(self, text: str, files: Sequence[Path]) -> FilledForm:
        self.portal.log.append("fill")
        how = self.portal.fills.popleft() if self.portal.fills else Fill()
        if how.dies:
            raise EngineDied("firefox", "scripted")
        self.text = text
        self.files = tuple(file.name for file in files if file.read_bytes())
        shown = self.files if how.files is None else how.files
        return FilledForm(text if how.text is None else how.text, shown, how.refused)

    async def submit(self, *, within: float) -> SubmitResult:
        assert 0 < within <= 5
        self.portal.log.append("click")
        how = self.portal.clicks.popleft() if self.portal.clicks else Click()
        for _ in range(how.times):
            self.portal.accept(self.case_id, self.text, self.files, how)
        if how.dies:
            raise EngineDied("firefox", "scripted")
        return SubmitResult(how.answer, how.words)

    async def close(self) -> None:
        self.portal.log.append("close")


class SendingPortal(ScriptedPortal):
    """`ledger` holds every text that was accepted; `looks`, `opens`, `fills` and `clicks` script what comes next.

    A read is scripted by a verdict (no thread to be had) or `False` (it cannot be read as a whole).
    """

    def __init__(self, clock: ManualClock, case_id: str = CASE) -> None:
        super().__init__()
        self.clock = clock
        self.case_id = case_id
        self.ledger: list[str] = []
        self.thread: list[tuple[float, MessageRecord]] = []
        self.written = 0
        self.status = CaseStatus.NEEDS_USER
        self.can_reply: bool | None = True
        self.native_ids = True
        self.looks: deque[Verdict | bool] = deque()
        self.opens: deque[Verdict | Exception] = deque()
        self.fills: deque[Fill] = deque()
        self.clicks: deque[Click] = deque()
        self.write("The parcel is late.", direction=Direction.USER)
        self.write("Which parcel?", direction=Direction.PORTAL)

    def write(
        self,
        body: str,
        *,
        direction: Direction = Direction.PORTAL,
        files: Sequence[str] = (),
        visible_in: float = 0,
    ) -> str:
        """Add a message to the thread and return its id."""
        self.written += 1
        message = MessageRecord(
            message_id=f"m{self.written}",
            native_id=self.native_ids,
            direction=direction,
            author="You" if direction is Direction.USER else "Desk",
            sent_at=self.clock.now(),
            sent_at_raw=self.clock.now().isoformat(),
            body=body,
            attachments=tuple(AttachmentRef(name=name) for name in files),
        )
        self.thread.append((self.clock.monotonic() + visible_in, message))
        return message.message_id

    def accept(self, case_id: str, text: str, files: Sequence[str], how: Click) -> None:
        self.ledger.append(text)
        shown = [file for file in files if file not in how.without]
        self.write(how.shown_as or text, direction=Direction.USER, files=shown, visible_in=how.shown_after)

    def record(self, *, complete: bool = True) -> CaseRecord:
        """The thread as it can be read now."""
        return CaseRecord(
            account="acme",
            case_id=self.case_id,
            subject="Parcel",
            status=self.status,
            status_raw=self.status.value,
            created_at=NOON,
            created_at_raw="noon",
            updated_at=NOON,
            updated_at_raw="noon",
            url=f"https://portal.test/case/{self.case_id}",
            complete=complete,
            can_reply=self.can_reply,
            messages=tuple(message for visible, message in self.thread if visible <= self.clock.monotonic()),
        )

    def reading(self, verdict: Verdict) -> Reading:
        return self._bad(self.case_request(self.case_id, None), Trouble(verdict=verdict))

    async def open_reply(self, case_id: str) -> ReplyForm | Reading:
        self.log.append("open")
        if self.opens:
            way = self.opens.popleft()
            if isinstance(way, Exception):
                raise way
            return self.reading(way)
        return Form(self, case_id)


@dataclass(slots=True)
class Threads:
    """Implements `LiveThreads` over the portal's memory."""

    portal: SendingPortal

    async def read(self, case_id: str, *, again: bool = False) -> CaseRecord | Reading:
        self.portal.log.append("thread")
        way = self.portal.looks.popleft() if self.portal.looks else True
        if isinstance(way, Verdict):
            return self.portal.reading(way)
        return self.portal.record(complete=way)
