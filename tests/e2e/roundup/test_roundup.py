"""A second help desk that nobody here wrote, under a path of its host: read and answered through a profile alone.

Its addresses are queries, its list tells times as "3 minutes ago", a message is two rows of a table, newest first,
files belong to the case, and the reply form shares the page with the case's own fields.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.desk_caselog import Caselog
from tests.roundup.tracker import HERE
from tests.roundup.tracker import Tracker
from tests.roundup.tracker import serve

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

CONFIGURATION = """
[accounts.desk]
profile = "roundup"
base_url = "{url}"
account_name = "{user}"
user = "{user}"
password = {{ env = "DESK_PASSWORD" }}
pace = {{ requests_per_second = 0, pages = 2 }}
"""
TABS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "all": lambda _: True,
    "mine": lambda case: case["mine"],
    "attention": lambda case: case["status"] in {"unread", "chatting"},
    "filtered": lambda case: case["status"] == "deferred",
}


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    with serve(tmp_path_factory.mktemp("roundup"), cases=60) as tracker:
        yield tracker


@pytest.fixture(scope="module")
def caselog(tracker: Tracker, tmp_path_factory: pytest.TempPathFactory) -> Caselog:
    home = tmp_path_factory.mktemp("home")
    (home / "profiles").mkdir()
    shutil.copy(HERE / "roundup.toml", home / "profiles")
    (home / "caselog.toml").write_text(CONFIGURATION.format(url=tracker.url, **tracker.truth), encoding="utf-8")
    return Caselog(home, tracker.truth["password"])


def squeezed(text: str) -> str:
    return "".join(text.split())


def told(case: dict[str, Any]) -> dict[str, Any]:
    """A case of the truth in the words of the export; bodies without white space."""
    messages = [
        {
            "id": message["id"],
            "author": message["author"],
            "direction": "user" if message["author"] == "desk" else "portal",
            "sent_at": message["sent_at"].replace("+00:00", "Z"),
            "body": squeezed(message["body"]),
        }
        for message in case["messages"]
    ]
    return {
        "case_id": case["id"],
        "subject": case["subject"],
        "status_raw": case["status"],
        "tabs": [name for name, belongs in TABS.items() if belongs(case)],
        "complete": True,
        "messages": messages,
        "files": sorted((file["name"], file["size"], file["sha256"]) for file in case["files"]),
    }


def archived(case: dict[str, Any]) -> dict[str, Any]:
    """A line of the export in the same form."""
    keys = ("id", "author", "direction", "sent_at")
    return {
        **{key: case[key] for key in ("case_id", "subject", "status_raw", "tabs", "complete")},
        "messages": [
            {**{key: message[key] for key in keys}, "body": squeezed(message["body"])} for message in case["messages"]
        ],
        "files": sorted((file["name"], file["size"], file["sha256"]) for file in case["attachments"]),
    }


def test_backup_equals_truth(caselog: Caselog, tracker: Tracker) -> None:
    """A first backup holds every case as the tracker shows it, each tab with its certificate, the empty one proved."""
    (run,) = caselog.answer("backup", "desk")["runs"]

    cases = tracker.truth["cases"]
    sizes = {name: sum(map(belongs, cases)) for name, belongs in TABS.items()}
    assert (
        "complete",
        {name: {"listed": size, "total": size, "ok": True} for name, size in sizes.items()},
    ) == (
        run["outcome"],
        run["certificate"],
    )
    assert [told(case) for case in cases] == [archived(case) for case in caselog.exported()]


def test_reply_with_a_file_is_posted_once_and_proved(caselog: Caselog, tracker: Tracker, tmp_path: Path) -> None:
    """A queued reply with a file arrives once and changes nothing else; a second sending run sends nothing."""
    before = next(case for case in tracker.truth["cases"] if case["status"] == "in-progress")
    proof = tmp_path / "Beleg März.txt"
    proof.write_text("shipped on Tuesday\n", encoding="utf-8")
    text = "Thank you for waiting.\n\nThe *fix* is live & <b>shown</b> in the file."
    caselog.run("outbox", "add", "desk", before["id"], "--text", text, "--file", str(proof))
    digest = caselog.answer("outbox", "approve", "1")["digest"]
    caselog.run("outbox", "approve", "1", "--digest", digest)
    caselog.run("outbox", "send", "desk")
    caselog.run("outbox", "send", "desk")
    (run,) = caselog.answer("backup", "desk")["runs"]

    entry = caselog.answer("outbox", "show", "1")
    (case,) = [archived(case) for case in caselog.exported() if case["case_id"] == before["id"]]
    reply = case["messages"].pop()
    assert ("user", squeezed(text)) == (reply["direction"], reply["body"])
    assert ("sent", "complete", 0, 1) == (entry["status"], run["outcome"], run["cases"]["new"], run["cases"]["changed"])
    sent = [file for file in case["files"] if file[0] == proof.name]
    assert 1 == len(sent)
    case["files"].remove(sent[0])
    assert told(before) == case
