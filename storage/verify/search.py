"""The full-text index against one that is built from the contents now: it answers for them, or it does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection

from storage.search.index import CREATE
from storage.search.index import INSERT
from storage.search.index import all_lines
from storage.search.index import indexed
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy

#: Which contents have to be indexed and are not, or are indexed and should not be; row numbers as in `search.index`.
_UNLIKE = """
WITH expected AS (
    SELECT id * 2 AS id FROM case_revisions WHERE erased_at IS NULL
    UNION ALL SELECT id * 2 + 1 FROM message_revisions WHERE erased_at IS NULL
)
SELECT (SELECT count(*) FROM expected WHERE id NOT IN (SELECT id FROM search_index_docsize)),
       (SELECT count(*) FROM search_index_docsize WHERE id NOT IN (SELECT id FROM expected))
"""

#: The words of each content by their number, and how often each word stands in how many.
_SIZES = "SELECT id, sz FROM search_index_docsize ORDER BY id"
_WORDS = "SELECT term, col, doc, cnt FROM temp.search_words"
_LOOK = "CREATE VIRTUAL TABLE temp.search_words USING fts5vocab(main, search_index, 'col')"


def check_search(connection: Connection, *, contents_are_whole: bool) -> Iterator[Finding]:
    """The index has one row for each content that was not erased, and the words of just these contents.

    Of damaged contents it may well have the words that they had, and nobody can tell.
    """
    lacking, surplus = connection.exec_driver_sql(_UNLIKE).one()
    if lacking:
        yield _unsearchable(f"{lacking} contents are not indexed")
    if surplus:
        yield _unsearchable(f"{surplus} contents are indexed that are not there")
    if contents_are_whole and not (lacking or surplus) and not _is_as_rebuilt(connection):
        yield _unsearchable("its words are not those of the contents")


def check_index(connection: Connection) -> Iterator[Finding]:
    """Whether the index is sound in itself. Only a writer may ask it to check itself; what that writes is nothing."""
    connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('integrity-check')")
    return iter(())


def _is_as_rebuilt(connection: Connection) -> bool:
    # SQLite's own temporary file: however large the archive is, the memory stays small.
    with closing(sqlite3.connect("")) as fresh:
        fresh.execute(CREATE)
        for lines in all_lines(connection):
            fresh.executemany(INSERT, map(indexed, lines))
        fresh.execute(_LOOK)
        connection.exec_driver_sql(_LOOK)
        try:
            return all(_same(connection, fresh, query) for query in (_SIZES, _WORDS))
        finally:
            connection.exec_driver_sql("DROP TABLE temp.search_words")


def _same(connection: Connection, fresh: sqlite3.Connection, query: str) -> bool:
    expected = fresh.execute(query)
    rows = connection.exec_driver_sql(query)
    return all(tuple(row) == expected.fetchone() for row in rows) and expected.fetchone() is None


def _unsearchable(detail: str) -> Finding:
    return Finding(fault=Fault.SEARCH, where="search index", detail=detail, remedy=Remedy.REBUILD_SEARCH)
