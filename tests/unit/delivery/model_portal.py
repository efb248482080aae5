"""A portal of several cases that remembers who posted what; each process sees it through a window of its own."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path

from agent.clock import ManualClock
from agent.extract.reading import Reading
from agent.extract.snapshot import Verdict
from agent.portal.protocol import FilledForm
from agent.portal.protocol import ReplyForm
from agent.portal.protocol import SubmitAnswer
from agent.portal.protocol import SubmitResult
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from tests.unit.delivery.sending_portal import Click
from tests.unit.delivery.sending_portal import Form
from tests.unit.delivery.sending_portal import SendingPortal
from tests.unit.recovery.scripted_portal import ScriptedPortal


class JumpingClock(ManualClock):
    """A clock whose wall time can be set; the monotonic one is the true time."""

    def jump(self, seconds: float) -> None:
        true = self.monotonic()
        self.advance(seconds)
        self._monotonic = true


@dataclass(frozen=True, slots=True)
class Post:
    """One message of our side that the portal accepted; `click` is `None` where a colleague wrote it by hand."""

    message_id: str
    text: str
    click: int | None


class ModelCase(SendingPortal):
    """One case. `ever` holds every message that there was, as it was last, `posts` those of our side."""

    def __init__(self, clock: ManualClock, case_id: str) -> None:
        self.posts: list[Post] = []
        self.ever: dict[str, MessageRecord] = {}
        self.click = 0
        self.exists = True
        super().__init__(clock, case_id)

    def write(
        self,
        body: str,
        *,
        direction: Direction = Direction.PORTAL,
        files: Sequence[str] = (),
        visible_in: float = 0,
    ) -> str:
        message_id = super().write(body, direction=direction, files=files, visible_in=visible_in)
        self.ever[message_id] = self.thread[-1][1]
        return message_id

    def accept(self, case_id: str, text: str, files: Sequence[str], how: Click) -> None:
        super().accept(case_id, text, files, how)
        self.posts.append(Post(self.thread[-1][1].message_id, text, self.click))

    def colleague_writes(self, text: str) -> None:
        """By hand at the portal, which is no click of ours."""
        self.posts.append(Post(self.write(text, direction=Direction.USER), text, None))

    def happens_to_say(self, text: str) -> None:
        self.write(text, direction=Direction.PORTAL)

    def close_or_open(self) -> None:
        is_closed = self.status is CaseStatus.CLOSED
        self.status = CaseStatus.NEEDS_USER if is_closed else CaseStatus.CLOSED

    def go_or_return(self) -> None:
        self.exists = not self.exists

    def edit(self, position: int, body: str) -> None:
        if not self.thread:
            return
        visible_at, message = self.thread[position % len(self.thread)]
        changed = replace(message, body=body)
        self.thread[position % len(self.thread)] = (visible_at, changed)
        self.ever[message.message_id] = changed

    def remove(self, position: int) -> None:
        if self.thread:
            del self.thread[position % len(self.thread)]

    def heal(self) -> None:
        """Let everything work from now on."""
        for script in (self.looks, self.opens, self.fills, self.clicks):
            script.clear()
        self.exists, self.status = True, CaseStatus.NEEDS_USER


@dataclass(frozen=True, slots=True)
class Look:
    """A case as a process read it at some moment of true time."""

    at: float
    thread: CaseRecord

    def shows(self, message_id: str) -> bool:
        return any(message.message_id == message_id for message in self.thread.messages)


class Window(ScriptedPortal):
    """One process's view of the portal: its forms, and (as `LiveThreads`) the threads as it read them last."""

    def __init__(self, cases: dict[str, ModelCase], clicked: Callable[[Window, ModelForm], None]) -> None:
        super().__init__()
        self.model = cases
        self.clicked = clicked
        self.looks: list[Look] = []
        self.last: dict[str, Look] = {}

    async def open_reply(self, case_id: str) -> ReplyForm | Reading:
        case = self.model[case_id]
        opened = case.reading(Verdict.GONE) if not case.exists else await case.open_reply(case_id)
        return ModelForm(case, case_id, window=self) if isinstance(opened, Form) else opened


@dataclass(slots=True)
class WindowThreads:
    """Implements `LiveThreads` for one process."""

    window: Window

    async def read(self, case_id: str, *, again: bool = False) -> CaseRecord | Reading:
        case = self.window.model[case_id]
        way = case.looks.popleft() if case.looks else True
        if isinstance(way, Verdict) or not case.exists:
            return case.reading(way if isinstance(way, Verdict) else Verdict.GONE)
        thread = case.record(complete=way)
        self.window.last[case_id] = Look(case.clock.monotonic(), thread)
        self.window.looks.append(self.window.last[case_id])
        return thread


@dataclass(slots=True)
class ModelForm(Form):
    """A form whose click has two seams: on the way to the button, and on the way back with the answer."""

    window: Window = field(kw_only=True)

    async def fill(self, text: str, files: Sequence[Path]) -> FilledForm:
        return await Form.fill(self, text, files)

    async def submit(self, *, within: float) -> SubmitResult:
        began = self.portal.clock.monotonic()
        await self.reach()
        if self.portal.clock.monotonic() - began >= within:
            return SubmitResult(SubmitAnswer.NOT_CLICKED, "late")
        case = self.portal
        assert isinstance(case, ModelCase)
        coming = case.clicks[0] if case.clicks else Click()
        if coming.answer is not SubmitAnswer.NOT_CLICKED:
            case.click += 1
            self.window.clicked(self.window, self)
        answer = await Form.submit(self, within=within)
        await self.answer()
        return answer

    async def reach(self) -> None:
        """Get to the button."""

    async def answer(self) -> None:
        """See what came after the click."""

    async def close(self) -> None:
        await Form.close(self)


#: Where a process may stop on its way through the window.
WINDOW_SEAMS = (
    (WindowThreads, "read"),
    (ModelForm, "fill"),
    (ModelForm, "reach"),
    (ModelForm, "answer"),
    (ModelForm, "close"),
)
