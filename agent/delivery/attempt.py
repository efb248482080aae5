"""The steps of one attempt to post a reply, each on its own; `dispatch` puts them in order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.clock import Clock
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

#: Seconds after which a thread that was read counts as old: the machine slept, or the process stood still.
LOOK_WITHIN = 600.0


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by both clocks: the wall clock may jump, and the other one stands still while a machine sleeps."""

    at: datetime
    monotonic: float

    @classmethod
    def of(cls, clock: Clock) -> Moment:
        return cls(clock.now(), clock.monotonic())

    def age(self, clock: Clock) -> float:
        """The seconds since then by the clock that says more."""
        return max(clock.monotonic() - self.monotonic, (clock.now() - self.at).total_seconds())


@dataclass(slots=True)
class Attempt:
    """One claimed entry on its way. Everything before `commit_intent` may be given up without a trace at the portal."""

    desk: Desk
    entry: OutboxEntry
    token: str
    baseline: Baseline | None = None
    looked: Moment | None = None

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

    def commit_intent(self) -> Moment:
        """From here on nobody can say that nothing was sent: whatever happens, the thread decides.

        Returns the moment right after the intent is on the disk.
        """
        self.desk.stop.check()
        assert self.looked is not None, "the thread is read before the form is filled"
        if (age := self.looked.age(self.desk.clock)) > LOOK_WITHIN:
            raise Setback(f"the thread was read too long ago: {age:.0f} s")
        if not self.desk.holds_account():
            raise AccountBusy(self.desk.account.name, "another process took the account over")
        outbox.submit_started(self.desk.database, self.entry.entry_id, self.token, at=self.desk.clock.now())
        return Moment.of(self.desk.clock)

    async def click(self, form: ReplyForm, intent: Moment) -> str | None:
        """Click once. Returns the portal's words if it refused."""
        assert self.looked is not None, "the thread is read before the intent is committed"
        # It may have stood still on the way to the commit as well as after it.
        late = max(intent.age(self.desk.clock), self.looked.age(self.desk.clock) - LOOK_WITHIN)
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
            try:
                await self._fill(form, files)
            except BaseException:
                await leave(form)
                raise
        except EngineDied as death:
            raise Setback(f"the engine of the reply form ended: {death.reason}", again=True) from death
        return form

    async def _check_thread(self) -> None:
        """Compare the whole thread, live, with what the approver saw and with the first attempt."""
        self.desk.stop.check()
        self.looked = Moment.of(self.desk.clock)
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
            texts=self.entry.approval.seen_texts,
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
            raise Setback(problem, again=problem.reason is HoldReason.FORM_DIFFERS)


async def leave(form: ReplyForm) -> None:
    """Close the form's page; a browser that is gone has closed it already."""
    with suppress(EngineDied):
        await form.close()
