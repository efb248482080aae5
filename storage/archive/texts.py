"""Texts that no database can hold. Pure.

JSON and scripts can carry half of a surrogate pair; UTF-8 cannot. Such a half is replaced, as a browser shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from dataclasses import is_dataclass
from dataclasses import replace
from typing import Any

from storage.records import CaseRecord


def storable(record: CaseRecord) -> CaseRecord:
    """The record itself, or one with every broken text mended."""
    if not any(_is_broken(text) for text in _texts(record)):
        return record
    mended: CaseRecord = _mended(record)
    return mended


def _texts(record: CaseRecord) -> Iterable[str | None]:
    yield from (record.subject, record.status_raw, record.created_at_raw, record.updated_at_raw, record.url)
    yield from (record.case_id, record.fingerprint)
    for file in record.attachments:
        yield from (file.name, file.url, file.mime)
    for message in record.messages:
        yield from (message.body, message.body_html, message.author, message.sent_at_raw, message.message_id)
        for file in message.attachments:
            yield from (file.name, file.url, file.mime)


def _is_broken(text: str | None) -> bool:
    if text is None or text.isascii():
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _mended(value: Any) -> Any:
    if type(value) is str:
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, tuple):
        return tuple(_mended(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: _mended(getattr(value, item.name)) for item in fields(value)})
    return value
