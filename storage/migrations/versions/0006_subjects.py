"""The full-text index anew: a message's row has its case's current subject, not that of the message's time."""

from __future__ import annotations

from alembic import op

from storage.search.index import rebuild

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rebuild(op.get_bind())
