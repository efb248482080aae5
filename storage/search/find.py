"""Searches subjects and messages and returns the best place of each case.

Ranking costs time for every match, so that only the newest `CANDIDATES` matches are ranked; a word in so many messages
says little anyhow. `Found.bounded` tells when that happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import select
from sqlalchemy import text

from storage.database import Database
from storage.records import CaseRef
from storage.records import CaseStatus
from storage.search.query import Term
from storage.search.query import expression
from storage.search.query import parse
from storage.search.snippet import Snippet
from storage.search.snippet import snippet
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages

#: How many matches are ranked; with a filter that the index does not know, how many are looked through.
CANDIDATES = 1000
CANDIDATES_FILTERED = 20_000

#: A word in the subject says more than one in a body.
_SEARCH = """
WITH hits AS (
    SELECT rowid AS id, bm25(search_index, 0.0, 4.0, 1.0) AS score
    FROM search_index WHERE search_index MATCH :expression
    ORDER BY rowid DESC LIMIT :bound
)
SELECT hits.id, hits.score, cases.id AS case_key, cases.status, message_revisions.id AS revision_key,
       CASE WHEN case_revisions.subject <> cases.subject THEN case_revisions.subject END AS earlier
FROM hits
LEFT JOIN message_revisions ON hits.id & 1 AND message_revisions.id = hits.id >> 1
LEFT JOIN messages ON messages.id = message_revisions.message_key
LEFT JOIN case_revisions ON NOT hits.id & 1 AND case_revisions.id = hits.id >> 1
JOIN cases ON cases.id = coalesce(messages.case_key, case_revisions.case_key)
ORDER BY hits.score, hits.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One case, with the message that matches best; without one where only the subject matches.

    `current` is false for an earlier content, or a message that the portal no longer shows; without a message, for an
    earlier subject, which then is the one that is given.
    """

    ref: CaseRef
    status: CaseStatus
    absent_since: datetime | None
    subject: Snippet
    message_id: str | None
    author: str | None
    sent_at: datetime | None
    current: bool
    snippet: Snippet
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best hits first. `bounded`: there were more matches than were ranked, the older ones are left out."""

    hits: tuple[Hit, ...]
    bounded: bool


def search(
    database: Database,
    typed: str,
    *,
    account: str | None = None,
    statuses: Sequence[CaseStatus] = (),
    limit: int = 20,
    offset: int = 0,
) -> Found:
    """What a person typed (see `query`), in all accounts or one, in cases of these states or all."""
    query = parse(typed)
    wanted = expression(query, account)
    if wanted is None:
        return Found(hits=(), bounded=False)
    bound = CANDIDATES_FILTERED if statuses else CANDIDATES
    with database.read() as connection:
        # One more than is ranked tells whether there are more.
        rows = list(connection.execute(text(_SEARCH), {"expression": wanted, "bound": bound + 1}))
        is_bounded = len(rows) > bound
        if is_bounded:
            rows.remove(min(rows, key=lambda row: int(row.id)))
        places = _places([row for row in rows if not statuses or row.status in statuses])
        hits = _hits(connection, places[offset : offset + limit], query.wanted)
    return Found(hits=hits, bounded=is_bounded)


@dataclass(slots=True)
class Place:
    """Where a case matches: its best score, and the best content of a message, if any matches.

    `earlier`: a subject that it had once, where nothing but such subjects matches.
    """

    case_key: int
    score: float
    earlier: str | None
    revision_key: int | None = None


def _places(rows: Sequence[Row[Any]]) -> list[Place]:
    """One place per case, the best first. The row of a subject scores high for being short; a message says more."""
    places: dict[int, Place] = {}
    for row in rows:
        place = places.setdefault(row.case_key, Place(row.case_key, row.score, row.earlier))
        if place.revision_key is None:
            place.revision_key = row.revision_key
        if row.earlier is None:
            place.earlier = None
    return list(places.values())


def _hits(connection: Connection, places: Sequence[Place], terms: Sequence[Term]) -> tuple[Hit, ...]:
    found = {
        row.id: row
        for row in connection.execute(select(cases).where(cases.c.id.in_([place.case_key for place in places])))
    }
    query = (
        select(
            message_revisions,
            messages.c.message_id,
            messages.c.vanished_at,
            messages.c.revision,
        )
        .join(messages, messages.c.id == message_revisions.c.message_key)
        .where(message_revisions.c.id.in_([place.revision_key for place in places if place.revision_key is not None]))
    )
    contents = {row.id: row for row in connection.execute(query)}
    return tuple(
        _hit(
            found[place.case_key],
            place,
            None if place.revision_key is None else contents[place.revision_key],
            terms,
        )
        for place in places
    )


def _hit(case: Row[Any], place: Place, content: Row[Any] | None, terms: Sequence[Term]) -> Hit:
    piece = snippet("" if content is None else content.body or "", terms)
    if not piece.marks:
        # A message's row has its case's subject too: here only that matches.
        content, piece = None, Snippet("", ())
    if content is None:
        current = place.earlier is None
    else:
        current = content.vanished_at is None and content.number == content.revision
    return Hit(
        ref=CaseRef(account=case.account, case_id=case.case_id),
        status=CaseStatus(case.status),
        absent_since=case.absent_since,
        subject=snippet(case.subject if place.earlier is None else place.earlier, terms, length=None),
        message_id=None if content is None else content.message_id,
        author=None if content is None else content.author,
        sent_at=None if content is None else content.sent_at,
        current=current,
        snippet=piece,
        score=place.score,
    )
