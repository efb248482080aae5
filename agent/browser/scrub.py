"""A recorded trace without what would let somebody in: cookies, authorization, the session's values.

What is left opens with `playwright show-trace`. The files of a trace: `*.trace` and `*.network` hold one JSON object a
line, `resources/` what the pages loaded.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.secrets import REDACTED

_HEADERS = frozenset({"cookie", "set-cookie", "authorization", "proxy-authorization"})
_KEYS = frozenset({"cookies", "storageState", "httpCredentials", "proxy"})


def scrub_trace(recorded: Path, kept: Path, redact: Callable[[str], str]) -> None:
    """Write a copy without secrets; `redact` blots out the values that are known."""
    with (
        zipfile.ZipFile(recorded) as source,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry.filename, _scrubbed(entry.filename, content, redact))


def scrub_event(value: Any) -> Any:
    """One JSON value without cookies, credentials and the headers that carry them."""
    if isinstance(value, list):
        return [scrub_event(item) for item in value]
    if not isinstance(value, dict):
        return value
    if str(value.get("name", "")).lower() in _HEADERS and "value" in value:
        return {**value, "value": REDACTED}
    return {key: _emptied(inner) if key in _KEYS else scrub_event(inner) for key, inner in value.items()}


def _emptied(value: Any) -> Any:
    return [] if isinstance(value, list) else None


def _scrubbed(name: str, content: bytes, redact: Callable[[str], str]) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content  # a picture or a font
    if name.endswith((".trace", ".network")):
        lines = (json.dumps(scrub_event(json.loads(line)), ensure_ascii=False) for line in text.splitlines() if line)
        text = "\n".join(lines) + "\n"
    return redact(text).encode()
