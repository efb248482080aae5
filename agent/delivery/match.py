"""Is our message in the thread? Pure. Three answers, since "not there" and "could not tell" must never be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.delivery.fingerprint import fingerprint
from agent.delivery.fingerprint import same_file
from agent.delivery.fingerprint import shown_forms
from agent.delivery.fingerprint import shows
from agent.profile.model.reply import TextRules
from storage.outbox import Baseline
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import Direction
from storage.records import MessageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is looked for, and what the portal does to a text (`rules`)."""

    text: str
    rules: TextRules
    files: tuple[str, ...] = ()


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
    """The thread is complete, and nothing of our side in it is new."""


@dataclass(frozen=True, slots=True)
class ReadsDifferently:
    """Our side has new messages, and none reads like ours: a colleague's, or ours as the portal made it."""

    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CouldNotTell:
    """Not enough was read, or what was read can be explained in two ways."""

    reason: str


Answer = There | MissingAttachment | CertainlyNotThere | ReadsDifferently | CouldNotTell


def take_baseline(thread: CaseRecord, expected: Expected, taken_at: datetime) -> Baseline:
    """Note what a later look is compared with. The thread must be complete."""
    return Baseline(
        message_ids=tuple(message.message_id for message in thread.messages),
        occurrences=len(_matching(thread, expected)),
        files=tuple(_loose_files(thread)),
        taken_at=taken_at,
    )


def look(thread: CaseRecord, expected: Expected, baseline: Baseline) -> Answer:
    """Compare the thread of now with the one before the click."""
    matching = _matching(thread, expected)
    added = len(matching) - baseline.occurrences
    new = _new(matching, baseline, added)
    if new is None:
        return CouldNotTell("messages that were there before the click are gone or read differently")
    if not new:
        return _not_seen(thread, baseline)
    ids = tuple(message.message_id for message in new)
    missing = _missing_files(thread, expected.files, baseline, new)
    return MissingAttachment(ids, missing) if missing else There(ids)


def appeared(thread: CaseRecord, expected: Expected, since: Baseline) -> bool:
    """Tell whether anything reads like ours that was not in an earlier baseline, whoever posted it."""
    matching = _matching(thread, expected)
    known = set(since.message_ids)
    by_id = any(message.native_id and message.message_id not in known for message in matching)
    return by_id or len(matching) > since.occurrences


def _own(thread: CaseRecord) -> list[MessageRecord]:
    """Our side's messages: where a portal tells sides apart by the author, the profile's direction rules say so."""
    return [message for message in thread.messages if message.direction is Direction.USER]


def _matching(thread: CaseRecord, expected: Expected) -> list[MessageRecord]:
    forms = shown_forms(expected.text, expected.rules)
    return [message for message in _own(thread) if shows(forms, message.body, expected.rules.appends)]


def _new(matching: Sequence[MessageRecord], baseline: Baseline, added: int) -> list[MessageRecord] | None:
    """Return the matches that were not there before, `None` when the numbers do not add up.

    An id that the portal itself gives proves a message new; a derived one may shift, so that there the `added`
    occurrences count, and the newest are taken. Ids that changed under us (another profile) do not add up either.
    """
    known = set(baseline.message_ids)
    by_id = [message for message in matching if message.native_id and message.message_id not in known]
    derived = [message for message in matching if not message.native_id]
    left = added - len(by_id)
    if not 0 <= left <= len(derived):
        return None
    return by_id + derived[len(derived) - left :]


def _not_seen(thread: CaseRecord, baseline: Baseline) -> Answer:
    if not thread.complete:
        return CouldNotTell("the thread could not be read as a whole")
    known = set(baseline.message_ids)
    strangers = tuple(message.message_id for message in _own(thread) if message.message_id not in known)
    return ReadsDifferently(strangers) if strangers else CertainlyNotThere()


def _is_file_only(message: MessageRecord) -> bool:
    return bool(message.attachments) and not fingerprint(message.body)


def _names(attachments: Iterable[AttachmentRef]) -> list[str]:
    return [attachment.name for attachment in attachments]


def _loose_files(thread: CaseRecord) -> list[str]:
    """Name the files that hang on no text: the case's own, and those that are a message by themselves."""
    alone = [message for message in _own(thread) if _is_file_only(message)]
    return _names(thread.attachments) + [name for message in alone for name in _names(message.attachments)]


def _missing_files(
    thread: CaseRecord, ours: Sequence[str], baseline: Baseline, new: Sequence[MessageRecord]
) -> tuple[str, ...]:
    loose = Counter(_loose_files(thread)) - Counter(baseline.files)
    shown = [name for message in new for name in _names(message.attachments)] + list(loose.elements())
    missing = []
    # Those shown under their very names first, so that `a.pdf` does not take the `a_1.pdf` of another of ours.
    for file in sorted(ours, key=lambda name: name not in shown):
        found = file if file in shown else next((name for name in shown if same_file(file, name)), None)
        if found is None:
            missing.append(file)
        else:
            shown.remove(found)
    return tuple(missing)
