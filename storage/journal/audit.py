"""What people decided, and what was done to the archive itself; only ever added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select

from storage.database import Database
from storage.journal.model import Audit
from storage.tables import audits


def audit(database: Database, *, actor: str, action: str, subject: str, reason: str, at: datetime) -> None:
    with database.write() as connection:
        write_audit(connection, actor=actor, action=action, subject=subject, reason=reason, at=at)


def write_audit(connection: Connection, *, actor: str, action: str, subject: str, reason: str, at: datetime) -> None:
    connection.execute(insert(audits).values(actor=actor, action=action, subject=subject, reason=reason, at=at))


def list_audits(database: Database, *, limit: int = 100) -> tuple[Audit, ...]:
    """The newest first."""
    with database.read() as connection:
        return tuple(
            Audit(at=row.at, actor=row.actor, action=row.action, subject=row.subject, reason=row.reason)
            for row in connection.execute(select(audits).order_by(audits.c.id.desc()).limit(limit))
        )
