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

_LATER_TEXT = "Hello from Selling Partner Support,\n\nthis message was corrected after it was sent."


def shift_list(here: Visit, query: ListQuery) -> None:
    """Let cases arrive, jump to the head or vanish just before the list is read."""
    fault = here.fired.get("page_shift")
    if fault is None:
        return
    book, count = here.book, fault.option("count", 1)
    if (how := fault.option("how", "add")) == "add":
        for number in range(count):
            book.case_arrives(f"Urgent: shipment question {number + 1}", "Please have a look at this.")
        return
    listed = here.listing.find(query).cases
    wanted = fault.option("ids")
    chosen = [case for case in listed if case.id in wanted] if wanted else listed[-count:]
    for case in chosen:
        if how == "remove":
            book.remove(case)
        else:
            book.desk_writes(case, "A short note from the desk.", status=None)


def hidden_ids(here: Visit) -> frozenset[str]:
    """The cases that a fault leaves out of every list."""
    fault = here.fired.get("missing_cases")
    if fault is None:
        return frozenset()
    ids = fault.option("ids")
    if ids is None:
        listed = sorted(case.id for case in here.book.listed())
        count = min(fault.option("count", 3), len(listed))
        ids = Random(f"{here.portal.settings.seed}:{fault.id}").sample(listed, count)  # noqa: S311 - repeatable
    here.portal.world.history.note("cases_hidden", account=here.account.name, case="", ids=sorted(ids))
    return frozenset(ids)


def shown_rows(here: Visit, rows: Sequence[Case]) -> list[Case]:
    """The rows that really appear under a summary that counts all of `rows`."""
    if "list_empty" in here.fired:
        return []
    if short := here.fired.get("list_short"):
        return list(rows[: max(0, len(rows) - short.option("rows", 1))])
    return list(rows)


def disturb_thread(here: Visit, case: Case) -> None:
    """Edit or take out a message just before the thread is read; the newest one unless the fault says which."""
    if edited := here.fired.get("message_edited"):
        here.book.edit_message(case, _message(here, case, edited), edited.option("text", _LATER_TEXT))
    if (vanished := here.fired.get("message_vanished")) and len(case.thread) > 1:
        here.book.drop_message(case, _message(here, case, vanished))


def _message(here: Visit, case: Case, fault: Fault) -> Message:
    """`n` counts as the truth does: from the oldest message that this skin shows."""
    shown = here.portal.skin.thread(case.thread)
    wanted: int = fault.option("n", len(shown))
    return shown[min(max(1, wanted), len(shown)) - 1]
