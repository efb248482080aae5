"""The archive against what the portal really holds. Pure: exported objects here, the portal's truth there."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Case ids that only one side has, and every difference of those that both have, as lines for people."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    differences: Mapping[str, tuple[str, ...]]

    @property
    def equal(self) -> bool:
        return not (self.missing or self.extra or self.differences)

    def to_json(self) -> dict[str, int]:
        return {"missing": len(self.missing), "extra": len(self.extra), "different": len(self.differences)}


def compare(archived: Sequence[Object], truth: Object) -> Comparison:
    """`archived` are the lines of the JSON Lines export of one account."""
    ours = {case["case_id"]: case for case in archived}
    theirs = {case["id"]: case for case in truth["cases"]}
    tabs = {name: set(tab["ids"]) for name, tab in truth["tabs"].items()}
    found = {
        case_id: tuple(_differences(ours[case_id], theirs[case_id], tabs))
        for case_id in sorted(ours.keys() & theirs.keys())
    }
    return Comparison(
        missing=tuple(sorted(theirs.keys() - ours.keys())),
        extra=tuple(sorted(ours.keys() - theirs.keys())),
        differences={case_id: lines for case_id, lines in found.items() if lines},
    )


def _differences(ours: Object, theirs: Object, tabs: Mapping[str, set[str]]) -> Iterator[str]:
    yield from _unequal("complete", ours["complete"], True)
    yield from _unequal("subject", _squeezed(ours["subject"]), _squeezed(theirs["subject"]))
    yield from _unequal("status", ours["status_raw"], theirs["status"])
    yield from _unequal("tabs", sorted(ours["tabs"]), sorted(name for name, ids in tabs.items() if theirs["id"] in ids))
    yield from _unequal("created", _minute(ours["created_at"]), _minute(theirs["created"]))
    if theirs["updated"] is not None:
        yield from _unequal("updated", _minute(ours["updated_at"]), _minute(theirs["updated"]))
    yield from _unequal("messages", len(ours["messages"]), len(theirs["messages"]))
    for mine, other in zip(ours["messages"], theirs["messages"], strict=False):
        where = f"message {other['n']}"
        yield from _unequal(f"{where} author", mine["author"], other["author"])
        yield from _unequal(f"{where} direction", mine["direction"], other["role"])
        yield from _unequal(f"{where} time", _minute(mine["sent_at"]), _minute(other["time"]))
        yield from _unequal(f"{where} body", _squeezed(mine["body"]), _squeezed(other["body_shown"]))
        yield from _unequal(f"{where} files", _files(mine), _files(other))


def _unequal(what: str, ours: object, theirs: object) -> Iterator[str]:
    if ours != theirs:
        yield f"{what}: archived {ours!r}, the portal holds {theirs!r}"


def _squeezed(text: str) -> str:
    """White space is the page's layout, not part of what was written."""
    return "".join(text.split())


def _minute(moment: str | None) -> datetime | None:
    """Pages show minutes."""
    return None if moment is None else datetime.fromisoformat(moment).replace(second=0, microsecond=0)


def _files(message: Object) -> list[tuple[str, str | None]]:
    return sorted((file["name"], file["sha256"]) for file in message["attachments"])
