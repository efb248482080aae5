"""Entries of the outbox, for programs and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from agent.cli.times import iso

if TYPE_CHECKING:
    from storage.outbox import OutboxEntry
    from storage.outbox import OutboxEvent


def entry_value(entry: OutboxEntry) -> dict[str, Any]:
    """One entry with stable keys."""
    draft = entry.draft
    return {
        "entry": entry.entry_id,
        "account": draft.account,
        "case_id": draft.case_id,
        "kind": draft.kind.value,
        "status": entry.status.value,
        "reason": entry.reason,
        "batch": draft.batch,
        "text": draft.text,
        "files": [
            {"name": file.name, "mime": file.mime, "size": file.size, "sha256": file.sha256} for file in draft.files
        ],
        "created_at": iso(entry.created_at),
        "created_by": entry.created_by,
        "updated_at": iso(entry.updated_at),
        "approved_at": iso(entry.approval.at) if entry.approval else None,
        "approved_by": entry.approval.approver if entry.approval else None,
        "attempts": entry.attempts,
        "submit_started_at": iso(entry.submit_started_at),
        "first_submit_at": iso(entry.first_submit_at),
        "message_id": entry.proof.message_id if entry.proof else None,
    }


def event_value(event: OutboxEvent) -> dict[str, Any]:
    return {
        "at": iso(event.at),
        "event": event.event,
        "from": event.source.value if event.source else None,
        "to": event.target.value,
        "by": event.actor,
        "reason": event.reason,
    }


def first_line(text: str, width: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 3]}..."
