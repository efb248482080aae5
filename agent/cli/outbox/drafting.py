"""Turn what a person gave into a draft that the portal would take, before anything is opened."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.errors import Explanation
from agent.cli.errors import explain
from agent.cli.exit_codes import ExitCode
from agent.cli.outbox.words import about_file
from agent.cli.outbox.words import about_text
from agent.errors import CaselogError
from agent.errors import Problem

if TYPE_CHECKING:
    from agent.delivery.rules import SendingRules
    from agent.profile.model.profile import PortalProfile
    from storage.blobs import Blobs
    from storage.outbox import OutboxFile


@dataclass(eq=False)
class DraftRefused(CaselogError):
    """Nothing was added; every problem is listed."""

    problems: Sequence[Problem]


@explain.register
def _(error: DraftRefused) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        "This reply cannot be sent as it is. Nothing was added or changed.",
        "Mend it and try again.",
        tuple(f"{problem.where}: {problem.what}" for problem in error.problems),
    )


def checked_files(text: str, paths: Sequence[Path], profile: PortalProfile) -> tuple[OutboxFile, ...]:
    """The files as they would be sent, without their hashes. Raises `DraftRefused` with everything that is wrong."""
    from storage.files import why_unreadable

    reasons = {path: why_unreadable(path) for path in paths}
    unreadable = [Problem("file", f"{path} {reason}") for path, reason in reasons.items() if reason is not None]
    files = tuple(_file(path) for path in paths if reasons[path] is None)
    check(text, files, profile, unreadable)
    return files


def check(text: str, files: Sequence[OutboxFile], profile: PortalProfile, others: Sequence[Problem] = ()) -> None:
    """Raise `DraftRefused` with everything that the portal would not take, and with the problems found before."""
    from agent.delivery.rules import SendingRules

    if profile.reply is None:
        raise DraftRefused((Problem("profile", f"{profile.name} does not say how to reply"),))
    problems = (*_problems(text, files, SendingRules.of(profile)), *others)
    if problems:
        raise DraftRefused(problems)


def _problems(text: str, files: Sequence[OutboxFile], rules: SendingRules) -> Iterator[Problem]:
    from agent.delivery.lint import lint
    from agent.delivery.preflight import check_files

    yield from (Problem("text", about_text(found)) for found in lint(text, rules.text) if found.blocks)
    yield from (Problem("file", about_file(found)) for found in check_files(files, rules))


def _file(path: Path) -> OutboxFile:
    from storage.outbox import OutboxFile

    mime, _ = mimetypes.guess_type(path.name)
    return OutboxFile(name=path.name, mime=mime, size=path.stat().st_size, sha256="")


def keep_files(blobs: Blobs, files: Sequence[OutboxFile], paths: Sequence[Path]) -> tuple[OutboxFile, ...]:
    """Copy the files into the archive: what is sent is what was approved, whatever becomes of the originals."""
    kept = []
    for file, path in zip(files, paths, strict=True):
        blob = blobs.put_file(path)
        kept.append(replace(file, size=blob.size, sha256=blob.sha256))
    return tuple(kept)
