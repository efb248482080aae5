"""SQLModel tables, constraints and partial indexes; nothing else. Rows stay inside storage, records leave it."""

from storage.tables.columns import Base
from storage.tables.content import absences
from storage.tables.content import attachments
from storage.tables.content import blobs
from storage.tables.content import case_revisions
from storage.tables.content import cases
from storage.tables.content import changes
from storage.tables.content import message_revisions
from storage.tables.content import messages
from storage.tables.content import tab_sightings
from storage.tables.journal import account_locks
from storage.tables.journal import account_states
from storage.tables.journal import archive_identity
from storage.tables.journal import audits
from storage.tables.journal import certificates
from storage.tables.journal import environments
from storage.tables.journal import erasures
from storage.tables.journal import evidence
from storage.tables.journal import page_reads
from storage.tables.journal import recovery_attempts
from storage.tables.journal import runs
from storage.tables.journal import sign_ins
from storage.tables.outbox import outbox_attachments
from storage.tables.outbox import outbox_entries
from storage.tables.outbox import outbox_events

metadata = Base.metadata

__all__ = [
    "absences",
    "account_locks",
    "account_states",
    "archive_identity",
    "attachments",
    "audits",
    "blobs",
    "case_revisions",
    "cases",
    "certificates",
    "changes",
    "environments",
    "erasures",
    "evidence",
    "message_revisions",
    "messages",
    "metadata",
    "outbox_attachments",
    "outbox_entries",
    "outbox_events",
    "page_reads",
    "recovery_attempts",
    "runs",
    "sign_ins",
    "tab_sightings",
]
