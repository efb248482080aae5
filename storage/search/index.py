"""Keeps the full-text index beside the revisions: one row for each content ever seen; nothing leaves it.

Rows of messages have odd numbers (twice the revision's id plus one), rows of cases even ones. The index holds no text
of its own. A message's row has its case's current subject too, so that a word of it and a word of the body meet; what
the subject was before is found in the case's own rows. However it came about, the index is what `rebuild` makes.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

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

INSERT = "INSERT INTO search_index (rowid, scope, subject, body) VALUES (?, ?, ?, ?)"

#: A row that is taken out has to be given as it was put in: the index does not know what it holds.
_DELETE = "INSERT INTO search_index (search_index, rowid, scope, subject, body) VALUES ('delete', ?, ?, ?, ?)"

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
    _execute(connection, INSERT, lines)


def turn_subject(connection: Connection, case_key: int, account: str, *, before: str, after: str) -> None:
    """Let a case's messages that are indexed already meet its new subject."""
    bodies = connection.exec_driver_sql(f"{_MESSAGES} AND c.id = ?", (case_key,)).all()
    for statement, subject in ((_DELETE, before), (INSERT, after)):
        _execute(connection, statement, [(number, account, subject, body) for number, _, _, body in bodies])


def rebuild(connection: Connection) -> None:
    """Build the index from the revisions: after an upgrade, or when it does not answer as it should."""
    connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('delete-all')")
    for lines in all_lines(connection):
        add_lines(connection, lines)


def all_lines(connection: Connection) -> Iterator[list[Line]]:
    """What the index holds, in parts."""
    for query in (_CASES, _MESSAGES):
        for part in connection.exec_driver_sql(query).partitions(1000):
            yield [(row[0], row[1], row[2], row[3]) for row in part]


def indexed(line: Line) -> Line:
    """A line as the index takes it."""
    number, account, subject, body = line
    return number, account_token(account), index_text(subject), index_text(body)


def _execute(connection: Connection, statement: str, lines: Iterable[Line]) -> None:
    rows = [indexed(line) for line in lines]
    if rows:
        connection.exec_driver_sql(statement, rows)
