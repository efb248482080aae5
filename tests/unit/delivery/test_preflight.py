"""Files are looked at before anything is opened, and sent as they were approved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.delivery.preflight import FileCode
from agent.delivery.preflight import FileProblem
from agent.delivery.preflight import FilesUnfit
from agent.delivery.preflight import check_files
from agent.delivery.preflight import staged
from agent.profile.model.reply import AttachmentRules
from storage.blobs import Blobs
from storage.outbox import OutboxFile
from tests.unit.delivery.sending_run import RULES


def file(name: str = "a.pdf", size: int = 10, sha256: str = "0" * 64) -> OutboxFile:
    return OutboxFile(name=name, mime=None, size=size, sha256=sha256)


def rules(**limits: object) -> AttachmentRules:
    return AttachmentRules.model_validate(limits)


@pytest.mark.parametrize(
    ("files", "limits", "expected"),
    [
        pytest.param([file(), file("b.PDF")], rules(max_files=2, types=[".pdf"]), (), id="within the rules"),
        pytest.param(
            [file(), file("b")], rules(max_files=1), (FileProblem(FileCode.TOO_MANY, "", "2 > 1"),), id="too many"
        ),
        pytest.param([file()], rules(max_bytes=9), (FileProblem(FileCode.TOO_LARGE, "a.pdf", "10 > 9"),), id="large"),
        pytest.param(
            [file(), file("b")],
            rules(max_total_bytes=19),
            (FileProblem(FileCode.TOGETHER_TOO_LARGE, "", "20 > 19"),),
            id="together too large",
        ),
        pytest.param(
            [file("a.exe")],
            rules(types=[".pdf", ".png"]),
            (FileProblem(FileCode.TYPE, "a.exe", ".pdf .png"),),
            id="type",
        ),
        pytest.param([file(size=0)], rules(), (FileProblem(FileCode.EMPTY, "a.pdf"),), id="empty"),
        pytest.param([file("../a.pdf")], rules(), (FileProblem(FileCode.NAME, "../a.pdf"),), id="a path"),
        pytest.param([file("b\\a.pdf")], rules(), (FileProblem(FileCode.NAME, "b\\a.pdf"),), id="a Windows path"),
        pytest.param([file("a\n.pdf")], rules(), (FileProblem(FileCode.NAME, "a\n.pdf"),), id="a control character"),
    ],
)
def test_the_portal_s_rules(
    files: list[OutboxFile], limits: AttachmentRules, expected: tuple[FileProblem, ...]
) -> None:
    """Every problem is named, with the numbers."""
    assert expected == check_files(files, replace(RULES, files=limits))


def test_a_portal_that_takes_no_files() -> None:
    """Without an upload in the form no rule matters."""
    assert (FileProblem(FileCode.NO_FILES, "a.pdf"),) == check_files([file()], replace(RULES, takes_files=False))


def test_files_are_laid_out_under_their_own_names(tmp_path: Path) -> None:
    """The portal sees the names that were approved, even twice the same, and nothing is left behind."""
    blobs = Blobs(tmp_path)
    first, second = blobs.put(b"one"), blobs.put(b"two")
    files = [file("Beleg März.txt", sha256=first.sha256), file("Beleg März.txt", sha256=second.sha256)]

    with staged(files, blobs, scratch=tmp_path) as paths:
        found = [(path.name, path.read_bytes()) for path in paths]

    assert [("Beleg März.txt", b"one"), ("Beleg März.txt", b"two")] == found
    assert not any(path.exists() for path in paths)


def test_other_contents_than_approved_are_refused(tmp_path: Path) -> None:
    """A content that changed or is missing is found while it is copied for the upload."""
    blobs = Blobs(tmp_path)
    changed, missing = blobs.put(b"one"), blobs.put(b"two")
    blobs.path(changed.sha256).write_bytes(b"ONE")
    blobs.path(missing.sha256).unlink()

    with (
        pytest.raises(FilesUnfit) as refused,
        staged([file("a", sha256=changed.sha256), file("b", sha256=missing.sha256)], blobs, scratch=tmp_path),
    ):
        pass

    assert (FileProblem(FileCode.CHANGED, "a"), FileProblem(FileCode.MISSING, "b")) == refused.value.problems


def test_files_are_laid_out_below_the_run_s_own_folder(tmp_path: Path) -> None:
    """A run that is killed leaves them where the next one cleans up."""
    blobs, scratch = Blobs(tmp_path / "blobs"), tmp_path / "run"
    scratch.mkdir()

    with staged([file("a.txt", sha256=blobs.put(b"one").sha256)], blobs, scratch=scratch) as (path,):
        assert path.is_relative_to(scratch)
