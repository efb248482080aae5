"""One process works on an account at a time. Whether a holder still lives, the caller finds out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from storage.database import Database
from storage.errors import AccountBusy
from storage.journal.audit import write_audit
from storage.journal.model import AccountLock
from storage.process import Holder
from storage.tables import account_locks


def lock_account(
    database: Database,
    account: str,
    *,
    holder: Holder,
    purpose: str,
    at: datetime,
    dead_token: str | None = None,
) -> str:
    """Take the account and return the lock's token, or raise AccountBusy, which names the holder.

    `dead_token`: the token of a holder that the caller has proved dead (from AccountBusy); its lock is taken over.
    """
    token = secrets.token_hex(16)
    with database.write() as connection:
        row = connection.execute(select(account_locks).where(account_locks.c.account == account)).one_or_none()
        if row is not None:
            if row.token != dead_token:
                raise AccountBusy(account, row.host, row.pid, row.process_started_at, row.purpose, row.token)
            _drop(connection, account, row.token)
            reason = f"process {row.pid} on {row.host} is gone"
            write_audit(connection, actor="archive", action="lock taken over", subject=account, reason=reason, at=at)
        connection.execute(
            insert(account_locks).values(
                account=account,
                token=token,
                host=holder.host,
                pid=holder.pid,
                process_started_at=holder.process_started_at,
                purpose=purpose,
                acquired_at=at,
            )
        )
    return token


def release_account(database: Database, account: str, token: str) -> bool:
    """Give the account back; false when the lock had been taken over, so that the work since counts as unsafe."""
    with database.write() as connection:
        return _drop(connection, account, token) == 1


def account_lock(database: Database, account: str) -> AccountLock | None:
    """Who holds the account, if anybody."""
    with database.read() as connection:
        row = connection.execute(select(account_locks).where(account_locks.c.account == account)).one_or_none()
    if row is None:
        return None
    return AccountLock(
        holder=Holder(host=row.host, pid=row.pid, process_started_at=row.process_started_at),
        purpose=row.purpose,
        token=row.token,
        acquired_at=row.acquired_at,
    )


def drop_lock(database: Database, account: str, token: str, *, person: str, reason: str, at: datetime) -> bool:
    """A person's word that the holder is gone, where that cannot be proved; false when the lock was given back since.

    A holder that lives after all finds out before it signs in or submits.
    """
    with database.write() as connection:
        dropped = _drop(connection, account, token) == 1
        if dropped:
            write_audit(connection, actor=person, action="lock dropped", subject=account, reason=reason, at=at)
    return dropped


def holds_account(database: Database, account: str, token: str) -> bool:
    """The belt before a sign-in or a submit: is the lock still ours?"""
    query = select(account_locks.c.token).where(account_locks.c.account == account)
    with database.read() as connection:
        return connection.execute(query).scalar_one_or_none() == token


def refuse_held(connection: Connection, is_dead: Callable[[Holder], bool]) -> None:
    """Raise AccountBusy when a process that is not provably dead holds any account."""
    for row in connection.execute(select(account_locks)).all():
        holder = Holder(host=row.host, pid=row.pid, process_started_at=row.process_started_at)
        if not is_dead(holder):
            raise AccountBusy(row.account, row.host, row.pid, row.process_started_at, row.purpose, row.token)


def _drop(connection: Connection, account: str, token: str) -> int:
    return connection.execute(
        delete(account_locks).where(account_locks.c.account == account, account_locks.c.token == token)
    ).rowcount
