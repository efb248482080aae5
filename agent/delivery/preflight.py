"""Checks a reply against the portal's rules before anything is opened. Pure, but for the staging of files."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.lint import lint
from agent.delivery.rules import SendingRules
from agent.profile.model.reply import AttachmentRules
from storage.blobs import CHUNK
from storage.blobs import Blobs
from storage.errors import NotFound
from storage.names import is_safe
from storage.names import safe_name
from storage.outbox import Draft
from storage.outbox import OutboxFile


class FileCode(StrEnum):
    """What is wrong with a file, or with the files together."""

    NO_FILES = "no_files"  #: the portal's replies take none
    TOO_MANY = "too_many"  #: more than the portal takes with one reply
    TOO_LARGE = "too_large"  #: larger than the portal takes
    TOGETHER_TOO_LARGE = "together_too_large"  #: in sum larger than the portal takes
    EMPTY = "empty"  #: no bytes; portals drop such files without a word
    TYPE = "type"  #: an ending that the portal does not take
    NAME = "name"  #: not a plain file name
    MISSING = "missing"  #: its content is no longer in the archive
    CHANGED = "changed"  #: its content is not the one that was approved


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One finding; `detail` holds the numbers or the rule."""

    code: FileCode
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code.value} {self.name} {self.detail}".strip()


class FilesUnfit(Exception):
    """The files as they lie in the archive are not those that were approved."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)


def check_draft(draft: Draft, rules: SendingRules) -> Hold | None:
    """Say why a draft could not be sent as it is."""
    blocking = [str(finding) for finding in lint(draft.text, rules.text) if finding.blocks]
    if blocking:
        return Hold(HoldReason.TEXT_RULES, "; ".join(blocking))
    problems = check_files(draft.files, rules)
    if problems:
        return Hold(HoldReason.ATTACHMENT_RULES, "; ".join(map(str, problems)))
    return None


def check_files(files: Sequence[OutboxFile], rules: SendingRules) -> tuple[FileProblem, ...]:
    """List what breaks the portal's rules."""
    if files and not rules.takes_files:
        return (FileProblem(FileCode.NO_FILES, files[0].name),)
    return tuple(_file_problems(files, rules.files))


def _file_problems(files: Sequence[OutboxFile], rules: AttachmentRules) -> Iterator[FileProblem]:
    if rules.max_files is not None and len(files) > rules.max_files:
        yield FileProblem(FileCode.TOO_MANY, "", f"{len(files)} > {rules.max_files}")
    for file in files:
        if not is_safe(file.name):
            yield FileProblem(FileCode.NAME, file.name)
        if not file.size:
            yield FileProblem(FileCode.EMPTY, file.name)
        if rules.max_bytes is not None and file.size > rules.max_bytes:
            yield FileProblem(FileCode.TOO_LARGE, file.name, f"{file.size} > {rules.max_bytes}")
        endings = tuple(ending.casefold() for ending in rules.types)
        if endings and not file.name.casefold().endswith(endings):
            yield FileProblem(FileCode.TYPE, file.name, " ".join(rules.types))
    total = sum(file.size for file in files)
    if rules.max_total_bytes is not None and total > rules.max_total_bytes:
        yield FileProblem(FileCode.TOGETHER_TOO_LARGE, "", f"{total} > {rules.max_total_bytes}")


@contextmanager
def staged(files: Sequence[OutboxFile], blobs: Blobs, *, scratch: Path | None) -> Iterator[tuple[Path, ...]]:
    """Lay the files out under their own names for the upload, hashing what is copied. Raises `FilesUnfit`.

    They lie below `scratch`, where a later run removes what a killed one left.
    """
    with TemporaryDirectory(prefix="upload-", dir=scratch) as folder:
        problems: list[FileProblem] = []
        paths: list[Path] = []
        for number, file in enumerate(files):
            # A folder each, since two files of one reply may have the same name.
            path = Path(folder) / str(number) / safe_name(file.name, longest=255)
            path.parent.mkdir()
            problem = _copy(file, blobs, path)
            if problem is not None:
                problems.append(problem)
            paths.append(path)
        if problems:
            raise FilesUnfit(problems)
        yield tuple(paths)


def _copy(file: OutboxFile, blobs: Blobs, path: Path) -> FileProblem | None:
    digest = sha256()
    try:
        with blobs.open(file.sha256) as source, path.open("wb") as target:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                target.write(chunk)
    except NotFound:
        return FileProblem(FileCode.MISSING, file.name)
    except OSError as error:
        # A name that this system cannot write (`:` on Windows), a full disk: nothing to be sent either way.
        return FileProblem(FileCode.NAME, file.name, error.strerror or "")
    if digest.hexdigest() != file.sha256:
        return FileProblem(FileCode.CHANGED, file.name)
    return None
