"""One sending run of one account: first what earlier runs left open, then what is due, one reply after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from agent.delivery.desk import Desk
from agent.delivery.dispatch import Result
from agent.delivery.dispatch import dispatch
from agent.delivery.reconcile import reconcile
from agent.errors import CaselogError
from agent.log import get_logger
from storage import outbox
from storage.errors import OutboxError
from storage.outbox import Kind
from storage.outbox import OutboxEntry
from storage.outbox import OutboxStatus

log = get_logger(__name__)


@dataclass(slots=True)
class SendOutcome:
    """What a sending run did, the last word on each entry. `ended_by` is the error that ended it early."""

    account: str
    results: dict[int, Result] = field(default_factory=dict)
    ended_by: Exception | None = None

    def add(self, result: Result) -> None:
        self.results[result.entry_id] = result

    def of(self, status: OutboxStatus) -> tuple[Result, ...]:
        return tuple(result for result in self.results.values() if result.status is status)

    @property
    def alarms(self) -> tuple[Result, ...]:
        """Replies that stand in their thread more than once."""
        return tuple(result for result in self.results.values() if len(result.message_ids) > 1)

    @property
    def needs_person(self) -> bool:
        open_ends = (OutboxStatus.HELD, OutboxStatus.REJECTED, OutboxStatus.UNCONFIRMED)
        return bool(self.alarms) or any(self.of(status) for status in open_ends)

    def to_json(self) -> dict[str, Any]:
        """Counts under stable keys, and every entry that was touched."""
        counted = (
            OutboxStatus.SENT,
            OutboxStatus.HELD,
            OutboxStatus.REJECTED,
            OutboxStatus.UNCONFIRMED,
            OutboxStatus.QUEUED,
        )
        return {
            "account": self.account,
            **{status.value: len(self.of(status)) for status in counted},
            "alarms": len(self.alarms),
            "entries": [
                {
                    "id": result.entry_id,
                    "status": result.status.value,
                    "reason": result.reason,
                    "message_ids": list(result.message_ids),
                }
                for result in self.results.values()
            ],
        }


async def send(desk: Desk) -> SendOutcome:
    """Reconcile, then dispatch. The caller holds the account's lock, and raises `ended_by` once it has reported."""
    outcome = SendOutcome(desk.account.name)
    try:
        async for result in reconcile(desk):
            outcome.add(result)
        await _dispatch_due(desk, outcome)
    except CaselogError as error:
        outcome.ended_by = error
    return outcome


async def _dispatch_due(desk: Desk, outcome: SendOutcome) -> None:
    tried: set[int] = set()
    while (entry := next(_untried(desk, tried), None)) is not None and not desk.stop.finishing:
        desk.stop.check()
        if tried:
            await desk.rest(desk.rules.delivery.pause)
        tried.add(entry.entry_id)
        try:
            outcome.add(await dispatch(desk, entry.entry_id))
        except OutboxError as error:
            # Another process was faster, or a person took it back: it is not ours to send.
            log.info("entry_not_claimed", entry=entry.entry_id, error=type(error).__name__)
        except CaselogError:
            left = outbox.get_entry(desk.database, entry.entry_id)
            outcome.add(Result(left.entry_id, left.status, left.reason or ""))
            raise


def _untried(desk: Desk, tried: set[int]) -> Iterator[OutboxEntry]:
    """Asked anew after each reply: the next of its conversation may be due now."""
    for entry in outbox.due(desk.database, desk.account.name):
        if entry.draft.kind is Kind.REPLY and entry.entry_id not in tried:
            yield entry
