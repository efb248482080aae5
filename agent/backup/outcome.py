"""The run as it is reported: the object that `backup --json` prints and the journal keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any

from agent.errors import CaselogError
from agent.extract.snapshot import Lane
from agent.recovery.page import Recovery
from storage.journal import Certificate
from storage.journal import RunOutcome
from storage.records import Tab


@dataclass(slots=True)
class Counts:
    """What a run found, counted as it goes."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    absent: int = 0
    erased: int = 0  #: by a person: listed, but neither read nor stored
    messages: int = 0
    attachments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run went.

    `missed` names what a complete run of the same scope would have; `error` is what ended the run early.
    """

    run_id: str
    account: str
    scope: str
    outcome: RunOutcome
    certificates: Mapping[Tab, Certificate]
    counts: Counts
    pages: Mapping[str, int]
    recoveries: tuple[Recovery, ...]
    engine: str
    seconds: float
    missed: tuple[str, ...] = ()
    error: CaselogError | None = None

    @property
    def whole(self) -> bool:
        """Whether everything that the scope asks for was done: a run of one case is whole, but never complete."""
        return self.error is None and not self.missed

    def to_json(self) -> dict[str, Any]:
        """The stable keys of the interchange."""
        return {
            "run_id": self.run_id,
            "account": self.account,
            "scope": self.scope,
            "outcome": self.outcome.value,
            "certificate": {
                tab.value: {"listed": proof.listed, "total": proof.total, "ok": proof.ok}
                for tab, proof in self.certificates.items()
            },
            "cases": {
                "seen": self.counts.seen,
                "new": self.counts.new,
                "changed": self.counts.changed,
                "unchanged": self.counts.unchanged,
                "absent": self.counts.absent,
            },
            "erased": self.counts.erased,
            "messages": self.counts.messages,
            "attachments": self.counts.attachments,
            "pages": {lane.value: self.pages.get(lane.value, 0) for lane in Lane},
            "recoveries": [{**asdict(recovery), "rungs": list(recovery.rungs)} for recovery in self.recoveries],
            "engine": self.engine,
            "seconds": round(self.seconds, 3),
            "missed": list(self.missed),
        }
