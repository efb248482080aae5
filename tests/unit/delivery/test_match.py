"""Is our message in the thread, and may it still be posted into it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.baseline import judge
from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.match import Answer
from agent.delivery.match import CertainlyNotThere
from agent.delivery.match import CouldNotTell
from agent.delivery.match import Expected
from agent.delivery.match import MissingAttachment
from agent.delivery.match import ReadsDifferently
from agent.delivery.match import There
from agent.delivery.match import look
from agent.delivery.match import take_baseline
from agent.profile.model.reply import TextRules
from storage.outbox.stored import baseline_json
from storage.outbox.stored import read_baseline
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
TEXT = "Thank you, the parcel has arrived and everything is in it, so please close the case."
EXPECTED = Expected(text=TEXT, rules=TextRules())


def message(
    number: int | str,
    body: str = "Hello",
    *,
    direction: Direction = Direction.USER,
    author: str = "You",
    files: tuple[str, ...] = (),
    native: bool = True,
) -> MessageRecord:
    return MessageRecord(
        message_id=f"m{number}",
        native_id=native,
        direction=direction,
        author=author,
        sent_at=NOON,
        sent_at_raw="noon",
        body=body,
        attachments=tuple(AttachmentRef(name=name) for name in files),
    )


def thread(*messages: MessageRecord, complete: bool = True, files: tuple[str, ...] = ()) -> CaseRecord:
    return CaseRecord(
        account="shop",
        case_id="1",
        subject="Parcel",
        status=CaseStatus.NEEDS_USER,
        status_raw="Open",
        created_at=NOON,
        created_at_raw="noon",
        updated_at=NOON,
        updated_at_raw="noon",
        url="https://portal.test/1",
        complete=complete,
        messages=messages,
        attachments=tuple(AttachmentRef(name=name) for name in files),
    )


OPENING = message(1, "The parcel is late.")
ANSWER = message(2, "Which parcel?", direction=Direction.PORTAL, author="Desk")
BEFORE = thread(OPENING, ANSWER)


def looked(after: CaseRecord, *, before: CaseRecord = BEFORE, expected: Expected = EXPECTED) -> Answer:
    return look(after, expected, take_baseline(before, expected, NOON))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(thread(OPENING, ANSWER, message(3, TEXT)), There(("m3",)), id="a new message with our text"),
        pytest.param(thread(OPENING, ANSWER), CertainlyNotThere(), id="nothing new"),
        pytest.param(
            thread(OPENING, ANSWER, message(3, TEXT), complete=False),
            There(("m3",)),
            id="seen in a thread that was cut",
        ),
        pytest.param(
            thread(OPENING, ANSWER, complete=False),
            CouldNotTell("the thread could not be read as a whole"),
            id="not seen in a thread that was cut",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, TEXT, direction=Direction.PORTAL, author="Desk")),
            CertainlyNotThere(),
            id="the other side quotes us",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, TEXT, direction=Direction.SYSTEM)),
            CertainlyNotThere(),
            id="an event quotes us",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "Something else")),
            ReadsDifferently(("m3",)),
            id="something else of our side is new",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, TEXT[:50])),
            ReadsDifferently(("m3",)),
            id="the portal cut it",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, TEXT), message(4, TEXT)), There(("m3", "m4")), id="posted twice"
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "Yes.", direction=Direction.PORTAL), message(4, TEXT)),
            There(("m4",)),
            id="the other side wrote as well",
        ),
    ],
)
def test_look(after: CaseRecord, expected: Answer) -> None:
    """Three answers, and "not there" only from a complete thread in which nothing of ours is new."""
    assert expected == looked(after)


def test_an_old_message_with_the_same_text_is_no_proof() -> None:
    """Only a message that was not there before the click counts."""
    before = thread(OPENING, message(2, TEXT))

    assert CertainlyNotThere() == looked(before, before=before)
    assert There(("m3",)) == looked(thread(OPENING, message(2, TEXT), message(3, TEXT)), before=before)


def test_without_ids_of_the_portal_one_more_occurrence_counts() -> None:
    """A derived id may shift, so occurrences are counted, and the newest are ours."""
    old = message("a", TEXT, native=False)
    before = thread(message("o", native=False), old)
    after = thread(message("o", native=False), old, message("b", TEXT, native=False))
    other = thread(message("o", native=False), old, message("c", "Else", native=False))

    assert There(("mb",)) == looked(after, before=before)
    assert CertainlyNotThere() == looked(before, before=before)
    assert ReadsDifferently(("mc",)) == looked(other, before=before)


def test_ids_that_change_under_us_prove_nothing() -> None:
    """After the portal or a profile renamed the messages, an old text would look new."""
    before = thread(OPENING, message(2, TEXT))
    renamed = thread(message(11, OPENING.body), message(12, TEXT))

    assert CouldNotTell("messages that were there before the click are gone or read differently") == looked(
        renamed, before=before
    )


def test_a_vanished_message_of_ours_leaves_doubt() -> None:
    """Where the thread shrank, "certainly not there" would be a guess."""
    before = thread(OPENING, message(2, TEXT))

    assert CouldNotTell("messages that were there before the click are gone or read differently") == looked(
        thread(OPENING), before=before
    )


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(
            thread(OPENING, message(2, TEXT, files=("a.pdf", "b c.png"))), There(("m2",)), id="on the message"
        ),
        pytest.param(thread(OPENING, message(2, TEXT, files=("a.pdf", "b_c_x9.png"))), There(("m2",)), id="renamed"),
        pytest.param(
            thread(OPENING, message(2, TEXT, files=("a.pdf",))),
            MissingAttachment(("m2",), ("b c.png",)),
            id="one missing",
        ),
        pytest.param(
            thread(OPENING, message(2, TEXT), files=("a.pdf", "old.txt", "b c.png")), There(("m2",)), id="on the case"
        ),
        pytest.param(
            thread(OPENING, message(2, TEXT, files=("b c.png",)), files=("old.txt",)),
            MissingAttachment(("m2",), ("a.pdf",)),
            id="the case's old files do not count",
        ),
        pytest.param(
            thread(OPENING, message(2, TEXT), message(3, " ", files=("a.pdf", "b c.png")), files=("old.txt",)),
            There(("m2",)),
            id="as messages of their own",
        ),
        pytest.param(
            thread(OPENING, message(2, TEXT), message(3, "", files=("a.pdf", "b c.png"), direction=Direction.PORTAL)),
            MissingAttachment(("m2",), ("a.pdf", "b c.png")),
            id="the other side's files do not count",
        ),
    ],
)
def test_files_are_part_of_the_proof(after: CaseRecord, expected: Answer) -> None:
    """The text alone is not the reply."""
    before = thread(OPENING, files=("old.txt",))

    assert expected == looked(after, before=before, expected=replace(EXPECTED, files=("a.pdf", "b c.png")))


def test_each_file_is_proved_by_a_file_of_its_own() -> None:
    """One shown file does not stand for two of ours."""
    expected = replace(EXPECTED, files=("a.pdf", "a_1.pdf"))

    assert MissingAttachment(("m2",), ("a.pdf",)) == looked(
        thread(OPENING, message(2, TEXT, files=("a_1.pdf",))), before=thread(OPENING), expected=expected
    )


bodies = st.sampled_from([TEXT, TEXT[:50], f"Dear Desk,\n{TEXT}\n-- \nSent from a portal", "Hello", ""])
messages = st.builds(
    lambda body, direction, native: (body, direction, native),
    bodies,
    st.sampled_from(list(Direction)),
    st.booleans(),
)


def numbered(parts: list[tuple[str, Direction, bool]], start: int = 0) -> tuple[MessageRecord, ...]:
    return tuple(
        message(number, body, direction=direction, native=native)
        for number, (body, direction, native) in enumerate(parts, start)
    )


@given(st.lists(messages, max_size=8))
def test_an_unchanged_thread_never_contains_a_new_reply(parts: list[tuple[str, Direction, bool]]) -> None:
    """Whatever stood in the thread before, looking again finds nothing of ours."""
    same = thread(*numbered(parts))

    assert CertainlyNotThere() == looked(same, before=same)


@given(st.lists(messages, max_size=6), st.lists(messages, max_size=4), st.booleans())
def test_our_reply_is_found_among_whatever_else_arrives(
    parts: list[tuple[str, Direction, bool]], later: list[tuple[str, Direction, bool]], native: bool
) -> None:
    """A posted reply is never taken for one that is not there."""
    before = numbered(parts)
    ours = message("ours", TEXT, native=native)
    after = thread(*before, *numbered(later, 100), ours)

    answer = looked(after, before=thread(*before))

    assert isinstance(answer, There)
    assert "mours" in answer.message_ids


@given(st.lists(messages, max_size=6), st.lists(messages, max_size=4), st.booleans())
def test_without_our_reply_nothing_is_proved(
    parts: list[tuple[str, Direction, bool]], later: list[tuple[str, Direction, bool]], complete: bool
) -> None:
    """A thread that gained no message with our text is never called a proof, and a cut one never an absence."""
    before = numbered(parts)
    added = tuple(one for one in numbered(later, 100) if one.direction is not Direction.USER or TEXT not in one.body)

    answer = looked(thread(*before, *added, complete=complete), before=thread(*before))

    assert isinstance(answer, CertainlyNotThere | ReadsDifferently | CouldNotTell)
    assert complete or isinstance(answer, CouldNotTell)


@given(st.lists(messages, max_size=6))
def test_a_baseline_survives_storage(parts: list[tuple[str, Direction, bool]]) -> None:
    """What is stored before the click is what is compared after a crash."""
    baseline = take_baseline(thread(*numbered(parts), files=("a.pdf",)), EXPECTED, NOON)

    assert baseline == read_baseline(baseline_json(baseline))


FIRST = take_baseline(BEFORE, EXPECTED, NOON)
SEEN = frozenset({"m1", "m2"})


@pytest.mark.parametrize(
    ("now", "known", "expected"),
    [
        pytest.param(BEFORE, {}, None, id="as approved"),
        pytest.param(thread(OPENING), {}, None, id="fewer than seen"),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "One more thing.", direction=Direction.PORTAL)),
            {},
            Hold(HoldReason.UNSEEN_MESSAGE, "m3"),
            id="the other side wrote",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "I took over")),
            {},
            Hold(HoldReason.UNSEEN_MESSAGE, "m3"),
            id="a colleague wrote",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "Opened", direction=Direction.SYSTEM)),
            {},
            None,
            id="an event is no message",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "Our other reply")),
            {"proven": frozenset({"m3"})},
            None,
            id="our own proven reply",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, TEXT)),
            {"seen": SEEN | {"m3"}},
            Hold(HoldReason.ALREADY_THERE),
            id="our text appeared since the first attempt, and even if it was seen",
        ),
        pytest.param(
            replace(BEFORE, status=CaseStatus.CLOSED, status_raw="Closed"),
            {},
            Hold(HoldReason.CASE_CLOSED, "Closed"),
            id="closed",
        ),
        pytest.param(
            replace(BEFORE, can_reply=False), {}, Hold(HoldReason.NO_REPLY_POSSIBLE, "Open"), id="no reply offered"
        ),
        pytest.param(replace(BEFORE, can_reply=None), {}, None, id="the portal does not say"),
    ],
)
def test_judge(now: CaseRecord, known: dict[str, frozenset[str]], expected: Hold | None) -> None:
    """Nothing is posted into a thread that is not the one that was approved."""
    sets = {"seen": SEEN, "proven": frozenset[str](), **known}

    assert expected == judge(now, EXPECTED, seen=sets["seen"], proven=sets["proven"], first=FIRST)
