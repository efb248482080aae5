"""The message ids of an archived thread: what an approver has seen."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy import select

from storage.tables import cases
from storage.tables import messages


def thread_ids(connection: Connection, account: str, case_id: str) -> tuple[str, ...] | None:
    """The messages that the thread shows, oldest first; `None` when the case is not archived."""
    key = connection.execute(
        select(cases.c.id).where(cases.c.account == account, cases.c.case_id == case_id)
    ).scalar_one_or_none()
    if key is None:
        return None
    query = (
        select(messages.c.message_id)
        .where(messages.c.case_key == key, messages.c.vanished_at.is_(None))
        .order_by(messages.c.sent_at, messages.c.position, messages.c.id)
    )
    return tuple(connection.execute(query).scalars())
