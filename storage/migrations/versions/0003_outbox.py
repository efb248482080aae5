"""The outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BLOCKING = "status IN ('sending', 'unconfirmed') OR (status = 'held' AND submit_started_at IS NOT NULL)"
KEEPS_KEY = "status <> 'cancelled' OR first_submit_at IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "outbox_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_hash", sa.String(), nullable=True),
        sa.Column("seen_message_ids", sa.JSON(), nullable=True),
        sa.Column("claim_token", sa.String(), nullable=True),
        sa.Column("claim_host", sa.String(), nullable=True),
        sa.Column("claim_pid", sa.Integer(), nullable=True),
        sa.Column("claim_process_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_baseline", sa.JSON(), nullable=True),
        sa.Column("baseline", sa.JSON(), nullable=True),
        sa.Column("submit_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_submit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("(kind = 'new_case') = (case_id IS NULL)", name=op.f("ck_outbox_entries_case")),
        sa.CheckConstraint("kind IN ('reply', 'new_case', 'close_case')", name=op.f("ck_outbox_entries_kind")),
        sa.CheckConstraint(
            "status IN ('draft', 'queued', 'sending', 'sent', 'rejected', 'unconfirmed', 'held', 'cancelled')",
            name=op.f("ck_outbox_entries_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_entries")),
    )
    op.create_index(op.f("ix_outbox_entries_account_status"), "outbox_entries", ["account", "status"], unique=False)
    op.create_index(op.f("ix_outbox_entries_batch"), "outbox_entries", ["batch"], unique=False)
    op.create_index(
        "uq_outbox_entries_conversation",
        "outbox_entries",
        ["account", "conversation"],
        unique=True,
        sqlite_where=sa.text(BLOCKING),
        postgresql_where=sa.text(BLOCKING),
    )
    op.create_index(
        "uq_outbox_entries_key",
        "outbox_entries",
        ["idempotency_key"],
        unique=True,
        sqlite_where=sa.text(KEEPS_KEY),
        postgresql_where=sa.text(KEEPS_KEY),
    )
    op.create_table(
        "outbox_attachments",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["outbox_entries.id"], name=op.f("fk_outbox_attachments_entry_id_outbox_entries")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_outbox_attachments_sha256_blobs")),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_outbox_attachments")),
    )
    op.create_table(
        "outbox_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["outbox_entries.id"], name=op.f("fk_outbox_events_entry_id_outbox_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
    )
    op.create_index(op.f("ix_outbox_events_entry_id"), "outbox_events", ["entry_id"], unique=False)
