"""What happens in the demo, step by step. Everything is done as the commands do it."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any

from agent.backup.run import run_backup
from agent.backup.work import Options
from agent.cli.demo.truth import Comparison
from agent.cli.demo.truth import compare
from agent.cli.progress import progress_of
from agent.cli.workplace import Workplace
from agent.delivery.run import run_send
from storage import archive
from storage import outbox
from storage.export import jsonl
from storage.records import CaseRef
from storage.records import CaseStatus

if TYPE_CHECKING:
    from agent.backup.outcome import Outcome
    from agent.cli.demo.stage import Stage
    from agent.delivery.send import SendOutcome
    from agent.recovery.stop import StopToken
    from storage.database import Database

BATCH = "demo"
PERSON = "demo"
REPLIES = 5
TEXT = "Hello,\n\nthank you for the update. Please tell us the next step for case {case}.\n\nKind regards"


@dataclass(slots=True)
class Story:
    """What was seen so far. `say` tells a person; `stop` is how a person ends it between two steps."""

    stage: Stage
    place: Workplace
    stop: StopToken
    say: Callable[[str], None]
    backups: list[Outcome] = field(default_factory=list)
    sending: SendOutcome | None = None
    comparison: Comparison | None = None

    @property
    def database(self) -> Database:
        return self.place.database

    async def play(self) -> None:
        self.say("1. Back up everything. The portal will show blank pages, and break in Chromium.")
        await self._back_up()
        self.say("2. Write replies and approve them as one batch.")
        surprised = self._queue(self._cases_to_answer())
        self.say(f"3. The portal writes in case {surprised} after the approval; then send what was approved.")
        self.stage.portal.advance(messages=[{"case": surprised}])
        await self._send()
        self.say("4. Back up again: only what may have changed is read.")
        await self._back_up()
        self.say("5. Compare the archive with what the portal really holds.")
        self._compare()

    async def _back_up(self) -> None:
        account = self.stage.account
        settings = self.stage.call.account(account)
        with progress_of(account) as progress:
            outcome = await run_backup(self.place.backup(settings, stop=self.stop, progress=progress), Options())
        self.stop.begin()
        self.backups.append(outcome)
        if outcome.error is not None:
            raise outcome.error

    def _cases_to_answer(self) -> Sequence[str]:
        """Open cases that wait for somebody; the newest first."""
        waiting = (CaseStatus.NEEDS_USER, CaseStatus.ANSWERED, CaseStatus.WITH_PORTAL)
        listed = archive.list_cases(
            self.database, archive.CaseFilter(account=self.stage.account, statuses=waiting, absent=False), limit=50
        )
        refs = [CaseRef(account=case.ref.account, case_id=case.ref.case_id) for case in listed]
        open_for_us = [ref for ref in refs if archive.get_case(self.database, ref).record.can_reply is not False]
        return [ref.case_id for ref in open_for_us[:REPLIES]]

    def _queue(self, case_ids: Sequence[str]) -> str:
        """Draft and approve; returns the case in which the portal will write before its reply is sent."""
        now = datetime.now(UTC)
        for case_id in case_ids:
            draft = outbox.Draft(
                account=self.stage.account, case_id=case_id, text=TEXT.format(case=case_id), batch=BATCH
            )
            outbox.add(self.database, draft, author=PERSON, at=now)
        preview = outbox.batch_digest(self.database, BATCH)
        outbox.approve_batch(self.database, BATCH, preview.digest, approver=PERSON, at=now)
        self.say(f"   {len(preview.entries)} replies, digest {preview.digest}: queued.")
        return case_ids[-1]

    async def _send(self) -> None:
        account = self.stage.account
        settings = self.stage.call.account(account)
        self.sending = await run_send(self.place.sending(settings, stop=self.stop))
        self.stop.begin()
        if self.sending.ended_by is not None:
            raise self.sending.ended_by

    def _compare(self) -> None:
        lines = jsonl(self.database, archive.CaseFilter(account=self.stage.account))
        cases: list[dict[str, Any]] = [json.loads(line) for line in lines]
        self.comparison = compare(cases, self.stage.portal.truth(self.stage.account))
