"""Keeps the full-text index beside the revisions: one row for each content ever seen; nothing leaves it.

Rows of messages have odd numbers (twice the revision's id plus one), rows of cases even ones. The index holds no text
of its own. A message's row has its case's subject of that time too, so that a word of it and a word of the body meet.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from storage.search.tokens import account_token
from storage.search.tokens import index_text

#: Row number, account, subject, body.
Line = tuple[int, str, str, str]

CREATE = """
CREATE VIRTUAL TABLE search_index USING fts5(
    scope, subject, body, content='', tokenize='unicode61 remove_diacritics 2'
)
"""

_INSERT = "INSERT INTO search_index (rowid, scope, subject, body) VALUES (?, ?, ?, ?)"

_MESSAGES = """
SELECT r.id * 2 + 1, c.account, c.subject, r.body
FROM message_revisions r JOIN messages m ON m.id = r.message_key JOIN cases c ON c.id = m.case_key
WHERE r.body IS NOT NULL
"""

_CASES = """
SELECT r.id * 2, c.account, r.subject, ''
FROM case_revisions r JOIN cases c ON c.id = r.case_key
WHERE r.subject IS NOT NULL
"""


def case_line(revision_id: int, account: str, subject: str) -> Line:
    return revision_id * 2, account, subject, ""


def message_line(revision_id: int, account: str, subject: str, body: str) -> Line:
    return revision_id * 2 + 1, account, subject, body


def add_lines(connection: Connection, lines: Iterable[Line]) -> None:
    rows = [
        (number, account_token(account), index_text(subject), index_text(body))
        for number, account, subject, body in lines
    ]
    if rows:
        connection.exec_driver_sql(_INSERT, rows)


def count_lines(connection: Connection) -> int:
    """How many contents are indexed."""
    return int(connection.exec_driver_sql("SELECT count(*) FROM search_index_docsize").scalar_one())


def rebuild(connection: Connection) -> None:
    """Build the index from the revisions: after an upgrade, or when it does not answer as it should."""
    connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('delete-all')")
    for query in (_CASES, _MESSAGES):
        for part in connection.exec_driver_sql(query).partitions(1000):
            add_lines(connection, [(row[0], row[1], row[2], row[3]) for row in part])
