"""What is to be erased, as conditions on the tables: an account, one case of it, or one message of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import select

from storage.outbox.model import OutboxStatus
from storage.tables import attachments
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages
from storage.tables import outbox_attachments
from storage.tables import outbox_entries

#: An entry in any other state may still be sent, or may have been.
SETTLED = (OutboxStatus.SENT, OutboxStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Without `case_id` the whole account, without `message_id` the whole case."""

    account: str
    case_id: str | None = None
    message_id: str | None = None

    @property
    def name(self) -> str:
        return "/".join(part for part in (self.account, self.case_id, self.message_id) if part is not None)

    @property
    def case_keys(self) -> Select[Any]:
        query = select(cases.c.id).where(cases.c.account == self.account)
        return query if self.case_id is None else query.where(cases.c.case_id == self.case_id)

    @property
    def message_keys(self) -> Select[Any]:
        query = select(messages.c.id).where(messages.c.case_key.in_(self.case_keys))
        return query if self.message_id is None else query.where(messages.c.message_id == self.message_id)

    @property
    def case_contents(self) -> ColumnElement[bool]:
        """Revisions of cases; of a message's case there are none to erase."""
        keys = self.case_keys if self.message_id is None else self.case_keys.where(cases.c.id.is_(None))
        return case_revisions.c.case_key.in_(keys) & case_revisions.c.erased_at.is_(None)

    @property
    def message_contents(self) -> ColumnElement[bool]:
        return message_revisions.c.message_key.in_(self.message_keys) & message_revisions.c.erased_at.is_(None)

    @property
    def files(self) -> ColumnElement[bool]:
        if self.message_id is None:
            return attachments.c.case_key.in_(self.case_keys)
        return attachments.c.message_key.in_(self.message_keys)


def entries_in(connection: Connection, scope: Scope) -> list[Row[Any]]:
    """Outbox entries that say what is to be erased; of a message, those that the portal's thread proved to be it."""
    query = select(outbox_entries).where(
        outbox_entries.c.account == scope.account, outbox_entries.c.erased_at.is_(None)
    )
    if scope.case_id is not None:
        query = query.where(outbox_entries.c.case_id == scope.case_id)
    rows = connection.execute(query.order_by(outbox_entries.c.id)).all()
    if scope.message_id is None:
        return list(rows)
    return [row for row in rows if row.proof is not None and row.proof["message_id"] == scope.message_id]


def blobs_in(connection: Connection, scope: Scope, entries: list[Row[Any]]) -> set[str]:
    """Contents of files in scope, whoever else may have them too."""
    found = set(
        connection.execute(
            select(attachments.c.sha256).where(scope.files, attachments.c.sha256.is_not(None)).distinct()
        ).scalars()
    )
    query = select(outbox_attachments.c.sha256)
    for row in entries:
        found.update(connection.execute(query.where(outbox_attachments.c.entry_id == row.id)).scalars())
    return found
