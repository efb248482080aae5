"""The demo's judge: whatever the archive has wrong is found, and only that."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from agent.cli.demo.truth import compare

ARCHIVED: dict[str, Any] = {
    "case_id": "100",
    "subject": "Where is  it?",
    "status_raw": "Open",
    "tabs": ["mine", "all"],
    "complete": True,
    "created_at": "2026-01-15T12:00:00Z",
    "updated_at": "2026-01-15T13:00:00Z",
    "messages": [
        {
            "author": "You",
            "direction": "user",
            "sent_at": "2026-01-15T12:00:00Z",
            "body": "Hello\n\nthere",
            "attachments": [{"name": "a.pdf", "sha256": "aa"}],
        }
    ],
}
TRUTH: dict[str, Any] = {
    "tabs": {"all": {"ids": ["100"]}, "mine": {"ids": ["100"]}, "attention": {"ids": []}},
    "cases": [
        {
            "id": "100",
            "subject": "Where is it?",
            "status": "Open",
            "created": "2026-01-15T12:00:59+00:00",
            "updated": "2026-01-15T13:00:10+00:00",
            "messages": [
                {
                    "n": 1,
                    "author": "You",
                    "role": "user",
                    "time": "2026-01-15T12:00:30+00:00",
                    "body_shown": "Hello there",
                    "attachments": [{"name": "a.pdf", "sha256": "aa"}],
                }
            ],
        }
    ],
}


def test_same_content_is_equal() -> None:
    """White space and seconds, which pages do not show, make no difference."""
    assert {"missing": 0, "extra": 0, "different": 0} == compare([ARCHIVED], TRUTH).to_json()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("subject", "Where was it?"),
        ("status_raw", "Closed"),
        ("tabs", ["all"]),
        ("complete", False),
        ("created_at", "2026-01-15T12:01:00Z"),
        ("updated_at", None),
        ("messages", []),
    ],
)
def test_wrong_field_of_a_case_is_found(key: str, value: object) -> None:
    """Each field of a case is compared."""
    assert {"missing": 0, "extra": 0, "different": 1} == compare([{**ARCHIVED, key: value}], TRUTH).to_json()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("author", "Amazon"),
        ("direction", "portal"),
        ("sent_at", "2026-01-15T12:01:00Z"),
        ("body", "Hello her"),
        ("attachments", []),
        ("attachments", [{"name": "a.pdf", "sha256": "bb"}]),
    ],
)
def test_wrong_field_of_a_message_is_found(key: str, value: object) -> None:
    """Each field of a message is compared, files by their hash."""
    archived = copy.deepcopy(ARCHIVED)
    archived["messages"][0][key] = value

    assert 1 == compare([archived], TRUTH).to_json()["different"]


def test_case_on_one_side_only_is_found() -> None:
    """A case that was not archived, and one that the portal does not hold."""
    comparison = compare([{**ARCHIVED, "case_id": "200"}], TRUTH)

    assert (("100",), ("200",)) == (comparison.missing, comparison.extra)


def test_portal_without_update_times_is_not_asked_for_them() -> None:
    """A portal whose lists show no such time has nothing to compare."""
    truth = copy.deepcopy(TRUTH)
    truth["cases"][0]["updated"] = None

    assert compare([{**ARCHIVED, "updated_at": None}], truth).equal
