"""May the reply still be posted into the thread as it is now? Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.delivery.match import Expected
from agent.delivery.match import appeared
from agent.delivery.match import take_baseline
from storage.outbox import Baseline
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction


class HoldReason(StrEnum):
    """Why a person has to decide; the words stand in the archive and in `--json`."""

    UNSEEN_MESSAGE = "unseen_message"  #: somebody wrote after the approver looked
    CASE_CLOSED = "case_closed"  #: the portal says that the case is closed
    NO_REPLY_POSSIBLE = "no_reply_possible"  #: view-only, or the portal offers no reply here
    ALREADY_THERE = "already_there"  #: our own text appeared since the first attempt
    CASE_GONE = "case_gone"  #: the portal says that there is no such case
    FORM_BLANK = "form_blank"  #: the reply form never appeared
    FORM_DIFFERS = "form_differs"  #: the form did not keep what was typed or uploaded
    UPLOAD_REFUSED = "upload_refused"  #: the portal refused a file
    ATTACHMENT_RULES = "attachment_rules"  #: the files break the portal's rules, or are not those that were approved
    TEXT_RULES = "text_rules"  #: the text cannot be posted or could never be proved
    MISSING_ATTACHMENT = "missing_attachment"  #: posted, but a file is missing
    NOT_THERE = "not_there"  #: submitted, and certainly not in the thread
    NOT_CLICKED = "not_clicked"  #: too much time went by before the click, which was then left out
    NEVER_CONFIRMED = "never_confirmed"  #: nobody could tell within the time limit
    UNREADABLE = "unreadable"  #: the case's thread cannot be read as a whole


@dataclass(frozen=True, slots=True)
class Hold:
    """A person has to decide; `detail` is for that person's eyes."""

    reason: HoldReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Proceed:
    """Nothing stands against posting; a later look is compared with `baseline`."""

    baseline: Baseline


def judge(
    thread: CaseRecord,
    expected: Expected,
    *,
    seen: AbstractSet[str],
    proven: AbstractSet[str],
    first: Baseline | None,
    read_at: datetime,
) -> Proceed | Hold:
    """Decide on a complete, live thread.

    `seen` are the message ids that the approver saw, `proven` those of our own replies that were proved since, `first`
    the baseline of the entry's first attempt.
    """
    if thread.status is CaseStatus.CLOSED:
        return Hold(HoldReason.CASE_CLOSED, thread.status_raw)
    if thread.can_reply is False:
        return Hold(HoldReason.NO_REPLY_POSSIBLE, thread.status_raw)
    if first is not None and appeared(thread, expected, first):
        return Hold(HoldReason.ALREADY_THERE)
    unseen = _unseen(thread, seen | proven)
    if unseen:
        return Hold(HoldReason.UNSEEN_MESSAGE, ", ".join(unseen))
    return Proceed(take_baseline(thread, expected, read_at))


def _unseen(thread: CaseRecord, known: AbstractSet[str]) -> list[str]:
    """Events are no messages: our own reply may have caused them."""
    return [
        message.message_id
        for message in thread.messages
        if message.direction is not Direction.SYSTEM and message.message_id not in known
    ]
