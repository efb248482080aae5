"""The only place where errors become text and exit codes.

Each explanation says what happened, where, and what to do next. An error that nobody foresaw is a bug and says so;
its details are in the log file, never on the console.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from typing import Any

from typer.exceptions import TyperException

from agent import errors
from agent.cli.exit_codes import ExitCode


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person is told: what happened, the places that matter, and the next step."""

    code: ExitCode
    what: str
    next: str
    where: Sequence[str] = ()


def error_value(told: Explanation) -> dict[str, Any]:
    """The explanation for programs; the same object wherever an error is reported."""
    return {"error": {"exit_code": told.code, "what": told.what, "where": list(told.where), "next": told.next}}


@singledispatch
def explain(error: BaseException) -> Explanation:
    return Explanation(
        ExitCode.UNFORESEEN,
        f"This is a bug in caselog ({type(error).__name__}).",
        "Run it again, with --verbose directly behind caselog; if it stays, report it with the end of the log file.",
    )


@explain.register
def _(error: TyperException) -> Explanation:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "caselog"
    return Explanation(ExitCode.USAGE, error.format_message(), f"See what it takes with: {path} --help")


@explain.register
def _(error: OSError) -> Explanation:
    where = (str(error.filename),) if error.filename else ()
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return Explanation(
            ExitCode.ARCHIVE, "The disk is full.", "Make room, then run the command again: nothing is half done.", where
        )
    if isinstance(error, PermissionError):
        return Explanation(
            ExitCode.USAGE, "A file may not be used.", "Mend its rights, or run caselog as its owner.", where
        )
    if error.errno == errno.EROFS:
        return Explanation(
            ExitCode.USAGE, "A file lies on a disk that is read-only.", "Mount it writable, or name another.", where
        )
    if error.errno == errno.EIO:
        return Explanation(
            ExitCode.ARCHIVE, "The disk reported an error.", "Check the disk, then run: caselog verify", where
        )
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError) and where:
        return Explanation(
            ExitCode.USAGE,
            "A file stands where a folder is wanted, or a folder where a file is.",
            "Move it away. What caselog reads and writes, and where: caselog where",
            where,
        )
    return explain.dispatch(BaseException)(error)


def _listed(problems: Sequence[errors.Problem]) -> Sequence[str]:
    return tuple(f"{problem.where}: {problem.what}" for problem in problems)


@explain.register
def _(error: errors.ConfigurationError) -> Explanation:
    count = len(error.problems)
    file = f" in {error.path}" if error.path else ""
    return Explanation(
        ExitCode.CONFIGURATION,
        f"The configuration{file} has {count} problem{'s' if count != 1 else ''}.",
        "Mend it, then run: caselog config check",
        _listed(error.problems),
    )


@explain.register
def _(error: errors.SecretUnavailable) -> Explanation:
    return Explanation(
        ExitCode.CONFIGURATION,
        "A secret could not be fetched.",
        "Provide it, then run: caselog doctor",
        _listed(error.problems),
    )


@explain.register
def _(error: errors.ProfileError) -> Explanation:
    return Explanation(
        ExitCode.PROFILE,
        f"The portal profile {error.profile!r} cannot be used.",
        f"Mend it, then run: caselog profile check {error.profile}",
        _listed(error.problems),
    )


@explain.register
def _(error: errors.NoEngine) -> Explanation:
    return Explanation(
        ExitCode.NO_ENGINE,
        f"No browser that works was found for: {error.wanted}.",
        "Get one with: caselog engines install (what was found: caselog engines)",
        tuple(error.tried),
    )


@explain.register
def _(error: errors.DriverFailed) -> Explanation:
    return Explanation(
        ExitCode.NO_ENGINE,
        "What drives the browsers (Playwright's driver) did not start.",
        "Run the command again; if it stays, install caselog anew, then run: caselog doctor",
        (error.reason,),
    )


@explain.register
def _(error: errors.EngineDied) -> Explanation:
    return Explanation(
        ExitCode.NO_ENGINE,
        f"The browser {error.engine} ended while it was used ({error.reason}).",
        "Run the command again; if it stays, run: caselog doctor",
    )


@explain.register
def _(error: errors.DownloadFailed) -> Explanation:
    return Explanation(
        ExitCode.PARTIAL,
        f"The attachment {error.name!r} could not be fetched: {error.reason}.",
        "The next backup tries it again.",
    )


@explain.register
def _(error: errors.AccountBusy) -> Explanation:
    return Explanation(
        ExitCode.BUSY,
        f"Another process works on the account {error.account}.",
        "Wait until it has finished." + gone_for_good(error.account, elsewhere=error.elsewhere),
        (error.holder,),
    )


def evidence_lines(folder: Path) -> list[str]:
    """Where a page's evidence lies, and the command that opens its recording."""
    lines = [f"what the page showed: {folder}"]
    trace = folder / "trace.zip"
    if trace.is_file():
        lines.append(f"open it with: {sys.executable} -m playwright show-trace --host 127.0.0.1 --port 0 {trace}")
    return lines


def gone_for_good(account: str, *, elsewhere: bool) -> str:
    """What only a person can know, of another host."""
    way_out = f"caselog accounts unlock {account} --drop-lock --reason WHY"
    return f" Only if that machine or container is gone for good: {way_out}" if elsewhere else ""


def _place(error: errors.RunStopped) -> Sequence[str]:
    places = [error.url] if error.url else []
    return (*places, *(evidence_lines(error.evidence) if error.evidence else ()))


def _stopped(error: errors.RunStopped, code: ExitCode, what: str, advice: str) -> Explanation:
    return Explanation(code, f"{error.account}: {what} ({error.reason})", advice, _place(error))


@explain.register
def _(error: errors.RunStopped) -> Explanation:
    return _stopped(error, ExitCode.UNFORESEEN, "the run was stopped for a reason without a name", "Report this.")


@explain.register
def _(error: errors.SignInRefused) -> Explanation:
    advice = (
        f"It will not be tried again by itself. Check user and password, then run: "
        f"caselog accounts unlock {error.account}"
    )
    return _stopped(error, ExitCode.SIGN_IN_REFUSED, "the portal refused to sign in", advice)


@explain.register
def _(error: errors.PersonNeeded) -> Explanation:
    return _stopped(
        error,
        ExitCode.PERSON_NEEDED,
        "the portal wants a person",
        f"Finish it in a window with: caselog login {error.account} --headed",
    )


@explain.register
def _(error: errors.AccessDenied) -> Explanation:
    advice = (
        "Open the portal yourself and see what it says. caselog never works around a block; do not retry in a loop."
    )
    return _stopped(error, ExitCode.DENIED, "the portal denies access", advice)


@explain.register
def _(error: errors.WrongAccount) -> Explanation:
    what = f"the portal shows {error.found!r}, not {error.expected!r}; nothing was stored or sent"
    advice = (
        f"If this is the right account, write its name as the header shows it under accounts.{error.account} "
        "(account_name, marketplace); else choose the account in the portal and sign in again."
    )
    return _stopped(error, ExitCode.WRONG_ACCOUNT, what, advice)


@explain.register
def _(error: errors.DriftedPage) -> Explanation:
    fields = ", ".join(error.fields) or "a required field"
    return _stopped(
        error,
        ExitCode.PROFILE,
        f"the page has changed: cannot read {fields}",
        f"See which selectors fail with: caselog doctor --live {error.account}; mend the profile, then run again.",
    )


@explain.register
def _(error: errors.RecoveryExhausted) -> Explanation:
    return _stopped(
        error,
        ExitCode.RECOVERY_EXHAUSTED,
        f"the page stayed unusable after {', '.join(error.rungs) or 'every recovery step'}",
        "The portal may be broken now: try again later. What the archive holds is whole.",
    )


@explain.register
def _(error: errors.Throttled) -> Explanation:
    advice = f"Run again later, or lower the pace under accounts.{error.account}.pace."
    return _stopped(error, ExitCode.THROTTLED, "the portal keeps asking to slow down", advice)


@explain.register
def _(error: errors.PortalUnreachable) -> Explanation:
    advice = f"Check the network, the proxy and accounts.{error.account}.base_url."
    return _stopped(error, ExitCode.UNREACHABLE, "the portal cannot be reached", advice)


@explain.register
def _(error: errors.SuspiciousShrink) -> Explanation:
    return _stopped(
        error,
        ExitCode.SHRINK,
        f"the tab {error.tab} lists {error.now} cases where there were {error.before}; none was marked absent",
        f"Look at the portal. If they are really gone, run: caselog backup {error.account} --accept-shrink",
    )


@explain.register
def _(error: errors.StopRequested) -> Explanation:
    advice = "Switch work on again with: caselog resume"
    return _stopped(error, ExitCode.STOPPED, "stopped on request", advice)


@explain.register
def _(error: errors.Interrupted) -> Explanation:
    return _stopped(error, ExitCode.PARTIAL, "interrupted before there was a result", "Run the command again.")
