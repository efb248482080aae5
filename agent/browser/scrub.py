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
    if name.endswith((".trace", ".network")):
        # The texts of pages hold characters at which `splitlines` would split too.
        lines = [json.loads(line) for line in content.split(b"\n") if line]
        text = "".join(json.dumps(scrub_event(line), ensure_ascii=False) + "\n" for line in lines)
        return redact(text).encode()
    try:
        return redact(content.decode()).encode()
    except UnicodeDecodeError:
        # A picture, a font, or a text in another encoding: secrets are plain ASCII in nearly all of them.
        return redact(content.decode("latin-1")).encode("latin-1")
