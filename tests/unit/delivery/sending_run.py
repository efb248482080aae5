"""What a test of a sending run is about: an archive with queued replies, a portal, and the desk between them."""

from __future__ import annotations

from collections.abc import Sequence

from agent.clock import ManualClock
from agent.delivery.desk import Desk
from agent.delivery.rules import SendingRules
from agent.delivery.send import SendOutcome
from agent.delivery.send import send
from agent.profile.model.reply import AttachmentRules
from agent.profile.model.reply import DeliveryRules
from agent.profile.model.reply import TextRules
from agent.recovery.account_lock import this_process
from agent.recovery.stop import StopToken
from storage import outbox
from storage.blobs import blobs_of
from storage.database import Database
from storage.outbox import Draft
from storage.outbox import OutboxEntry
from storage.outbox import OutboxFile
from storage.outbox import OutboxStatus
from tests.unit.delivery.sending_portal import CASE
from tests.unit.delivery.sending_portal import SendingPortal
from tests.unit.delivery.sending_portal import Threads
from tests.unit.recovery.reading_run import ACCOUNT

TEXT = "Thank you, the parcel has arrived and everything is in it, so please close the case."
GRACE = 30.0


RULES = SendingRules(
    text=TextRules(max_length=500),
    files=AttachmentRules(),
    delivery=DeliveryRules(grace=GRACE),
    takes_files=True,
    keeps_below=False,
)


class SendingRun:
    """One account's archive, portal and clock; `send()` is a run of the real code over them.

    Every run has a process of its own; `locked` is whether it still holds the account's lock.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock()
        self.portal = SendingPortal(self.clock)
        self.rules = RULES
        self.stop = StopToken("acme", lambda: self.stopped)
        self.stopped = False
        self.locked = True
        self.holder = this_process()

    @property
    def desk(self) -> Desk:
        return Desk(
            account=ACCOUNT,
            database=self.database,
            portal=self.portal,
            threads=Threads(self.portal),
            rules=self.rules,
            clock=self.clock,
            stop=self.stop,
            holder=self.holder,
            holds_account=lambda: self.locked,
        )

    def queue(
        self,
        text: str = TEXT,
        *,
        files: Sequence[str] = (),
        seen: Sequence[str] | None = None,
        case_id: str = CASE,
    ) -> int:
        """Add a reply and approve it, by default with all messages of the thread seen."""
        draft = Draft(account="acme", case_id=case_id, text=text, files=tuple(self.file(name) for name in files))
        entry_id = outbox.add(self.database, draft, author="ann", at=self.clock.now())
        texts = {message.message_id: outbox.seen_text(message.body) for message in self.portal.record().messages}
        outbox.approve(
            self.database,
            entry_id,
            seen_hash=outbox.content_hash(draft),
            seen_message_ids=tuple(texts) if seen is None else seen,
            seen_texts=texts if seen is None else {},
            approver="bob",
            at=self.clock.now(),
        )
        return entry_id

    def file(self, name: str) -> OutboxFile:
        blob = blobs_of(self.database).put(f"content of {name}".encode())
        return OutboxFile(name=name, mime=None, size=blob.size, sha256=blob.sha256)

    async def send(self) -> SendOutcome:
        return await send(self.desk)

    def entry(self, entry_id: int) -> OutboxEntry:
        return outbox.get_entry(self.database, entry_id)

    def stands(self, entry_id: int) -> tuple[OutboxStatus, str | None]:
        """The status and the reason."""
        entry = self.entry(entry_id)
        return entry.status, entry.reason

    def moves(self, entry_id: int) -> list[str]:
        """The entry's history as event names."""
        return [event.event for event in outbox.events_of(self.database, entry_id)]
