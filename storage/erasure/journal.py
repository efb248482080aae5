"""What the journal of runs says of something erased: addresses, which may hold a subject, and names of files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from storage.erasure.scope import Scope
from storage.tables import cases
from storage.tables import page_reads
from storage.tables import recovery_attempts
from storage.tables import runs


def blank_journal(connection: Connection, scope: Scope) -> None:
    """To be called while the cases still have their addresses. A single message has none of its own."""
    urls: Sequence[str] = ()
    if scope.message_id is None:
        query = select(cases.c.url).where(cases.c.id.in_(scope.case_keys), cases.c.url != "")
        urls = connection.execute(query).scalars().all()
    for row in connection.execute(select(runs.c.id, runs.c.numbers).where(runs.c.account == scope.account)).all():
        numbers = scrub(row.numbers, scope, urls)
        if numbers != row.numbers:
            connection.execute(update(runs).where(runs.c.id == row.id).values(numbers=numbers))
    mine = select(runs.c.id).where(runs.c.account == scope.account)
    for table in (page_reads, recovery_attempts):
        where = table.c.run_id.in_(mine)
        if scope.case_id is None:
            connection.execute(update(table).where(where).values(url=""))
            continue
        for key, address in connection.execute(select(table.c.id, table.c.url).where(where)).all():
            if _is_under(address, urls):
                connection.execute(update(table).where(table.c.id == key).values(url=""))


def scrub(value: Any, scope: Scope, urls: Sequence[str]) -> Any:
    """A run's numbers without addresses of the cases and without what was said about them. Pure."""
    if isinstance(value, dict):
        return {key: scrub(each, scope, urls) for key, each in value.items()}
    if isinstance(value, list):
        return [scrub(each, scope, urls) for each in value]
    if not isinstance(value, str):
        return value
    if scope.case_id is None:
        return "" if value.startswith(("case ", "http:", "https:")) else value
    # Names of attachments stand there; of which message they are nobody can tell.
    if value.startswith(f"case {scope.case_id}: "):
        return f"case {scope.case_id}: erased"
    return "" if _is_under(value, urls) else value


def _is_under(address: str, urls: Sequence[str]) -> bool:
    """Whether it is one of the cases' addresses, or goes on from one: `/case/123` does not go on from `/case/12`."""
    bases = [url.rstrip("/") for url in urls]
    return any(address == base or address.startswith(tuple(f"{base}{border}" for border in "/?&#")) for base in bases)
