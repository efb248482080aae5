"""Runs: begun before anything is read, ended once; one that never ended is found by the next."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import case
from sqlalchemy import insert
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import update

from storage.database import Database
from storage.errors import NotFound
from storage.journal.model import Certificate
from storage.journal.model import Run
from storage.journal.model import RunOutcome
from storage.process import Holder
from storage.records import Tab
from storage.tables import certificates
from storage.tables import runs


def start_run(database: Database, account: str, *, scope: str, holder: Holder, at: datetime) -> str:
    """Open a run and return its id. The caller holds the account: an older open run of it is dead."""
    run_id = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    with database.write() as connection:
        connection.execute(
            update(runs)
            .where(runs.c.account == account, runs.c.outcome.is_(None))
            .values(outcome=RunOutcome.INTERRUPTED, finished_at=_not_before_start(at))
        )
        connection.execute(
            insert(runs).values(
                id=run_id,
                account=account,
                scope=scope,
                started_at=at,
                numbers={},
                host=holder.host,
                pid=holder.pid,
                process_started_at=holder.process_started_at,
            )
        )
    return run_id


def finish_run(
    database: Database, run_id: str, *, outcome: RunOutcome, numbers: Mapping[str, Any], at: datetime
) -> None:
    """Close a run. `numbers` is kept as JSON and returned as it is."""
    with database.write() as connection:
        closed = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.outcome.is_(None))
            .values(outcome=outcome, finished_at=_not_before_start(at), numbers=dict(numbers))
        ).rowcount
    if not closed:
        raise NotFound("open run", run_id)


def _not_before_start(at: datetime) -> ColumnElement[datetime]:
    """The clock may have been set back meanwhile; no run ends before it began."""
    moment = literal(at, runs.c.started_at.type)
    return case((runs.c.started_at > moment, runs.c.started_at), else_=moment)


def get_run(database: Database, run_id: str) -> Run:
    with database.read() as connection:
        row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFound("run", run_id)
    return _run(row)


def list_runs(database: Database, account: str | None = None, *, limit: int = 50) -> tuple[Run, ...]:
    """The newest runs first."""
    with database.read() as connection:
        return tuple(_run(row) for row in connection.execute(_newest_first(account).limit(limit)))


def iterate_runs(database: Database, account: str | None = None) -> Iterator[Run]:
    """All runs, the newest first, streaming."""
    with database.read() as connection:
        for row in connection.execution_options(yield_per=500).execute(_newest_first(account)):
            yield _run(row)


def last_complete_run(database: Database, account: str) -> Run | None:
    """The newest run that proved the account complete: what `status --max-age` measures from."""
    query = _newest_first(account).where(runs.c.outcome == RunOutcome.COMPLETE).limit(1)
    with database.read() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else _run(row)


def record_certificate(database: Database, run_id: str, certificate: Certificate, *, at: datetime) -> None:
    """One per run and tab; a tab that is listed again in the run replaces its own."""
    values = {
        "listed": certificate.listed,
        "total": certificate.total,
        "ok": certificate.ok,
        "at": at,
    }
    mine = (certificates.c.run_id == run_id, certificates.c.tab == certificate.tab)
    with database.write() as connection:
        if not connection.execute(update(certificates).where(*mine).values(values)).rowcount:
            connection.execute(insert(certificates).values(run_id=run_id, tab=certificate.tab, **values))


def certificates_of(database: Database, run_id: str) -> tuple[Certificate, ...]:
    """In the order of `Tab`."""
    query = select(certificates).where(certificates.c.run_id == run_id)
    with database.read() as connection:
        return _in_tab_order(connection.execute(query).all())


def last_certificates(database: Database, account: str) -> dict[Tab, Certificate]:
    """For each tab the newest certificate that was ok: what a suspicious shrink is measured from."""
    query = (
        select(certificates)
        .join(runs, runs.c.id == certificates.c.run_id)
        .where(runs.c.account == account, certificates.c.ok)
        .order_by(certificates.c.at, runs.c.started_at)
    )
    with database.read() as connection:
        newest = {row.tab: row for row in connection.execute(query)}
    return {certificate.tab: certificate for certificate in _in_tab_order(list(newest.values()))}


def _newest_first(account: str | None) -> Select[Any]:
    query = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc())
    return query if account is None else query.where(runs.c.account == account)


def _run(row: Row[Any]) -> Run:
    return Run(
        run_id=row.id,
        account=row.account,
        scope=row.scope,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=None if row.outcome is None else RunOutcome(row.outcome),
        numbers=row.numbers,
        holder=Holder(host=row.host, pid=row.pid, process_started_at=row.process_started_at),
    )


def _in_tab_order(rows: Sequence[Row[Any]]) -> tuple[Certificate, ...]:
    found = [Certificate(tab=Tab(row.tab), listed=row.listed, total=row.total, ok=row.ok) for row in rows]
    return tuple(sorted(found, key=lambda certificate: list(Tab).index(certificate.tab)))
