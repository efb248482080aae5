"""Is our message in the thread?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.match import Answer
from agent.delivery.match import CertainlyNotThere
from agent.delivery.match import CouldNotTell
from agent.delivery.match import Expected
from agent.delivery.match import MissingAttachment
from agent.delivery.match import ReadsDifferently
from agent.delivery.match import There
from agent.delivery.match import look
from agent.delivery.match import take_baseline
from storage.outbox.stored import baseline_json
from storage.outbox.stored import read_baseline
from storage.records import CaseRecord
from storage.records import Direction
from storage.records import MessageRecord
from tests.unit.delivery.threads import ANSWER
from tests.unit.delivery.threads import BEFORE
from tests.unit.delivery.threads import EXPECTED
from tests.unit.delivery.threads import NOON
from tests.unit.delivery.threads import OPENING
from tests.unit.delivery.threads import TEXT
from tests.unit.delivery.threads import message
from tests.unit.delivery.threads import thread


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
