"""`cases list` and `cases search`: the archive answers without any portal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from storage.records import CaseStatus

Runner = Callable[..., Any]
NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def three_cases(archived: Callable[..., None], make_case: Callable[..., Any], make_message: Callable[..., Any]) -> None:
    archived(
        make_case("100", messages=(make_message(1), make_message(2))),
        make_case("200", status=CaseStatus.CLOSED, status_raw="Closed", messages=(make_message(4, body="Label 退款"),)),
    )
    archived(
        make_case("300", account="other", messages=(make_message(9, body="<b>bold</b>\x1b[31m"),)), account="other"
    )


@pytest.mark.usefixtures("three_cases")
def test_list_is_newest_first_with_everything_a_script_needs(caselog: Runner) -> None:
    """The last active case comes first, with stable keys and times in UTC."""
    value = caselog("cases", "list", "--json").value

    assert (["300", "200", "100"], 3) == ([case["case_id"] for case in value["cases"]], value["total"])
    assert {
        "account": "main",
        "case_id": "100",
        "subject": "Where is shipment 100?",
        "status": "needs_user",
        "status_raw": "Needs your attention",
        "tabs": [],
        "created_at": "2026-01-15T12:00:00Z",
        "updated_at": None,
        "last_activity_at": "2026-01-15T14:00:00Z",
        "first_seen_at": "2026-01-15T12:00:00Z",
        "last_seen_at": "2026-01-15T12:00:00Z",
        "absent_since": None,
        "complete": True,
        "messages": 2,
        "url": "http://127.0.0.1:9/case/100",
    } == value["cases"][2]


@pytest.mark.usefixtures("three_cases")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--account", "main"), ["200", "100"]),
        (("--status", "closed"), ["200"]),
        (("--status", "closed", "--status", "needs_user", "--account", "main"), ["200", "100"]),
        (("--since", "2026-01-15T16:30"), ["300", "200"]),
        (("--absent",), []),
        (("--listed", "--limit", "1", "--offset", "1"), ["200"]),
    ],
)
def test_list_is_filtered(caselog: Runner, options: tuple[str, ...], expected: list[str]) -> None:
    """Filters are joined by "and"; a date is in the person's zone (here UTC+1)."""
    cases = caselog("cases", "list", *options, "--json").value["cases"]

    assert expected == [case["case_id"] for case in cases]


@pytest.mark.usefixtures("three_cases")
def test_list_shows_times_in_the_persons_zone(caselog: Runner) -> None:
    """People read their own time, with its zone."""
    assert "2026-01-15 15:00 CET" in caselog("cases", "list", "--account", "main").out


@pytest.mark.usefixtures("three_cases")
@pytest.mark.parametrize(
    ("words", "expected"), [("refund", {"100"}), ("退款", {"100", "200"}), ("label 退款", {"200"})]
)
def test_search_finds_words_and_two_characters(caselog: Runner, words: str, expected: set[str]) -> None:
    """Words are joined by "and"; two Chinese characters are a word."""
    hits = caselog("cases", "search", words, "--json").value["hits"]

    assert expected == {hit["case_id"] for hit in hits}
    for hit in hits:
        assert [hit["snippet"][start:end].lower() for start, end in hit["marks"]]


def test_search_says_what_is_no_longer_so(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """A case that matches by a subject of the past is shown with that one, and with what it is."""
    archived(make_case("100", subject="Lost parcel"))
    archived(make_case("100", subject="Found again"))

    [hit] = caselog("cases", "search", "parcel", "--json").value["hits"]

    assert ("Lost parcel", None, False) == (hit["subject"], hit["message_id"], hit["current"])
    assert "main  100  Lost parcel\n  an earlier subject\n" == caselog("cases", "search", "parcel").out


@pytest.mark.usefixtures("three_cases")
def test_portal_text_cannot_command_the_terminal(caselog: Runner) -> None:
    """An escape sequence in a message is shown as text, not obeyed."""
    ran = caselog("cases", "search", "bold")

    assert "<b>bold</b>" in ran.out
    assert "\x1b" not in ran.out


@pytest.mark.usefixtures("configured")
def test_archive_that_is_not_there_says_how_to_get_one(caselog: Runner) -> None:
    """Before the first backup the next step is the first backup."""
    ran = caselog("cases", "list")

    assert (5, True) == (ran.code, "caselog backup" in ran.err)


def test_help_says_how_a_word_is_left_out(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """What begins with a hyphen is an option, unless it is quoted as the help shows it."""
    archived(make_case("100"), make_case("200", subject="A lost order"))
    said = " ".join(caselog("cases", "search", "--help").out.split())

    [shown] = re.findall(r'"(refund -order)"', said)
    hits = caselog("cases", "search", shown, "--json").value["hits"]

    assert {"100"} == {hit["case_id"] for hit in hits}
