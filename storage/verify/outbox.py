"""What the outbox says of its entries, against their events, their hashes and their approvals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

from storage.outbox.content import content_hash
from storage.outbox.content import conversation
from storage.outbox.content import idempotency_key
from storage.outbox.model import Draft
from storage.outbox.model import OutboxStatus
from storage.outbox.model import is_legal
from storage.outbox.read import read_draft
from storage.tables import outbox_entries
from storage.tables import outbox_events
from storage.tables.outbox import BLOCKING
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy

#: While an entry is in one of these, its row says whether it was submitted; a decision may have changed it later.
TELLS_SUBMIT = {
    OutboxStatus.QUEUED,
    OutboxStatus.SENDING,
    OutboxStatus.UNCONFIRMED,
    OutboxStatus.HELD,
    OutboxStatus.REJECTED,
}


def check_outbox(connection: Connection) -> Iterator[Finding]:
    """Every entry is what was written and approved; its history is a chain of legal moves that ends where it stands."""
    histories: dict[int, list[Row[Any]]] = defaultdict(list)
    for event in connection.execute(select(outbox_events).order_by(outbox_events.c.id)):
        histories[event.entry_id].append(event)
    entries = connection.execute(select(outbox_entries).order_by(outbox_entries.c.id)).all()
    for entry in entries:
        where, history, draft = f"outbox entry {entry.id}", histories[entry.id], read_draft(connection, entry)
        for detail in _content(entry, draft, repetitions=len(entries)):
            yield _finding(where, detail, Fault.CONTENT)
        for detail in (*_moves(history), *_state(entry, history)):
            yield _finding(where, detail)
    busy = (
        select(outbox_entries.c.account, outbox_entries.c.conversation)
        .where(text(BLOCKING))
        .group_by(outbox_entries.c.account, outbox_entries.c.conversation)
        .having(func.count() > 1)
    )
    for account, name in connection.execute(busy):
        yield _finding(f"conversation {account}/{name}", "more than one entry of it is in flight")


def _finding(where: str, detail: str, fault: Fault = Fault.OUTBOX) -> Finding:
    return Finding(fault=fault, where=where, detail=detail, remedy=Remedy.LOOK)


def _content(entry: Row[Any], draft: Draft, *, repetitions: int) -> Iterator[str]:
    """What would be sent has the hash, and goes to the conversation, that it was added with."""
    if entry.erased_at is not None:
        return
    if content_hash(draft) != entry.content_hash:
        yield "text or files are not those that were stored"
    elif conversation(draft) != entry.conversation or not any(
        idempotency_key(draft, repetition=number) == entry.idempotency_key for number in range(repetitions + 1)
    ):
        yield "account, case, kind or batch are not those that it was added with"
    if entry.approved_hash not in {None, entry.content_hash}:
        yield "what was approved is not what would be sent"


def _moves(history: Sequence[Row[Any]]) -> Iterator[str]:
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
        if event.source is None or event.source == event.target:
            continue
        if not {event.source, event.target} <= set(OutboxStatus):
            yield f"it went from {event.source} to {event.target}, which does not exist"
            continue
        source, target = OutboxStatus(event.source), OutboxStatus(event.target)
        by_person, by_restore = event.event == "resolved", event.event == "restored"
        if not is_legal(source, target, submitted=submitted, person=by_person, restored=by_restore):
            yield f"it went from {source} to {target}, which is not allowed"
        if _ends_submit(event):
            submitted = False


def _state(entry: Row[Any], history: Sequence[Row[Any]]) -> Iterator[str]:
    """The entry's own columns against its history."""
    if not history or history[-1].target != entry.status:
        yield f"it is {entry.status}, its history ends elsewhere"
        return
    if entry.status == OutboxStatus.SENT and entry.proof is None and history[-1].event != "resolved":
        yield "it counts as sent without the portal's message"
    if entry.status in TELLS_SUBMIT and _was_submitted(history) != (entry.submit_started_at is not None):
        yield "whether it was submitted, its history and its row say differently"
    if any(event.event == "submit_started" for event in history) != (entry.first_submit_at is not None):
        yield "whether it was ever submitted, its history and its row say differently"
    if (entry.status == OutboxStatus.SENDING) != (entry.claim_token is not None):
        yield "it is claimed without being sent, or sent without being claimed"
    if entry.status in {OutboxStatus.QUEUED, OutboxStatus.SENDING} and entry.approved_hash is None:
        yield "it is to be sent, and nobody approved it"
    if entry.approved_hash is not None and not _is_approval(entry.approved_hash, history):
        yield "its approval is in no event"


def _ends_submit(event: Row[Any]) -> bool:
    """After a person's decision, or the portal's refusal, another submit is a new one."""
    return event.event == "resolved" or bool(event.source == OutboxStatus.REJECTED != event.target)


def _was_submitted(history: Sequence[Row[Any]]) -> bool:
    submitted = False
    for event in history:
        submitted = event.event == "submit_started" or (submitted and not _ends_submit(event))
    return submitted


def _is_approval(approved_hash: str, history: Sequence[Row[Any]]) -> bool:
    """A decision on a held entry renews its approval for the same text."""
    return any(
        event.event == "resolved" or (event.event == "approved" and event.detail.get("content_hash") == approved_hash)
        for event in history
    )
