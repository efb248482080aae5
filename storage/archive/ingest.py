"""Takes what was read into the archive: whole cases, in one transaction, never deleting or overwriting content.

What a person erased is not taken again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import select

from storage.archive.compare import KnownCase
from storage.archive.compare import Reading
from storage.archive.compare import compare
from storage.archive.known import load_known
from storage.archive.model import AbsenceKind
from storage.archive.model import Change
from storage.archive.model import ChangeKind
from storage.archive.texts import storable
from storage.archive.write import write_cases
from storage.database import Database
from storage.erasure.stubs import erased_ids
from storage.errors import NotFound
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.tables import runs


def ingest(database: Database, record: CaseRecord, *, run_id: str, seen_at: datetime) -> Change:
    """Archive one case as it was read at `seen_at`."""
    return ingest_batch(database, (record,), run_id=run_id, seen_at=seen_at)[0]


def ingest_batch(
    database: Database, records: Sequence[CaseRecord], *, run_id: str, seen_at: datetime
) -> tuple[Change, ...]:
    """Archive several cases of the run's account in one transaction: all of them, or none."""
    if not records:
        return ()
    records = [storable(record) for record in records]
    with database.write() as connection:
        account = _account_of(connection, run_id)
        strangers = {record.account for record in records} - {account}
        if strangers:
            raise NotFound("run of account", sorted(strangers)[0])
        erased = erased_ids(connection, account)
        kept = [erased.without(record) for record in records if not erased.covers(record.case_id)]
        known = load_known(connection, account, [record.case_id for record in kept], erased)
        readings = [_reading(record, known.get(record.case_id)) for record in kept]
        write_cases(connection, readings, run_id=run_id, seen_at=seen_at)
    changes = iter([_change(reading) for reading in readings])
    return tuple(
        Change(ref=CaseRef(account=account, case_id=record.case_id), kind=ChangeKind.ERASED)
        if erased.covers(record.case_id)
        else next(changes)
        for record in records
    )


def _account_of(connection: Connection, run_id: str) -> str:
    account = connection.execute(select(runs.c.account).where(runs.c.id == run_id)).scalar_one_or_none()
    if account is None:
        raise NotFound("run", run_id)
    return str(account)


def _reading(record: CaseRecord, known: KnownCase | None) -> Reading:
    return Reading(record, known, compare(known, record), returned=_returns(record, known))


def _returns(record: CaseRecord, known: KnownCase | None) -> bool:
    if known is None or known.absence is None:
        return False
    # A record with a list row's fingerprint was listed again; one without was opened by its own link, which is
    # what "unlisted" says, and what "gone" denies.
    return record.fingerprint is not None or known.absence == AbsenceKind.GONE


def _change(reading: Reading) -> Change:
    record, difference = reading.record, reading.difference
    ref = CaseRef(account=record.account, case_id=record.case_id)
    if reading.known is None:
        kind = ChangeKind.NEW
    elif difference or reading.returned:
        kind = ChangeKind.CHANGED
    else:
        kind = ChangeKind.UNCHANGED
    return Change(
        ref=ref,
        kind=kind,
        fields=difference.fields,
        returned=reading.returned,
        new_messages=tuple(item.record.message_id for item in difference.new),
        edited_messages=tuple(old.message_id for old, _ in difference.edited),
        vanished_messages=tuple(item.message_id for item in difference.vanished),
        returned_messages=tuple(item.message_id for item in difference.returned),
        new_attachments=tuple(item.ref.name for item in difference.new_attachments),
        gone_attachments=tuple(item.name for item in difference.gone_attachments),
    )
