"""Which accounts an archive knows of, whether or not a configuration still names them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy import union

from storage.database import Database
from storage.tables import cases
from storage.tables import outbox_entries
from storage.tables import runs


def known_accounts(database: Database) -> frozenset[str]:
    """Those that a case, a reply or a run belongs to."""
    query = union(select(cases.c.account), select(outbox_entries.c.account), select(runs.c.account))
    with database.read() as connection:
        return frozenset(connection.execute(query).scalars())
