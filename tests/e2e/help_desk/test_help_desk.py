"""A real third-party help desk through a profile alone: archived as it is, answered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.desk_caselog import Caselog
from tests.e2e.help_desk.conftest import CASES
from tests.help_desk.desk import HelpDesk

#: The desk's agents are our side.
DIRECTIONS = {"agent": "user", "customer": "portal"}
STATUSES = {"Open": "needs_user", "Reopened": "needs_user", "Resolved": "answered"}


def squeezed(text: str) -> str:
    return "".join(text.split())


def told(case: dict[str, Any], tabs: dict[str, Any]) -> dict[str, Any]:
    """A case of the truth in the words of the export; bodies without white space."""
    return {
        "case_id": case["id"],
        "subject": case["subject"],
        "status": STATUSES[case["status"]],
        "status_raw": case["status"],
        "tabs": [name for name, tab in tabs.items() if case["id"] in tab["ids"]],
        "created_at": datetime.fromisoformat(case["created"]),
        "updated_at": datetime.fromisoformat(case["updated"]),
        "complete": True,
        "messages": [
            {
                "direction": DIRECTIONS[message["role"]],
                "author": message["author"],
                "sent_at": datetime.fromisoformat(message["time"]),
                "body": squeezed(message["body_shown"]),
                "attachments": sorted(
                    (file["shown_name"], file["mime"], file["size"], file["sha256"]) for file in message["attachments"]
                ),
            }
            for message in case["messages"]
        ],
    }


def archived(case: dict[str, Any]) -> dict[str, Any]:
    """A line of the export in the same form."""
    return {
        **{key: case[key] for key in ("case_id", "subject", "status", "status_raw", "tabs", "complete")},
        "created_at": datetime.fromisoformat(case["created_at"]),
        "updated_at": datetime.fromisoformat(case["updated_at"]),
        "messages": [
            {
                "direction": message["direction"],
                "author": message["author"],
                "sent_at": datetime.fromisoformat(message["sent_at"]),
                "body": squeezed(message["body"]),
                "attachments": sorted(
                    (file["name"], file["mime"], file["size"], file["sha256"]) for file in message["attachments"]
                ),
            }
            for message in case["messages"]
        ],
    }


TEXT = "Thank you for waiting.\n\nThe **fix** is live; the file shows when it was shipped."
FILE = "Beleg März.txt"


@dataclass(frozen=True)
class Replied:
    """A case that was answered, and how many entries its thread had before."""

    case_id: str
    before: int


@pytest.fixture(scope="module")
def first_run(caselog: Caselog) -> dict[str, Any]:
    """The first backup."""
    (run,) = caselog.answer("backup", "desk")["runs"]
    return dict(run)


@pytest.fixture(scope="module")
def replied(
    caselog: Caselog, desk: HelpDesk, first_run: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Replied:
    """A reply with a file, queued, approved and sent; then sent again."""
    case_id = next(case["case_id"] for case in caselog.exported() if case["status"] == "needs_user")
    before = len(desk.entries_of(case_id))
    proof = tmp_path_factory.mktemp("files") / FILE
    proof.write_text("shipped on Tuesday\n", encoding="utf-8")
    caselog.run("outbox", "add", "desk", case_id, "--text", TEXT, "--file", str(proof))
    digest = caselog.answer("outbox", "approve", "1")["digest"]
    caselog.run("outbox", "approve", "1", "--digest", digest)
    caselog.run("outbox", "send", "desk")
    caselog.run("outbox", "send", "desk")
    return Replied(case_id, before)


def test_backup_equals_truth(caselog: Caselog, desk: HelpDesk, first_run: dict[str, Any]) -> None:
    """A first backup holds every case of the desk as the desk shows it, each tab with its certificate."""
    tabs = desk.truth["tabs"]
    counts = {name: {"listed": len(tab["ids"]), "total": len(tab["ids"]), "ok": True} for name, tab in tabs.items()}
    assert ("complete", counts) == (first_run["outcome"], first_run["certificate"])
    assert [told(case, tabs) for case in desk.truth["cases"]] == [archived(case) for case in caselog.exported()]


@pytest.mark.long
def test_second_backup_finds_nothing_new(caselog: Caselog, first_run: dict[str, Any]) -> None:
    """A second backup changes nothing, though the desk words its relative dates anew."""
    before = [archived(case) for case in caselog.exported()]
    (run,) = caselog.answer("backup", "desk", "--full")["runs"]

    expected = {"seen": CASES, "new": 0, "changed": 0, "unchanged": CASES, "absent": 0}
    assert ("complete", expected) == (run["outcome"], run["cases"])
    assert before == [archived(case) for case in caselog.exported()]


def test_reply_with_a_file_is_posted_once_and_proved(caselog: Caselog, desk: HelpDesk, replied: Replied) -> None:
    """It stands once in the desk's own data, with its file, and sending again sent nothing."""
    new = desk.entries_of(replied.case_id)[replied.before :]

    assert [(TEXT, [FILE])] == [(text.replace("\r\n", "\n"), files) for text, files in new]
    assert caselog.answer("outbox", "show", "1")["status"] == "sent"


@pytest.mark.long
def test_next_backup_holds_the_reply(caselog: Caselog, replied: Replied) -> None:
    """Once, as our own message, with its file."""
    caselog.run("backup", "desk", "--case", replied.case_id)

    (case,) = [case for case in caselog.exported() if case["case_id"] == replied.case_id]
    ours = [message for message in case["messages"] if "fixislive" in squeezed(message["body"])]
    assert [("user", [FILE])] == [
        (message["direction"], [file["name"] for file in message["attachments"]]) for message in ours
    ]
