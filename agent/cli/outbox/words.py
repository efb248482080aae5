"""What the delivery's codes mean to the person who wrote the reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.delivery.lint import Lint
    from agent.delivery.preflight import FileProblem
    from storage.workbook import RowProblem

TEXT = {
    "nothing_to_prove": "has no letter and no digit, so that it could not be found again in the thread",
    "too_long": "is longer than the portal takes ({detail} characters)",
    "forbidden": "holds what the portal would not show as typed ({detail})",
    "control_characters": "holds characters that a form drops ({detail})",
    "placeholder": "looks as if a gap was not filled: {detail}",
    "markup": "will not be shown as typed: the portal takes a part of it for {detail}",
}

FILES = {
    "no_files": "the portal takes no files with a reply",
    "too_many": "too many files ({detail})",
    "too_large": "{name} is larger than the portal takes ({detail} bytes)",
    "together_too_large": "the files are together larger than the portal takes ({detail} bytes)",
    "empty": "{name} is empty, and portals drop empty files",
    "type": "{name}: the portal takes only {detail}",
    "name": "{name!r} is no plain file name {detail}",
    "missing": "the content of {name} is no longer in the archive",
    "changed": "the content of {name} is not the one that was approved",
}

HOLDS = {
    "unseen_message": "somebody wrote in the case after it was approved; read the thread and approve again",
    "changed_message": "a message reads differently than when it was approved; read the thread and approve again",
    "case_closed": "the case is closed; open a new one that names it",
    "no_reply_possible": "the portal offers no reply here",
    "already_there": "our text is in the thread already",
    "case_gone": "the portal says that there is no such case",
    "form_blank": "the reply form never appeared",
    "form_differs": "the form did not keep what was typed or uploaded",
    "upload_refused": "the portal refused a file",
    "attachment_rules": "the files break the portal's rules",
    "text_rules": "the text cannot be posted as it is",
    "missing_attachment": "it was posted, but a file is missing",
    "reads_differently": "after it was submitted, our side has a new message that is not this text; compare the two",
    "not_there": "it was submitted and is certainly not in the thread",
    "not_clicked": "the click was left out at the last moment",
    "never_confirmed": "nobody could tell in time whether it was posted; look at the portal",
    "unreadable": "the case's thread cannot be read as a whole",
}

#: What ended the run under a reply stands as the error's name.
ENDINGS = {
    "AccessDenied": "the portal denied access",
    "AccountBusy": "another process took the account over",
    "CancelledError": "the run was interrupted",
    "DownloadFailed": "a file could not be fetched",
    "DriftedPage": "a page is not built as the profile says",
    "EngineDied": "the browser ended",
    "KeyboardInterrupt": "the run was interrupted",
    "NoEngine": "there was no browser that is proven to send a form once",
    "PersonNeeded": "the portal asked for a person",
    "PortalUnreachable": "the portal could not be reached",
    "RecoveryExhausted": "a page stayed blank, whatever was tried",
    "SignInRefused": "the portal refused the sign-in",
    "StopRequested": "the run was stopped by the stop switch",
    "SuspiciousShrink": "the portal suddenly listed far fewer cases",
    "Throttled": "the portal asked to slow down",
    "WrongAccount": "the page showed another account",
}

#: What a held reply's files are accused of; their names and numbers follow.
FAULTS = {
    "no_files": "the portal takes no files with a reply",
    "too_many": "too many files",
    "too_large": "larger than the portal takes",
    "together_too_large": "together larger than the portal takes",
    "empty": "empty",
    "type": "not of a type that the portal takes",
    "name": "not a plain file name",
    "missing": "its content is no longer in the archive",
    "changed": "its content is not the one that was approved",
}

ROWS = {
    "empty": "is empty",
    "unclear": "is not what was typed: {detail}",
    "no_file": "{detail}",
    "repeated": "is the same reply as in {detail}",
}


def about_row(problem: RowProblem) -> str:
    return ROWS[problem.fault.value].format(detail=problem.detail)


def about_text(finding: Lint) -> str:
    return TEXT[finding.code.value].format(detail=finding.detail)


def about_file(problem: FileProblem) -> str:
    return FILES[problem.code.value].format(name=problem.name, detail=problem.detail).strip()


def about_reason(reason: str | None) -> str:
    """An entry's reason with its codes explained; a person's own words stay as they are."""
    code, _, detail = (reason or "").partition(": ")
    meaning = HOLDS.get(code) or ENDINGS.get(reason or "")
    if meaning is None:
        return reason or ""
    if code in DETAILS:
        detail = "; ".join(map(DETAILS[code], detail.split("; ")))
    return f"{meaning}{f' ({detail})' if detail else ''}"


def _text_fault(finding: str) -> str:
    code, _, detail = finding.partition(" ")
    return TEXT[code].format(detail=detail) if code in TEXT else finding


def _file_fault(problem: str) -> str:
    code, _, rest = problem.partition(" ")
    return f"{FAULTS[code]}: {rest.strip()}" if code in FAULTS else problem


#: Holds whose detail lists findings of their own.
DETAILS = {"text_rules": _text_fault, "attachment_rules": _file_fault}
