"""`caselog archive audits`: a reason that a person had to give can be read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from storage import journal
from storage.database import Database

Runner = Callable[..., Any]
NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def decided(database: Database) -> Database:
    for number, reason in enumerate(("a new password", "the NAS \x1b[31mburnt down")):
        journal.audit(
            database, actor="ann", action="unlock", subject="main", reason=reason, at=NOON.replace(minute=number)
        )
    return database


@pytest.mark.usefixtures("decided")
def test_who_did_what_and_why(caselog: Runner) -> None:
    """The newest first, for programs and people; times in the user's zone, and nothing that a terminal obeys."""
    expected = [
        {
            "at": f"2026-01-15T12:0{number}:00Z",
            "by": "ann",
            "action": "unlock",
            "subject": "main",
            "reason": reason,
        }
        for number, reason in ((1, "the NAS \x1b[31mburnt down"), (0, "a new password"))
    ]
    shown = caselog("archive", "audits")

    assert {"audits": expected} == caselog("archive", "audits", "--json").value
    assert {"audits": expected[:1]} == caselog("archive", "audits", "--limit", "1", "--json").value
    assert "2026-01-15 13:00" in shown.out
    assert "a new password" in shown.out
    assert "\x1b" not in shown.out


@pytest.mark.usefixtures("database")
def test_nothing_decided_yet(caselog: Runner) -> None:
    """An archive that nobody has decided anything in says so."""
    assert (0, "Nobody has decided anything yet.\n") == (
        caselog("archive", "audits").code,
        caselog("archive", "audits").out,
    )
