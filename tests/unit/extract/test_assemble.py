"""All pages of a case become one record."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extract.assemble import assemble
from agent.extract.reading import CasePage
from agent.extract.reading import Reading
from agent.extract.reading import ShownMessage
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.records import Direction

ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop")
START = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)

Desk = Callable[..., PortalProfile]


def message(minute: int = 0, **changes: Any) -> ShownMessage:
    base = ShownMessage(
        native_id=None,
        direction=Direction.PORTAL,
        author="Bob",
        sent_at=START + timedelta(minutes=minute),
        sent_at_raw=f"minute {minute}",
        granularity=60,
        body=f"text {minute}",
        body_html=None,
    )
    return replace(base, **changes)


def reading(
    messages: Sequence[ShownMessage] = (), *, number: int = 1, last: bool = True, total: int | None = None, **more: Any
) -> Reading:
    request = PageRequest(
        kind=PageKind.CASE,
        url="https://desk.example/cases/7",
        case_id="7",
        number=number,
        part=more.get("part", ""),
        row=more.get("row"),
    )
    page = CasePage(
        case_id="7",
        subject=more.get("subject", "Lamp"),
        status=more.get("status", CaseStatus.CLOSED),
        status_raw=more.get("status_raw", "Closed"),
        created_at=None,
        created_at_raw=None,
        updated_at=None,
        updated_at_raw=None,
        can_reply=None,
        messages=tuple(messages),
        total_messages=total,
        attachments=more.get("attachments", ()),
    )
    snapshot = Snapshot(
        request=request,
        final_url=request.url,
        status=200,
        html="",
        read_at=START,
        lane=Lane.LIVE,
        environment=Environment(),
        engine_version="1",
        ready=True,
    )
    following = None if last else replace(request, number=number + 1)
    verdict = more.get("verdict", Verdict.OK)
    shown = page if verdict is Verdict.OK else None
    return Reading(snapshot=snapshot, verdict=verdict, reason="", page=shown, next=following)


def ids(record: CaseRecord) -> list[str]:
    return [one.message_id for one in record.messages]


def test_the_record_holds_what_the_pages_show(desk: Desk) -> None:
    """Fields of the first page, messages oldest first, files of the case once."""
    file = AttachmentRef(name="a.pdf", url="https://desk.example/a")

    record = assemble([reading([message(2), message(1)], attachments=(file, file))], desk(), ACCOUNT)

    assert record == CaseRecord(
        account="shop",
        case_id="7",
        subject="Lamp",
        status=CaseStatus.CLOSED,
        status_raw="Closed",
        created_at=None,
        created_at_raw=None,
        updated_at=None,
        updated_at_raw=None,
        url="https://desk.example/cases/7",
        complete=True,
        messages=record.messages,
        attachments=(file,),
    )
    assert ["text 1", "text 2"] == [one.body for one in record.messages]


def test_the_list_row_fills_what_the_page_does_not_show(desk: Desk) -> None:
    """Subject, status and times come from the row where the page has none; the fingerprint is the row's."""
    row = CaseSummary(
        case_id="7",
        subject="From the list",
        status=CaseStatus.ANSWERED,
        status_raw="Answered",
        created_at=START,
        created_at_raw="then",
        updated_at=START,
        updated_at_raw="now",
        fingerprint="f",
    )

    record = assemble([reading(subject=None, status=None, status_raw=None, row=row)], desk(), ACCOUNT)

    assert ("From the list", CaseStatus.ANSWERED, "Answered", START, "then", START, "now", "f") == (
        record.subject,
        record.status,
        record.status_raw,
        record.created_at,
        record.created_at_raw,
        record.updated_at,
        record.updated_at_raw,
        record.fingerprint,
    )


@pytest.mark.parametrize(
    ("pages", "complete"),
    [
        ([reading([message(1)])], True),
        ([reading([message(1)], total=1)], True),
        ([reading([message(1)], total=2)], False),
        ([reading([message(1), message(2)], total=1)], False),
        ([reading([message(1), message(2, counted=False)], total=1)], True),
        ([reading([message(1)], last=False)], False),
        ([reading([message(1)], last=False), reading([message(2)], number=2)], True),
        ([reading([message(1)], last=False), reading(number=2, verdict=Verdict.BLANK)], False),
        ([reading([message(1, truncated=True)])], False),
        ([reading([message(1)], total=3), reading([message(2)], number=2, total=2)], False),
    ],
)
def test_a_thread_is_complete_or_says_that_it_is_not(desk: Desk, pages: list[Reading], complete: bool) -> None:
    """A continuation, a count that differs on any page, a page not had or a cut message make it partial."""
    assert complete is assemble(pages, desk(), ACCOUNT).complete


def test_a_part_that_was_not_read_is_missing(desk: Desk) -> None:
    """Where the profile names a second page, the case is whole only with it."""
    profile = desk({"case.parts.thread": {"url": "/t/{case_id}", "ready": "p"}, "case.messages": _from_part()})
    own, part = reading(), reading([message(1)], part="thread")

    assert [False, True] == [assemble(pages, profile, ACCOUNT).complete for pages in ([own], [own, part])]


def _from_part() -> list[dict[str, Any]]:
    return [{"name": "m", "part": "thread", "items": "p", "author": "b", "sent_at": "time", "body": "i"}]


def test_a_message_seen_on_two_pages_is_one(desk: Desk) -> None:
    """The portal's own id tells that the thread moved while it was read."""
    one, two, three = (message(n, native_id=f"m{n}") for n in (1, 2, 3))

    record = assemble([reading([one, two], last=False), reading([two, three], number=2)], desk(), ACCOUNT)

    assert ["m1", "m2", "m3"] == ids(record)


@pytest.mark.parametrize(
    ("again", "complete"),
    [
        (message(1, native_id="5", sent_at_raw="an hour ago", body_html="<p>text 1</p>"), True),
        (message(1, native_id="5", body="edited meanwhile"), False),
        (message(1, native_id="5", author="Carl"), False),
        (message(2, native_id="5", body="text 1"), False),
        (message(1, native_id="5", attachments=(AttachmentRef(name="a.pdf"),)), False),
    ],
    ids=["told in other words", "another text", "another author", "another time", "another file"],
)
def test_an_id_that_means_two_messages_leaves_the_thread_incomplete(
    desk: Desk, again: ShownMessage, complete: bool
) -> None:
    """Whether it was edited meanwhile, or comments and events have numbers of their own: one of the two is missing."""
    profile = desk({"case.parts.thread": {"url": "/t/{case_id}", "ready": "p"}, "case.messages": _from_part()})
    first = message(1, native_id="5")

    record = assemble([reading([first]), reading([again], part="thread")], profile, ACCOUNT)

    assert (["5"], ["text 1"], complete) == (ids(record), [one.body for one in record.messages], record.complete)


def test_an_edited_text_is_the_same_message(desk: Desk) -> None:
    """A derived id does not rest on the body, nor on seconds that only one lane shows."""
    before = assemble([reading([message(1)])], desk(), ACCOUNT)
    edited = message(1, body="other", sent_at=START + timedelta(minutes=1, seconds=30), author=" Bob ")

    assert ids(before) == ids(assemble([reading([edited])], desk(), ACCOUNT))


def test_equal_messages_are_told_apart_by_their_order(desk: Desk) -> None:
    """Two messages of one author in one minute have two ids, however the thread is told."""
    first, second = message(1, body="first"), message(1, body="second")

    told = assemble([reading([first, second])], desk(), ACCOUNT)
    backwards = assemble(
        [reading([second], last=False), reading([first], number=2)], desk({"case.order": "newest_first"}), ACCOUNT
    )

    assert told.messages == backwards.messages
    assert 2 == len(set(ids(told)))


def test_other_authors_sides_and_times_are_other_messages(desk: Desk) -> None:
    """Each part of what an id is made of makes a difference."""
    thread = [message(1), message(2), message(1, author="Carl"), message(1, direction=Direction.USER)]

    assert 4 == len(set(ids(assemble([reading(thread)], desk(), ACCOUNT))))


def test_without_a_page_there_is_no_case(desk: Desk) -> None:
    """Nothing is made up for a case of which no page could be read."""
    with pytest.raises(ValueError, match="at least one page"):
        assemble([reading(verdict=Verdict.BLANK)], desk(), ACCOUNT)


threads = st.lists(
    st.builds(
        message,
        st.integers(0, 5),
        author=st.sampled_from(["Bob", "Carl"]),
        direction=st.sampled_from([Direction.PORTAL, Direction.USER]),
        body=st.text(max_size=3),
    ),
    max_size=12,
)


@given(threads, st.integers(1, 5), st.booleans())
def test_ids_do_not_depend_on_how_a_thread_is_paged(thread: list[ShownMessage], size: int, backwards: bool) -> None:
    """Read at once, in pages of any size, told forwards or backwards: the same messages with the same ids."""
    profile = _profile()
    ordered = sorted(thread, key=lambda one: one.sent_at)
    whole = assemble([reading(ordered)], profile, ACCOUNT)
    if backwards:
        profile = _profile("newest_first")
        # Pages run from the newest to the oldest; each page is handed over oldest first.
        pages = [ordered[max(0, end - size) : end] for end in range(len(ordered), 0, -size)] or [[]]
    else:
        pages = [ordered[start : start + size] for start in range(0, len(ordered), size)] or [[]]
    paged = [reading(page, number=n, last=n == len(pages)) for n, page in enumerate(pages, start=1)]

    assert whole.messages == assemble(paged, profile, ACCOUNT).messages
    assert len(whole.messages) == len(set(ids(whole)))


@given(threads, st.data())
def test_a_new_message_leaves_the_ids_of_the_others(thread: list[ShownMessage], data: st.DataObject) -> None:
    """What is written later never changes what an earlier message is called."""
    profile = _profile()
    ordered = sorted(thread, key=lambda one: one.sent_at)
    later = data.draw(st.builds(message, st.integers(5, 9), author=st.sampled_from(["Bob", "Carl"])))

    before, after = (ids(assemble([reading(one)], profile, ACCOUNT)) for one in (ordered, [*ordered, later]))

    assert before == after[: len(before)]


def _profile(order: str = "oldest_first") -> PortalProfile:
    import tomllib
    from pathlib import Path

    from agent.profile.load import parse_profile

    table = tomllib.loads(Path(__file__).with_name("desk.toml").read_text(encoding="utf-8"))
    table["case"]["order"] = order
    return parse_profile("desk", table)
