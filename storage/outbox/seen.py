"""The archived thread of an entry's case: what an approver has seen."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy import select

from storage.outbox.content import seen_text
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages


def thread_texts(connection: Connection, account: str, case_id: str) -> dict[str, str] | None:
    """The messages that the thread shows, oldest first, and how they read; `None` when the case is not archived."""
    key = connection.execute(
        select(cases.c.id).where(cases.c.account == account, cases.c.case_id == case_id)
    ).scalar_one_or_none()
    if key is None:
        return None
    query = (
        select(messages.c.message_id, message_revisions.c.body)
        .join(
            message_revisions,
            (message_revisions.c.message_key == messages.c.id) & (message_revisions.c.number == messages.c.revision),
        )
        .where(messages.c.case_key == key, messages.c.vanished_at.is_(None))
        .order_by(messages.c.sent_at, messages.c.position, messages.c.id)
    )
    return {row.message_id: seen_text(row.body or "") for row in connection.execute(query)}
