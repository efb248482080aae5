"""The full-text index, filled from what is archived already."""

from __future__ import annotations

from alembic import op

from storage.search.index import CREATE
from storage.search.index import rebuild

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(CREATE)
    rebuild(connection)
