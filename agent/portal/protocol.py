"""The border between what a run decides and how a portal is driven. `BrowserPortal` is the real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from agent.extract.reading import Reading
from agent.extract.snapshot import Environment
from agent.extract.snapshot import PageRequest
from storage.records import AttachmentRef
from storage.records import CaseSummary
from storage.records import Tab


class SubmitAnswer(StrEnum):
    """What the page showed after the one click; never proof, only a hint for the read-back."""

    ACCEPTED = "accepted"  #: the portal's sign of success
    REFUSED = "refused"  #: the portal's error text
    UNCLEAR = "unclear"  #: anything else: blank, reset, timeout
    NOT_CLICKED = "not_clicked"  #: the form no longer held what was filled in, so nothing was sent; `text` says why


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Days, both included."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class FilledForm:
    """What the form holds before the click, read back from the page."""

    text: str
    files: tuple[str, ...]
    refused: str | None = None  #: the portal's words where it refused a file


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What came after the click; `text` is the portal's own message where one was seen."""

    answer: SubmitAnswer
    text: str


@dataclass(frozen=True, slots=True)
class Download:
    """An attachment's content on disk; the file belongs to the caller. `name` is the portal's, unsafe as a path."""

    path: Path
    name: str
    mime: str | None


class ReplyForm(Protocol):
    """One reply form on one page, in an engine that is proven not to send a request twice."""

    async def fill(self, text: str, files: Sequence[Path]) -> FilledForm:
        """Type, upload, and read the form back. Submits nothing."""
        ...

    async def submit(self, *, within: float) -> SubmitResult:
        """Click once, within so many seconds or not at all. Never repeated, never inside recovery."""
        ...

    async def close(self) -> None:
        """Leave the page without submitting."""
        ...


class Portal(Protocol):
    """One account's signed-in presence at a portal.

    A read never recovers by itself and never signs in: it returns a verdict. Raises `EngineDied` when the browser
    ended under it, and nothing else for what a portal may do.
    """

    @property
    def environment(self) -> Environment: ...

    @property
    def generation(self) -> int:
        """Counts the contexts; a read that began in an older one is to be read again."""
        ...

    @property
    def passwords_submitted(self) -> int:
        """Counts the passwords; each before its click, after which nobody knows whether the portal has seen it."""
        ...

    @property
    def case_needs_row(self) -> bool:
        """Whether a case's fields can only be read together with its list row."""
        ...

    def list_span(self, tab: Tab) -> DateSpan | None:
        """The widest span of a tab whose result the portal caps; `None` where it cannot be split."""
        ...

    def list_request(self, tab: Tab, span: DateSpan | None = None) -> PageRequest:
        """The first page of a tab, or of a part of it."""
        ...

    def case_request(self, case_id: str, row: CaseSummary | None) -> PageRequest: ...

    def case_parts(self, request: PageRequest) -> tuple[PageRequest, ...]:
        """The further pages of the same case, to be read after its own; most portals have none."""
        ...

    async def read(self, request: PageRequest) -> Reading:
        """Open the page from nothing in a browser page of the present context, and classify it.

        The reading's own request is the one that was asked for, with its variables filled in.
        """
        ...

    async def renew(self, environment: Environment) -> None:
        """Close the context with all its pages and open a new one; only the session's own cookies are carried.

        `generation` counts up before the old context closes. A browser that is dead, or too sick to close its context,
        is launched again, a dead driver started again. Raises `NoEngine` when the environment cannot be had, and
        `EngineDied` when the new one ended at once. The old environment is then opened again when it is next wanted.
        """
        ...

    async def sign_in(self) -> None:
        """Submit the password once and answer what follows; saves the session.

        Raises `SignInRefused`, `PersonNeeded`, `AccessDenied`, `Throttled` or `PortalUnreachable`; `SecretUnavailable`
        when there is no password to submit; `RecoveryExhausted` when the sign-in pages stay blank in this environment:
        another one may do better, so the caller may renew and try again.
        """
        ...

    async def download(self, attachment: AttachmentRef) -> Download:
        """Fetch an attachment with the signed-in session, only from the portal's allowed origins.

        Raises `DownloadFailed` when something else than the file came, a sign-in page included; `PersonNeeded` or
        `AccessDenied` when it was a challenge or a block page.
        """
        ...

    async def open_reply(self, case_id: str) -> ReplyForm | Reading:
        """Open the case and its reply form; the reading tells why there is none.

        In the present context if its engine is proven to send once, else beside it in one that is, with the session's
        cookies carried. Raises `NoEngine` when there is no such engine. The reply's page lives until the form closes.
        """
        ...

    async def save_evidence(self, reading: Reading) -> Path:
        """Write HTML, screenshot and a trace without cookies; returns the folder."""
        ...

    async def close(self) -> None: ...
