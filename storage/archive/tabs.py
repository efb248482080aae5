"""Which cases are in which tab, since when, until when; and cases that are listed no more."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from storage.archive.changelog import log_case_event
from storage.archive.model import AbsenceKind
from storage.archive.model import ChangeEvent
from storage.archive.write import end_absences
from storage.database import Database
from storage.errors import NotFound
from storage.records import CaseRef
from storage.records import Tab
from storage.tables import absences
from storage.tables import cases
from storage.tables import tab_sightings


def note_tab(
    database: Database,
    account: str,
    tab: Tab,
    case_ids: Iterable[str],
    *,
    run_id: str,
    seen_at: datetime,
    complete: bool,
) -> tuple[CaseRef, ...]:
    """These cases are listed in `tab` now; returns those that were absent and thereby are back.

    Only a `complete` (certified) listing says that the others have left. Cases need not be archived yet.
    """
    listed = set(case_ids)
    with database.write() as connection:
        open_stays = connection.execute(
            select(tab_sightings.c.case_id, tab_sightings.c.id).where(
                tab_sightings.c.account == account,
                tab_sightings.c.tab == tab,
                tab_sightings.c.left_at.is_(None),
            )
        )
        stays = {row.case_id: row.id for row in open_stays}
        if complete:
            _update(connection, [key for case_id, key in stays.items() if case_id not in listed], "left_at", seen_at)
        _update(connection, [key for case_id, key in stays.items() if case_id in listed], "last_seen_at", seen_at)
        fresh = [
            {
                "account": account,
                "tab": tab,
                "case_id": case_id,
                "first_seen_at": seen_at,
                "last_seen_at": seen_at,
                "run_id": run_id,
            }
            for case_id in sorted(listed - stays.keys())
        ]
        if fresh:
            connection.execute(insert(tab_sightings), fresh)
        return _seen_again(connection, account, listed, run_id, seen_at)


def _update(connection: Connection, keys: Sequence[int], column: str, at: datetime) -> None:
    if keys:
        connection.execute(
            update(tab_sightings).where(tab_sightings.c.id == bindparam("key")).values({column: bindparam("moment")}),
            [{"key": key, "moment": at} for key in keys],
        )


def _seen_again(
    connection: Connection, account: str, listed: set[str], run_id: str, seen_at: datetime
) -> tuple[CaseRef, ...]:
    rows = connection.execute(
        select(cases.c.id, cases.c.case_id, cases.c.absent_since).where(cases.c.account == account)
    ).all()
    seen = [row for row in rows if row.case_id in listed]
    if seen:
        connection.execute(
            update(cases).where(cases.c.id == bindparam("key")).values(last_seen_at=bindparam("moment")),
            [{"key": row.id, "moment": seen_at} for row in seen],
        )
    back = [row for row in seen if row.absent_since is not None]
    if back:
        keys = [row.id for row in back]
        end_absences(connection, keys, seen_at)
        log_case_event(connection, keys, ChangeEvent.CASE_RETURNED, "", run_id=run_id, at=seen_at)
    return tuple(CaseRef(account=account, case_id=row.case_id) for row in back)


def mark_absent(
    database: Database, ref: CaseRef, kind: AbsenceKind, *, run_id: str, at: datetime, evidence: str
) -> bool:
    """The case is in no history tab; `evidence` says what its own link showed. False: known to be so already.

    An unlisted case whose link stops opening becomes gone: the first absence ends, a second begins, and the date since
    when it is absent stays.
    """
    with database.write() as connection:
        row = connection.execute(
            select(cases.c.id, cases.c.absent_since).where(
                cases.c.account == ref.account, cases.c.case_id == ref.case_id
            )
        ).one_or_none()
        if row is None:
            raise NotFound("case", ref.case_id)
        current = connection.execute(
            select(absences.c.kind).where(absences.c.case_key == row.id, absences.c.until.is_(None))
        ).scalar_one_or_none()
        if current == kind:
            return False
        end_absences(connection, [row.id], at)
        connection.execute(
            insert(absences).values(case_key=row.id, kind=kind, since=at, run_id=run_id, evidence=evidence)
        )
        connection.execute(update(cases).where(cases.c.id == row.id).values(absent_since=row.absent_since or at))
        event = ChangeEvent.CASE_GONE if kind is AbsenceKind.GONE else ChangeEvent.CASE_UNLISTED
        log_case_event(connection, [row.id], event, evidence, run_id=run_id, at=at)
        return True


def take_back_absences(database: Database, run_ids: Sequence[str], *, at: datetime, reason: str) -> tuple[CaseRef, ...]:
    """What these runs marked was the portal's doing: the cases are again what they were before, and the log says why.

    An absence that has ended meanwhile, or that another run found, stays as it is.
    """
    with database.write() as connection:
        rows = connection.execute(
            select(absences, cases.c.account, cases.c.case_id, cases.c.absent_since)
            .join(cases, cases.c.id == absences.c.case_key)
            .where(absences.c.run_id.in_(run_ids), absences.c.until.is_(None))
            .order_by(absences.c.id)
        ).all()
        end_absences(connection, [row.case_key for row in rows], at)
        for row in rows:
            if row.absent_since < row.since:
                _resume(connection, row)
            log_case_event(connection, [row.case_key], ChangeEvent.ABSENCE_TAKEN_BACK, reason, run_id=row.run_id, at=at)
    return tuple(CaseRef(account=row.account, case_id=row.case_id) for row in rows)


def _resume(connection: Connection, taken: Row[Any]) -> None:
    """Go on with the absence that ended when the one began that was taken back."""
    before = (absences.c.case_key == taken.case_key, absences.c.until == taken.since, absences.c.id < taken.id)
    connection.execute(update(absences).where(*before).values(until=None))
    connection.execute(update(cases).where(cases.c.id == taken.case_key).values(absent_since=taken.absent_since))
