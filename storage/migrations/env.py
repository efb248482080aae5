"""Alembic's entrance; the connection is the caller's, and so is the transaction around all scripts.

Developers write a new revision with `alembic -x url=sqlite:///FILE revision --autogenerate --rev-id NNNN -m WHAT`.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from storage.tables import metadata


def is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """The full-text index and the tables that SQLite keeps behind it are no part of the metadata."""
    return kind != "table" or not (name or "").startswith("search_index")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=is_ours,
        # SQLite cannot alter a column: Alembic copies the table.
        render_as_batch=True,
    )
    context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    from storage.database import open_database

    database = open_database(context.get_x_argument(as_dictionary=True)["url"])
    with database.write() as own_connection:
        run(own_connection)
    database.close()
