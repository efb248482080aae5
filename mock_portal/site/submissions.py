"""What visitors hand in: texts and files, the rules for them, and what faults make of an accepted one.

Both skins take replies through here, so that the ledger means the same for both.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from functools import partial

from aiohttp import web
from aiohttp.web_request import FileField

from mock_portal.data.files import MIME_TYPES
from mock_portal.data.files import mime_type
from mock_portal.data.model import Attachment
from mock_portal.locales import Locale
from mock_portal.site import wire
from mock_portal.site.effects import empty_page
from mock_portal.site.portal import Visit
from mock_portal.site.portal import visit

TEXT_LIMIT = 9_000
CATEGORIES = ("FBA", "Listings", "Orders", "Payments", "Account health", "Advertising", "Other")


@dataclass(frozen=True, slots=True)
class FileRules:
    """What may be attached to one message."""

    files: int
    megabytes: int
    types: tuple[str, ...]

    def problem(self, files: tuple[Attachment, ...], words: Locale) -> str | None:
        if len(files) > self.files:
            return words.text("too_many_files", files=self.files)
        for file in files:
            if file.name.rpartition(".")[2].lower() not in self.types:
                return words.text("file_type", name=file.name)
            if len(file.content) > self.megabytes * 1024 * 1024:
                return words.text("file_too_large", name=file.name, size=self.megabytes)
        return None


RULES = FileRules(files=5, megabytes=10, types=tuple(kind for kind in MIME_TYPES if kind not in ("mp4", "mov", "zip")))


@dataclass(frozen=True, slots=True)
class Submission:
    """One form as it came in. `missing` is a file that it names and that nobody uploaded."""

    subject: str
    category: str
    text: str
    files: tuple[Attachment, ...]
    form_token: str
    missing: str = ""


NOTHING = Submission("", "", "", (), "")


async def read(request: web.Request) -> Submission:
    form = await request.post()
    files = [value for value in form.getall("files", []) if isinstance(value, FileField) and value.filename]
    return Submission(
        subject=str(form.get("subject", "")).strip(),
        category=str(form.get("category", "")).strip(),
        text=str(form.get("text", "")),
        files=tuple(_attachment(file) for file in files),
        form_token=str(form.get("form_token", "")),
    )


def problem(here: Visit, given: Submission, *, subject_needed: bool = False) -> str | None:
    """Why the form is refused, in the visitor's words; None if it is accepted."""
    words = here.words
    assert here.session is not None
    if given.form_token != here.session.form_token:
        return words.text("session_changed")
    if given.missing:
        return words.text("upload_failed", name=given.missing)
    if subject_needed and not given.subject:
        return words.text("subject_empty")
    if not given.text.strip():
        return words.text("reply_empty")
    if len(given.text) > TEXT_LIMIT:
        return words.text("reply_long", limit=TEXT_LIMIT)
    return file_problem(here, given.files)


def category(given: Submission) -> str:
    return given.category if given.category in CATEGORIES else CATEGORIES[-1]


def file_problem(here: Visit, files: tuple[Attachment, ...]) -> str | None:
    """Why these files are refused, if they are."""
    if files and here.acting("upload_refused"):
        return here.words.text("upload_failed", name=files[0].name)
    return RULES.problem(files, here.words)


def accept(
    request: web.Request,
    given: Submission,
    *,
    keep: Callable[[Submission, float], web.Response],
    forget: Callable[[], web.Response],
) -> web.Response:
    """Take it into the ledger by `keep`, whose answer the visitor gets unless a fault says otherwise.

    `keep` gets the seconds after which the message may be seen; `forget` only answers as if something was kept.
    """
    here = visit(request)
    if here.acting("reply_error"):
        return web.Response(status=500, content_type="text/html")
    if here.acting("reply_dropped"):
        return forget()
    late = here.acting("reply_late")
    kept = replace(given, files=()) if given.files and here.acting("upload_lost") else given
    answer = keep(kept, late.option("seconds", 5.0) if late else 0.0)
    if here.acting("reply_reset"):
        return wire.reset(request)
    if here.acting("reply_closed"):
        return wire.close(request)
    return empty_page() if here.acting("reply_blank") else answer


def _attachment(file: FileField) -> Attachment:
    # browsers write quotes and line ends of a file's name as percent signs, and nothing else
    name = file.filename.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
    content = file.file.read()
    file.file.close()  # a request that is cut short while its answer waits would leave that to the garbage collector
    return Attachment(id=secrets.token_hex(5), name=name, mime=mime_type(name), make=partial(bytes, content))
