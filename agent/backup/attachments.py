"""Fetches the attachments whose content the archive does not hold; what it holds is not asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from agent.clock import Clock
from agent.errors import DownloadFailed
from agent.log import get_logger
from agent.portal.protocol import Download
from storage.archive import PendingFile
from storage.archive import attach
from storage.archive import pending_files
from storage.blobs import blobs_of
from storage.database import Database
from storage.errors import BlobDamaged
from storage.records import AttachmentRef

log = get_logger(__name__)

#: What servers say of a file when they do not know; the page may have said more.
UNTOLD = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class AttachmentFetcher:
    """Moves files from the portal into the archive's blobs. A file that fails stays pending for the next run."""

    database: Database
    account: str
    clock: Clock
    download: Callable[[AttachmentRef], Awaitable[Download]]

    async def fetch(self, case_ids: Sequence[str]) -> int:
        """Fetch what is pending for these cases; returns how many are there now."""
        fetched = 0
        for pending in pending_files(self.database, self.account, case_ids):
            try:
                await self._fetch_one(pending)
            except DownloadFailed as failed:
                log.warning("download_failed", case=pending.ref.case_id, name=pending.name, reason=failed.reason)
                continue
            fetched += 1
        return fetched

    async def _fetch_one(self, pending: PendingFile) -> None:
        if pending.url is None:
            raise DownloadFailed(pending.name, "the portal shows no link")
        download = await self.download(AttachmentRef(name=pending.name, url=pending.url))
        try:
            # Hashing and writing a large file must not hold up the other pages.
            store = blobs_of(self.database)
            blob = await asyncio.to_thread(store.put_file, download.path, expected=pending.lost)
        except BlobDamaged as other:
            raise DownloadFailed(pending.name, "it is not the file that was archived, and lost on this disk") from other
        finally:
            download.path.unlink(missing_ok=True)
        attach(
            self.database,
            pending.attachment_id,
            sha256=blob.sha256,
            size=blob.size,
            mime=None if download.mime == UNTOLD else download.mime,
            at=self.clock.now(),
        )
