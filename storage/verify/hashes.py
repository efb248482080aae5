"""The hashes that were stored with the current contents of a case."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_
from sqlalchemy import select

from storage.database import Database
from storage.records import CaseRef
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages


@dataclass(frozen=True, slots=True)
class StoredHash:
    """What a content is to have, and which revision it is; of an erased one only this is left."""

    revision: int
    content_hash: str
    erased: bool = False


def stored_hashes(database: Database, ref: CaseRef) -> dict[str | None, StoredHash]:
    """By message id; the case's own under `None`."""
    mine = (cases.c.account == ref.account, cases.c.case_id == ref.case_id)
    of_case = (
        select(case_revisions.c.number, case_revisions.c.content_hash, case_revisions.c.erased_at)
        .join(cases, and_(cases.c.id == case_revisions.c.case_key, cases.c.revision == case_revisions.c.number))
        .where(*mine)
    )
    of_messages = (
        select(
            messages.c.message_id,
            message_revisions.c.number,
            message_revisions.c.content_hash,
            message_revisions.c.erased_at,
        )
        .join(messages, messages.c.id == message_revisions.c.message_key)
        .join(cases, cases.c.id == messages.c.case_key)
        .where(messages.c.revision == message_revisions.c.number, *mine)
    )
    found: dict[str | None, StoredHash] = {}
    with database.read() as connection:
        for number, content_hash, erased_at in connection.execute(of_case):
            found[None] = StoredHash(number, content_hash, erased_at is not None)
        for message_id, number, content_hash, erased_at in connection.execute(of_messages):
            found[message_id] = StoredHash(number, content_hash, erased_at is not None)
    return found
