"""What can happen to a case, and what ledger and history say about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from mock_portal.advance import InvalidAdvance
from mock_portal.advance import advance
from mock_portal.book import CaseBook
from mock_portal.classic.skin import ClassicSkin
from mock_portal.data.accounts import ACCOUNTS
from mock_portal.data.model import Attachment
from mock_portal.data.model import Case
from mock_portal.data.model import Role
from mock_portal.data.model import Status
from mock_portal.hill.skin import HillSkin
from mock_portal.truth import case_truth
from mock_portal.world import World

MakeWorld = Callable[..., World]
SKIN = ClassicSkin()


def a_case(book: CaseBook, status: Status) -> Case:
    return next(case for case in book.listed() if case.status is status)


def a_file(content: bytes = b"bytes") -> Attachment:
    return Attachment(id="1", name="proof.txt", mime="text/plain", make=partial(bytes, content))


def events(world: World) -> list[str]:
    return [event["event"] for event in world.history.events]


def test_reply_is_in_ledger_history_and_thread(make_world: MakeWorld) -> None:
    """An accepted reply stands once in the thread, in the ledger with its hash, and in the history."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    case = a_case(book, Status.ANSWERED)

    message = book.reply(case, "Thank you.\r\nStill broken.", (a_file(),))

    assert case.thread[-1] == message
    assert (message.body.source, message.role, case.status) == (
        "Thank you.\nStill broken.",
        Role.USER,
        Status.REOPENED,
    )
    kept = [(entry.kind, entry.case, entry.sha256, entry.name) for entry in world.ledger.entries]
    assert kept == [
        ("reply", case.id, sha256(b"Thank you.\nStill broken.").hexdigest(), ""),
        ("upload", case.id, sha256(b"bytes").hexdigest(), "proof.txt"),
    ]
    assert events(world) == ["message_added"]


def test_late_changes_are_in_the_ledger_before_they_are_seen(make_world: MakeWorld) -> None:
    """What is shown later is accepted at once: a reply, a new case and a closing appear when their time has come."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    replied, closed = a_case(book, Status.NEEDS_ATTENTION), a_case(book, Status.ANSWERED)
    before = (len(replied.thread), replied.status, closed.status)

    book.reply(replied, "Here it is.", shown_after=60)
    opened = book.open_case("Late", "Other", "Where is it?", shown_after=60)
    book.close_case(closed, shown_after=60)

    assert [entry.kind for entry in world.ledger.entries] == ["reply", "new_case", "close_case"]
    assert (len(replied.thread), replied.status, closed.status) == before
    assert (world.book(ACCOUNTS[0]).get(opened.id), world.events()) == (None, [])
    advance(world, SKIN, {"seconds": 61})
    assert (len(replied.thread), replied.status) == (before[0] + 1, Status.WORK_IN_PROGRESS)
    assert (book.get(opened.id), closed.status) == (opened, Status.CLOSED)
    assert events(world) == ["message_added", "case_added", "message_added", "case_closed"]


def test_late_reply_opens_no_closed_case(make_world: MakeWorld) -> None:
    """A reply that is shown after its case was closed stands in the thread and changes nothing else."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    case = a_case(book, Status.NEEDS_ATTENTION)

    message = book.reply(case, "Here it is.", shown_after=60)
    advance(world, SKIN, {"close": [case.id], "seconds": 30})
    advance(world, SKIN, {"seconds": 60})

    assert (case.thread[-1], case.status) == (message, Status.CLOSED)


def test_a_new_case_is_noted_once_and_whole(make_world: MakeWorld) -> None:
    """The history has one event of a new case, which shows its opening message."""
    world = make_world()
    world.history.show = lambda account, case_id: case_truth(world, SKIN, world.account(account), case_id)
    book = world.book(ACCOUNTS[0])

    opened = [book.open_case("Ours", "Other", "Please look."), book.case_arrives("Theirs", "Please look too.")]

    told = [(event["event"], event["case"], len(event["shows"]["messages"])) for event in world.events()]
    assert told == [("case_added", case.id, 1) for case in opened]


def test_new_ids_say_nothing(make_world: MakeWorld) -> None:
    """New cases have the ids that the account's seed gives, in no order and in no other account."""
    world = make_world(cases=8)

    made = [[world.book(account).case_arrives("S", "T").id for _ in range(40)] for account in ACCOUNTS[:3]]

    assert all(ids != sorted(ids) and {len(each) for each in ids} == {11} for ids in made)
    assert len({each for ids in made for each in ids}) == 120
    assert made[0] == [case.id for case in make_world(cases=48).book(ACCOUNTS[0]).listed()[8:]]


def test_answered_cases_close_themselves(make_world: MakeWorld) -> None:
    """Five days after the last word an answered case is closed, at the time when that was due."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    case = a_case(book, Status.ANSWERED)
    last = case.updated

    done = advance(world, SKIN, {"days": 6})

    assert case.id in done["closed"]
    assert case.status is Status.CLOSED
    assert (case.thread[-1].role, (case.thread[-1].time - last).days) == (Role.SYSTEM, 5)


def test_idle_cases_close_in_every_account(make_world: MakeWorld) -> None:
    """Time passes for all accounts and statuses, for those that nobody opened before it passed too."""
    world = make_world()
    open_before = {case.id for case in world.book(ACCOUNTS[1]).listed() if not case.status.is_final}

    advance(world, SKIN, {"days": 61})

    assert len(open_before) > 1
    for account in ACCOUNTS[:3]:
        assert all(case.status.is_final for case in world.book(account).listed())
    assert {event["case"] for event in world.events() if event["account"] == ACCOUNTS[1].name} == open_before


def test_cases_close_in_their_language(make_world: MakeWorld) -> None:
    """The event that ends a case is written in the language of its thread."""
    book = make_world(cases=300).book(ACCOUNTS[0])
    case = next(case for case in book.listed() if case.language == "de" and not case.status.is_final)

    book.close_by_desk(case)

    assert case.thread[-1].body.source.startswith("Dieser Fall wurde geschlossen")


def test_message_without_a_trace_in_the_list(make_world: MakeWorld) -> None:
    """A message can arrive while status and time of its list row stay as they were."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    case = a_case(book, Status.WORK_IN_PROGRESS)
    row = (case.status, case.updated)
    before = len(case.thread)

    advance(world, SKIN, {"messages": [{"case": case.id, "text": "News.", "touch": False}]})

    assert (case.status, case.updated) == row
    assert [message.body.source for message in case.thread[before:]] == ["News."]


def test_desk_changes_messages(make_world: MakeWorld) -> None:
    """Edited and vanished messages leave what was there before in the history."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    case = next(case for case in book.listed() if len(case.thread) > 3)
    first, second = case.thread[:2]

    advance(
        world, SKIN, {"edit": [{"case": case.id, "n": 1, "text": "Changed."}], "vanish": [{"case": case.id, "n": 2}]}
    )

    assert (case.thread[0].id, case.thread[0].body.shown) == (first.id, "Changed.")
    assert second not in case.thread
    changes = [(event["event"], event["message"], event["before"]) for event in world.history.events]
    assert changes == [
        ("message_edited", first.id, first.body.shown),
        ("message_vanished", second.id, second.body.shown),
    ]


def test_numbers_count_what_the_skin_shows(make_world: MakeWorld) -> None:
    """Where a skin shows no events, the second message is the second that is shown."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    case = next(case for case in book.listed() if case.thread[1].role is Role.SYSTEM)
    third = case.thread[2]

    advance(world, HillSkin(), {"vanish": [{"case": case.id, "n": 2}]})

    assert third not in case.thread


def test_unlisted_and_removed_cases_come_back(make_world: MakeWorld) -> None:
    """An unlisted case opens by its link, a removed one does not, and both can be restored."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    quiet, gone = book.listed()[:2]

    advance(world, SKIN, {"unlist": [quiet.id], "remove": [gone.id]})

    assert not {quiet.id, gone.id} & {case.id for case in book.listed()}
    assert (book.get(quiet.id), book.get(gone.id)) == (quiet, None)
    advance(world, SKIN, {"restore": [quiet.id, gone.id]})
    assert {quiet.id, gone.id} <= {case.id for case in book.listed()}


def test_advance_by_numbers_is_repeatable(make_world: MakeWorld) -> None:
    """Two worlds of one seed let the same things happen."""

    def grown() -> dict[str, Any]:
        done = advance(make_world(), SKIN, {"messages": 3, "new_cases": 2, "close": 1})
        return {key: done[key] for key in ("messages", "new_cases", "closed")}

    assert grown() == grown()


BAD_REQUESTS: dict[str, tuple[Any, str]] = {
    "no object": ([], "an object is wanted"),
    "a key": ({"explode": 1}, "unknown key 'explode'"),
    "an account": ({"account": "nobody"}, "account: 'nobody' is unknown"),
    "no name": ({"account": ["nobody"]}, "account: ['nobody'] is unknown"),
    "words for days": ({"days": "2"}, "days: '2' is no number of days to come"),
    "the past": ({"seconds": -1}, "seconds: -1 is no number of seconds to come"),
    "no number": ({"days": float("nan")}, "days: nan is no number"),
    "the end of time": ({"days": 10**9}, "days: no calendar goes that far"),
    "a negative number": ({"close": -1}, "close: -1 is no number of cases"),
    "no list": ({"edit": 1}, "edit: a list is wanted"),
    "true": ({"messages": True}, "messages: a list is wanted, or a number"),
    "no id": ({"unlist": [7]}, "unlist[0]: a case's id is wanted"),
    "no entry": ({"messages": ["7"]}, "messages[0]: an object is wanted"),
    "what is missing": ({"edit": [{"case": "OPEN"}]}, "edit[0]: n is missing"),
    "an entry's key": ({"new_cases": [{"title": "T"}]}, "new_cases[0]: unknown key 'title'"),
    "an entry's type": ({"vanish": [{"case": "OPEN", "n": "1"}]}, "vanish[0]: n = '1' is not of type int"),
    "a status": ({"messages": [{"case": "OPEN", "status": "lost"}]}, "messages[0]: status = 'lost'; known: open"),
    "a case": ({"remove": ["1"]}, "remove[0]: there is no case 1"),
    "a number of a message": ({"vanish": [{"case": "OPEN", "n": 99}]}, "vanish[0]: case OPEN shows"),
    "a closed case": ({"close": ["CLOSED"]}, "close[0]: case CLOSED is closed"),
    "a case that is there": ({"restore": ["OPEN"]}, "restore[0]: case OPEN is not away"),
    "a case that never was": ({"restore": ["1"]}, "restore[0]: case 1 is not away"),
    "one twice": ({"unlist": ["OPEN", "OPEN"]}, "unlist: 'OPEN' is named 2 times"),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_advance_refuses_before_it_changes(make_world: MakeWorld, name: str) -> None:
    """A request with a mistake anywhere is refused as invalid, and leaves cases and clock as they were."""
    world = make_world()
    book = world.book(ACCOUNTS[0])
    names = {"OPEN": a_case(book, Status.OPEN).id, "CLOSED": a_case(book, Status.CLOSED).id}
    request, problem = (json.loads(_named(json.dumps(each), names)) for each in BAD_REQUESTS[name])
    fine = {"days": 1, "close": [a_case(book, Status.ANSWERED).id], "new_cases": 1}
    line = world.clock.day_line()

    with pytest.raises(InvalidAdvance) as refused:
        advance(world, SKIN, request if isinstance(request, list) else fine | request)

    assert problem in str(refused.value)
    assert (book.version, world.clock.day_line()) == (0, line)


def _named(text: str, names: dict[str, str]) -> str:
    for name, case_id in names.items():
        text = text.replace(name, case_id)
    return text


def test_advance_names_all_problems(make_world: MakeWorld) -> None:
    """Whoever wrote a request with three mistakes is told three."""
    with pytest.raises(InvalidAdvance) as refused:
        advance(make_world(), SKIN, {"remove": ["1"], "close": ["2"], "vanish": [{"case": "3", "n": 1}]})

    assert [problem.partition("[")[0] for problem in refused.value.problems] == ["vanish", "close", "remove"]


def test_a_case_that_time_closes_is_closed_once(make_world: MakeWorld) -> None:
    """What a request wants closed may have closed itself in the days that it lets pass."""
    world = make_world()
    case = a_case(world.book(ACCOUNTS[0]), Status.ANSWERED)

    done = advance(world, SKIN, {"days": 6, "close": [case.id]})

    assert done["closed"].count(case.id) == 1
