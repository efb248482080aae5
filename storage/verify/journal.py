"""What the journal says of runs, certificates and absences, against what it must say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from storage.archive.model import AbsenceKind
from storage.journal.model import RunOutcome
from storage.tables import absences
from storage.tables import cases
from storage.tables import certificates
from storage.tables import erasures
from storage.tables import runs
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy


def check_journal(connection: Connection) -> Iterator[Finding]:
    """Runs end as they say, certificates prove what they claim, and an absence has a run that proved its tabs."""
    for query, detail in RUNS:
        for (run_id,) in connection.execute(query):
            yield _contradiction(f"run {run_id}", detail)
    yield from _check_certificates(connection)
    yield from _check_absences(connection)
    yield from _check_erasures(connection)


_is_refuted = exists().where(certificates.c.run_id == runs.c.id, ~certificates.c.ok)
_is_proved = exists().where(certificates.c.run_id == runs.c.id, certificates.c.ok)

RUNS: tuple[tuple[Select[Any], str], ...] = (
    (
        select(runs.c.id).where(runs.c.outcome.not_in(list(RunOutcome))),
        "it ended in a way that does not exist",
    ),
    (
        select(runs.c.id).where(runs.c.outcome == RunOutcome.COMPLETE, or_(_is_refuted, ~_is_proved)),
        "it counts as complete without a certificate for every tab",
    ),
    (
        select(runs.c.id).where(runs.c.outcome == RunOutcome.COMPLETE, runs.c.scope != "all"),
        "it counts as complete, but did not look at everything",
    ),
    (select(runs.c.id).where(runs.c.finished_at < runs.c.started_at), "it ended before it began"),
    (
        select(runs.c.id).where(runs.c.outcome.is_(None) != runs.c.finished_at.is_(None)),
        "its end and its outcome do not fit",
    ),
    (
        select(func.max(runs.c.id)).where(runs.c.outcome.is_(None)).group_by(runs.c.account).having(func.count() > 1),
        "another run of its account is open as well",
    ),
)


def _check_certificates(connection: Connection) -> Iterator[Finding]:
    """A tab is proved by as many ids as the portal counts, and the run's own report says the same."""
    query = select(certificates, runs.c.numbers).join(runs, runs.c.id == certificates.c.run_id)
    for row in connection.execute(query):
        where = f"run {row.run_id} tab {row.tab}"
        if row.ok and row.total not in {None, row.listed}:
            yield _contradiction(where, f"its certificate is ok with {row.listed} listed of {row.total}")
        reported = row.numbers.get("certificate", {}).get(row.tab)
        if reported is not None and reported != {"listed": row.listed, "total": row.total, "ok": row.ok}:
            yield _contradiction(where, "its certificate is not the one that the run reported")


def _check_absences(connection: Connection) -> Iterator[Finding]:
    unlike = (
        select(cases.c.account, cases.c.case_id)
        .outerjoin(absences, and_(absences.c.case_key == cases.c.id, absences.c.until.is_(None)))
        .where(cases.c.absent_since.is_(None) != absences.c.id.is_(None))
    )
    for account, case_id in connection.execute(unlike):
        yield _contradiction(f"case {account}/{case_id}", "its absence and the date since when do not fit")
    unproved = (
        select(cases.c.account, cases.c.case_id, absences.c.run_id)
        .join(absences, absences.c.case_key == cases.c.id)
        .outerjoin(runs, runs.c.id == absences.c.run_id)
        .where(or_(runs.c.id.is_(None), runs.c.account != cases.c.account, ~_is_proved))
    )
    for account, case_id, run_id in connection.execute(unproved):
        yield _contradiction(f"case {account}/{case_id}", f"it is absent by run {run_id}, which proved no tab of it")
    for account, case_id in connection.execute(
        select(cases.c.account, cases.c.case_id)
        .join(absences, absences.c.case_key == cases.c.id)
        .where(absences.c.kind.not_in(list(AbsenceKind)))
    ):
        yield _contradiction(f"case {account}/{case_id}", "it is absent in a way that does not exist")


def _check_erasures(connection: Connection) -> Iterator[Finding]:
    query = select(erasures.c.account, erasures.c.case_id, erasures.c.message_id)
    for names in connection.execute(query.where(erasures.c.finished_at.is_(None))):
        where = f"erasure of {'/'.join(name for name in names if name is not None)}"
        detail = "it was broken off: free pages, the log or files may still hold what was erased"
        yield Finding(fault=Fault.ERASED, where=where, detail=detail, remedy=Remedy.ERASE)


def _contradiction(where: str, detail: str) -> Finding:
    return Finding(fault=Fault.JOURNAL, where=where, detail=detail, remedy=Remedy.RESTORE)
