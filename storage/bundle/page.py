"""A case as one HTML page that needs nothing else and runs nothing: no script, no picture, no style from outside."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import tzinfo
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment
from jinja2 import FileSystemLoader
from jinja2 import StrictUndefined
from markupsafe import Markup

from storage.archive.model import ArchivedCase
from storage.bundle.markup import sanitised
from storage.records import MessageRecord

#: Kinds of files that a browser shows without obeying them. Others are named, not linked: a page that a stranger sent
#: would run from the reader's own disk.
_LINKED = frozenset(
    {
        ".bmp", ".csv", ".docx", ".eml", ".gif", ".jpeg", ".jpg", ".json", ".log", ".mov", ".mp4", ".msg", ".pdf",
        ".png", ".pptx", ".tif", ".tiff", ".txt", ".webp", ".xlsx", ".zip",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as the page names it; `path` is where it lies beside the page, `None` where its content is not there.

    `gone`: since when the portal shows it no more, though it shows what it hung on.
    """

    name: str
    path: str | None
    size: int | None
    gone: str | None = None

    @property
    def link(self) -> str | None:
        linked = self.path is not None and Path(self.path).suffix.lower() in _LINKED
        return quote(self.path) if linked and self.path is not None else None


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message ready for the page: `html` is safe markup, `text` stands in for it where there is none."""

    author: str
    direction: str
    sent: str
    vanished: str | None
    html: Markup | None
    text: str
    files: Sequence[ShownFile]


def render_case(archived: ArchivedCase, shown: Sequence[Sequence[ShownFile]], zone: tzinfo | None) -> str:
    """The page. `shown` are the files of the case, of each message, of each vanished one, and of `archived.gone`."""
    files, *threads, alone = shown
    gone: dict[str | None, list[ShownFile]] = defaultdict(list)
    for each, file in zip(archived.gone, alone, strict=True):
        gone[each.message_id].append(replace(file, gone=_time(each.gone_at, zone)))
    source, _, _ = _ENVIRONMENT.loader.get_source(_ENVIRONMENT, "page.css")  # type: ignore[union-attr]
    style = source.strip()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _ENVIRONMENT.get_template("page.html").render(
        case=archived.record,
        style=Markup(style),  # noqa: S704  -- our own style sheet
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        files=[*files, *gone[None]],
        messages=list(_messages(archived, threads, gone, zone)),
        facts=list(_facts(archived, zone)),
    )


def _facts(archived: ArchivedCase, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    record = archived.record
    yield "Case", f"{record.case_id} of {record.account}"
    yield "Status", f"{record.status_raw} ({record.status.value})"
    times = (
        ("Created", record.created_at),
        ("Updated", record.updated_at),
        ("Last read", archived.last_read_at),
        ("Not listed since", archived.absent_since),
    )
    yield from ((name, _time(moment, zone)) for name, moment in times if moment is not None)
    if not record.complete:
        yield "Thread", "not complete: something of it could not be read"


def _messages(
    archived: ArchivedCase,
    threads: Sequence[Sequence[ShownFile]],
    gone: Mapping[str | None, Sequence[ShownFile]],
    zone: tzinfo | None,
) -> Iterator[ShownMessage]:
    """By time; what the portal shows no more stands where it stood."""
    told: list[tuple[MessageRecord, datetime | None]] = [(message, None) for message in archived.record.messages]
    told += [(gone.message, gone.vanished_at) for gone in archived.vanished]
    placed = sorted(zip(told, threads, strict=True), key=lambda each: each[0][0].sent_at)
    for (message, vanished_at), files in placed:
        yield ShownMessage(
            author=message.author,
            direction=message.direction.value,
            sent=_time(message.sent_at, zone),
            vanished=_time(vanished_at, zone) if vanished_at is not None else None,
            html=_html(message, archived.record.url),
            text=message.body,
            files=[*files, *gone.get(message.message_id, ())],
        )


def _html(message: MessageRecord, base: str) -> Markup | None:
    safe = sanitised(message.body_html, base) if message.body_html is not None else None
    return Markup(safe) if safe and safe.strip() else None  # noqa: S704  -- sanitised


def _time(moment: datetime, zone: tzinfo | None) -> str:
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
