"""Every error has a text with a next step, and an exit code that scripts can trust."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import errors
from agent.cli import where
from agent.cli.errors import explain
from agent.cli.exit_codes import ExitCode
from agent.cli.exit_codes import combined


def every_error(root: type[BaseException]) -> Iterator[type[BaseException]]:
    for each in root.__subclasses__():
        if each.__module__ == "agent.errors":
            yield each
        yield from every_error(each)


PROBLEM = errors.Problem("accounts.main.user", "is missing")
STOPPED: dict[str, Any] = {"account": "main", "reason": "said so", "url": "https://x.test/page"}
EXAMPLES: list[tuple[errors.CaselogError, ExitCode]] = [
    (errors.ConfigurationError((PROBLEM,), path=Path("caselog.toml")), ExitCode.CONFIGURATION),
    (errors.SecretUnavailable((PROBLEM,)), ExitCode.CONFIGURATION),
    (errors.ProfileError("mock-classic", (PROBLEM,)), ExitCode.PROFILE),
    (errors.NoEngine("firefox", ("/usr/bin/firefox: not there",)), ExitCode.NO_ENGINE),
    (errors.DriverFailed("killed"), ExitCode.NO_ENGINE),
    (errors.EngineDied("chromium", "killed"), ExitCode.NO_ENGINE),
    (errors.DownloadFailed("invoice.pdf", "a sign-in page came instead"), ExitCode.PARTIAL),
    (errors.AccountBusy("main", "host, process 12"), ExitCode.BUSY),
    (errors.SignInRefused(**STOPPED), ExitCode.SIGN_IN_REFUSED),
    (errors.PersonNeeded(**STOPPED), ExitCode.PERSON_NEEDED),
    (errors.AccessDenied(**STOPPED), ExitCode.DENIED),
    (errors.WrongAccount(**STOPPED, expected="A", found="B"), ExitCode.WRONG_ACCOUNT),
    (errors.DriftedPage(**STOPPED, fields=("status",)), ExitCode.PROFILE),
    (errors.RecoveryExhausted(**STOPPED, rungs=("reload", "fresh")), ExitCode.RECOVERY_EXHAUSTED),
    (errors.Throttled(**STOPPED), ExitCode.THROTTLED),
    (errors.PortalUnreachable(**STOPPED), ExitCode.UNREACHABLE),
    (errors.SuspiciousShrink(**STOPPED, tab="all", before=500, now=3), ExitCode.SHRINK),
    (errors.StopRequested(**STOPPED), ExitCode.STOPPED),
    (errors.Interrupted(**STOPPED), ExitCode.PARTIAL),
]


@pytest.mark.parametrize(("error", "code"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_error_is_told_with_its_code(error: errors.CaselogError, code: ExitCode) -> None:
    """The text says what happened in whole sentences and what to do next; no class name, no repr."""
    told = explain(error)

    assert code == told.code
    assert told.what
    assert told.next
    assert type(error).__name__ not in f"{told.what} {told.next} {told.where}"
    if isinstance(error, errors.RunStopped):
        assert "https://x.test/page" in told.where


def test_no_error_is_forgotten() -> None:
    """An error that is added without a text and a code of its own fails here."""
    known = {type(error) for error, _ in EXAMPLES}
    abstract = {errors.EngineError, errors.RunStopped}

    assert set() == set(every_error(errors.CaselogError)) - known - abstract


def test_unforeseen_error_is_called_a_bug(caselog: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A person sees no traceback but where it lies; the log file has it."""
    monkeypatch.setattr(where, "table", lambda *_: next(iter(())))

    ran = caselog("where")

    assert ran.code == ExitCode.UNFORESEEN
    assert "This is a bug in caselog (StopIteration)" in ran.err
    assert "Traceback" not in ran.err
    [log_file] = re.findall(r"details: (.*)", ran.err)
    assert "Traceback" in Path(log_file).read_text(encoding="utf-8")


def test_evidence_comes_with_the_command_that_opens_it(tmp_path: Path) -> None:
    """Where there is a recording, a person can copy the command that shows it."""
    error = errors.RecoveryExhausted(**STOPPED, rungs=("reload",), evidence=tmp_path)
    without = explain(error).where
    (tmp_path / "trace.zip").touch()

    assert ("https://x.test/page", f"what the page showed: {tmp_path}") == without
    assert explain(error).where[-1].endswith(f"show-trace --host 127.0.0.1 --port 0 {tmp_path / 'trace.zip'}")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "out.xlsx"), ExitCode.ARCHIVE),
        (PermissionError(errno.EACCES, "Permission denied", "out.xlsx"), ExitCode.USAGE),
        (OSError(errno.EROFS, "Read-only file system", "out.xlsx"), ExitCode.USAGE),
        (OSError(errno.EIO, "Input/output error", "out.xlsx"), ExitCode.ARCHIVE),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "out.xlsx"), ExitCode.USAGE),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "out.xlsx"), ExitCode.UNFORESEEN),
        (OSError(errno.EBADF, "Bad file descriptor"), ExitCode.UNFORESEEN),
    ],
    ids=str,
)
def test_system_refusal_is_no_bug(error: OSError, code: ExitCode) -> None:
    """A full disk or a file that may not be written is told as such, with the file's name."""
    told = explain(error)

    assert code == told.code
    assert told.where in {(), ("out.xlsx",)}


def test_error_is_an_object_for_programs(caselog: Callable[..., Any]) -> None:
    """With `--json` a failing command still prints one object, and people's text goes to the error stream."""
    ran = caselog("config", "check", "--json")

    assert ran.code == ExitCode.CONFIGURATION
    assert {"exit_code", "what", "where", "next"} == set(ran.value["error"])
    assert ran.value["error"]["exit_code"] == 3
    assert ran.err.startswith("caselog: The configuration in")


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([20, 0, 12], 20),
        ([22, 10], 10),
        ([10, 11], 11),
        ([20, 13, 14], 14),
        ([14, 15], 15),
    ],
)
def test_several_accounts_give_one_code(codes: list[int], expected: int) -> None:
    """What a person must look at first wins, in a fixed order; else the largest code."""
    assert expected == combined(ExitCode(code) for code in codes)
