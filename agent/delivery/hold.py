"""Why a reply waits for a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HoldReason(StrEnum):
    """Why a person has to decide; the words stand in the archive and in `--json`."""

    UNSEEN_MESSAGE = "unseen_message"  #: somebody wrote after the approver looked
    CHANGED_MESSAGE = "changed_message"  #: a message reads differently than it did when the approver looked
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
    READS_DIFFERENTLY = "reads_differently"  #: submitted; these new messages of our side are not our text
    NOT_THERE = "not_there"  #: submitted, and certainly not in the thread
    NOT_CLICKED = "not_clicked"  #: the click was left out at the last moment: too late, or the form had changed
    NEVER_CONFIRMED = "never_confirmed"  #: nobody could tell within the time limit
    UNREADABLE = "unreadable"  #: the case's thread cannot be read as a whole


@dataclass(frozen=True, slots=True)
class Hold:
    """A person has to decide; `detail` is for that person's eyes."""

    reason: HoldReason
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason.value}: {self.detail}" if self.detail else self.reason.value
