"""A case's page and its messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from agent.extract.classify import is_settled
from agent.extract.pages import extract
from agent.extract.pages import reader_of
from agent.extract.reading import CasePage
from agent.extract.reading import Reading
from agent.extract.reading import ShownMessage
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import Snapshot
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import AttachmentRef
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.records import Direction

ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")
FILES = [
    {"items": ".file", "name": {}, "url": {"css": "a", "attr": "href"}, "mime": {"attr": "data-type", "optional": True}}
]

Desk = Callable[..., PortalProfile]
Snap = Callable[..., Snapshot]


def message(number: int = 1, author: str = "Bob", body: str = "<p>Hello</p>", **more: str) -> str:
    time = more.get("time", f"2026-03-16T14:{number:02}:00Z")
    text = f'<div class="body">{body}</div>' if body is not None else ""
    return (
        f'<article class="message {more.get("kind", "")}" id="m{number}"><b class="author">{author}</b>'
        f'<time datetime="{time}">x</time>{text}{more.get("extra", "")}</article>'
    )


def read(profile: PortalProfile, page: Snapshot) -> Reading:
    return extract(page, profile, "en-US", ACCOUNT)


def messages_of(reading: Reading) -> tuple[ShownMessage, ...]:
    assert isinstance(reading.page, CasePage), reading.reason
    return reading.page.messages


@pytest.fixture
def case(desk: Desk, snapshot: Snap) -> Callable[..., Reading]:
    """A case's page read with a changed profile."""

    def build(thread: str, changes: dict[str, Any] | None = None, *, head: str = "", **more: Any) -> Reading:
        body = f'{head}<main id="thread" data-case="7">{thread}</main>'
        return read(desk(changes), snapshot(body, kind=PageKind.CASE, **more))

    return build


Case = Callable[..., Reading]


def source(**changes: Any) -> dict[str, Any]:
    base = {
        "name": "messages",
        "items": ".message",
        "author": ".author",
        "sent_at": {"css": "time", "attr": "datetime"},
        "body": ".body",
    }
    return {**base, **changes}


def test_a_message_is_read_whole(case: Case) -> None:
    """Author, time in UTC, text and markup, files with absolute links, and the portal's own id."""
    files = '<i class="file" data-type="text/plain"><a href="/f/1">a b.txt</a></i>'
    profile = {"case.messages": [source(id={"attr": "id"}, attachments=FILES)]}

    found = messages_of(case(message(body="<p>Hello <b>you</b></p><p>2</p>", extra=files), profile))

    assert found == (
        ShownMessage(
            native_id="m1",
            direction=Direction.PORTAL,
            author="Bob",
            sent_at=datetime(2026, 3, 16, 14, 1, tzinfo=UTC),
            sent_at_raw="2026-03-16T14:01:00Z",
            granularity=1,
            body="Hello you\n\n2",
            body_html="<p>Hello <b>you</b></p><p>2</p>",
            attachments=(AttachmentRef(name="a b.txt", url="https://desk.example/f/1", mime="text/plain"),),
        ),
    )


def test_the_case_s_own_fields_are_read(case: Case) -> None:
    """Subject, status with its meaning, times, whether a reply is possible, the count, the case's own files."""
    head = (
        '<h1>Lamp</h1><p id="s">Closed</p><time id="c">Mar 16, 2026 14:05</time><b id="n">1,024</b>'
        '<i class="file"><a href="f/2">c.pdf</a></i>'
    )
    changes = {
        "case.subject": "h1",
        "case.status": "#s",
        "case.created": "#c",
        "case.can_reply": "#reply",
        "case.total_messages": "#n",
        "case.attachments": FILES,
    }

    page = case(message(), changes, head=head).page

    assert isinstance(page, CasePage)
    assert (
        "Lamp",
        CaseStatus.CLOSED,
        "Closed",
        datetime(2026, 3, 16, 14, 5, tzinfo=UTC),
        None,
        False,
        1024,
        (AttachmentRef(name="c.pdf", url="https://desk.example/f/2"),),
    ) == (
        page.subject,
        page.status,
        page.status_raw,
        page.created_at,
        page.updated_at,
        page.can_reply,
        page.total_messages,
        page.attachments,
    )


@pytest.mark.parametrize(
    ("rules", "author", "expected"),
    [
        ([{"when": ".staff", "means": "user"}, {"author_like": ".", "means": "portal"}], "Bob", "user"),
        ([{"when": ".other", "means": "user"}, {"author_like": ".", "means": "portal"}], "Bob", "portal"),
        ([{"author": "us", "means": "user"}, {"author_like": ".", "means": "portal"}], "ADA", "user"),
        ([{"author": "us", "means": "user"}, {"author_like": ".", "means": "portal"}], "Ada's  shop", "user"),
        ([{"author": "requester", "means": "portal"}], "carl@x.example", "portal"),
        ([{"author_is": ["{user}", "bob"], "means": "user"}], "Bob", "user"),
        ([{"author_like": "@x[.]example$", "means": "portal"}], "carl@x.example", "portal"),
    ],
)
def test_who_speaks_is_told_by_rules_in_order(case: Case, rules: list[Any], author: str, expected: str) -> None:
    """A badge, being us, being one of the requesters, a name or a pattern: the first rule that holds decides."""
    changes = {"case.direction": rules, "case.requester": {"css": "li", "match": "all", "join": "\n"}}
    head = "<li>dora@x.example<li>carl@x.example"

    (found,) = messages_of(case(message(author=author, kind="staff"), changes, head=head))

    assert expected == found.direction.value


def test_nobody_is_put_on_a_side_by_guessing(case: Case) -> None:
    """A message that no rule knows makes the page drifted, it is not taken for the other side's."""
    reading = case(message(author="Bob"), {"case.direction": [{"author": "us", "means": "user"}]})

    assert ("drifted", ["case.messages[0].direction"], ()) == (
        reading.verdict.value,
        [failure.field for failure in reading.failures],
        messages_of(reading),
    )


@pytest.mark.parametrize(
    ("body", "extra", "verdict", "text"),
    [
        ("<p>Hi</p>", "", "ok", "Hi"),
        ("", '<i class="file"><a href="/f">a</a></i>', "ok", ""),
        ('<img src="x.png">', "", "ok", ""),
        (None, '<i class="file"><a href="/f">a</a></i>', "ok", ""),
        (None, "", "drifted", None),
    ],
)
def test_an_entry_may_be_only_a_file_or_a_picture(
    case: Case, body: Any, extra: str, verdict: str, text: str | None
) -> None:
    """A message without a text is one if it has files or an element for its text; else the page has drifted."""
    reading = case(message(body=body, extra=extra), {"case.messages": [source(attachments=FILES)]})

    assert verdict == reading.verdict.value, reading.reason
    assert [text] * (text is not None) == [found.body for found in messages_of(reading)]


def test_sources_come_in_the_order_of_the_page(case: Case) -> None:
    """An opening message outside the thread is told first; entries and events of one list keep their places."""
    opening = {"name": "opening", "author": {"const": "carl"}, "sent_at": "#c", "body": "#d"}
    changes = {
        "case.messages": [
            opening,
            source(skip=".draft", items={"css": ".message", "lacking": ".event"}),
            source(name="events", kind="event", items=".message.event"),
        ]
    }
    head = '<time id="c">Mar 16, 2026 13:00</time><div id="d">first</div>'
    thread = "".join(
        (message(1), message(2, kind="event", body="closed"), message(3, kind="draft"), message(4, author="ada"))
    )

    found = messages_of(case(thread, changes, head=head))

    assert [
        ("first", "portal", True),
        ("Hello", "portal", True),
        ("closed", "system", False),
        ("Hello", "user", True),
    ] == [(one.body, one.direction.value, one.counted) for one in found]


def test_a_thread_told_backwards_is_turned_round(case: Case) -> None:
    """Newest first on the page, oldest first in the records; the opening message stays the first."""
    opening = {
        "name": "opening",
        "author": {"const": "carl"},
        "sent_at": {"const": "2026-03-16"},
        "body": {"const": "0"},
    }
    changes = {"case.order": "newest_first", "case.messages": [opening, source()]}
    thread = "".join(message(number, body=str(number)) for number in (3, 2, 1))

    assert ["0", "1", "2", "3"] == [one.body for one in messages_of(case(thread, changes))]


def test_an_opening_message_is_read_on_the_first_page_only(case: Case) -> None:
    """A thread's later pages show it again; it is one message."""
    opening = {
        "name": "opening",
        "author": {"const": "carl"},
        "sent_at": {"const": "2026-03-16"},
        "body": {"const": "0"},
    }
    changes = {"case.messages": [opening, source()]}

    assert [["0", "Hello"], ["Hello"]] == [
        [one.body for one in messages_of(case(message(), changes, number=number))] for number in (1, 2)
    ]


def test_a_thread_may_stand_at_a_second_url(case: Case) -> None:
    """The case's page gives the fields, the part gives the messages, and each is read for what it is."""
    changes = {
        "case.subject": "h1",
        "case.parts.thread": {"url": "/thread/{case_id}", "ready": "#thread"},
        "case.messages": [source(part="thread")],
    }

    own = case(message(), changes, head="<h1>Lamp</h1>").page
    part = case(message(), changes, part="thread").page

    assert isinstance(own, CasePage)
    assert isinstance(part, CasePage)
    assert (("Lamp", 0), (None, 1)) == ((own.subject, len(own.messages)), (part.subject, len(part.messages)))


def test_fields_can_come_from_the_list_row(case: Case) -> None:
    """What only the list shows is taken from there; without a row it is a failure, not an empty value."""
    changes = {
        "list.columns.who": ".who",
        "case.created": {"row": "updated"},
        "case.messages": [source(author={"row": "who"})],
    }
    row = CaseSummary(
        case_id="7",
        subject=None,
        status=CaseStatus.UNKNOWN,
        status_raw=None,
        row=(("who", "carl"), ("updated", "2026-03-16")),
    )

    with_row, without = case(message(), changes, row=row), case(message(), changes)

    assert (["carl"], "ok") == ([one.author for one in messages_of(with_row)], with_row.verdict.value)
    assert ("drifted", ["case.created", "case.messages[0].author"]) == (
        without.verdict.value,
        [failure.field for failure in without.failures],
    )


def test_one_id_for_two_messages_is_a_mistake_of_the_profile(case: Case) -> None:
    """Messages are never merged because a selector gives them all the same id."""
    reading = case(message(1) + message(2), {"case.messages": [source(id={"const": "x"})]})

    assert "drifted" == reading.verdict.value


def test_a_thread_shorter_than_nothing_is_blank(case: Case) -> None:
    """A count of messages over an empty thread means that the thread did not load."""
    reading = case("", {"case.total_messages": "#n"}, head="<b id=n>4</b>")

    assert "blank" == reading.verdict.value


def test_a_required_source_must_show_something(case: Case) -> None:
    """Where every case has a message, a page without one has drifted."""
    assert ["drifted", "ok"] == [
        case("", {"case.messages": [source(required=required)]}).verdict.value for required in (True, False)
    ]


def test_a_cut_message_is_marked(case: Case) -> None:
    """What is behind "See more" is missing, and the message says so."""
    changes = {"case.messages": [source(truncated={"css": "button", "text": "See more"})]}

    assert [True, False] == [
        messages_of(case(message(extra=extra), changes))[0].truncated for extra in ("<button>See more</button>", "")
    ]


PART = {"url": "/cases/7/log", "ready": "#log"}
LOG = (
    '<div id="log"><article class="message"><b class="author">Bob</b><time datetime="2026-03-16T14:05Z"></time>{}'
    "</article></div>"
)


@pytest.mark.parametrize(
    ("bare", "html", "told"),
    [
        (True, "{}", ("ok", None, 1)),
        (False, "{}", ("login", None, 0)),
        (True, '<input id="password">{}', ("login", None, 0)),
        (True, "<p>", ("blank", None, 0)),
        (True, '<b id="who">Somebody else</b>{}', ("ok", None, 1)),
    ],
)
def test_a_part_without_a_header_proves_nothing_of_its_account(
    desk: Desk, snapshot: Snap, bare: bool, html: str, told: tuple[str, None, int]
) -> None:
    """It is read without asking who is signed in, tells no identity, and is still known for a sign-in page."""
    profile = desk({"case.parts": {"log": {**PART, "bare": bare}}, "case.messages": [source(part="log")]})
    page = snapshot(html.format(LOG.format('<p class="body">Hi')), kind=PageKind.CASE, part="log", header="")

    found = read(profile, page)

    count = len(found.page.messages) if isinstance(found.page, CasePage) else 0
    assert told == (found.verdict.value, found.identity, count)


def test_a_late_header_is_not_waited_for_on_a_part_that_has_none(desk: Desk, snapshot: Snap) -> None:
    """Such a page comes to rest as it is."""
    parts = {"case.parts": {"log": {**PART, "bare": True}}, "case.messages": [source(part="log")]}
    profile = desk({"identity.ready": "#who", **parts})
    page = snapshot(LOG.format('<p class="body">Hi'), kind=PageKind.CASE, part="log", header="")

    settled = is_settled(reader_of(page, profile, "en-US", ACCOUNT), page.request)

    assert ("ok", True) == (read(profile, page).verdict.value, settled)


def test_a_part_knows_the_requester_and_has_files(desk: Desk, snapshot: Snap) -> None:
    """Who opened the case stands on its own page, and decides who speaks on the page of its thread."""
    rules = [{"author": "requester", "means": "user"}, {"author_like": ".", "means": "portal"}]
    changes = {
        "case.requester": {"css": "#asker", "optional": True},
        "case.parts": {"log": {**PART, "attachments": FILES}},
        "case.messages": [source(part="log", direction=rules)],
    }
    profile = desk(changes)
    own = read(profile, snapshot('<i id="asker">bob</i><main id="thread" data-case="7"></main>', kind=PageKind.CASE))
    files = '<i class="file"><a href="/f/1">a.txt</a></i>'
    page = snapshot(LOG.format('<p class="body">Hi') + files, kind=PageKind.CASE, part="log")
    assert isinstance(own.page, CasePage)

    parts = [
        read(profile, replace(page, request=replace(page.request, requester=requester))).page
        for requester in (own.page.requester, "Cy", None)
    ]

    assert [["user"], ["portal"], ["portal"]] == [
        [one.direction.value for one in part.messages] for part in parts if isinstance(part, CasePage)
    ]
    assert isinstance(parts[0], CasePage)
    assert (AttachmentRef(name="a.txt", url="https://desk.example/f/1"),) == parts[0].attachments
