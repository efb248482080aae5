"""Questions to the archive: lists, one case, what planning needs, earlier contents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import and_
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select

from storage.archive.assemble import assemble
from storage.archive.assemble import open_tabs
from storage.archive.model import AbsenceKind
from storage.archive.model import ArchivedCase
from storage.archive.model import CaseFilter
from storage.archive.model import CaseListing
from storage.archive.model import CaseState
from storage.archive.model import CaseVersion
from storage.archive.model import MessageVersion
from storage.archive.pending import count_pending
from storage.database import Database
from storage.errors import Erased
from storage.errors import NotFound
from storage.records import CaseRef
from storage.records import CaseStatus
from storage.tables import absences
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages
from storage.tables import tab_sightings

#: How many cases are assembled at a time: memory stays flat however many the archive holds.
PAGE = 200

#: Of an erased case only the stub is there, which nobody wants to see among cases.
NOT_ERASED = exists().where(
    case_revisions.c.case_key == cases.c.id,
    case_revisions.c.number == cases.c.revision,
    case_revisions.c.erased_at.is_(None),
)


def list_cases(
    database: Database, where: CaseFilter | None = None, *, limit: int = 50, offset: int = 0
) -> tuple[CaseListing, ...]:
    """Cases, the last active first."""
    thread = (
        select(func.count())
        .where(messages.c.case_key == cases.c.id, messages.c.vanished_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(cases, thread.label("messages"))
        .where(*conditions(where or CaseFilter()))
        .order_by(cases.c.last_activity_at.desc(), cases.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
        tabs = open_tabs(connection, rows)
    return tuple(
        CaseListing(
            ref=CaseRef(account=row.account, case_id=row.case_id),
            subject=row.subject,
            status=CaseStatus(row.status),
            status_raw=row.status_raw,
            created_at=row.created_at,
            updated_at=row.updated_at,
            last_activity_at=row.last_activity_at,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            absent_since=row.absent_since,
            complete=row.complete,
            url=row.url,
            tabs=tabs.get((row.account, row.case_id), ()),
            messages=row.messages,
        )
        for row in rows
    )


def count_cases(database: Database, where: CaseFilter | None = None) -> int:
    with database.read() as connection:
        return connection.execute(
            select(func.count()).select_from(cases).where(*conditions(where or CaseFilter()))
        ).scalar_one()


def conditions(where: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [NOT_ERASED]
    if where.account is not None:
        found.append(cases.c.account == where.account)
    if where.statuses:
        found.append(cases.c.status.in_(where.statuses))
    if where.absent is not None:
        found.append(cases.c.absent_since.is_not(None) if where.absent else cases.c.absent_since.is_(None))
    if where.active_since is not None:
        found.append(cases.c.last_activity_at >= where.active_since)
    if where.tab is not None:
        found.append(
            exists().where(
                tab_sightings.c.account == cases.c.account,
                tab_sightings.c.case_id == cases.c.case_id,
                tab_sightings.c.tab == where.tab,
                tab_sightings.c.left_at.is_(None),
            )
        )
    return found


def get_case(database: Database, ref: CaseRef) -> ArchivedCase:
    with database.read() as connection:
        rows = connection.execute(
            select(cases).where(cases.c.account == ref.account, cases.c.case_id == ref.case_id)
        ).all()
        if not rows:
            raise NotFound("case", ref.case_id)
        current = (case_revisions.c.case_key == rows[0].id, case_revisions.c.number == rows[0].revision)
        erased_at = connection.execute(select(case_revisions.c.erased_at).where(*current)).scalar_one_or_none()
        if erased_at is not None:
            raise Erased("case", f"{ref.account}/{ref.case_id}", erased_at)
        return assemble(connection, rows)[0]


def accounts_of(database: Database, case_id: str) -> tuple[str, ...]:
    """The accounts that have a case of this id: a person seldom names the account."""
    with database.read() as connection:
        return tuple(
            connection.execute(
                select(cases.c.account).where(cases.c.case_id == case_id).order_by(cases.c.account)
            ).scalars()
        )


def iterate_cases(database: Database, where: CaseFilter | None = None) -> Iterator[ArchivedCase]:
    """All cases by account and the order in which they were first archived; a consistent view, streaming."""
    after: tuple[Any, ...] | None = None
    with database.read() as connection:
        while True:
            query = select(cases).where(*conditions(where or CaseFilter())).order_by(cases.c.account, cases.c.id)
            if after is not None:
                account, key = after
                later = (cases.c.account > account) | and_(cases.c.account == account, cases.c.id > key)
                query = query.where(later)
            rows = connection.execute(query.limit(PAGE)).all()
            if not rows:
                return
            yield from assemble(connection, rows)
            after = (rows[-1].account, rows[-1].id)


def case_states(database: Database, account: str) -> dict[str, CaseState]:
    """Every archived case of an account, by its id, as planning needs it."""
    missing = count_pending(database, account)
    query = (
        select(cases, absences.c.kind.label("absence"))
        .outerjoin(absences, and_(absences.c.case_key == cases.c.id, absences.c.until.is_(None)))
        .where(cases.c.account == account)
    )
    with database.read() as connection:
        return {
            row.case_id: CaseState(
                case_id=row.case_id,
                fingerprint=row.fingerprint,
                status=CaseStatus(row.status),
                complete=row.complete,
                last_read_at=row.last_read_at,
                last_activity_at=row.last_activity_at,
                absent_since=row.absent_since,
                url=row.url,
                files_missing=missing[row.case_id],
                absence=None if row.absence is None else AbsenceKind(row.absence),
            )
            for row in connection.execute(query)
        }


def case_versions(database: Database, ref: CaseRef) -> tuple[CaseVersion, ...]:
    """Every state that the case had, oldest first."""
    query = (
        select(case_revisions)
        .join(cases, cases.c.id == case_revisions.c.case_key)
        .where(cases.c.account == ref.account, cases.c.case_id == ref.case_id)
        .order_by(case_revisions.c.number)
    )
    with database.read() as connection:
        return tuple(
            CaseVersion(
                number=row.number,
                subject=row.subject or "",
                status=CaseStatus(row.status),
                status_raw=row.status_raw,
                updated_at=row.updated_at,
                seen_at=row.seen_at,
                run_id=row.run_id,
            )
            for row in connection.execute(query)
        )


def message_versions(database: Database, ref: CaseRef) -> tuple[MessageVersion, ...]:
    """Every content of those messages of the case that had more than one."""
    query = (
        select(messages.c.message_id, message_revisions)
        .join(messages, messages.c.id == message_revisions.c.message_key)
        .join(cases, cases.c.id == messages.c.case_key)
        .where(cases.c.account == ref.account, cases.c.case_id == ref.case_id, messages.c.revision > 1)
        .order_by(messages.c.sent_at, messages.c.position, message_revisions.c.number)
    )
    with database.read() as connection:
        return tuple(
            MessageVersion(
                message_id=row.message_id,
                number=row.number,
                author=row.author,
                body=row.body or "",
                seen_at=row.seen_at,
                run_id=row.run_id,
            )
            for row in connection.execute(query)
        )
