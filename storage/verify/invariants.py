"""What the journal, the outbox and the absences say, against what they must say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import exists
from sqlalchemy import select

from storage.journal.model import RunOutcome
from storage.outbox.model import OutboxStatus
from storage.outbox.model import is_legal
from storage.tables import absences
from storage.tables import cases
from storage.tables import certificates
from storage.tables import outbox_entries
from storage.tables import outbox_events
from storage.tables import runs
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy


def check_journal(connection: Connection) -> Iterator[Finding]:
    """A run that calls itself complete has certificates, all of them ok; ends come after beginnings."""
    is_refuted = exists().where(certificates.c.run_id == runs.c.id, ~certificates.c.ok)
    is_proved = exists().where(certificates.c.run_id == runs.c.id, certificates.c.ok)
    complete = select(runs.c.id).where(runs.c.outcome == RunOutcome.COMPLETE).where(is_refuted | ~is_proved)
    for (run_id,) in connection.execute(complete):
        yield _contradiction(f"run {run_id}", "it counts as complete without a certificate for every tab")
    for (run_id,) in connection.execute(select(runs.c.id).where(runs.c.finished_at < runs.c.started_at)):
        yield _contradiction(f"run {run_id}", "it ended before it began: the clock was set back")
    unlike = (
        select(cases.c.account, cases.c.case_id)
        .outerjoin(absences, and_(absences.c.case_key == cases.c.id, absences.c.until.is_(None)))
        .where(cases.c.absent_since.is_(None) != absences.c.id.is_(None))
    )
    for account, case_id in connection.execute(unlike):
        yield _contradiction(f"case {account}/{case_id}", "its absence and the date since when do not fit")


def _contradiction(where: str, detail: str) -> Finding:
    return Finding(fault=Fault.JOURNAL, where=where, detail=detail, remedy=Remedy.RESTORE)


def check_outbox(connection: Connection) -> Iterator[Finding]:
    """Every entry's history is a chain of legal moves that ends where the entry stands."""
    histories: dict[int, list[Row[Any]]] = defaultdict(list)
    for event in connection.execute(select(outbox_events).order_by(outbox_events.c.id)):
        histories[event.entry_id].append(event)
    for entry in connection.execute(select(outbox_entries).order_by(outbox_entries.c.id)):
        for detail in _complaints(entry, histories[entry.id]):
            where = f"outbox entry {entry.id}"
            yield Finding(fault=Fault.OUTBOX, where=where, detail=detail, remedy=Remedy.LOOK)


def _complaints(entry: Row[Any], history: list[Row[Any]]) -> Iterator[str]:
    if not history or history[-1].target != entry.status:
        yield f"it is {entry.status}, its history ends elsewhere"
    submitted = False
    at = None
    for event in history:
        if event.source != at:
            yield f"its history jumps from {at} to {event.source}"
        at = event.target
        if event.event == "submit_started":
            if submitted:
                yield "it was submitted twice without a person's decision between"
            submitted = True
        if event.source is None or event.source == event.target or event.event == "restored":
            continue
        is_by_person = event.event == "resolved"
        source, target = OutboxStatus(event.source), OutboxStatus(event.target)
        if not is_legal(source, target, submitted=submitted, person=is_by_person):
            yield f"it went from {source} to {target}, which is not allowed"
        if is_by_person or source is OutboxStatus.REJECTED:
            submitted = False
    if entry.status == OutboxStatus.SENT and entry.proof is None and not _by_person(history):
        yield "it counts as sent without the portal's message"


def _by_person(history: list[Row[Any]]) -> bool:
    return bool(history) and history[-1].event == "resolved"
