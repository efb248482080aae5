"""Fetch an attachment with the session's cookies, only from where the profile allows, and only if it is a file."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from agent.browser.calls import PageTrouble
from agent.browser.retry_after import retry_after_seconds
from agent.browser.session import Answer
from agent.browser.session import Session
from agent.clock import Clock
from agent.errors import DownloadFailed
from agent.extract.conditions import any_holds
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.portal.confined import may_ask
from agent.portal.limiter import LONGEST_REST
from agent.portal.limiter import Limiter
from agent.portal.protocol import Download
from agent.portal.refusing import refuse
from agent.portal.site import Site
from storage.records import AttachmentRef

MOST_REDIRECTS = 5
MOST_TRIES = 3  #: where the portal asks for a rest instead
LARGEST = 200_000_000  #: bytes; what is bigger is no attachment of a support case
_SECONDS = 120.0
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_PAGE_NAMES = (".html", ".htm", ".xhtml")
_RESTS = frozenset({429, 503})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class Downloader:
    """Fetches into `folder`; what lies there belongs to the caller."""

    site: Site
    clock: Clock
    limiter: Limiter
    folder: Path

    async def fetch(self, session: Session, attachment: AttachmentRef) -> Download:
        """Raises `DownloadFailed` or `EngineDied`; for a challenge or block page `PersonNeeded` or `AccessDenied`."""
        if attachment.url is None:
            raise DownloadFailed(attachment.name, "the portal shows no link")
        answer = await self._follow(session, attachment.name, attachment.url)
        mime = answer.headers.get("content-type", "").partition(";")[0].strip().lower() or None
        problem = self._problem(answer, attachment, mime)
        if problem is not None:
            raise DownloadFailed(attachment.name, problem)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / secrets.token_hex(8)
        path.write_bytes(answer.body)
        return Download(path, attachment.name, mime)

    async def _follow(self, session: Session, name: str, url: str) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            if not may_ask(self.site, url):
                host = "/".join(url.split("/", 3)[:3])  # it may be no address at all
                raise DownloadFailed(name, f"{host} is not among the profile's origins")
            answer = await self._ask(session, name, url)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            url = urljoin(url, answer.headers["location"])
        raise DownloadFailed(name, "too many redirects")

    async def _ask(self, session: Session, name: str, url: str) -> Answer:
        """Request a URL, again after a rest where the portal asks for one that can be sat out."""
        for left in reversed(range(MOST_TRIES)):
            await self.limiter.turn()
            try:
                answer = await session.get(url, seconds=_SECONDS)
            except PageTrouble as trouble:
                raise DownloadFailed(name, trouble.why) from trouble
            told = retry_after_seconds(answer.headers.get("retry-after"), self.clock.now())
            self.limiter.heed(answer.status, told)
            if answer.status not in _RESTS or not left or (told or 0.0) > LONGEST_REST:
                return answer
        raise AssertionError("the last round returns")

    def _problem(self, answer: Answer, attachment: AttachmentRef, mime: str | None) -> str | None:
        """Why this is not the file; `None` when it is."""
        if len(answer.body) > LARGEST:
            return f"{len(answer.body)} bytes are too many"
        told_as_file = "attachment" in answer.headers.get("content-disposition", "").lower()
        if mime not in _PAGES or told_as_file:
            return None if answer.status == 200 else f"status {answer.status}"
        # A page in place of the file: the sign-in, or an error told with status 200.
        html = answer.body.decode("utf-8", errors="replace")
        request = PageRequest(kind=PageKind.HOME, url=answer.url)
        reader = self.site.reader(html, url=answer.url, status=answer.status, request=request)
        page_wanted = attachment.mime == mime or attachment.name.lower().endswith(_PAGE_NAMES)
        if answer.status != 200 or not page_wanted:
            refuse(self.site, reader)  # a page that was sent in may look like anything
        if answer.status != 200:
            return f"status {answer.status}"
        sign_in = self.site.profile.sign_in
        if any(any_holds(reader, handler.when) for handler in sign_in.handlers):
            return "the sign-in page came instead of the file"
        if not page_wanted or any_holds(reader, sign_in.signed_in):
            return "a page of the portal's came instead of the file"
        return None
