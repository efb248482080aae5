"""What must be true of every reply, kept by the model alone: who allowed what, and what was clicked.

A licence is one decision of a person (an approval, or a held reply put back into the queue) and is good for one click.
Nothing else may lead to a click, and a copied archive has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from enum import StrEnum


class Stage(StrEnum):
    """What people decided about a reply, whatever became of it since."""

    DRAFT = "draft"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    SETTLED = "settled"  #: a person said that it is there


@dataclass(slots=True, kw_only=True)
class Licence:
    """One click for this text with these files, by somebody who saw these messages (ids and bodies)."""

    text: str
    files: tuple[str, ...]
    seen: Mapping[str, str]
    used_at: float | None = None

    @property
    def used(self) -> bool:
        return self.used_at is not None


@dataclass(slots=True)
class Expectation:
    """One reply of one archive. `clicks` are the portal's numbers of its own, `seen` is the last approval's."""

    case_id: str
    stage: Stage = Stage.DRAFT
    licence: Licence | None = None
    clicks: list[int] = field(default_factory=list)
    seen: Mapping[str, str] = field(default_factory=dict)

    def approve(self, licence: Licence) -> None:
        self.stage, self.licence, self.seen = Stage.APPROVED, licence, licence.seen

    def withdraw(self, stage: Stage) -> None:
        self.stage, self.licence = stage, None

    def copied(self) -> Expectation:
        """In a copy, what was allowed and not done yet is no longer allowed."""
        licence = self.licence if self.licence is not None and self.licence.used else None
        return replace(self, licence=licence and replace(licence), clicks=list(self.clicks))
