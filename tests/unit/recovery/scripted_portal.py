"""A portal in memory that fails as it is told. It keeps the promises of `agent.portal.protocol.Portal`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

from agent.clock import Clock
from agent.clock import ManualClock
from agent.errors import CaselogError
from agent.errors import DownloadFailed
from agent.errors import EngineDied
from agent.errors import NoEngine
from agent.errors import RecoveryExhausted
from agent.errors import SecretUnavailable
from agent.extract.reading import CasePage
from agent.extract.reading import Identity
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.reading import ShownMessage
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.portal.protocol import DateSpan
from agent.portal.protocol import Download
from agent.portal.protocol import ReplyForm
from storage.records import AttachmentRef
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.records import Direction
from storage.records import Tab

BASE = "https://portal.test"
NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
OURS = Identity("Acme Store", "US")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How one read goes wrong."""

    verdict: Verdict | None = Verdict.BLANK  #: `None`: the engine dies
    status: int | None = 200
    retry_after: float | None = None
    identity: Identity | None = None
    reason: str = "scripted"


#: Looks at a request and the portal's present state; `None` lets the page through.
Fault = Callable[[PageRequest, "ScriptedPortal"], Trouble | None]


def message(n: int = 1, *, body: str = "Hello", attachments: tuple[AttachmentRef, ...] = ()) -> ShownMessage:
    sent = NOON.replace(minute=n % 60)
    return ShownMessage(
        native_id=f"m{n}",
        direction=Direction.PORTAL,
        author="Support",
        sent_at=sent,
        sent_at_raw=sent.isoformat(),
        granularity=1,
        body=body,
        body_html=None,
        attachments=attachments,
    )


@dataclass(slots=True)
class ScriptedCase:
    """One case of the scripted portal; `listed` are the tabs that show it, `exists` whether its own link opens."""

    case_id: str
    status: CaseStatus = CaseStatus.WITH_PORTAL
    listed: set[Tab] = field(default_factory=lambda: {Tab.ALL, Tab.MINE, Tab.FILTERED})
    messages: list[ShownMessage] = field(default_factory=lambda: [message()])
    updated_at: datetime | None = NOON
    exists: bool = True

    def summary(self) -> CaseSummary:
        return CaseSummary(
            case_id=self.case_id,
            subject=f"Subject of {self.case_id}",
            status=self.status,
            status_raw=self.status.value,
            created_at=NOON,
            created_at_raw=NOON.isoformat(),
            updated_at=self.updated_at,
            updated_at_raw=None if self.updated_at is None else self.updated_at.isoformat(),
            url=f"{BASE}/case/{self.case_id}",
            fingerprint=f"{self.status}|{self.updated_at}",
        )


class ScriptedPortal:
    """`log` holds everything that was asked of the portal, in order."""

    def __init__(
        self,
        cases: Sequence[ScriptedCase] = (),
        *,
        environment: Environment = Environment(),  # noqa: B008 - a frozen value
        engines: Sequence[Engine] = (Engine.CHROMIUM, Engine.FIREFOX),
        faults: Sequence[Fault] = (),
        signed_in: bool = True,
        page_size: int = 10,
        shows_total: bool = True,
        header: Callable[[PageRequest], Identity | None] = lambda request: OURS,
        folder: Path = Path(),
    ) -> None:
        self.cases = list(cases)
        self.environment = environment
        self.generation = 0
        self.case_needs_row = False
        self.parts: tuple[str, ...] = ()
        self.engines = engines
        self.faults = list(faults)
        self.signed_in = signed_in
        self.sign_in_error: CaselogError | None = None
        self.sign_in_blank: Callable[[], bool] = lambda: False
        self.passwords_submitted = 0
        self.page_size = page_size
        self.shows_total = shows_total
        self.header = header
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self.download_errors: list[CaselogError] = []
        self.log: list[str] = []
        self.closed = False
        self.clock: Clock = ManualClock(NOON)

    def list_span(self, tab: Tab) -> DateSpan | None:
        return None

    def list_request(self, tab: Tab, span: DateSpan | None = None) -> PageRequest:
        return PageRequest(kind=PageKind.LIST, url=f"{BASE}/list/{tab}?page=1", tab=tab)

    def case_request(self, case_id: str, row: CaseSummary | None) -> PageRequest:
        return PageRequest(kind=PageKind.CASE, url=f"{BASE}/case/{case_id}", case_id=case_id, row=row)

    def case_parts(self, request: PageRequest) -> tuple[PageRequest, ...]:
        return tuple(replace(request, part=part) for part in self.parts)

    async def read(self, request: PageRequest) -> Reading:
        self.log.append(f"read {request.url.removeprefix(BASE)}")
        await asyncio.sleep(0)  # a real page takes its time, in which others begin
        for fault in self.faults:
            trouble = fault(request, self)
            if trouble is not None:
                return self._bad(request, trouble)
        if not self.signed_in:
            return self._bad(request, Trouble(verdict=Verdict.LOGIN))
        return self._list(request) if request.kind is PageKind.LIST else self._case(request)

    async def renew(self, environment: Environment) -> None:
        self.log.append(f"renew {environment.engine}/{environment.device}")
        if environment.engine not in self.engines:
            raise NoEngine(environment.engine.value, (f"no {environment.engine} here",))
        await asyncio.sleep(0)  # others still find the old context in this moment
        self.environment = environment
        self.generation += 1

    async def sign_in(self) -> None:
        self.log.append("sign in")
        if self.sign_in_blank():
            raise RecoveryExhausted("acme", "the sign-in page stays blank")
        if isinstance(self.sign_in_error, SecretUnavailable):
            raise self.sign_in_error
        self.passwords_submitted += 1
        if self.sign_in_error is not None:
            raise self.sign_in_error
        self.signed_in = True

    async def download(self, attachment: AttachmentRef) -> Download:
        self.log.append(f"download {attachment.name}")
        if self.download_errors:
            raise self.download_errors.pop(0)
        if not self.signed_in:
            raise DownloadFailed(attachment.name, "the sign-in page came instead of the file")
        content = self.files.get(str(attachment.url))
        if content is None:
            raise DownloadFailed(attachment.name, "status 404")
        path = self.folder / f"download-{len(self.log)}"
        path.write_bytes(content)
        return Download(path, attachment.name, attachment.mime)

    async def open_reply(self, case_id: str) -> ReplyForm | Reading:
        raise NotImplementedError

    async def save_evidence(self, reading: Reading) -> Path:
        self.log.append(f"evidence {reading.verdict}")
        folder = self.folder / f"evidence-{len(self.log)}"
        folder.mkdir()
        (folder / "page.html").write_text(reading.snapshot.html, encoding="utf-8")
        return folder

    async def close(self) -> None:
        self.closed = True

    def reads(self) -> list[str]:
        """The paths that were read, in order."""
        return [line.removeprefix("read ") for line in self.log if line.startswith("read ")]

    def _snapshot(self, request: PageRequest, **changes: object) -> Snapshot:
        snapshot = Snapshot(
            request=request,
            final_url=request.url,
            status=200,
            html="<html></html>",
            read_at=self.clock.now(),
            lane=Lane.LIVE,
            environment=self.environment,
            engine_version="1.0",
            ready=True,
        )
        return replace(snapshot, **changes)  # type: ignore[arg-type]  # the fields' own types, by name

    def _bad(self, request: PageRequest, trouble: Trouble) -> Reading:
        if trouble.verdict is None:
            raise EngineDied(self.environment.engine.value, trouble.reason)
        snapshot = self._snapshot(request, status=trouble.status, retry_after=trouble.retry_after, ready=False)
        return Reading(snapshot=snapshot, verdict=trouble.verdict, reason=trouble.reason, identity=trouble.identity)

    def _list(self, request: PageRequest) -> Reading:
        rows = [case.summary() for case in self.cases if request.tab in case.listed]
        first = (request.number - 1) * self.page_size
        shown = tuple(rows[first : first + self.page_size])
        following = None
        if first + self.page_size < len(rows):
            url = f"{BASE}/list/{request.tab}?page={request.number + 1}"
            following = replace(request, url=url, number=request.number + 1)
        return Reading(
            snapshot=self._snapshot(request),
            verdict=Verdict.OK if rows else Verdict.EMPTY,
            reason="",
            identity=self.header(request),
            page=ListPage(rows=shown, total=len(rows) if self.shows_total else None),
            next=following,
        )

    def _case(self, request: PageRequest) -> Reading:
        case = next((case for case in self.cases if case.case_id == request.case_id), None)
        if case is None or not case.exists:
            snapshot = self._snapshot(request, status=404)
            return Reading(snapshot=snapshot, verdict=Verdict.GONE, reason="", identity=self.header(request))
        page = CasePage(
            case_id=case.case_id,
            subject=f"Subject of {case.case_id}",
            status=case.status,
            status_raw=case.status.value,
            created_at=NOON,
            created_at_raw=NOON.isoformat(),
            updated_at=case.updated_at,
            updated_at_raw=None if case.updated_at is None else case.updated_at.isoformat(),
            can_reply=True,
            messages=tuple(case.messages),
            total_messages=len(case.messages),
        )
        snapshot = self._snapshot(request)
        return Reading(snapshot=snapshot, verdict=Verdict.OK, reason="", identity=self.header(request), page=page)


def times(count: int, trouble: Trouble, *, path: str = "") -> Fault:
    """Go wrong the first `count` times that a URL with `path` in it is read."""
    left = [count]

    def fault(request: PageRequest, portal: ScriptedPortal) -> Trouble | None:
        if path not in request.url or left[0] <= 0:
            return None
        left[0] -= 1
        return trouble

    return fault


def unless(good: Callable[[ScriptedPortal], bool], trouble: Trouble, *, path: str = "") -> Fault:
    """Go wrong until the portal is in a state in which the page works."""
    return lambda request, portal: None if path not in request.url or good(portal) else trouble
