"""Evidence and erasure: what may show it goes, what shows another case or came later stays."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import archive
from storage import journal
from storage.database import Database
from storage.erasure.erase import ErasureDone
from storage.erasure.erase import erase
from storage.erasure.finish import finish
from storage.erasure.preview import preview
from storage.erasure.scope import Scope
from storage.erasure.stubs import list_erasures
from storage.errors import AccountBusy
from storage.errors import ArchiveBusy
from storage.errors import ArchiveUnusable
from storage.process import Holder
from storage.records import CaseRecord
from storage.verify import verify

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
HOLDER = Holder(host="desk", pid=1, process_started_at=NOON)
CASE = Scope(account="acme", case_id="1001")


@pytest.fixture
def filled(database: Database, run_id: str, case: Callable[..., CaseRecord]) -> Database:
    archive.ingest_batch(database, [case("1001"), case("2002")], run_id=run_id, seen_at=NOON)
    return database


@pytest.fixture
def noted(filled: Database, run_id: str) -> Callable[..., None]:
    """Keep a file of evidence as a run would, an hour before the erasure or at another time."""

    def keep(name: str, content: str, case_id: str | None, at: datetime = NOON) -> None:
        path = stray(filled, name, content, at)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        item = journal.Evidence(
            at=at, kind="blank", url="", path=f"evidence/acme/{name}", sha256=digest, case_id=case_id
        )
        journal.record_evidence(filled, run_id, item)

    return keep


def stray(database: Database, name: str, content: str, at: datetime) -> Path:
    """A file that no run has noted."""
    path = database.folder / "evidence" / "acme" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def do_erase(database: Database, scope: Scope = CASE, **changes: Any) -> ErasureDone:
    options: dict[str, Any] = {"actor": "ann", "reason": "asked", "at": LATER, "is_dead": lambda _holder: True}
    return erase(database, scope, preview(database, scope).digest, **(options | changes))


def there(database: Database) -> set[str]:
    folder = database.folder / "evidence" / "acme"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_evidence_of_another_case_stays(filled: Database, noted: Callable[..., None]) -> None:
    """Its own goes, lists and recordings go, and a page of another case that names it; other cases' pages stay."""
    noted("own/page.html", "empty", "1001")
    noted("own/page.png", "", "1001")
    noted("list/page.html", "a list", None)
    noted("other/page.html", "Case 2002", "2002")
    noted("other/page.png", "", "2002")
    noted("other/trace.zip", "", "2002")
    noted("redirected/page.html", "a list with 1001 in it", "2002")
    noted("redirected/page.png", "", "2002")
    noted("picture/page.png", "", "2002")
    shown = preview(filled, CASE).evidence

    assert do_erase(filled).trouble is None

    assert (7, {"other/page.html", "other/page.png"}) == (shown, there(filled))
    assert [] == list(verify(filled))


def test_evidence_made_after_an_erasure_stays(filled: Database, noted: Callable[..., None]) -> None:
    """An erasure that is finished late takes what was there when it was decided, and nothing that a later run kept."""
    stray(filled, "old/page.html", "left by a stopped run", NOON)
    with filled.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM cases").scalar()
        assert isinstance(do_erase(impatient(filled)).trouble, ArchiveBusy)
    stray(filled, "old/later.html", "left by a stopped run", NOON)
    noted("noted/page.html", "a later look", "2002", at=NOON)
    stray(filled, "new/page.html", "by a run that was stopped later", LATER + timedelta(seconds=1))

    finish(filled, LATER, is_dead=lambda _holder: True)

    assert {"noted/page.html", "new/page.html"} == there(filled)
    assert [LATER] == [each.finished_at for each in list_erasures(filled)]


def test_erasure_is_not_finished_under_a_run(filled: Database) -> None:
    """What a running backup has written and not yet noted is not taken away from it."""
    path = stray(filled, "page.html", "not yet noted", NOON)
    journal.lock_account(filled, "acme", holder=HOLDER, purpose="backup", at=NOON)

    with pytest.raises(AccountBusy):
        finish(filled, LATER, is_dead=lambda _holder: False)

    assert path.exists()


def test_file_that_cannot_be_removed_is_told(
    filled: Database, noted: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its commit an erasure is done, whatever the disk says then: the reason is given, and it can be finished."""
    noted("page.html", "own", "1001")

    def refuse(path: Path, **_: object) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        trouble = do_erase(filled).trouble

    assert isinstance(trouble, ArchiveUnusable)
    path = str(filled.folder / "evidence" / "acme" / "page.html")
    assert (path, "Permission denied") == (trouble.path, trouble.reason)
    assert [None] == [each.finished_at for each in list_erasures(filled)]
    finish(filled, LATER, is_dead=lambda _holder: True)
    assert set() == there(filled)


def impatient(database: Database) -> Database:
    """The same archive for somebody who does not wait for others."""
    from storage.database import open_database

    return open_database(database.path, busy_seconds=0.05)
