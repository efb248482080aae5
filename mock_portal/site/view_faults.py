"""Faults of what lists and threads show: hidden, short, shifting, edited, vanished.

Shifts, edits and vanishings change the book for good, so that truth and history know them; the rest lasts as long
as the fault does.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from mock_portal.data.model import Case
from mock_portal.data.model import Message
from mock_portal.faults.registry import Fault
from mock_portal.listing import ListQuery
from mock_portal.site.portal import Visit

_LOOK = "Please have a look at this."
_LATER_TEXT = "Hello from Selling Partner Support,\n\nthis message was corrected after it was sent."


def shift_list(here: Visit, query: ListQuery) -> None:
    """Let cases arrive, jump to the other end or vanish just before the list is read."""
    fault = here.acting("page_shift")
    if fault is None:
        return
    book, count = here.book, fault.option("count", 1)
    if (how := fault.option("how", "add")) == "add":
        for number in range(count):
            book.case_arrives(f"Urgent: shipment question {number + 1}", _LOOK)
        return
    listed = here.listing.find(query).cases
    wanted = fault.option("ids")
    # those that lie farthest from where new ones appear
    farthest = listed[-count:] if query.descending else listed[:count]
    for case in [case for case in listed if case.id in wanted] if wanted else farthest:
        if how == "remove":
            book.remove(case)
        elif query.sort == "updated":
            book.desk_writes(case, "A short note from the desk.", status=None)
        else:
            book.unlist(case)
            book.case_arrives(case.subject, f"This goes on from case {case.id}.")


def hidden_ids(here: Visit) -> frozenset[str]:
    """The cases that a fault leaves out of every list: chosen once for each account."""
    fault = here.acting("missing_cases")
    if fault is None:
        return frozenset()
    hidden = fault.chosen.get(here.account.name)
    if hidden is None:
        hidden = fault.chosen[here.account.name] = frozenset(fault.option("ids") or _some_ids(here, fault))
    here.portal.world.history.note("cases_hidden", account=here.account.name, case="", ids=sorted(hidden))
    return hidden


def _some_ids(here: Visit, fault: Fault) -> list[str]:
    listed = sorted(case.id for case in here.book.listed())
    count = min(fault.option("count", 3), len(listed))
    return Random(f"{here.portal.settings.seed}:{fault.id}").sample(listed, count)  # noqa: S311 - repeatable


def shown_rows(here: Visit, rows: Sequence[Case]) -> list[Case]:
    """The rows that really appear under a summary that counts all of `rows`."""
    if rows and here.acting("list_empty"):
        return []
    if rows and (short := here.acting("list_short")):
        return list(rows[: max(0, len(rows) - short.option("rows", 1))])
    return list(rows)


def disturb_thread(here: Visit, case: Case) -> None:
    """Edit or take out a message just before the thread is read; the newest one unless the fault says which.

    The last message that is shown stays: there is no case without one.
    """
    if _shown(here, case) and (edited := here.acting("message_edited")):
        here.book.edit_message(case, _message(here, case, edited), edited.option("text", _LATER_TEXT))
    if len(_shown(here, case)) > 1 and (vanished := here.acting("message_vanished")):
        here.book.drop_message(case, _message(here, case, vanished))


def _message(here: Visit, case: Case, fault: Fault) -> Message:
    """`n` counts as the truth does: from the oldest message that this skin shows."""
    shown = _shown(here, case)
    wanted: int = fault.option("n", len(shown))
    return shown[min(max(1, wanted), len(shown)) - 1]


def _shown(here: Visit, case: Case) -> list[Message]:
    return here.portal.skin.thread(case.thread)
