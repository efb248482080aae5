"""Pages read, recovery attempts, evidence, and the start environment that a cure left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update

from storage.database import Database
from storage.errors import NotFound
from storage.journal.model import Environment
from storage.journal.model import Evidence
from storage.journal.model import PageRead
from storage.journal.model import RecoveryAttempt
from storage.tables import environments
from storage.tables import evidence
from storage.tables import page_reads
from storage.tables import recovery_attempts
from storage.tables import runs


def record_pages(database: Database, run_id: str, pages: Sequence[PageRead]) -> None:
    """Note pages that were read; many at a time, since there is one for every case."""
    if not pages:
        return
    with database.write() as connection:
        connection.execute(
            insert(page_reads),
            [
                {
                    "run_id": run_id,
                    "at": page.at,
                    "url": page.url,
                    "page_kind": page.page_kind,
                    "lane": page.lane,
                    "engine": page.engine,
                    "verdict": page.verdict,
                    "milliseconds": page.milliseconds,
                }
                for page in pages
            ],
        )


def pages_of(database: Database, run_id: str) -> tuple[PageRead, ...]:
    query = select(page_reads).where(page_reads.c.run_id == run_id).order_by(page_reads.c.id)
    with database.read() as connection:
        return tuple(
            PageRead(
                at=row.at,
                url=row.url,
                page_kind=row.page_kind,
                lane=row.lane,
                engine=row.engine,
                verdict=row.verdict,
                milliseconds=row.milliseconds,
            )
            for row in connection.execute(query)
        )


def failed_reads(database: Database, account: str, *, last_runs: int) -> dict[str, datetime]:
    """When a case's page was last tried in vain, by its URL. One that no engine survived is no page read."""
    recent = select(runs.c.id).where(runs.c.account == account).order_by(runs.c.started_at.desc()).limit(last_runs)
    tries = union_all(
        select(page_reads.c.url, page_reads.c.at).where(
            page_reads.c.run_id.in_(recent), page_reads.c.page_kind == "case", page_reads.c.verdict != "ok"
        ),
        select(recovery_attempts.c.url, recovery_attempts.c.at).where(
            recovery_attempts.c.run_id.in_(recent), recovery_attempts.c.verdict == "engine_died"
        ),
    ).subquery()
    query = select(tries.c.url, func.max(tries.c.at).label("last")).group_by(tries.c.url)
    with database.read() as connection:
        return {row.url: row.last for row in connection.execute(query)}


def begin_recovery(
    database: Database,
    run_id: str,
    *,
    url: str,
    verdict: str,
    rung: str,
    engine: str,
    engine_version: str,
    at: datetime,
) -> int:
    """Journal a rung before it is climbed; returns the attempt's id."""
    with database.write() as connection:
        key = connection.execute(
            insert(recovery_attempts).values(
                run_id=run_id,
                at=at,
                url=url,
                verdict=verdict,
                rung=rung,
                engine=engine,
                engine_version=engine_version,
            )
        ).inserted_primary_key
    assert key is not None
    return int(key[0])


def end_recovery(database: Database, attempt_id: int, *, result: str, at: datetime) -> None:
    """What the page turned out to be after the rung; a rung that could not be had says so here too."""
    with database.write() as connection:
        ended = connection.execute(
            update(recovery_attempts)
            .where(recovery_attempts.c.id == attempt_id, recovery_attempts.c.result.is_(None))
            .values(result=result, finished_at=at)
        ).rowcount
    if not ended:
        raise NotFound("open recovery attempt", str(attempt_id))


def recoveries_of(database: Database, run_id: str) -> tuple[RecoveryAttempt, ...]:
    query = select(recovery_attempts).where(recovery_attempts.c.run_id == run_id).order_by(recovery_attempts.c.id)
    with database.read() as connection:
        return tuple(
            RecoveryAttempt(
                attempt_id=row.id,
                at=row.at,
                url=row.url,
                verdict=row.verdict,
                rung=row.rung,
                engine=row.engine,
                engine_version=row.engine_version,
                finished_at=row.finished_at,
                result=row.result,
            )
            for row in connection.execute(query)
        )


def record_evidence(database: Database, run_id: str, item: Evidence) -> int:
    """Note a file that was written already; returns its id."""
    with database.write() as connection:
        key = connection.execute(
            insert(evidence).values(
                run_id=run_id,
                at=item.at,
                kind=item.kind,
                url=item.url,
                path=item.path,
                sha256=item.sha256,
                case_id=item.case_id,
                attempt_id=item.attempt_id,
            )
        ).inserted_primary_key
    assert key is not None
    return int(key[0])


def evidence_of(database: Database, run_id: str) -> tuple[Evidence, ...]:
    query = select(evidence).where(evidence.c.run_id == run_id).order_by(evidence.c.id)
    with database.read() as connection:
        return tuple(_evidence(row) for row in connection.execute(query))


def remember_environment(database: Database, item: Environment) -> None:
    """Start the account's next runs in this environment until it expires; replaces an earlier one."""
    values = {
        "environment": item.environment,
        "verdict": item.verdict,
        "run_id": item.run_id,
        "since": item.since,
        "until": item.until,
    }
    with database.write() as connection:
        renewed = connection.execute(
            update(environments).where(environments.c.account == item.account).values(values)
        ).rowcount
        if not renewed:
            connection.execute(insert(environments).values(account=item.account, **values))


def start_environment(database: Database, account: str, *, at: datetime) -> Environment | None:
    """What to start with at `at`; `None` when nothing is remembered or it has expired."""
    query = select(environments).where(environments.c.account == account, environments.c.until > at)
    with database.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Environment(
        account=row.account,
        environment=row.environment,
        verdict=row.verdict,
        run_id=row.run_id,
        since=row.since,
        until=row.until,
    )


def forget_environment(database: Database, account: str) -> None:
    """Start as usual again; a convenience, not content of the portal, so that it may go."""
    with database.write() as connection:
        connection.execute(delete(environments).where(environments.c.account == account))


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(
        at=row.at,
        kind=row.kind,
        url=row.url,
        path=row.path,
        sha256=row.sha256,
        case_id=row.case_id,
        attempt_id=row.attempt_id,
    )
