"""What is left of what was erased, and how it keeps it from coming back.

An erased case or message stays erased whatever a backup reads. An erased account comes back only when a person backs
up exactly that account; what of it had been erased by itself stays so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from storage.database import Database
from storage.errors import Erased
from storage.journal.audit import write_audit
from storage.records import CaseRecord
from storage.tables import erasures


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One decision. `finished_at` is `None` while the files may still hold bytes of it."""

    at: datetime
    actor: str
    reason: str
    account: str
    case_id: str | None
    message_id: str | None
    numbers: Mapping[str, int]
    finished_at: datetime | None
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ErasedIds:
    """Cases and messages of one account that must not come back; `everything`: the account itself."""

    everything: bool
    cases: frozenset[str]
    messages: frozenset[tuple[str, str]]

    def covers(self, case_id: str) -> bool:
        return self.everything or case_id in self.cases

    def without(self, record: CaseRecord) -> CaseRecord:
        """The record without what its erased messages say; that they are there is told."""
        if not any((record.case_id, message.message_id) in self.messages for message in record.messages):
            return record
        return replace(
            record,
            messages=tuple(
                replace(message, author="", sent_at_raw="", body="", body_html=None, attachments=())
                if (record.case_id, message.message_id) in self.messages
                else message
                for message in record.messages
            ),
        )


def erased_ids(connection: Connection, account: str) -> ErasedIds:
    query = select(erasures.c.case_id, erasures.c.message_id).where(
        erasures.c.account == account, erasures.c.lifted_at.is_(None)
    )
    rows = connection.execute(query).all()
    return ErasedIds(
        everything=any(row.case_id is None for row in rows),
        cases=frozenset(row.case_id for row in rows if row.case_id is not None and row.message_id is None),
        messages=frozenset((row.case_id, row.message_id) for row in rows if row.message_id is not None),
    )


def erased_cases(database: Database, account: str) -> frozenset[str]:
    """Cases that a backup need not even open."""
    with database.read() as connection:
        return erased_ids(connection, account).cases


def refuse_erased_case(database: Database, account: str, case_id: str) -> None:
    """Raise Erased for a case that nobody will get back."""
    for each in list_erasures(database, account):
        if each.case_id == case_id and each.message_id is None:
            raise Erased("case", f"{account}/{case_id}", each.at)


def erased_account(database: Database, account: str) -> datetime | None:
    """Since when the whole account is erased; `None` for one that is not, or is backed up again."""
    found = [each.at for each in list_erasures(database, account) if each.case_id is None and each.lifted_at is None]
    return max(found, default=None)


def lift_account(database: Database, account: str, *, actor: str, at: datetime) -> bool:
    """A person wants the account in the archive again: from now on its cases are stored as they are read."""
    with database.write() as connection:
        lifted = connection.execute(
            update(erasures)
            .where(erasures.c.account == account, erasures.c.case_id.is_(None), erasures.c.lifted_at.is_(None))
            .values(lifted_at=at)
        ).rowcount
        if lifted:
            write_audit(connection, actor=actor, action="erasure lifted", subject=account, reason="", at=at)
    return lifted > 0


def list_erasures(database: Database, account: str | None = None) -> tuple[Erasure, ...]:
    """Oldest first."""
    query = select(erasures).order_by(erasures.c.id)
    if account is not None:
        query = query.where(erasures.c.account == account)
    with database.read() as connection:
        return tuple(
            Erasure(
                at=row.at,
                actor=row.actor,
                reason=row.reason,
                account=row.account,
                case_id=row.case_id,
                message_id=row.message_id,
                numbers=row.numbers,
                finished_at=row.finished_at,
                lifted_at=row.lifted_at,
            )
            for row in connection.execute(query)
        )
