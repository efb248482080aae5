"""Content hashes. Raw texts of times, links and markup are not content: a portal words them differently each time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime


def case_hash(
    *, subject: str, status: str, status_raw: str, created_at: datetime | None, updated_at: datetime | None
) -> str:
    return _digest((subject, status, status_raw, _time(created_at), _time(updated_at)))


def message_hash(*, direction: str, author: str, sent_at: datetime, body: str) -> str:
    return _digest((direction, author, _time(sent_at), body))


def _digest(values: Sequence[str | None]) -> str:
    return hashlib.sha256(json.dumps(values).encode("ascii")).hexdigest()


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")
