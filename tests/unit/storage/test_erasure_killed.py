"""An erasure that is killed in the middle has not begun, or is finished by one command."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC
from datetime import datetime
from pathlib import Path

from storage import archive
from storage import journal
from storage.blobs import blobs_of
from storage.erasure.finish import finish
from storage.erasure.stubs import list_erasures
from storage.opening import open_archive
from storage.process import Holder
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from storage.verify import Fault
from storage.verify import verify
from tests.unit.storage.killing import points
from tests.unit.storage.killing import run

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MARKER = b"xyzzymarker"

VICTIM = """
from storage.erasure.erase import erase
from storage.erasure.preview import preview
from storage.erasure.scope import Scope
from storage.opening import open_archive

database = open_archive(source, create=False, at=now)
scope = Scope(account="acme", case_id="1")
digest = preview(database, scope).digest
erase(database, scope, digest, actor="ann", reason="asked", at=now, is_dead=lambda holder: True)
"""


def fill(path: Path) -> None:
    """A case whose subject, message, file and evidence hold the marker."""
    database = open_archive(path, at=NOON)
    holder = Holder(host="desk", pid=1, process_started_at=NOON)
    run_id = journal.start_run(database, "acme", scope="all", holder=holder, at=NOON)
    blob = blobs_of(database).put(MARKER)
    text = MARKER.decode()
    message = MessageRecord(
        message_id="m1",
        native_id=True,
        direction=Direction.PORTAL,
        author="Support",
        sent_at=NOON,
        sent_at_raw="",
        body=f"{text} " * 5000,
    )
    record = CaseRecord(
        account="acme",
        case_id="1",
        subject=text,
        status=CaseStatus.CLOSED,
        status_raw="",
        created_at=NOON,
        created_at_raw=None,
        updated_at=NOON,
        updated_at_raw=None,
        url="",
        complete=True,
        messages=(message,),
        attachments=(AttachmentRef(name="a.txt", size=blob.size, sha256=blob.sha256),),
    )
    archive.ingest(database, record, run_id=run_id, seen_at=NOON)
    page = database.folder / "evidence" / "acme" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(MARKER)
    digest = hashlib.sha256(MARKER).hexdigest()
    noted = journal.Evidence(at=NOON, kind="blank", url="", path="evidence/acme/page.html", sha256=digest)
    journal.record_evidence(database, run_id, noted)
    database.close()


def test_erasure_killed_at_any_step(tmp_path: Path, empty_archive: Path) -> None:
    """Before its commit nothing is gone; after it `verify` tells what is left to do, and `finish` leaves no byte."""
    path = tmp_path / "archive" / "archive.sqlite3"
    path.parent.mkdir()
    shutil.copy(empty_archive, path)
    fill(path)
    steps = run(VICTIM, "erase", copied(path, 0), "", 0)
    ends = set()
    for last in points(steps, 8):
        killed = copied(path, last)
        run(VICTIM, "erase", killed, "", last)
        database = open_archive(killed, create=False, at=NOON)
        decided = bool(list_erasures(database))
        faults = {finding.fault for finding in verify(database)}
        if decided:
            finish(database, NOON, is_dead=lambda _holder: True)
            assert 0 == archive.count_cases(database)
        else:
            assert 1 == archive.count_cases(database)
        assert faults <= ({Fault.ERASED} if decided else set())
        assert [] == list(verify(database))
        database.close()
        left = {
            item.name for item in killed.parent.rglob("*") if item.is_file() and MARKER in item.read_bytes().lower()
        }
        assert bool(left) != decided
        ends.add((decided, bool(faults)))
    assert {(False, False), (True, True)} <= ends


def copied(path: Path, last: int) -> Path:
    return shutil.copytree(path.parent, path.parent.with_name(f"archive{last}")) / path.name
