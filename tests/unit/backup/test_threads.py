"""Reading all pages of one case."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import pytest

from agent.backup.threads import Thread
from agent.backup.threads import ThreadReader
from agent.extract.assemble import assemble
from agent.extract.reading import CasePage
from agent.extract.reading import Reading
from agent.extract.reading import ShownMessage
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.profile.load import parse_profile
from tests.unit.backup.backup_house import PROFILE
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import message

Run = Callable[..., Any]


@dataclass
class Pages:
    """A case as scripted: for each read, the numbers of the messages shown, the total, and whether more follows."""

    pages: Sequence[tuple[list[int], int | None, bool]]
    bad: dict[int, Verdict] = field(default_factory=dict)  #: reads that go wrong
    parts: tuple[str, ...] = ()
    show: Callable[[int], ShownMessage] = message
    reads: int = 0

    async def read(self, request: PageRequest) -> Reading:
        numbers, total, more = self.pages[min(self.reads, len(self.pages) - 1)]
        verdict = self.bad.get(self.reads, Verdict.OK)
        self.reads += 1
        portal = ScriptedPortal([ScriptedCase("1", messages=[self.show(number) for number in numbers])])
        reading = await portal.read(request)
        assert isinstance(reading.page, CasePage)
        return replace(
            reading,
            verdict=verdict,
            page=replace(reading.page, total_messages=total) if verdict in {Verdict.OK, Verdict.DRIFTED} else None,
            next=replace(request, number=request.number + 1) if more and verdict is Verdict.OK else None,
        )

    async def thread(self) -> Thread:
        portal = ScriptedPortal()
        portal.parts = self.parts
        profile = parse_profile("scripted", {**PROFILE, "case": with_parts(self.parts)})
        reader = ThreadReader(portal, self.read, partial(assemble, profile=profile, account=ACCOUNT))
        return await reader.read_thread(portal.case_request("1", None))


def with_parts(parts: Sequence[str]) -> dict[str, Any]:
    (messages,) = PROFILE["case"]["messages"]
    sources = [messages, *({**messages, "name": part, "part": part} for part in parts)]
    pages = {part: {"url": f"/{part}", "ready": "h1"} for part in parts}
    return {**PROFILE["case"], "messages": sources, "parts": pages}


def unnumbered(number: int) -> ShownMessage:
    """A message that the portal gives no id, told in other words each time that it is shown."""
    return replace(message(number, body=f"text {number}"), native_id=None, body_html=f"<p id='{next(TICKS)}'>")


TICKS = count()


def bodies(thread: Thread) -> tuple[list[str], bool]:
    assert thread.record is not None
    return [one.body for one in thread.record.messages], thread.record.complete


def summary(thread: Thread) -> tuple[list[str], bool]:
    assert thread.record is not None
    return [one.message_id for one in thread.record.messages], thread.record.complete


def test_all_pages_make_one_thread(run_async: Run) -> None:
    """Page after page, then one record with everything."""
    pages = Pages([([1, 2], 3, True), ([3], 3, False)])

    assert (["m1", "m2", "m3"], True) == summary(run_async(pages.thread()))


def test_a_thread_that_moved_while_it_was_read_is_read_again(run_async: Run) -> None:
    """A message arrived between two pages: the totals disagree once, the second reading is whole."""
    pages = Pages([([1, 2], 3, True), ([3], 4, False), ([1, 2], 4, True), ([3, 4], 4, False)])

    assert (["m1", "m2", "m3", "m4"], True) == summary(run_async(pages.thread()))


@pytest.mark.parametrize("show", [message, unnumbered])
@pytest.mark.parametrize("total", [None, 3])
def test_where_the_count_proves_nothing_the_first_page_is_read_again(
    run_async: Run, show: Callable[[int], ShownMessage], total: int | None
) -> None:
    """As lists are: a portal's count on every page is a proof, without one the head has to be the same at the end."""
    pages = Pages([([2, 3], total, True), ([1], total, False), ([2, 3], total, True)], show=show)

    assert (3, True) == (len(bodies(thread := run_async(pages.thread()))[0]), bodies(thread)[1])
    assert (3 if total is None else 2) == pages.reads


def test_a_count_that_leaves_messages_out_proves_nothing_of_them(run_async: Run) -> None:
    """Events that the portal does not count move from page to page unnoticed, unless they have ids."""
    plain = Pages([([2, 3], 0, True), ([1], 0, False), ([2, 3], 0, True)], show=lambda n: uncounted(unnumbered(n)))
    named = Pages([([2, 3], 0, True), ([1], 0, False)], show=lambda n: uncounted(message(n)))

    assert [True, True] == [run_async(each.thread()).record.complete for each in (plain, named)]
    assert [3, 2] == [plain.reads, named.reads]


def uncounted(one: ShownMessage) -> ShownMessage:
    return replace(one, counted=False)


def test_a_message_that_arrives_between_two_pages_is_there_once(run_async: Run) -> None:
    """Newest first, no ids, no count: the second page repeats what the first one showed, and once more mends it."""
    moved = [([3, 2], None, True), ([2, 1], None, False), ([4, 3], None, True)]
    still = [([4, 3], None, True), ([2, 1], None, False), ([4, 3], None, True)]
    pages = Pages([*moved, *still], show=unnumbered)

    assert ([f"text {number}" for number in (1, 2, 3, 4)], True) == bodies(run_async(pages.thread()))


def test_a_thread_that_never_stands_still_is_incomplete(run_async: Run) -> None:
    """Once more is enough, or never; what was read stays."""
    moved = [([3, 2], None, True), ([1], None, False), ([4, 3], None, True)]
    pages = Pages([*moved, *moved], show=unnumbered)

    assert (["text 1", "text 2", "text 3"], False) == bodies(run_async(pages.thread()))
    assert 6 == pages.reads


def test_a_message_that_goes_between_two_pages_takes_none_with_it(run_async: Run) -> None:
    """The one that moved to the first page meanwhile would be lost, though every message has an id."""
    moved = [([4, 3], None, True), ([1], None, False), ([3, 2], None, True)]
    pages = Pages([*moved, ([3, 2], None, True), ([1], None, False), ([3, 2], None, True)])

    assert (["m1", "m2", "m3"], True) == summary(run_async(pages.thread()))


def test_a_head_that_cannot_be_had_again_proves_nothing(run_async: Run) -> None:
    """The thread is incomplete, and not read again in vain."""
    pages = Pages([([2, 3], None, True), ([1], None, False)], bad={2: Verdict.BLANK})

    assert (["m1", "m2", "m3"], False) == summary(run_async(pages.thread()))
    assert 3 == pages.reads


def test_a_later_page_that_cannot_be_had_leaves_the_thread_partial(run_async: Run) -> None:
    """What was read is kept, marked as incomplete, and not read again in vain."""
    pages = Pages([([1, 2], 3, True), ([3], 3, False)], bad={1: Verdict.BLANK})

    assert (["m1", "m2"], False) == summary(run_async(pages.thread()))
    assert 2 == pages.reads


def test_what_a_drifted_page_shows_is_not_believed_in_part(run_async: Run) -> None:
    """Its messages are left out, and the thread is incomplete."""
    pages = Pages([([1, 2], 3, True), ([3], 3, False)], bad={1: Verdict.DRIFTED})

    assert (["m1", "m2"], False) == summary(run_async(pages.thread()))


def test_without_the_first_page_there_is_no_record(run_async: Run) -> None:
    """The verdict says why."""
    thread = run_async(Pages([([1], 1, False)], bad={0: Verdict.GONE}).thread())

    assert (None, Verdict.GONE) == (thread.record, thread.verdict)


def test_a_last_page_that_repeats_itself_ends_the_thread(run_async: Run) -> None:
    """The repetition is no page, and the thread is complete without it."""
    pages = Pages([([1, 2], 3, True), ([3], 3, True), ([3], 3, True)])

    assert (["m1", "m2", "m3"], True) == summary(run_async(pages.thread()))


def test_a_last_page_that_repeats_itself_in_other_words_ends_the_thread(run_async: Run) -> None:
    """Markup and links are worded anew each time; what is said is the same."""
    pages = Pages([([1, 2], 3, True), ([3], 3, True), ([3], 3, True)], show=unnumbered)

    assert (["text 1", "text 2", "text 3"], True) == bodies(run_async(pages.thread()))


def test_further_pages_of_a_case_belong_to_its_thread(run_async: Run) -> None:
    """A part at a second URL is read after the case's own pages; without it the thread is not complete."""
    whole = Pages([([1], 2, False), ([2], 2, False)], parts=("notes",))
    lacking = Pages([([1], 2, False), ([2], 2, False)], parts=("notes",), bad={1: Verdict.BLANK})

    assert (["m1", "m2"], True) == summary(run_async(whole.thread()))
    assert (["m1"], False) == summary(run_async(lacking.thread()))


def test_the_parts_of_a_case_are_told_who_opened_it(run_async: Run) -> None:
    """Only the case's own page says so, and who speaks on the others depends on it."""
    pages = Pages([([1], None, False)], parts=("log",))
    asked: list[tuple[str, str | None]] = []

    async def read(request: PageRequest) -> Reading:
        asked.append((request.part, request.requester))
        reading = await pages.read(request)
        assert isinstance(reading.page, CasePage)
        return replace(reading, page=replace(reading.page, requester="Ada"))

    portal = ScriptedPortal()
    portal.parts = pages.parts
    profile = parse_profile("scripted", {**PROFILE, "case": with_parts(pages.parts)})
    threads = ThreadReader(portal, read, partial(assemble, profile=profile, account=ACCOUNT))
    run_async(threads.read_thread(portal.case_request("1", None)))

    assert [("", None), ("log", "Ada")] == asked
