"""One reply form: filled with real input, read back, submitted by one click."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path

from agent.browser.calls import PageTrouble
from agent.browser.element import Element
from agent.browser.retry_after import retry_after_seconds
from agent.extract.conditions import any_holds
from agent.extract.dom import select
from agent.extract.reader import PageReader
from agent.extract.words import plain
from agent.log import get_logger
from agent.portal.limiter import LONGEST_REST
from agent.portal.protocol import FilledForm
from agent.portal.protocol import SubmitAnswer
from agent.portal.protocol import SubmitResult
from agent.portal.stepping import Steps
from agent.profile.model.conditions import Target
from agent.profile.model.reply import Editor
from agent.profile.model.reply import EditorKind
from agent.profile.model.reply import ReplyRules
from agent.profile.model.reply import Upload

log = get_logger(__name__)

_UPLOAD_SECONDS = 120.0
_ENABLED_SECONDS = 30.0
_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class _Before:
    """What the page said before the click, so that it is not taken for the answer."""

    document: float
    accepted: bool
    refused: str | None


@dataclass(slots=True)
class BrowserReplyForm:
    """Invariant: `submit` clicks at most once in the life of the form, and only what was read back."""

    rules: ReplyRules
    steps: Steps
    release: Callable[[], Awaitable[None]]
    _filled: FilledForm | None = None
    _clicked: bool = field(default=False)

    async def fill(self, text: str, files: Sequence[Path]) -> FilledForm:
        """Type, upload, set what else the form asks for, and read it all back."""
        try:
            return await self._fill(text, files)
        except PageTrouble as trouble:
            log.warning("reply_form_not_filled", what=trouble.what, why=trouble.why)
            return FilledForm(text="", files=())  # differs from any reply, so that it is not submitted

    async def submit(self, *, within: float) -> SubmitResult:
        until = self.steps.clock.monotonic() + within
        if self._clicked or self._filled is None:
            return SubmitResult(SubmitAnswer.NOT_CLICKED, "the form was not filled, or was submitted before")
        try:
            before = await self._before()
            button = await self._button_as_read(self._filled.text)
        except PageTrouble as trouble:
            return SubmitResult(SubmitAnswer.NOT_CLICKED, f"the form: {trouble.why}")
        left = until - self.steps.clock.monotonic()
        if left <= 0:
            return SubmitResult(SubmitAnswer.NOT_CLICKED, "the page answered too slowly")
        self._clicked = True
        try:
            await self.steps.page.act(button.click(seconds=left), seconds=self.steps.patience)
        except PageTrouble as trouble:
            return SubmitResult(SubmitAnswer.UNCLEAR, f"the click: {trouble.why}")
        return await self._answer(before)

    async def close(self) -> None:
        await self.release()

    async def _fill(self, text: str, files: Sequence[Path]) -> FilledForm:
        await self._type(text)
        names, refused = await self._upload(files) if files else ((), None)
        if refused is not None:
            return FilledForm(text=await self._text(), files=names, refused=refused)
        await self.steps.take(self.rules.before_submit)
        await self._button_ready()
        filled = FilledForm(text=await self._text(), files=names)
        self._filled = filled
        await self.steps.limiter.turn()  # the click follows within seconds, when there is no time to wait
        return filled

    async def _type(self, text: str) -> None:
        editor = await self._editor()
        if self.rules.editor.clear:
            await editor.fill(text)
        else:
            await editor.insert_before(text)

    async def _text(self) -> str:
        rules = self.rules.editor
        if rules.read_back is not None:
            return await _content(await self._element(Target(css=rules.read_back, frame=rules.frame)), rules)
        return await _content(await self._editor(), rules)

    async def _editor(self) -> Element:
        return await self._element(Target(css=self.rules.editor.css, frame=self.rules.editor.frame))

    async def _element(self, target: Target) -> Element:
        element = await self.steps.element(target)
        if element is None:
            raise PageTrouble(f"find {target.css}", "it is not there")
        return element

    async def _upload(self, files: Sequence[Path]) -> tuple[tuple[str, ...], str | None]:
        """Put the files in; returns the names that the page proves, and its words if it refused one."""
        rules = self.rules.upload
        if rules is None:
            return (), "the portal takes no files here"
        batches = [tuple(files)] if rules.multiple else [(file,) for file in files]
        held: list[str] = []
        for number, batch in enumerate(batches):
            if number:
                await self.steps.take(rules.add)
            files_input = await self.steps.page.find_input(rules.input.css, frame=rules.input.frame)
            if files_input is None:
                raise PageTrouble(f"find {rules.input.css}", "it is not there")
            await files_input.set_files(batch)
            for file in batch:
                refused = await self._verdict_on(rules, file.name)
                if refused is not None:
                    return tuple(held), refused
            names = [file.name for file in batch] if rules.accepted else await files_input.file_names()
            held.extend(names)
        return tuple(held), None

    async def _verdict_on(self, rules: Upload, name: str) -> str | None:
        """Wait until the page takes or refuses a file; returns its words where it refuses."""
        steps = replace(self.steps, values={**self.steps.values, "file": name})
        until = self.steps.clock.monotonic() + _UPLOAD_SECONDS
        while True:
            reader = await steps.reader()
            refused = _words(reader, rules)
            if refused is not None:
                return refused
            if not rules.accepted or any_holds(reader, rules.accepted):
                return None
            if self.steps.clock.monotonic() >= until:
                return f"no sign that {name} was taken in {_UPLOAD_SECONDS:.0f} s"
            await self.steps.clock.sleep(_PAUSE)

    async def _button_as_read(self, text: str) -> Element:
        """The button of a form that is still as it was read back.

        Found anew: since it was looked at, the page may have put another one in its place.
        """
        if await self._text() != text:
            raise PageTrouble("read back", "it no longer holds the text")
        button = await self._element(self.rules.submit)
        if not await button.is_enabled():
            raise PageTrouble(f"click {self.rules.submit.css}", "it can no longer be clicked")
        return button

    async def _button_ready(self) -> None:
        """Wait until it can be clicked: uploads may keep it disabled."""
        until = self.steps.clock.monotonic() + _ENABLED_SECONDS
        button = await self._element(self.rules.submit)
        while not await button.is_enabled():
            if self.steps.clock.monotonic() >= until:
                raise PageTrouble(f"click {self.rules.submit.css}", "it stays disabled")
            await self.steps.clock.sleep(_PAUSE)

    async def _before(self) -> _Before:
        document = await self.steps.page.document()
        reader = await self.steps.reader()
        return _Before(document, any_holds(reader, self.rules.accepted), _words(reader, self.rules))

    async def _answer(self, before: _Before) -> SubmitResult:
        """What the page says after the click; only a hint, so that nothing here raises for the page's sake."""
        until = self.steps.clock.monotonic() + self.steps.patience
        status: int | None = None
        failure: str | None = None
        while self.steps.clock.monotonic() < until:
            try:
                fresh = await self.steps.page.document() != before.document
                reader = await self.steps.reader()
            except PageTrouble as trouble:
                if trouble.timed_out:
                    break
                await self.steps.clock.sleep(_PAUSE)
                continue
            self._heed(fresh)
            refused = _words(reader, self.rules)
            failed = fresh and self._tells_of_trouble(reader)
            if refused is not None and not failed and (fresh or refused != before.refused):
                return SubmitResult(SubmitAnswer.REFUSED, refused)
            if any_holds(reader, self.rules.accepted) and (fresh or not before.accepted):
                return SubmitResult(SubmitAnswer.ACCEPTED, "")
            status, failure = reader.status, self.steps.page.arrived().failure
            if failure is not None or (fresh and _stays_silent(reader)):
                break
            await self.steps.clock.sleep(_PAUSE)
        return SubmitResult(SubmitAnswer.UNCLEAR, f"no sign of success or refusal ({failure or f'status {status}'})")

    def _heed(self, fresh: bool) -> None:
        """Leave the portal alone for as long as its answer asks."""
        wait = retry_after_seconds(self.steps.page.arrived().retry_after, self.steps.clock.now()) if fresh else None
        if wait is not None:
            self.steps.limiter.rest(min(wait, LONGEST_REST))

    def _tells_of_trouble(self, reader: PageReader) -> bool:
        """Whether words on the page are about something else: the reply may have got through all the same.

        A server that failed or has too much to do (RFC 9110, 15.6; RFC 6585, 4), or a page that the profile knows.
        """
        marks = self.steps.site.profile.verdicts
        known = (*marks.challenge, *marks.denied, *marks.throttled, *marks.login, *marks.error)
        status = reader.status or 0
        return status == 429 or status >= 500 or any_holds(reader, known)


def _stays_silent(reader: PageReader) -> bool:
    """Whether nothing more can be expected of a page: an error, or empty and without a script."""
    return (reader.status or 0) >= 400 or (not reader.page_text and not select(reader.document.page, "script"))


async def _content(element: Element, rules: Editor) -> str:
    return await (element.value() if rules.kind is EditorKind.TEXT_AREA else element.visible_text())


def _words(reader: PageReader, rules: ReplyRules | Upload) -> str | None:
    """The portal's words of refusal, if the page shows any."""
    if rules.refused is None:
        return None
    words = reader.text("refused", rules.refused.model_copy(update={"optional": True}))
    return words if words is not None and plain(words) else None
