"""Let time pass: the changes that a portal goes through by itself, on request and repeatable.

Every key of the request is optional. Numbers mean "so many, chosen by the seed", lists say which.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from mock_portal.advance_check import problems
from mock_portal.book import CaseBook
from mock_portal.clock import iso
from mock_portal.data.model import Case
from mock_portal.data.model import Message
from mock_portal.data.model import Status
from mock_portal.site.skin import Skin
from mock_portal.world import World

#: what a request may hold
KEYS = {
    "account": "whose cases; the first account by default",
    "days": "move the portal's clock on; idle cases close themselves",
    "seconds": "likewise",
    "messages": "messages from the desk: a number, or a list of {case, text?, status?, touch?}; "
    "with `touch` false the case's list row stays as it was",
    "new_cases": "cases opened by a colleague: a number, or a list of {subject?, text?}",
    "close": "cases that the desk closes: a number, or a list of ids",
    "edit": "messages that change: a list of {case, n, text}; n as in the truth",
    "vanish": "messages that are taken out: a list of {case, n}; n as in the truth",
    "unlist": "cases that leave every list while their link still opens: a list of ids",
    "remove": "cases that are gone, link and all: a list of ids",
    "restore": "unlisted or removed cases that come back: a list of ids",
}

_TEXT = (
    "Hello from Selling Partner Support,\n\nwe have an update on your case (note {number}). "
    "Please read it and reply if anything is unclear."
)
_SUBJECT = "Question {number} about a recent shipment"


class InvalidAdvance(ValueError):
    """Every problem of a request; nothing was changed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def advance(world: World, skin: Skin, wanted: Any) -> dict[str, Any]:
    """Make the changes and say which. Raises `InvalidAdvance`."""
    if not isinstance(wanted, dict):
        raise InvalidAdvance(["an object is wanted"])
    unknown = [f"unknown key {key!r}; known: {', '.join(KEYS)}" for key in wanted if key not in KEYS]
    if found := [*unknown, *problems(world, skin, wanted)]:
        raise InvalidAdvance(found)
    book = world.book(world.account(wanted.get("account")))
    edits = [(*_message_of(book, skin, each), each["text"]) for each in wanted.get("edit", [])]
    vanishing = [_message_of(book, skin, each) for each in wanted.get("vanish", [])]
    world.clock.advance(timedelta(days=wanted.get("days", 0), seconds=wanted.get("seconds", 0)))
    rng = Random(f"{world.settings.seed}:{book.version}")  # noqa: S311 - repeatable on purpose
    done: dict[str, Any] = {"closed": [case.id for case in book.catch_up()]}
    done["messages"] = [_desk_message(book, each) for each in _messages(book, wanted.get("messages", []), rng)]
    done["new_cases"] = [_new_case(book, each) for each in _new_cases(wanted.get("new_cases", []), rng)]
    for case in _cases(book, wanted.get("close", []), rng):
        # the time that passed may have closed it
        if not case.status.is_final:
            book.close_by_desk(case)
            done["closed"].append(case.id)
    for case, message, text in edits:
        book.edit_message(case, message, text)
    for case, message in vanishing:
        book.drop_message(case, message)
    for case_id in wanted.get("unlist", []):
        book.unlist(_case(book, case_id))
    for case_id in wanted.get("remove", []):
        book.remove(_case(book, case_id))
    for case_id in wanted.get("restore", []):
        book.restore(case_id)
    return {**done, "now": iso(world.clock.now())}


def _case(book: CaseBook, case_id: str) -> Case:
    case = book.get(case_id)
    assert case is not None, "the request was checked"
    return case


def _message_of(book: CaseBook, skin: Skin, wanted: dict[str, Any]) -> tuple[Case, Message]:
    case = _case(book, wanted["case"])
    return case, skin.thread(case.thread)[wanted["n"] - 1]


def _open_cases(book: CaseBook) -> list[Case]:
    return [case for case in book.listed() if not case.status.is_final]


def _messages(book: CaseBook, wanted: Any, rng: Random) -> list[dict[str, Any]]:
    if isinstance(wanted, list):
        return wanted
    cases = _open_cases(book)
    return [{"case": case.id} for case in rng.sample(cases, min(wanted, len(cases)))]


def _desk_message(book: CaseBook, wanted: dict[str, Any]) -> dict[str, str]:
    case = _case(book, wanted["case"])
    text = wanted.get("text", _TEXT.format(number=book.version))
    status = Status(wanted.get("status", Status.NEEDS_ATTENTION))
    message = book.desk_writes(case, text, status=status, touch=wanted.get("touch", True))
    return {"case": case.id, "message": message.id}


def _new_cases(wanted: Any, rng: Random) -> list[dict[str, str]]:
    if isinstance(wanted, list):
        return wanted
    return [{"subject": _SUBJECT.format(number=rng.randrange(10**6))} for _ in range(wanted)]


def _new_case(book: CaseBook, wanted: dict[str, str]) -> str:
    subject = wanted.get("subject", _SUBJECT.format(number=book.version))
    return book.case_arrives(subject, wanted.get("text", "Please have a look at this.")).id


def _cases(book: CaseBook, wanted: Any, rng: Random) -> list[Case]:
    if isinstance(wanted, list):
        return [_case(book, case_id) for case_id in wanted]
    cases = _open_cases(book)
    return rng.sample(cases, min(wanted, len(cases)))
