"""What a trace must not hold."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from agent.browser.scrub import scrub_trace
from agent.secrets import REDACTED
from agent.secrets import Redactor

SECRET = "s3ss10n-value-0815"


def scrubbed(folder: Path, name: str, content: bytes) -> bytes:
    """One file of a trace, after."""
    with zipfile.ZipFile(folder / "raw.zip", "w") as raw:
        raw.writestr(name, content)
    redactor = Redactor()
    redactor.register(SECRET)
    scrub_trace(folder / "raw.zip", folder / "kept.zip", redactor.redact)
    with zipfile.ZipFile(folder / "kept.zip") as kept:
        return kept.read(name)


def test_only_a_line_feed_ends_an_event(tmp_path: Path) -> None:
    """Texts of pages hold other line ends, which JSON leaves as they are."""
    event = {"type": "event", "text": "a\u2028b\u2029c\u0085d", "cookies": [SECRET]}
    line = json.dumps(event, ensure_ascii=False)

    kept = scrubbed(tmp_path, "trace.trace", f"{line}\n{line}\n".encode())

    assert [{**event, "cookies": []}] * 2 == [json.loads(one) for one in kept.decode().split("\n") if one]


def test_a_text_in_an_older_encoding_is_redacted_too(tmp_path: Path) -> None:
    """Whatever is not UTF-8 keeps its bytes, but for the secret."""
    page = f"<p>\u8fd4\u54c1 {SECRET} \xff".encode("shift-jis", errors="ignore") + bytes(range(256))

    kept = scrubbed(tmp_path, "resources/page", page)

    assert page.replace(SECRET.encode(), REDACTED.encode()) == kept
