"""The decisions on the way of one reply: may it be submitted, and what became of it? Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from agent.delivery.fingerprint import same_file
from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.match import Answer
from agent.delivery.match import CertainlyNotThere
from agent.delivery.match import CouldNotTell
from agent.delivery.match import MissingAttachment
from agent.delivery.match import ReadsDifferently
from agent.delivery.match import There
from agent.errors import AccessDenied
from agent.errors import DriftedPage
from agent.errors import PersonNeeded
from agent.errors import RunStopped
from agent.errors import WrongAccount
from agent.extract.reading import Identity
from agent.extract.reading import Reading
from agent.extract.snapshot import Verdict
from agent.portal.protocol import FilledForm
from agent.profile.account import AccountFacts

#: Seconds between the commit of the intent and the click, beyond which the click is left out.
CLICK_WITHIN = 5.0

#: How often a complete thread must lack the reply, after the grace time, to be sure.
ABSENCES = 2

#: How often the thread is looked at after the grace time before the question is left open.
LOOKS_AFTER_GRACE = 3


#: Pages on the way to the form that end the run.
STOPPING: Mapping[Verdict, type[RunStopped]] = {
    Verdict.CHALLENGE: PersonNeeded,
    Verdict.DENIED: AccessDenied,
    Verdict.DRIFTED: DriftedPage,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """Proved by these messages; more than one is an alarm."""

    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The portal refused it, in these words, and it is not there."""

    words: str


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Nobody could tell; a later run looks again."""

    reason: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Too early to say."""


class Setback(Exception):
    """A step could not be taken. A `Hold` waits for a person, a text is why the entry goes back into the queue.

    `again`: a second try may well go better.
    """

    def __init__(self, outcome: Hold | str, *, again: bool = False) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome
        self.again = again


Conclusion = Sent | Rejected | Unconfirmed | Hold


def form_problem(filled: FilledForm, text: str, files: Sequence[str], *, keeps_below: bool) -> Hold | None:
    """Compare what the form holds with what was to be put into it.

    White space apart, since editors have their own; `keeps_below`: what stood in the form stays below our text.
    """
    shown, ours = _squeezed(filled.text), _squeezed(text)
    if shown != ours and not (keeps_below and shown.startswith(ours)):
        return Hold(HoldReason.FORM_DIFFERS, filled.refused or "text")
    if filled.refused is not None:
        return Hold(HoldReason.UPLOAD_REFUSED, filled.refused)
    if not _same_files(files, filled.files):
        return Hold(HoldReason.FORM_DIFFERS, f"files: {', '.join(filled.files) or 'none'}")
    return None


def no_form(reading: Reading, account: AccountFacts) -> Setback | RunStopped:
    """Say what follows from a page that shows no reply form."""
    verdict, url = reading.verdict, reading.snapshot.final_url
    if verdict in STOPPING:
        return STOPPING[verdict](account.name, reading.reason, url)
    if verdict is Verdict.WRONG_ACCOUNT:
        wanted = Identity(account.account_name, account.marketplace)
        return WrongAccount(account.name, reading.reason, url, expected=_name(wanted), found=_name(reading.identity))
    if verdict is Verdict.GONE:
        return Setback(Hold(HoldReason.CASE_GONE))
    if verdict in {Verdict.OK, Verdict.EMPTY}:
        return Setback(Hold(HoldReason.NO_REPLY_POSSIBLE, reading.reason))
    if verdict is Verdict.BLANK:
        return Setback(Hold(HoldReason.FORM_BLANK, reading.reason), again=True)
    # What asks to be left alone is not asked again at once.
    again = verdict is not Verdict.THROTTLED
    return Setback(f"the reply form's page: {verdict.value} {reading.reason}".rstrip(), again=again)


def conclude(answer: Answer, *, refused: str | None, absences: int, looks_left: int) -> Conclusion | LookAgain:
    """Say what became of a submitted reply.

    `refused` are the portal's words if it refused, `absences` counts the looks in a row, after the grace time, that
    found it certainly not there (this one included), `looks_left` those that may follow.
    """
    if isinstance(answer, There):
        return Sent(answer.message_ids)
    if isinstance(answer, CertainlyNotThere):
        certain = _absent(refused, absences)
        if certain is not None:
            return certain
    return LookAgain() if looks_left else _without_answer(answer)


def _absent(refused: str | None, absences: int) -> Conclusion | None:
    if refused is not None and absences:
        return Rejected(refused)
    return Hold(HoldReason.NOT_THERE) if absences >= ABSENCES else None


def _without_answer(answer: Answer) -> Conclusion:
    match answer:
        case MissingAttachment(message_ids, files):
            return Hold(HoldReason.MISSING_ATTACHMENT, f"{', '.join(files)} of {', '.join(message_ids)}")
        case ReadsDifferently(message_ids):
            return Hold(HoldReason.READS_DIFFERENTLY, ", ".join(message_ids))
        case CouldNotTell(reason):
            return Unconfirmed(reason)
        case _:
            return Unconfirmed("not there at the last look, but not at the one before")


def _name(identity: Identity | None) -> str:
    if identity is None:
        return ""
    return ", ".join(part for part in (identity.account_name, identity.marketplace) if part)


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\ufeff]+", "", text)


def _same_files(ours: Sequence[str], shown: Sequence[str]) -> bool:
    if Counter(ours) == Counter(shown):
        return True
    left = list(shown)
    for name in ours:
        found = next((other for other in left if same_file(name, other)), None)
        if found is None:
            return False
        left.remove(found)
    return not left
