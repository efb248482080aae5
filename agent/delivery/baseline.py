"""May the reply still be posted into the thread as it is now? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.match import Expected
from agent.delivery.match import appeared
from storage.outbox import Baseline
from storage.outbox import seen_text
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction


def judge(
    thread: CaseRecord,
    expected: Expected,
    *,
    seen: AbstractSet[str],
    texts: Mapping[str, str],
    proven: AbstractSet[str],
    first: Baseline,
) -> Hold | None:
    """Decide on a complete, live thread; `None` means that nothing stands against posting.

    `seen` are the message ids that the approver saw, `texts` how they read then, `proven` those of our own replies that
    were proved since, `first` is the baseline of the entry's first attempt.
    """
    if thread.status is CaseStatus.CLOSED:
        return Hold(HoldReason.CASE_CLOSED, thread.status_raw)
    if thread.can_reply is False:
        return Hold(HoldReason.NO_REPLY_POSSIBLE, thread.status_raw)
    if appeared(thread, expected, first):
        return Hold(HoldReason.ALREADY_THERE)
    unseen = _unseen(thread, seen | proven)
    if unseen:
        return Hold(HoldReason.UNSEEN_MESSAGE, ", ".join(unseen))
    changed = _changed(thread, texts, proven)
    if changed:
        return Hold(HoldReason.CHANGED_MESSAGE, ", ".join(changed))
    return None


def _unseen(thread: CaseRecord, known: AbstractSet[str]) -> list[str]:
    """Events are no messages: our own reply may have caused them."""
    return [
        message.message_id
        for message in thread.messages
        if message.direction is not Direction.SYSTEM and message.message_id not in known
    ]


def _changed(thread: CaseRecord, texts: Mapping[str, str], proven: AbstractSet[str]) -> list[str]:
    return [
        message.message_id
        for message in thread.messages
        if message.direction is not Direction.SYSTEM
        and message.message_id not in proven
        and texts.get(message.message_id, seen_text(message.body)) != seen_text(message.body)
    ]
