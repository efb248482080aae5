"""Replies on their way: added, approved, claimed, submitted once, proved or held for a person."""

from storage.outbox.batches import BatchPreview
from storage.outbox.batches import approve_batch
from storage.outbox.batches import batch_digest
from storage.outbox.claims import claim
from storage.outbox.claims import record_baseline
from storage.outbox.claims import release
from storage.outbox.claims import release_dead_claim
from storage.outbox.claims import submit_started
from storage.outbox.content import content_hash
from storage.outbox.content import seen_text
from storage.outbox.editing import edit
from storage.outbox.endings import hold
from storage.outbox.endings import mark_rejected
from storage.outbox.endings import mark_sent
from storage.outbox.endings import mark_unconfirmed
from storage.outbox.endings import reconcile_held
from storage.outbox.endings import reconcile_sent
from storage.outbox.endings import resolve
from storage.outbox.model import TRANSITIONS
from storage.outbox.model import Approval
from storage.outbox.model import Baseline
from storage.outbox.model import Claim
from storage.outbox.model import Draft
from storage.outbox.model import Kind
from storage.outbox.model import OutboxEntry
from storage.outbox.model import OutboxEvent
from storage.outbox.model import OutboxFile
from storage.outbox.model import OutboxStatus
from storage.outbox.model import Proof
from storage.outbox.model import When
from storage.outbox.model import is_legal
from storage.outbox.queue import add
from storage.outbox.queue import add_all
from storage.outbox.queue import approve
from storage.outbox.queue import cancel
from storage.outbox.read import due
from storage.outbox.read import events_of
from storage.outbox.read import get_entry
from storage.outbox.read import in_flight
from storage.outbox.read import list_entries
from storage.outbox.read import proven_messages

__all__ = [
    "TRANSITIONS",
    "Approval",
    "Baseline",
    "BatchPreview",
    "Claim",
    "Draft",
    "Kind",
    "OutboxEntry",
    "OutboxEvent",
    "OutboxFile",
    "OutboxStatus",
    "Proof",
    "When",
    "add",
    "add_all",
    "approve",
    "approve_batch",
    "batch_digest",
    "cancel",
    "claim",
    "content_hash",
    "due",
    "edit",
    "events_of",
    "get_entry",
    "hold",
    "in_flight",
    "is_legal",
    "list_entries",
    "mark_rejected",
    "mark_sent",
    "mark_unconfirmed",
    "proven_messages",
    "reconcile_held",
    "reconcile_sent",
    "record_baseline",
    "release",
    "release_dead_claim",
    "resolve",
    "seen_text",
    "submit_started",
]
