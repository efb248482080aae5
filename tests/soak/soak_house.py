"""A home whose runs are short, and what the soak asks of its archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from agent.backup.outcome import Outcome
from agent.backup.run import Progress
from agent.backup.run import run_backup
from agent.backup.work import Options
from agent.delivery.approval import review_entry
from agent.delivery.rules import SendingRules
from storage import archive
from storage import journal
from storage import outbox
from storage.archive import ArchivedCase
from storage.archive import CaseFilter
from storage.journal import PageRead
from storage.journal import RecoveryAttempt
from storage.outbox import Draft
from storage.outbox import OutboxEntry
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.verify import verify
from tests.e2e.delivery.sending_house import SendingHouse
from tests.e2e.delivery.sending_house import keep

#: One page at a time where the story wants to judge them in order; what never comes should not cost much.
HASTY = """
title = "The mock portal, in a great hurry"
extends = "{profile}"
[politeness]
deadline = 2
[delivery]
grace = 2
pause = 0
"""


@dataclass(slots=True)
class SoakHouse(SendingHouse):
    """`SendingHouse` with shorter deadlines, runs that tell how far they are, and the archive's own account."""

    def hurry(self, *, pages: int) -> None:
        """Shorten what the profile waits for, and read so many pages at a time."""
        path = self.call.places.profiles / "quick.toml"
        bundled = path.read_text(encoding="utf-8").partition('extends = "')[2].partition('"')[0]
        path.write_text(HASTY.format(profile=bundled), encoding="utf-8")
        self.section = self.section.replace("pages = 4", f"pages = {pages}")

    def backup_telling(self, progress: Progress) -> Outcome:
        with self.archive() as database:
            place = self.place(database)
            stop = place.stop_token(self.account)
            setting = place.backup(place.call.account(self.account), stop=stop, progress=progress)
            return self.room.run(run_backup(setting, Options()))

    def approve(self, case: CaseRecord, text: str, *, batch: str, files: dict[str, bytes]) -> int | None:
        """Queue a reply, approved with the thread as archived; `None` where caselog itself advises against it."""
        now = datetime.now(UTC)
        with self.archive() as database:
            place = self.place(database)
            rules = SendingRules.of(place.profile(place.call.account(self.account)))
            kept = tuple(keep(database, name, content) for name, content in files.items())
            draft = Draft(account=self.account, case_id=case.case_id, text=text, files=kept, batch=batch)
            entry_id = outbox.add(database, draft, author="ann", at=now)
            review = review_entry(database, outbox.get_entry(database, entry_id), rules)
            if review.blocked:
                outbox.cancel(database, entry_id, actor="ann", reason="blocked", at=now)
                return None
            outbox.approve(
                database,
                entry_id,
                seen_hash=review.entry.content_hash,
                seen_message_ids=review.seen_message_ids,
                seen_texts=review.seen_texts,
                approver="bob",
                at=now,
            )
            return entry_id

    def entries(self) -> tuple[OutboxEntry, ...]:
        with self.archive() as database:
            return outbox.list_entries(database, account=self.account)

    def archived(self) -> dict[str, ArchivedCase]:
        with self.archive() as database:
            found = archive.iterate_cases(database, CaseFilter(account=self.account))
            return {case.record.case_id: case for case in found}

    def contents(self, case_id: str) -> set[tuple[str, str]]:
        """Every content that the archive holds of a case's messages: what they say, said once, and vanished ones."""
        ref = CaseRef(account=self.account, case_id=case_id)
        with self.archive() as database:
            case = archive.get_case(database, ref)
            shown = {(message.message_id, message.body) for message in case.record.messages}
            vanished = {(gone.message.message_id, gone.message.body) for gone in case.vanished}
            versions = {(one.message_id, one.body) for one in archive.message_versions(database, ref)}
        return shown | vanished | versions

    def findings(self) -> list[str]:
        with self.archive() as database:
            return [f"{finding.fault.value} {finding.where}: {finding.detail}" for finding in verify(database)]

    def last_run(self) -> str:
        with self.archive() as database:
            return journal.list_runs(database, self.account, limit=1)[0].run_id

    def pages(self, run_id: str) -> tuple[PageRead, ...]:
        with self.archive() as database:
            return journal.pages_of(database, run_id)

    def attempts(self, run_id: str) -> tuple[RecoveryAttempt, ...]:
        with self.archive() as database:
            return journal.recoveries_of(database, run_id)

    def sign_ins(self, run_id: str) -> int:
        with self.archive() as database:
            return journal.count_sign_ins(database, run_id)
