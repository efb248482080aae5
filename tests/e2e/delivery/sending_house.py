"""A portal on loopback, real browsers and an archive: put together, queued and sent as the command line does it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Self

from agent.backup.outcome import Outcome
from agent.backup.run import run_backup
from agent.backup.work import Options
from agent.cli.invocation import Invocation
from agent.cli.workplace import Workplace
from agent.delivery.approval import review_entry
from agent.delivery.rules import SendingRules
from agent.delivery.run import run_send
from agent.delivery.send import SendOutcome
from mock_portal.ready import Ready
from storage import outbox
from storage.archive import iterate_cases
from storage.blobs import blobs_of
from storage.database import Database
from storage.outbox import Draft
from storage.outbox import OutboxEntry
from storage.outbox import OutboxFile
from storage.records import CaseRecord
from storage.records import Tab
from tests.e2e.browser_room import BrowserRoom

#: The saved session spares every further run its sign-in.
SESSION_KEY = "CASELOG_TEST_SESSION_KEY"

#: A portal on this machine is quick; what never comes should not cost a test its time.
QUICK = """
title = "The mock portal, in a hurry"
extends = "{profile}"
[politeness]
deadline = 6
[delivery]
grace = 3
pause = 0
"""


@dataclass(slots=True)
class SendingHouse:
    """One account's home. `first` is the engine that runs begin with."""

    room: BrowserRoom
    home: Path
    account: str
    environ: dict[str, str]
    section: str
    first: str = "chromium"

    @classmethod
    def at(cls, ready: Ready, name: str, *, room: BrowserRoom, home: Path) -> Self:
        """A home for an account of the ready-made configuration."""
        section = next(part for part in ready.caselog_toml.split("[accounts.") if part.startswith(f"{name}]"))
        bundled = section.partition('profile = "')[2].partition('"')[0]
        section = section.replace(f'profile = "{bundled}"', 'profile = "quick"').rstrip()
        environ = {**os.environ, **ready.environment, SESSION_KEY: "correct horse battery staple"}
        house = cls(room, home, name, environ, f'[accounts.{section}\nsession_key = {{ env = "{SESSION_KEY}" }}\n')
        profiles = house.call.places.profiles
        profiles.mkdir(parents=True)
        (profiles / "quick.toml").write_text(QUICK.format(profile=bundled), encoding="utf-8")
        return house

    @property
    def call(self) -> Invocation:
        call = Invocation()
        call.home, call.environ = self.home, self.environ
        text = f'{self.section}\n[engines]\nfirst = "{self.first}"\n'
        call.places.config_file.write_text(text, encoding="utf-8")
        return call

    @contextmanager
    def archive(self) -> Iterator[Database]:
        with self.call.archive(create=True) as database:
            yield database

    def place(self, database: Database) -> Workplace:
        return Workplace(self.call, database, self.room.browsers)

    def backup(self, tab: Tab | None = None) -> Outcome:
        with self.archive() as database:
            place = self.place(database)
            stop = place.stop_token(self.account)
            setting = place.backup(place.call.account(self.account), stop=stop, progress=lambda *_: None)
            return self.room.run(run_backup(setting, Options(tab=tab)))

    def send(self) -> SendOutcome:
        with self.archive() as database:
            place = self.place(database)
            stop = place.stop_token(self.account)
            return self.room.run(run_send(place.sending(place.call.account(self.account), stop=stop)))

    def start_sending(self) -> subprocess.Popen[str]:
        """Begin to send from a process of its own."""
        command = [sys.executable, "-m", "agent.cli.main", "--home", str(self.home), "outbox", "send", "--json"]
        return subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def cases(self) -> list[CaseRecord]:
        with self.archive() as database:
            return [case.record for case in iterate_cases(database)]

    def open_cases(self) -> list[CaseRecord]:
        """The archived cases that can be replied to."""
        return [case for case in self.cases() if case.can_reply]

    def queue(self, case: CaseRecord, text: str, *, files: dict[str, bytes] | None = None) -> int:
        """Add a reply and approve it with the thread as archived."""
        now = datetime.now(UTC)
        with self.archive() as database:
            place = self.place(database)
            rules = SendingRules.of(place.profile(place.call.account(self.account)))
            kept = tuple(keep(database, name, content) for name, content in (files or {}).items())
            draft = Draft(account=self.account, case_id=case.case_id, text=text, files=kept)
            entry_id = outbox.add(database, draft, author="ann", at=now)
            review = review_entry(database, outbox.get_entry(database, entry_id), rules)
            assert not review.blocked
            outbox.approve(
                database,
                entry_id,
                seen_hash=review.entry.content_hash,
                seen_message_ids=review.seen_message_ids,
                approver="bob",
                at=now,
            )
            return entry_id

    def entry(self, entry_id: int) -> OutboxEntry:
        with self.archive() as database:
            return outbox.get_entry(database, entry_id)


def keep(database: Database, name: str, content: bytes) -> OutboxFile:
    blob = blobs_of(database).put(content)
    return OutboxFile(name=name, mime=None, size=blob.size, sha256=blob.sha256)
