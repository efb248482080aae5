"""`caselog verify`: what is damaged, what is whole, what to do next; nothing in the file makes it crash."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database

Runner = Callable[..., Any]
PARTS = ["database", "cases", "messages", "attachments", "files", "evidence", "search", "journal", "outbox"]


@pytest.fixture
def file(database: Database, archived: Callable[..., None], make_case: Callable[..., Any]) -> Path:
    """An archive of some pages, closed."""
    archived(*(make_case(str(number)) for number in range(100, 112)))
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO certificates SELECT id, 'all', 12, 12, 1, started_at FROM runs")
    database.close()
    plain = sqlite3.connect(database.path)
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
    return database.path


def test_sound_archive(caselog: Runner, file: Path) -> None:
    """Everything is counted and called whole."""
    ran = caselog("verify", "--json")
    told = caselog("verify").out

    counts = {"cases": 12, "messages": 24, "attachments": 0, "files": 0, "evidence": 0, "journal": 1, "outbox": 0}
    assert ran.value == {
        "sound": True,
        "parts": [{"part": part, "count": counts.get(part), "whole": True} for part in PARTS],
        "findings": [],
    }
    assert (0, True) == (ran.code, told.endswith("The archive is sound.\n"))
    assert "Whole: database, cases (12), messages (24)" in told


def test_damage_is_told_beside_what_is_whole(caselog: Runner, file: Path) -> None:
    """One forged message: its place, what to do, and that nothing else is touched."""
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE message_revisions SET body = 'forged' WHERE id = 3")
    connection.close()

    ran, told = caselog("verify", "--json"), caselog("verify")

    [finding] = ran.value["findings"]
    assert (22, 22) == (ran.code, told.code)
    assert {"part", "fault", "where", "detail", "remedy", "next"} == set(finding)
    assert ("messages", "content", "message main/101/m1 revision 1") == (
        finding["part"],
        finding["fault"],
        finding["where"],
    )
    assert ["messages"] == [part["part"] for part in ran.value["parts"] if not part["whole"]]
    assert "Damaged: messages (1 findings)." in told.out
    assert "Next: put back a copy" in told.out


def test_index_is_built_again(caselog: Runner, file: Path) -> None:
    """What is said to be mended by a command is mended by it."""
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO search_index (search_index) VALUES ('delete-all')")
    connection.close()

    damaged = caselog("verify")

    assert (22, True) == (damaged.code, "caselog verify --rebuild-search" in damaged.out)
    assert 0 == caselog("verify", "--rebuild-search").code
    assert 0 == caselog("verify").code


def pages(file: Path) -> int:
    return file.stat().st_size // 4096


@pytest.mark.parametrize("filling", ["garbage", pytest.param("zeros", marks=pytest.mark.long)])
def test_every_page_may_be_damaged(caselog: Runner, file: Path, filling: str) -> None:
    """Whichever page is overwritten: exit 22, or 5 where the file cannot be opened; never a bug, never "sound"."""
    whole = file.read_bytes()
    chance = random.Random(1)  # noqa: S311 - the same garbage each time
    codes = {}
    for number in range(pages(file)):
        block = bytes(4096) if filling == "zeros" else chance.randbytes(4096)
        file.write_bytes(whole[: number * 4096] + block + whole[(number + 1) * 4096 :])
        ran = caselog("verify", "--json")
        codes[number] = ran.code
        assert ran.value.get("sound") is not True, number
        assert "bug" not in ran.err, (number, ran.err)
        for beside in ("-wal", "-shm"):
            Path(f"{file}{beside}").unlink(missing_ok=True)

    assert {5, 22} == set(codes.values())
    assert list(codes.values()).count(22) > len(codes) // 2


@pytest.mark.parametrize("share", [0.99, 0.5, 0.1])
def test_truncated_file(caselog: Runner, file: Path, share: float) -> None:
    """A file that lost its end is damaged, and says so."""
    os.truncate(file, int(file.stat().st_size * share))

    ran = caselog("verify", "--json")

    assert ran.code in {5, 22}
    assert ran.value.get("sound") is not True


def test_terminal_commands_in_damage_are_not_obeyed(caselog: Runner, file: Path) -> None:
    """A name that a damaged or forged row brings along reaches the terminal as plain text."""
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE cases SET case_id = 'x' || char(27) || '[2J', subject = 'forged' WHERE id = 3")
    connection.close()

    ran = caselog("verify")

    assert 22 == ran.code
    assert "\x1b" not in ran.out


def test_live_wants_a_known_account(caselog: Runner, file: Path) -> None:
    """A mistyped account is a mistake of the command line's reader, told before anything is opened."""
    ran = caselog("verify", "--live", "nobody", "--json")

    assert 3 == ran.code
    assert "nobody" in json.dumps(ran.value["error"])
