"""A file's content that comes too late is refused: what it hangs on is gone, or a person erased it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

import pytest

from storage import archive
from storage.blobs import blobs_of
from storage.database import Database
from storage.erasure.erase import erase
from storage.erasure.preview import preview
from storage.erasure.scope import Scope
from storage.errors import NotFound
from storage.records import AttachmentRef
from storage.records import CaseRecord

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FILE = AttachmentRef(name="a.txt", url="https://portal.example/a")


@dataclass(frozen=True)
class Room:
    """An archive whose only case has a pending file."""

    database: Database
    attachment: int
    ingest: Callable[..., None]

    def attach(self, content: bytes) -> None:
        blob = blobs_of(self.database).put(content)
        archive.attach(self.database, self.attachment, sha256=blob.sha256, size=blob.size, at=NOON)

    def blobs(self) -> list[bool]:
        """Of each content whether it is erased."""
        with self.database.read() as connection:
            query = "SELECT erased_at IS NOT NULL FROM blobs ORDER BY sha256"
            return [bool(erased) for erased in connection.exec_driver_sql(query).scalars()]


@pytest.fixture
def room(database: Database, run_id: str, case: Callable[..., CaseRecord]) -> Room:
    def ingest(*files: AttachmentRef) -> None:
        archive.ingest(database, case("1001", attachments=files), run_id=run_id, seen_at=NOON)

    ingest(FILE)
    [pending] = archive.pending_files(database, "acme")
    return Room(database, pending.attachment_id, ingest)


def test_file_that_is_no_longer_shown_gets_no_content(room: Room) -> None:
    """Between the list and the download the portal took it away: nothing is noted of what came."""
    room.ingest()

    with pytest.raises(NotFound):
        room.attach(b"late")

    assert [] == room.blobs()


def test_erased_file_and_content_stay_erased(room: Room) -> None:
    """A download that ends after the erasure neither fills the stub nor makes the content known again."""
    blob = blobs_of(room.database).put(b"secret")
    room.ingest(FILE, AttachmentRef(name="b.txt", size=blob.size, sha256=blob.sha256))
    scope = Scope(account="acme", case_id="1001")
    digest = preview(room.database, scope).digest
    erase(room.database, scope, digest, actor="ann", reason="", at=NOON, is_dead=lambda _holder: True)

    with pytest.raises(NotFound):
        room.attach(b"secret")

    assert [True] == room.blobs()
