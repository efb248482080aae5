"""A run's entries in the journal: what was read, what was attempted, what was seen, who signed in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from pathlib import Path

from agent.clock import Clock
from agent.extract.reading import Reading
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.recovery.page import Seen
from agent.recovery.steps import Rung
from storage import journal
from storage.database import Database
from storage.journal import AccountCondition

#: Page reads are kept back until there are so many: one row for each of thousands of pages is not worth a commit.
PAGES_AT_A_TIME = 50

#: How long a cure is what the next runs start with.
CURE_LASTS = timedelta(days=7)


@dataclass(slots=True)
class Logbook:
    """Writes for one run of one account. `versions` are the engines that can be had; `usual` is the start otherwise."""

    database: Database
    run_id: str
    account: str
    clock: Clock
    versions: Mapping[Engine, str]
    usual: Environment
    _pages: list[journal.PageRead] = field(default_factory=list)

    def page_read(self, reading: Reading, *, seconds: float) -> None:
        snapshot = reading.snapshot
        self._pages.append(
            journal.PageRead(
                at=snapshot.read_at,
                url=snapshot.request.url,
                page_kind=snapshot.request.kind.value,
                lane=snapshot.lane.value,
                engine=name_environment(snapshot.environment),
                verdict=reading.verdict.value,
                milliseconds=round(seconds * 1000),
            )
        )
        if len(self._pages) >= PAGES_AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        """Write what was kept back."""
        pages, self._pages = self._pages, []
        journal.record_pages(self.database, self.run_id, pages)

    def begin_attempt(self, url: str, seen: Seen, rung: Rung, environment: Environment) -> int:
        """Journal an attempt that is about to be made in `environment`."""
        self.flush()
        version = self.versions.get(environment.engine, "")
        # The running browser knows its own version better than whoever looked for it.
        if seen.reading is not None and seen.reading.snapshot.environment.engine is environment.engine:
            version = seen.reading.snapshot.engine_version or version
        return journal.begin_recovery(
            self.database,
            self.run_id,
            url=url,
            verdict=seen.verdict,
            rung=rung.value,
            engine=environment.engine.value,
            engine_version=version,
            at=self.clock.now(),
        )

    def finish_attempt(self, attempt: int | None, result: str) -> None:
        """Say what the page turned out to be, or why the rung could not be had."""
        if attempt is not None:
            journal.end_recovery(self.database, attempt, result=result, at=self.clock.now())

    def evidence(self, reading: Reading, folder: Path) -> None:
        """Note every file of an evidence folder."""
        base = self.database.folder
        for file in sorted(item for item in folder.rglob("*") if item.is_file()):
            path = file.relative_to(base) if file.is_relative_to(base) else file
            evidence = journal.Evidence(
                at=self.clock.now(),
                kind=reading.verdict.value,
                url=reading.snapshot.request.url,
                path=path.as_posix(),
                sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
                case_id=reading.snapshot.request.case_id,
            )
            journal.record_evidence(self.database, self.run_id, evidence)

    def remember(self, environment: Environment, verdict: str) -> None:
        """Let the next runs begin in `environment`, for a while."""
        if environment == self.usual:
            journal.forget_environment(self.database, self.account)
            return
        now = self.clock.now()
        journal.remember_environment(
            self.database,
            journal.Environment(
                account=self.account,
                environment=name_environment(environment),
                verdict=verdict,
                run_id=self.run_id,
                since=now,
                until=now + CURE_LASTS,
            ),
        )

    def account_state(self) -> journal.AccountState:
        return journal.account_state(self.database, self.account)

    def set_account_state(self, condition: AccountCondition | None, reason: str) -> None:
        """Note what stands between the account and its next sign-in, if that is news."""
        known = self.account_state()
        if condition is not None and (known.condition, known.reason) != (condition, reason):
            journal.set_account_state(self.database, self.account, condition, reason=reason, at=self.clock.now())

    def last_password(self) -> str | None:
        """How the account's last sign-in ended in which a password was submitted, in whatever run."""
        outcomes = [sign_in.outcome for sign_in in journal.list_sign_ins(self.database, self.account)]
        return next((outcome for outcome in outcomes if not (outcome or "").startswith(journal.NOT_SUBMITTED)), None)

    def begin_sign_in(self) -> int:
        return journal.begin_sign_in(self.database, self.account, run_id=self.run_id, at=self.clock.now())

    def finish_sign_in(self, sign_in: int, outcome: str) -> None:
        journal.end_sign_in(self.database, sign_in, outcome=outcome, at=self.clock.now())


def name_environment(environment: Environment) -> str:
    """Write an environment as the journal keeps it, `chromium/mobile`."""
    return f"{environment.engine.value}/{environment.device.value}"
