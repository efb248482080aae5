"""Column types and the common base of all tables."""

from __future__ import annotations

import zlib
from datetime import UTC
from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import DateTime
from sqlalchemy import LargeBinary
from sqlalchemy import MetaData
from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from storage.errors import NaiveTime

#: Every constraint has a name, since SQLite alters a table by copying it and must find them again.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored and returned in UTC. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTime(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone; PostgreSQL returns the session's.
        aware: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware


class Json(TypeDecorator[Any]):
    """JSON whose `None` is SQL's NULL, not the word null."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class CompressedText(TypeDecorator[str]):
    """A long text that nothing searches: kept as it came, in a fraction of its size."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value.encode("utf-8"))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        # Archives that were made before this type was have the plain text in the column.
        return zlib.decompress(value).decode("utf-8") if isinstance(value, bytes) else value


class Base(SQLModel):
    """Own metadata, so that an application's other SQLModel tables do not mix with the archive's."""

    metadata = MetaData(naming_convention=NAMES)


def table_of(model: type[Base]) -> Table:
    """The Core table behind a model: rows are written and read without the ORM's identity map."""
    return Base.metadata.tables[str(model.__tablename__)]
