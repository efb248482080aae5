"""The steps of one attempt to post a reply, each on its own; `dispatch` puts them in order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.delivery.baseline import judge
from agent.delivery.decide import CLICK_WITHIN
from agent.delivery.decide import Setback
from agent.delivery.decide import form_problem
from agent.delivery.decide import no_form
from agent.delivery.desk import Desk
from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.match import take_baseline
from agent.delivery.preflight import check_draft
from agent.errors import AccountBusy
from agent.errors import EngineDied
from agent.extract.reading import Reading
from agent.extract.snapshot import Verdict
from agent.portal.protocol import ReplyForm
from agent.portal.protocol import SubmitAnswer
from storage import outbox
from storage.outbox import Baseline
from storage.outbox import OutboxEntry


@dataclass(frozen=True, slots=True)
class Intent:
    """The intent to submit is on the disk; the moments are those right after its commit."""

    at: datetime
    monotonic: float


@dataclass(slots=True)
class Attempt:
    """One claimed entry on its way. Everything before `commit_intent` may be given up without a trace at the portal."""

    desk: Desk
    entry: OutboxEntry
    token: str
    baseline: Baseline | None = None

    @property
    def case_id(self) -> str:
        assert self.entry.draft.case_id is not None, "a reply belongs to a case"
        return self.entry.draft.case_id

    def check_draft(self) -> None:
        """Refuse what the portal would not take, before anything is opened."""
        hold = check_draft(self.entry.draft, self.desk.rules)
        if hold is not None:
            raise Setback(hold)

    async def prepare(self, files: Sequence[Path]) -> ReplyForm:
        """Read the thread, open the form, fill it and read it back; twice where the first try may be bad luck."""
        try:
            return await self._prepare_once(files)
        except Setback as setback:
            if not setback.again:
                raise
        return await self._prepare_once(files)

    def commit_intent(self) -> Intent:
        """From here on nobody can say that nothing was sent: whatever happens, the thread decides."""
        self.desk.stop.check()
        if not self.desk.holds_account():
            raise AccountBusy(self.desk.account.name, "another process took the account over")
        outbox.submit_started(self.desk.database, self.entry.entry_id, self.token, at=self.desk.clock.now())
        return Intent(self.desk.clock.now(), self.desk.clock.monotonic())

    async def click(self, form: ReplyForm, intent: Intent) -> str | None:
        """Click once. Returns the portal's words if it refused."""
        # The wall clock as well: the other one stands still while a machine sleeps.
        late = self.desk.clock.monotonic() - intent.monotonic
        late = max(late, (self.desk.clock.now() - intent.at).total_seconds())
        if late >= CLICK_WITHIN:
            raise Setback(Hold(HoldReason.NOT_CLICKED, f"{late:.0f} s"))
        try:
            result = await form.submit(within=CLICK_WITHIN - late)
        except EngineDied:
            return None
        if result.answer is SubmitAnswer.NOT_CLICKED:
            raise Setback(Hold(HoldReason.NOT_CLICKED, result.text))
        return result.text if result.answer is SubmitAnswer.REFUSED else None

    async def _prepare_once(self, files: Sequence[Path]) -> ReplyForm:
        await self._check_thread()
        try:
            form = await self._open()
            await self._fill(form, files)
        except EngineDied as death:
            raise Setback(f"the engine of the reply form ended: {death.reason}", again=True) from death
        return form

    async def _check_thread(self) -> None:
        """Compare the whole thread, live, with what the approver saw and with the first attempt."""
        self.desk.stop.check()
        thread = await self.desk.threads.read(self.case_id)
        if isinstance(thread, Reading):
            gone = thread.verdict is Verdict.GONE
            raise Setback(Hold(HoldReason.CASE_GONE) if gone else f"the case's page: {thread.verdict.value}")
        if not thread.complete:
            raise Setback(Hold(HoldReason.UNREADABLE), again=True)
        expected = self.desk.expected(self.entry.draft)
        database, account = self.desk.database, self.desk.account.name
        self.baseline = take_baseline(thread, expected, self.desk.clock.now())
        first = outbox.record_baseline(database, self.entry.entry_id, self.token, self.baseline)
        assert self.entry.approval is not None, "a claimed entry was approved"
        hold = judge(
            thread,
            expected,
            seen=frozenset(self.entry.approval.seen_message_ids),
            proven=outbox.proven_messages(database, account, self.case_id),
            first=first,
        )
        if hold is not None:
            raise Setback(hold)

    async def _open(self) -> ReplyForm:
        self.desk.stop.check()
        opened = await self.desk.portal.open_reply(self.case_id)
        if isinstance(opened, Reading):
            raise no_form(opened, self.desk.account)
        return opened

    async def _fill(self, form: ReplyForm, files: Sequence[Path]) -> None:
        draft = self.entry.draft
        filled = await form.fill(draft.text, files)
        names = [file.name for file in draft.files]
        problem = form_problem(filled, draft.text, names, keeps_below=self.desk.rules.keeps_below)
        if problem is not None:
            await leave(form)
            raise Setback(problem, again=problem.reason is HoldReason.FORM_DIFFERS)


async def leave(form: ReplyForm) -> None:
    """Close the form's page; a browser that is gone has closed it already."""
    with suppress(EngineDied):
        await form.close()
