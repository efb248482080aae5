"""What has to be checked because SQLite lets it happen: damaged pages, values of the wrong kind."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import inspect

from storage.database import complaints
from storage.tables.columns import Base
from storage.tables.columns import CompressedText
from storage.tables.columns import Json
from storage.tables.columns import UtcDateTime
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy

_TIME = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]*"


def check_database(connection: Connection) -> Iterator[Finding]:
    """The database's own check, the indexes that keep promises, and the kind of every value."""
    for where, detail in complaints(connection):
        yield _damage(Fault.DATABASE, where, detail)
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name not in tables:
            yield _damage(Fault.DATABASE, table.name, "the table is missing")
            continue
        there = {index["name"] for index in inspector.get_indexes(table.name)}
        for missing in sorted({str(index.name) for index in table.indexes} - there):
            yield _damage(Fault.DATABASE, table.name, f"its index {missing} is missing")
        yield from _check_values(connection, table)


def _check_values(connection: Connection, table: Table) -> Iterator[Finding]:
    tests = " ".join(f"WHEN {_is_wrong(column)} THEN '{column.name}'" for column in table.columns)
    query = f"SELECT * FROM (SELECT rowid, CASE {tests} END AS name FROM {table.name}) WHERE name IS NOT NULL"  # noqa: S608 - our own names
    for row, name in connection.exec_driver_sql(query):
        yield _damage(Fault.VALUE, f"{table.name} row {row}", f"its {name} cannot be read: it is not of that kind")
    for column in table.columns:
        if isinstance(column.type, CompressedText):
            yield from _check_compressed(connection, table, column.name)


def _check_compressed(connection: Connection, table: Table, name: str) -> Iterator[Finding]:
    packed = f"SELECT rowid, {name} FROM {table.name} WHERE typeof({name}) = 'blob'"  # noqa: S608 - our own names
    for row, value in connection.exec_driver_sql(packed):
        try:
            zlib.decompress(value).decode("utf-8")
        except (zlib.error, UnicodeDecodeError) as error:
            yield _damage(Fault.VALUE, f"{table.name} row {row}", f"its {name} cannot be unpacked: {error}")


def _is_wrong(column: Column[object]) -> str:
    name = f'"{column.name}"'
    if isinstance(column.type, UtcDateTime):
        test = f"typeof({name}) <> 'text' OR {name} NOT GLOB '{_TIME}' OR julianday({name}) IS NULL"
    elif isinstance(column.type, Json):
        test = f"typeof({name}) <> 'text' OR NOT json_valid({name})"
    elif isinstance(column.type, CompressedText):
        test = f"typeof({name}) NOT IN ('blob', 'text')"
    else:
        kind = "integer" if isinstance(column.type, Integer | Boolean) else "text"
        test = f"typeof({name}) <> '{kind}'"
    return f"{name} IS NOT NULL AND ({test})"


def _damage(fault: Fault, where: str, detail: str) -> Finding:
    return Finding(fault=fault, where=where, detail=detail, remedy=Remedy.RESTORE)
