"""`caselog archive`: what is done to the archive as a whole."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation

app = typer.Typer(help="The archive as a whole.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The archive as a whole."""


@app.command()
def upgrade(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring an archive that an older caselog wrote up to date. A copy of the database is taken first."""
    from storage.database import open_database
    from storage.migrations import upgrade as upgrade_schema

    call = invocation(context)
    database = open_database(call.places.archive, create=False)
    try:
        copy = upgrade_schema(database, datetime.now(UTC))
    finally:
        database.close()
    told = f"Upgraded. The copy from before: {copy}" if copy else "The archive is up to date already."
    call.answer({"upgraded": copy is not None, "copy": str(copy) if copy else None}, told)
