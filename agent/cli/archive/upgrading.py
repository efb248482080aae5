"""`archive upgrade`: only when a person asks for it, with a copy from before and the way back."""

from __future__ import annotations

import os
from datetime import UTC
from datetime import datetime
from pathlib import Path

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation


def upgrade(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring an archive that an older caselog wrote up to date. A copy of the database is taken first."""
    from agent.recovery.account_lock import is_dead
    from storage.database import open_database
    from storage.migrations import upgrade as upgrade_schema

    call = invocation(context)
    database = open_database(call.places.archive, create=False)
    try:
        copy = upgrade_schema(database, datetime.now(UTC), is_dead=is_dead)
    finally:
        database.close()
    value = {"upgraded": copy is not None, "copy": str(copy) if copy else None}
    if copy is None:
        call.answer(value, "The archive is up to date already.")
        return
    back = way_back(copy, call.places.archive)
    call.answer(
        {**value, "way_back": back},
        f"Upgraded. The copy from before: {copy}",
        "The way back, with no caselog running: install the caselog that you had before, then",
        *(f"  {line}" for line in back),
        "What was archived or approved since the upgrade is not in it. Replies that were approved before stay so,",
        "but are held when any reply was submitted or taken back since.",
    )


def way_back(copy: Path, archive: Path) -> list[str]:
    """Commands of the system's own shell. They write into the file that is there, so that it stays the same archive."""
    if os.name == "nt":
        return [f'del "{archive}-wal" "{archive}-shm"', f'copy /Y "{copy}" "{archive}"']
    return [f'rm -f "{archive}-wal" "{archive}-shm"', f'cp "{copy}" "{archive}"']
