"""Turn what a person gave into a draft: the case's account found, files kept, and the profile's rules asked."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.errors import Explanation
from agent.cli.errors import explain
from agent.cli.exit_codes import ExitCode
from agent.errors import CaselogError
from agent.errors import Problem

if TYPE_CHECKING:
    from agent.delivery.lint import Lint
    from agent.profile.model.profile import PortalProfile
    from storage.blobs import Blobs
    from storage.outbox import OutboxFile

#: What a finding means to the person who wrote the text.
FINDINGS = {
    "nothing_to_prove": "has no letter and no digit, so that it could not be found again in the thread",
    "too_long": "is longer than the portal takes ({detail} characters)",
    "forbidden": "holds what the portal would not show as typed ({detail})",
    "control_characters": "holds characters that a form drops ({detail})",
    "placeholder": "looks as if a gap was not filled: {detail}",
    "markup": "will not be shown as typed: the portal takes a part of it for {detail}",
}


@dataclass(eq=False)
class DraftRefused(CaselogError):
    """Nothing was added; every problem is listed."""

    problems: Sequence[Problem]


@explain.register
def _(error: DraftRefused) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        "This reply cannot be sent as it is. Nothing was added.",
        "Mend it and add it again.",
        tuple(f"{problem.where}: {problem.what}" for problem in error.problems),
    )


def words(finding: Lint) -> str:
    return FINDINGS[finding.code.value].format(detail=finding.detail)


def problems(text: str, files: Sequence[Path], profile: PortalProfile) -> Iterator[Problem]:
    """Everything for which the portal would not take the reply, or would not show it."""
    from agent.delivery.lint import lint

    if profile.reply is None:
        yield Problem("profile", f"{profile.name} does not say how to reply")
        return
    yield from (Problem("text", words(found)) for found in lint(text, profile.reply.text) if found.blocks)
    if files and profile.reply.upload is None:
        yield Problem("file", "the portal takes no files with a reply")
    rules = profile.attachments
    if rules.max_files is not None and len(files) > rules.max_files:
        yield Problem("file", f"{len(files)} files, the portal takes {rules.max_files}")
    sizes = {path: path.stat().st_size for path in files if path.is_file()}
    for path in files:
        if path not in sizes:
            yield Problem("file", f"{path} is not there")
            continue
        if rules.types and path.suffix.lower() not in {ending.lower() for ending in rules.types}:
            yield Problem("file", f"{path.name}: the portal takes only {', '.join(rules.types)}")
        if rules.max_bytes is not None and sizes[path] > rules.max_bytes:
            yield Problem("file", f"{path.name} has {sizes[path]} bytes, the portal takes {rules.max_bytes}")
    if rules.max_total_bytes is not None and sum(sizes.values()) > rules.max_total_bytes:
        yield Problem("file", f"together {sum(sizes.values())} bytes, the portal takes {rules.max_total_bytes}")


def keep_files(blobs: Blobs, files: Sequence[Path]) -> tuple[OutboxFile, ...]:
    """Copy the files into the archive: what is sent is what was approved, whatever becomes of the originals."""
    from storage.outbox import OutboxFile

    kept = []
    for path in files:
        blob = blobs.put_file(path)
        mime, _ = mimetypes.guess_type(path.name)
        kept.append(OutboxFile(name=path.name, mime=mime, size=blob.size, sha256=blob.sha256))
    return tuple(kept)
