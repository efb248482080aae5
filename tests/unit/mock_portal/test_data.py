"""The cases that a portal is born with."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from mock_portal.data.accounts import ACCOUNTS
from mock_portal.data.accounts import Account
from mock_portal.data.body import fold
from mock_portal.data.cases import make_cases
from mock_portal.data.model import Case
from mock_portal.data.model import Role
from mock_portal.data.model import Status
from mock_portal.hill.contacts import CUT_AT

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def cases(count: int = 60, *, seed: int = 1, account: Account = ACCOUNTS[0], now: datetime = NOW) -> list[Case]:
    return make_cases(account, count=count, seed=seed, now=now)


def content(made: list[Case]) -> list[Any]:
    return [
        (case, [(message, [file.sha256 for file in message.attachments]) for message in case.thread]) for case in made
    ]


def test_same_seed_same_cases() -> None:
    """Seed, account and time determine every case to the last byte of its files."""
    assert content(cases(20)) == content(cases(20))


@pytest.mark.parametrize("other", [{"seed": 2}, {"account": ACCOUNTS[1]}, {"now": datetime(2026, 4, 1, tzinfo=UTC)}])
def test_other_input_other_cases(other: dict[str, Any]) -> None:
    """Another seed, account or time gives other cases."""
    assert content(cases(5)) != content(cases(5, **other))


def test_more_cases_keep_the_first() -> None:
    """A larger portal begins with the cases of a smaller one."""
    assert content(cases(15)) == content(cases(30)[:15])


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.name)
def test_nothing_lies_in_the_future(account: Account) -> None:
    """No message is newer than the present, and every thread is in order."""
    for case in cases(account=account):
        times = [message.time for message in case.thread]
        assert times == sorted(times)
        assert times[-1] <= NOW
        assert (case.created.replace(second=0), case.updated) == (times[0], times[-1])


def test_ids_are_unique_and_in_no_order() -> None:
    """Case ids have eleven digits, repeat nowhere and say nothing about age."""
    made = cases(3000)
    ids = [case.id for case in made]

    assert len(set(ids)) == 3000
    assert {len(case_id) for case_id in ids} == {11}
    assert ids != sorted(ids)


def test_every_status_and_tab_occurs() -> None:
    """Sixty cases are enough to see every status, and several owners."""
    made = cases(60)

    assert {case.status for case in made} == set(Status)
    assert len({case.owner for case in made}) == 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_small_portal_has_every_difficulty(seed: int) -> None:
    """Thirty cases hold all that makes threads hard to read."""
    threads = [case.thread for case in cases(30, seed=seed)]
    messages = [message for thread in threads for message in thread]
    names = [[file.name for file in message.attachments] for message in messages]
    subjects = [case.subject for case in cases(30, seed=seed)]

    assert max(map(len, threads)) > 20
    assert any(
        (first.body, first.time, first.author) == (second.body, second.time, second.author)
        for thread in threads
        for first, second in pairwise(thread)
    )
    assert max(len(message.body.shown) for message in messages) > 32_767
    assert ["invoice.pdf"] * 3 in names
    assert any('"' in name for each in names for name in each)
    assert any(message.body.shown == "" and message.attachments for message in messages)
    assert any(message.body.is_html and len(message.body.source) > CUT_AT for message in messages)
    assert any(message.body.source.startswith("<style>") or "<style>" in message.body.source for message in messages)
    assert len(set(subjects)) < len(subjects)
    assert any(any("\u0590" <= letter <= "\u06ff" for letter in subject) for subject in subjects)
    assert {Role.USER, Role.PORTAL, Role.SYSTEM} == {message.role for message in messages}


def test_shown_text_is_what_the_markup_shows() -> None:
    """The visible text that the truth names is the text of the HTML, style sheets left out."""
    for case in cases(60):
        for message in case.thread:
            if message.body.is_html:
                tree = LexborHTMLParser(message.body.source)
                for style in tree.css("style"):
                    style.decompose()
                assert tree.body is not None
                assert message.body.shown == fold(tree.body.text(separator=" "))


def test_files_are_what_their_names_say() -> None:
    """Attachments begin with their type's signature."""
    signatures = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG"}
    files = [file for case in cases(60) for message in case.thread for file in message.attachments]

    assert {file.mime for file in files} >= set(signatures)
    for file in files:
        assert file.content.startswith(signatures.get(file.mime, b""))


def test_no_account_is_alone() -> None:
    """Every account has a colleague who can open cases."""
    assert all(len(account.team) > 1 for account in ACCOUNTS)
