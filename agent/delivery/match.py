"""Is our message in the thread? Pure. Three answers, since "not there" and "could not tell" must never be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.delivery.fingerprint import fingerprint
from agent.delivery.fingerprint import same_file
from agent.delivery.fingerprint import shown_forms
from agent.delivery.fingerprint import shows
from agent.profile.model.reply import TextRules
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import Direction
from storage.records import MessageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is looked for, and what the portal does to a text (`rules`).

    `authors` are the names that we write under; none means that anybody of our side will do.
    """

    text: str
    rules: TextRules
    files: tuple[str, ...] = ()
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A whole thread before the click.

    `matching` counts the messages of ours that already read like the expected one, `matching_without_id` those of
    them that the portal gives no id, `own_without_id` all of ours that it gives none; `loose_files` names the files
    that hang on no text: the case's own and those that are a message by themselves.
    """

    read_at: datetime
    message_ids: tuple[str, ...]
    matching: int
    matching_without_id: int
    own_without_id: int
    loose_files: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "read_at": self.read_at.isoformat(),
            "message_ids": list(self.message_ids),
            "matching": self.matching,
            "matching_without_id": self.matching_without_id,
            "own_without_id": self.own_without_id,
            "loose_files": list(self.loose_files),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Baseline:
        return cls(
            read_at=datetime.fromisoformat(value["read_at"]),
            message_ids=tuple(value["message_ids"]),
            matching=int(value["matching"]),
            matching_without_id=int(value["matching_without_id"]),
            own_without_id=int(value["own_without_id"]),
            loose_files=tuple(value["loose_files"]),
        )


@dataclass(frozen=True, slots=True)
class There:
    """Posted, files included. More than one id means posted twice: an alarm."""

    message_ids: tuple[str, ...]

    @property
    def twice(self) -> bool:
        return len(self.message_ids) > 1


@dataclass(frozen=True, slots=True)
class MissingAttachment:
    """The text is there, but not every file."""

    message_ids: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CertainlyNotThere:
    """The thread is complete, and nothing of ours in it is new."""


@dataclass(frozen=True, slots=True)
class CouldNotTell:
    """Not enough was read, or what was read can be explained in two ways."""

    reason: str


Answer = There | MissingAttachment | CertainlyNotThere | CouldNotTell


def take_baseline(thread: CaseRecord, expected: Expected, read_at: datetime) -> Baseline:
    """Note what a later look is compared with. The thread must be complete."""
    matching = _matching(thread.messages, expected)
    return Baseline(
        read_at=read_at,
        message_ids=tuple(message.message_id for message in thread.messages),
        matching=len(matching),
        matching_without_id=sum(not message.native_id for message in matching),
        own_without_id=sum(not message.native_id for message in _own(thread.messages, expected)),
        loose_files=tuple(_loose_files(thread, expected)),
    )


def look(thread: CaseRecord, expected: Expected, baseline: Baseline) -> Answer:
    """Compare the thread of now with the one before the click."""
    matching = _matching(thread.messages, expected)
    new = _new(matching, baseline)
    if not new:
        return _not_seen(thread, expected, baseline, len(matching))
    if len(new) != len(matching) - baseline.matching:
        # An old one vanished, or the ids changed under us: then a new id proves nothing.
        return CouldNotTell("messages that were there before the click are gone or have other ids")
    ids = tuple(message.message_id for message in new)
    missing = _missing_files(thread, expected, baseline, new)
    return MissingAttachment(ids, missing) if missing else There(ids)


def appeared(thread: CaseRecord, expected: Expected, since: Baseline) -> tuple[str, ...]:
    """Return the ids of messages that read like ours and were not in an earlier baseline, whoever posted them."""
    return tuple(message.message_id for message in _new(_matching(thread.messages, expected), since))


def _own(messages: Iterable[MessageRecord], expected: Expected) -> list[MessageRecord]:
    return [
        message
        for message in messages
        if message.direction is Direction.USER and (not expected.authors or message.author in expected.authors)
    ]


def _matching(messages: Iterable[MessageRecord], expected: Expected) -> list[MessageRecord]:
    forms = shown_forms(expected.text, expected.rules)
    own = _own(messages, expected)
    return [message for message in own if shows(forms, message.body, expected.rules.appends)]


def _new(matching: Sequence[MessageRecord], baseline: Baseline) -> list[MessageRecord]:
    """Return the matches that were not there before: by their id, or by one more occurrence where there is none."""
    known = set(baseline.message_ids)
    by_id = [message for message in matching if message.native_id and message.message_id not in known]
    without_id = [message for message in matching if not message.native_id]
    return by_id + without_id[baseline.matching_without_id :]


def _not_seen(thread: CaseRecord, expected: Expected, baseline: Baseline, matching: int) -> Answer:
    if not thread.complete:
        return CouldNotTell("the thread could not be read as a whole")
    if matching < baseline.matching:
        return CouldNotTell("a message of ours that was there before the click is gone or reads differently")
    known = set(baseline.message_ids)
    own = _own(thread.messages, expected)
    strangers = sum(message.native_id and message.message_id not in known for message in own)
    more_without_id = sum(not message.native_id for message in own) > baseline.own_without_id
    if strangers or more_without_id:
        return CouldNotTell("there is a new message of our side that reads differently")
    return CertainlyNotThere()


def _is_file_only(message: MessageRecord) -> bool:
    return bool(message.attachments) and not fingerprint(message.body)


def _names(attachments: Iterable[AttachmentRef]) -> list[str]:
    return [attachment.name for attachment in attachments]


def _loose_files(thread: CaseRecord, expected: Expected) -> list[str]:
    alone = [message for message in _own(thread.messages, expected) if _is_file_only(message)]
    return _names(thread.attachments) + [name for message in alone for name in _names(message.attachments)]


def _missing_files(
    thread: CaseRecord, expected: Expected, baseline: Baseline, new: Sequence[MessageRecord]
) -> tuple[str, ...]:
    loose = Counter(_loose_files(thread, expected)) - Counter(baseline.loose_files)
    shown = [name for message in new for name in _names(message.attachments)] + list(loose.elements())
    missing = []
    # Those shown under their very names first, so that `a.pdf` does not take the `a_1.pdf` of another of ours.
    for ours in sorted(expected.files, key=lambda name: name not in shown):
        found = ours if ours in shown else next((name for name in shown if same_file(ours, name)), None)
        if found is None:
            missing.append(ours)
        else:
            shown.remove(found)
    return tuple(missing)
