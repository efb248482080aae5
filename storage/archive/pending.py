"""What is still to be fetched: contents that nobody has fetched yet, and those whose file the disk lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence

from sqlalchemy import select

from storage.archive.model import PendingFile
from storage.blobs import blobs_of
from storage.database import Database
from storage.records import CaseRef
from storage.tables import attachments
from storage.tables import blobs
from storage.tables import cases
from storage.tables import messages


def pending_files(database: Database, account: str, case_ids: Sequence[str] | None = None) -> tuple[PendingFile, ...]:
    """Attachments that are still shown and whose content is not there: not yet, or not any more."""
    is_lost = _lost_anywhere(database) if case_ids is None else _lost_one_by_one(database)
    query = (
        select(
            attachments.c.id,
            cases.c.case_id,
            messages.c.message_id,
            attachments.c.name,
            attachments.c.url,
            attachments.c.sha256,
        )
        .join(cases, cases.c.id == attachments.c.case_key)
        .outerjoin(messages, messages.c.id == attachments.c.message_key)
        .outerjoin(blobs, blobs.c.sha256 == attachments.c.sha256)
        .where(cases.c.account == account, attachments.c.gone_at.is_(None), blobs.c.erased_at.is_(None))
        .order_by(attachments.c.id)
    )
    if case_ids is not None:
        query = query.where(cases.c.case_id.in_(case_ids))
    if is_lost is None:
        query = query.where(attachments.c.sha256.is_(None))
    with database.read() as connection:
        return tuple(
            PendingFile(
                attachment_id=key,
                ref=CaseRef(account=account, case_id=case_id),
                message_id=message_id,
                name=name,
                url=url,
                lost=sha256,
            )
            for key, case_id, message_id, name, url, sha256 in connection.execute(query)
            if sha256 is None or (is_lost is not None and is_lost(sha256))
        )


def count_pending(database: Database, account: str) -> Counter[str]:
    """How many files of each case are to be fetched."""
    return Counter(pending.ref.case_id for pending in pending_files(database, account))


def _lost_one_by_one(database: Database) -> Callable[[str], bool]:
    store = blobs_of(database)
    return lambda sha256: sha256 not in store


def _lost_anywhere(database: Database) -> Callable[[str], bool] | None:
    """`None` where every content that the database knows has its file: one look at the folders tells."""
    with database.read() as connection:
        known = set(connection.execute(select(blobs.c.sha256).where(blobs.c.erased_at.is_(None))).scalars())
    lost = known.difference(blobs_of(database)) if known else known
    return lost.__contains__ if lost else None
