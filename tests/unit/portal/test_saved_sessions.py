"""What is kept of a session for the next run, and what of it can be used."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.browser.context import carried
from agent.browser.saved import forget_session
from agent.clock import ManualClock
from agent.portal.keeping import SessionKeeper

STATE: dict[str, Any] = {"cookies": [{"name": "session-id", "value": "s3cr3t"}], "origins": []}


def keeper(folder: Path, clock: ManualClock, **changes: Any) -> SessionKeeper:
    values = {"account": "main", "base_url": "https://p.test", "key": "any text", "days": 7.0}
    return SessionKeeper(folder=folder, clock=clock, **{**values, **changes})


def test_a_session_is_kept_encrypted(tmp_path: Path) -> None:
    """What was saved comes back; on the disk stands nothing of it, for nobody else to read."""
    kept = keeper(tmp_path, ManualClock())
    kept.save(STATE)

    assert kept.load() == STATE
    assert b"s3cr3t" not in kept.path.read_bytes()
    assert sys.platform == "win32" or kept.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "changes", [{"key": "another"}, {"account": "other"}, {"base_url": "https://q.test"}, {"key": None}]
)
def test_what_is_not_ours_is_not_used(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Another key, account or portal finds no session, and a file under a wrong name is not taken either."""
    clock = ManualClock()
    kept = keeper(tmp_path, clock)
    kept.save(STATE)
    other = keeper(tmp_path, clock, **changes)
    if other.path != kept.path:
        other.path.write_bytes(kept.path.read_bytes())

    assert other.load() is None


def test_a_session_expires(tmp_path: Path) -> None:
    """After its days a session counts for nothing."""
    clock = ManualClock()
    keeper(tmp_path, clock).save(STATE)

    clock.advance(timedelta(days=7).total_seconds() - 1)
    assert keeper(tmp_path, clock).load() == STATE
    clock.advance(2)
    assert keeper(tmp_path, clock).load() is None


def test_without_a_key_nothing_is_written(tmp_path: Path) -> None:
    """No key, no saved session."""
    keeper(tmp_path, ManualClock(), key=None).save(STATE)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"garbage", b"caselog-session-1\n", b"caselog-session-1\n" + b"x" * 80])
def test_a_damaged_file_is_no_session(tmp_path: Path, content: bytes) -> None:
    """A file that cannot be opened costs a sign-in, never the run."""
    kept = keeper(tmp_path, ManualClock())
    kept.path.write_bytes(content)

    assert kept.load() is None


def test_a_forgotten_session_is_gone(tmp_path: Path) -> None:
    """Forgetting twice is no error."""
    kept = keeper(tmp_path, ManualClock())
    kept.save(STATE)
    forget_session(kept.path)
    forget_session(kept.path)

    assert kept.load() is None


def test_only_named_cookies_are_carried() -> None:
    """A name may hold stars; what fits none of the names stays behind."""
    cookies = [{"name": name} for name in ("session-id", "session-token", "poison", "at-main")]

    assert ["session-id", "session-token", "at-main"] == [
        cookie["name"] for cookie in carried(cookies, ["session-*", "at-main"])
    ]
