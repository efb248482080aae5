"""A portal on loopback, real browsers and an archive: replies queued, approved and sent as the command line does it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path

from agent.backup.rules import PortalRules
from agent.backup.threads import ThreadReader
from agent.clock import SystemClock
from agent.config.model import AccountSettings
from agent.config.model import Configuration
from agent.config.model import SecretSource
from agent.delivery.approval import review_entry
from agent.delivery.rules import SendingRules
from agent.delivery.run import SendSetting
from agent.delivery.run import run_send
from agent.delivery.send import SendOutcome
from agent.extract.snapshot import Environment
from agent.portal.opening import open_portal
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from agent.secrets import Redactor
from agent.secrets import Secrets
from mock_portal.ready import Ready
from storage import outbox
from storage.archive import iterate_cases
from storage.blobs import blobs_of
from storage.database import Database
from storage.opening import open_archive
from storage.outbox import Draft
from storage.outbox import OutboxEntry
from storage.outbox import OutboxFile
from storage.records import CaseRecord
from tests.e2e.backup.real_house import BrowserRoom
from tests.e2e.backup.real_house import RealHouse

#: The saved session spares every further run its sign-in.
SESSION_KEY = "CASELOG_TEST_SESSION_KEY"


@dataclass(slots=True)
class SendingHouse:
    """`grace` and `deadline` are the profile's, shortened for a portal on this machine."""

    room: BrowserRoom
    home: Path
    settings: AccountSettings
    environ: dict[str, str]
    grace: float = 3.0
    deadline: float = 6.0
    backup: RealHouse = field(init=False)
    stop: StopToken = field(default_factory=lambda: StopToken("test"))

    def __post_init__(self) -> None:
        self.settings = self.settings.model_copy(update={"session_key": SecretSource(env=SESSION_KEY)})
        self.environ = {**self.environ, SESSION_KEY: "correct horse battery staple"}
        self.backup = RealHouse(self.room, self.home, self.settings, self.environ, deadline=self.deadline)

    @property
    def profile(self) -> PortalProfile:
        profile = self.backup.profile
        return profile.model_copy(update={"delivery": profile.delivery.model_copy(update={"grace": self.grace})})

    def archive(self) -> Database:
        return open_archive(self.backup.places.archive)

    def open_cases(self) -> list[CaseRecord]:
        """The archived cases that can be replied to."""
        return [case for case in self.cases() if case.can_reply]

    def cases(self) -> list[CaseRecord]:
        database = self.archive()
        try:
            return [case.record for case in iterate_cases(database)]
        finally:
            database.close()

    def queue(self, case: CaseRecord, text: str, *, files: dict[str, bytes] | None = None) -> int:
        """Add a reply and approve it with the thread as archived."""
        database, now = self.archive(), datetime.now(UTC)
        try:
            kept = tuple(keep(database, name, content) for name, content in (files or {}).items())
            draft = Draft(account=self.settings.name, case_id=case.case_id, text=text, files=kept)
            entry_id = outbox.add(database, draft, author="ann", at=now)
            review = review_entry(database, outbox.get_entry(database, entry_id), SendingRules.of(self.profile))
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
        finally:
            database.close()

    def entry(self, entry_id: int) -> OutboxEntry:
        return self.entries([entry_id])[0]

    def entries(self, ids: Sequence[int]) -> list[OutboxEntry]:
        database = self.archive()
        try:
            return [outbox.get_entry(database, entry_id) for entry_id in ids]
        finally:
            database.close()

    def send(self) -> SendOutcome:
        return self.room.run(self.send_async())

    async def send_async(self) -> SendOutcome:
        facts, clock = AccountFacts.of(self.settings), SystemClock()
        secrets = Secrets(environ=self.environ, redactor=Redactor())
        profile, database = self.profile, self.archive()
        assemble = PortalRules.of(profile, facts).assemble

        async def open_at(environment: Environment) -> Portal:
            return await open_portal(
                self.settings,
                profile,
                browsers=self.room.browsers,
                environment=environment,
                secrets=secrets,
                clock=clock,
                places=self.backup.places,
            )

        setting = SendSetting(
            database=database,
            account=facts,
            profile=profile,
            open_portal=open_at,
            whole_reader=lambda portal, reader: ThreadReader(portal, reader.read, assemble).read_thread,
            engines={found.engine: found.version for found in self.room.browsers.discovery.found},
            usual=Environment(self.backup.start),
            clock=clock,
            stop=self.stop,
            budgets=Budgets(),
        )
        try:
            return await run_send(setting)
        finally:
            database.close()


def account_of(ready: Ready, name: str) -> AccountSettings:
    """An account of the ready-made configuration."""
    return Configuration(**tomllib.loads(ready.caselog_toml)).accounts[name]


def keep(database: Database, name: str, content: bytes) -> OutboxFile:
    blob = blobs_of(database).put(content)
    return OutboxFile(name=name, mime=None, size=blob.size, sha256=blob.sha256)
