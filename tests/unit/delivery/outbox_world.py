"""Archives, a portal, people and sending processes, and what the model expects of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path

from agent import errors
from agent.delivery.approval import review_entry
from agent.delivery.desk import Desk
from agent.delivery.send import SendOutcome
from agent.delivery.send import send
from agent.recovery.account_lock import hold_account
from agent.recovery.stop import StopToken
from storage import journal
from storage import outbox
from storage.archive import ingest
from storage.blobs import blobs_of
from storage.database import Database
from storage.opening import open_archive
from storage.outbox import Draft
from storage.outbox import OutboxEntry
from storage.outbox import OutboxFile
from storage.outbox import OutboxStatus
from storage.process import Holder
from tests.unit.delivery.expectations import Expectation
from tests.unit.delivery.expectations import Licence
from tests.unit.delivery.expectations import Stage
from tests.unit.delivery.model_portal import JumpingClock
from tests.unit.delivery.model_portal import ModelCase
from tests.unit.delivery.model_portal import ModelForm
from tests.unit.delivery.model_portal import Window
from tests.unit.delivery.model_portal import WindowThreads
from tests.unit.delivery.processes import Doom
from tests.unit.delivery.processes import Process
from tests.unit.delivery.sending_run import RULES
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import NOON

CASES = ("C1", "C2")
NAME = "acme"
BACKUP = Holder(host="desk", pid=1, process_started_at=NOON)


@dataclass(slots=True)
class Archive:
    """One archive and what is expected of its entries; `shown` are the threads that its people can look at."""

    database: Database
    is_copy: bool = False
    expected: dict[int, Expectation] = field(default_factory=dict)
    shown: dict[str, dict[str, str]] = field(default_factory=dict)

    def entry(self, entry_id: int) -> OutboxEntry:
        return outbox.get_entry(self.database, entry_id)

    def entries(self) -> tuple[OutboxEntry, ...]:
        return outbox.list_entries(self.database)


class World:
    """Everything that a story is about. What people do may be refused; then nothing is expected to have changed."""

    def __init__(self, folder: Path, template: Path, clicked: Clicked) -> None:
        self.folder = folder
        self.clock = JumpingClock()
        self.cases = {case_id: ModelCase(self.clock, case_id) for case_id in CASES}
        self.processes: list[Process] = []
        self.outcomes: list[tuple[Archive, Window, SendOutcome]] = []
        self._clicked = clicked
        home = folder / "0"
        home.mkdir()
        shutil.copy(template, home / "archive.db")
        self.archives = [Archive(open_archive(home / "archive.db", at=self.clock.now()))]
        for case_id in CASES:
            self.back_up(self.archives[0], case_id)

    def close(self) -> None:
        for process in self.running():
            process.kill()
        for archive in self.archives:
            archive.database.close()

    def running(self) -> list[Process]:
        return [process for process in self.processes if not process.over]

    # What people and backups do

    def back_up(self, archive: Archive, case_id: str) -> None:
        """Read a case into the archive, where people see it."""
        thread = self.cases[case_id].record()
        run = journal.start_run(archive.database, NAME, scope="case", holder=BACKUP, at=self.clock.now())
        ingest(archive.database, thread, run_id=run, seen_at=self.clock.now())
        archive.shown[case_id] = {message.message_id: message.body for message in thread.messages}

    def add(self, archive: Archive, case_id: str, text: str, files: tuple[str, ...], batch: str) -> None:
        draft = Draft(
            account=NAME,
            case_id=case_id,
            text=text,
            files=tuple(self._file(archive, name) for name in files),
            batch=batch,
        )
        entry_id = outbox.add(archive.database, draft, author="ann", at=self.clock.now(), again=True)
        archive.expected[entry_id] = Expectation(case_id)

    def edit(self, archive: Archive, entry_id: int, text: str) -> None:
        outbox.edit(archive.database, entry_id, author="ann", at=self.clock.now(), text=text, reason="says it better")
        archive.expected[entry_id].withdraw(Stage.DRAFT)

    def approve(self, archive: Archive, entry_id: int) -> None:
        """Look at what the archive shows of the case, and decide."""
        entry = archive.entry(entry_id)
        review = review_entry(archive.database, entry, RULES)
        outbox.approve(
            archive.database,
            entry_id,
            seen_hash=entry.content_hash,
            seen_message_ids=review.seen_message_ids,
            seen_texts=review.seen_texts,
            approver="bob",
            at=self.clock.now(),
        )
        archive.expected[entry_id].approve(self._licence(archive, entry))

    def approve_batch(self, archive: Archive, batch: str, digest: str) -> None:
        queued = outbox.approve_batch(archive.database, batch, digest, approver="bob", at=self.clock.now())
        for entry_id in queued:
            archive.expected[entry_id].approve(self._licence(archive, archive.entry(entry_id)))

    def cancel(self, archive: Archive, entry_id: int) -> None:
        outbox.cancel(archive.database, entry_id, actor="ann", at=self.clock.now())
        archive.expected[entry_id].withdraw(Stage.CANCELLED)

    def resolve(self, archive: Archive, entry_id: int, target: OutboxStatus, *, look: bool) -> None:
        """Settle a held reply; with a `look` at the archived thread, if it goes back into the queue."""
        entry, expected = archive.entry(entry_id), archive.expected[entry_id]
        review = review_entry(archive.database, entry, RULES)
        outbox.resolve(
            archive.database,
            entry_id,
            target,
            person="ann",
            reason="looked at it",
            at=self.clock.now(),
            seen_message_ids=review.seen_message_ids if look else None,
            seen_texts=review.seen_texts,
        )
        if target is OutboxStatus.QUEUED:
            licence = self._licence(archive, entry)
            expected.approve(licence if look else replace(licence, seen=expected.seen))
        else:
            stages = {OutboxStatus.SENT: Stage.SETTLED, OutboxStatus.CANCELLED: Stage.CANCELLED}
            expected.withdraw(stages.get(target, Stage.DRAFT))

    def copy(self, archive: Archive, *, with_instance: bool) -> None:
        """Copy the archive's files into another folder, at a moment without a transaction, and open them there."""
        home = self.folder / str(len(self.archives))
        left_out = ("*-shm",) if with_instance else ("*-shm", "*.instance")
        shutil.copytree(archive.database.folder, home, ignore=shutil.ignore_patterns(*left_out))
        self.archives.append(
            Archive(
                open_archive(home / "archive.db", at=self.clock.now()),
                is_copy=True,
                expected={entry_id: each.copied() for entry_id, each in archive.expected.items()},
                shown=dict(archive.shown),
            )
        )

    # What processes do

    def send(self, archive: Archive, doom: Doom | None = None) -> None:
        window = Window(self.cases, lambda *_: None)

        async def work(process: Process) -> None:
            window.clicked = lambda window, form: self._clicked(archive, process, window, form)
            try:
                with hold_account(archive.database, NAME, purpose="outbox send", clock=self.clock) as lock:
                    outcome = await send(self._desk(archive, process, window, lock))
            except errors.AccountBusy:
                return
            assert outcome.ended_by is None or process.seems_dead
            self.outcomes.append((archive, window, outcome))

        process = Process(100 + len(self.processes), work)
        self.processes.append(process)
        process.go(doom)

    def _desk(self, archive: Archive, process: Process, window: Window, lock: str) -> Desk:
        return Desk(
            account=ACCOUNT,
            database=archive.database,
            portal=window,
            threads=WindowThreads(window),
            rules=RULES,
            clock=self.clock,
            stop=StopToken(NAME, lambda: False),
            holder=process.holder,
            holds_account=lambda: journal.holds_account(archive.database, NAME, lock),
        )

    def _licence(self, archive: Archive, entry: OutboxEntry) -> Licence:
        files = tuple(file.name for file in entry.draft.files)
        return Licence(text=entry.draft.text, files=files, seen=dict(archive.shown[str(entry.draft.case_id)]))

    def _file(self, archive: Archive, name: str) -> OutboxFile:
        blob = blobs_of(archive.database).put(f"content of {name}".encode())
        return OutboxFile(name=name, mime=None, size=blob.size, sha256=blob.sha256)


Clicked = Callable[[Archive, Process, Window, ModelForm], None]
