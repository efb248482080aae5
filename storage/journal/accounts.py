"""What is known of an account between runs: its sign-ins, and what stands between it and the next one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import not_
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from storage.database import Database
from storage.errors import NotFound
from storage.journal.audit import write_audit
from storage.journal.model import AccountCondition
from storage.journal.model import AccountState
from storage.journal.model import SignIn
from storage.tables import account_states
from storage.tables import sign_ins

#: How the outcome begins of a sign-in that ended before a password was submitted.
NOT_SUBMITTED = "not submitted: "


def begin_sign_in(database: Database, account: str, *, run_id: str | None, at: datetime) -> int:
    """Journal a password before it is submitted, on the disk: one that was cut short counts too."""
    with database.write(durable=True) as connection:
        key = connection.execute(insert(sign_ins).values(account=account, run_id=run_id, at=at)).inserted_primary_key
    assert key is not None
    return int(key[0])


def end_sign_in(database: Database, sign_in_id: int, *, outcome: str, at: datetime) -> None:
    with database.write() as connection:
        ended = connection.execute(
            update(sign_ins)
            .where(sign_ins.c.id == sign_in_id, sign_ins.c.outcome.is_(None))
            .values(outcome=outcome, finished_at=at)
        ).rowcount
    if not ended:
        raise NotFound("open sign-in", str(sign_in_id))


def count_sign_ins(database: Database, run_id: str) -> int:
    """How much of the run's budget is spent: one that has not ended counts, one without a password does not."""
    spent = or_(sign_ins.c.outcome.is_(None), not_(sign_ins.c.outcome.startswith(NOT_SUBMITTED)))
    query = select(func.count()).select_from(sign_ins).where(sign_ins.c.run_id == run_id, spent)
    with database.read() as connection:
        return connection.execute(query).scalar_one()


def list_sign_ins(database: Database, account: str, *, limit: int = 20) -> tuple[SignIn, ...]:
    """The newest first."""
    query = select(sign_ins).where(sign_ins.c.account == account).order_by(sign_ins.c.id.desc()).limit(limit)
    with database.read() as connection:
        return tuple(
            SignIn(
                sign_in_id=row.id,
                account=row.account,
                run_id=row.run_id,
                at=row.at,
                finished_at=row.finished_at,
                outcome=row.outcome,
            )
            for row in connection.execute(query)
        )


def account_state(database: Database, account: str) -> AccountState:
    """The account's condition; OK for one that nobody has noted anything about."""
    with database.read() as connection:
        row = connection.execute(select(account_states).where(account_states.c.account == account)).one_or_none()
    if row is None:
        return AccountState(account=account, condition=AccountCondition.OK, reason="", since=None)
    return AccountState(account=account, condition=AccountCondition(row.state), reason=row.reason, since=row.since)


def set_account_state(
    database: Database, account: str, condition: AccountCondition, *, reason: str, at: datetime
) -> None:
    """Note what stands between the account and its next sign-in. On the disk: a lock must outlive a power cut.

    A locked account stays locked, whatever else is noted: only `unlock_account` opens it.
    """
    with database.write(durable=True) as connection:
        if _state(connection, account) == AccountCondition.LOCKED:
            return
        _set(connection, account, condition, reason, at)


def unlock_account(database: Database, account: str, *, person: str, reason: str, at: datetime) -> AccountCondition:
    """A person's decision that signing in may be tried again; returns the condition before."""
    with database.write() as connection:
        before = _state(connection, account)
        _set(connection, account, AccountCondition.OK, "", at)
        write_audit(connection, actor=person, action="unlock", subject=account, reason=reason, at=at)
    return AccountCondition.OK if before is None else AccountCondition(before)


def _state(connection: Connection, account: str) -> str | None:
    return connection.execute(
        select(account_states.c.state).where(account_states.c.account == account)
    ).scalar_one_or_none()


def _set(connection: Connection, account: str, condition: AccountCondition, reason: str, at: datetime) -> None:
    values = {"state": condition, "reason": reason, "since": at}
    known = connection.execute(
        update(account_states).where(account_states.c.account == account).values(values)
    ).rowcount
    if not known:
        connection.execute(insert(account_states).values(account=account, **values))
