"""What the pages hand in.

The original's endpoints for this are unknown; these are ours, and only the pages use them.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from aiohttp import web

from mock_portal.data.accounts import Permission
from mock_portal.data.model import Attachment
from mock_portal.hill.contacts import asked_case
from mock_portal.hill.contacts import can_edit
from mock_portal.hill.search import SERVICE
from mock_portal.hill.search import bad_request
from mock_portal.hill.search import part
from mock_portal.hill.search import read_json
from mock_portal.site import submissions
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import post
from mock_portal.site.submissions import Submission

TOKEN_HEADER = "anti-csrftoken-a2z"  # noqa: S105 - a header's name
_KEPT_UPLOADS = 200


class Writes:
    """The endpoints that change something. Files come first, one by one, for one account; a submission names them."""

    def __init__(self) -> None:
        self._uploads: OrderedDict[tuple[str, str], Attachment] = OrderedDict()

    def routes(self) -> list[Route]:
        return [
            post(f"{SERVICE}/UploadAttachment", self.upload, Tag.DATA, Tag.UPLOAD),
            post(f"{SERVICE}/ReplyToCase", self.reply, Tag.DATA, Tag.SUBMIT),
            post(f"{SERVICE}/CloseCase", self.close, Tag.DATA, Tag.SUBMIT),
            post(f"{SERVICE}/CreateCase", self.create, Tag.DATA, Tag.SUBMIT),
        ]

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """For the case that is named, or for a new one."""
        here, given = visit(request), await submissions.read(request)
        case = asked_case(request) if "caseId" in request.query else None
        allowed = can_edit(here, case) if case else here.account.permission is Permission.FULL
        if not allowed or not _token_fits(request):
            return _forbidden()
        if not given.files:
            raise bad_request("no file")
        if error := submissions.file_problem(here, given.files):
            return _refused(error)
        file = given.files[0]
        here.book.take_file(case, file)
        self._uploads[here.account.name, file.id] = file
        while len(self._uploads) > _KEPT_UPLOADS:
            self._uploads.popitem(last=False)
        return web.json_response({"uploadId": file.id})

    async def reply(self, request: web.Request) -> web.StreamResponse:
        here, case = visit(request), asked_case(request)
        given = self._submission(request, await read_json(request))
        if not can_edit(here, case):
            return _forbidden()
        if error := submissions.problem(here, given):
            return _refused(error)

        def keep(accepted: Submission, shown_after: float) -> web.Response:
            here.book.reply(case, accepted.text, accepted.files, shown_after=shown_after)
            return web.json_response({})

        return submissions.accept(request, given, keep=keep, forget=lambda: web.json_response({}))

    async def close(self, request: web.Request) -> web.StreamResponse:
        here, case = visit(request), asked_case(request)
        if not can_edit(here, case) or not _token_fits(request):
            return _forbidden()

        def keep(accepted: Submission, shown_after: float) -> web.Response:
            here.book.close_case(case, shown_after=shown_after)
            return web.json_response({})

        return submissions.accept(request, submissions.NOTHING, keep=keep, forget=lambda: web.json_response({}))

    async def create(self, request: web.Request) -> web.StreamResponse:
        here = visit(request)
        given = self._submission(request, await read_json(request))
        if here.account.permission is not Permission.FULL:
            return _forbidden()
        if error := submissions.problem(here, given, subject_needed=True):
            return _refused(error)

        def keep(accepted: Submission, shown_after: float) -> web.Response:
            here.book.open_case(
                accepted.subject, submissions.category(accepted), accepted.text, accepted.files, shown_after=shown_after
            )
            return web.json_response({})

        return submissions.accept(request, given, keep=keep, forget=lambda: web.json_response({}))

    def _submission(self, request: web.Request, body: dict[str, Any]) -> Submission:
        account = visit(request).account.name
        named = part(body, "uploadIds", [""]) if body.get("uploadIds") else []
        uploads = [self._uploads.get((account, each)) for each in named]
        return Submission(
            subject=part(body, "shortDescription", "").strip(),
            category=part(body, "category", ""),
            text=part(body, "message", ""),
            files=tuple(file for file in uploads if file is not None),
            form_token=request.headers.get(TOKEN_HEADER, ""),
            missing=next((each for each, file in zip(named, uploads, strict=True) if file is None), ""),
        )


def _token_fits(request: web.Request) -> bool:
    session = visit(request).session
    return session is not None and request.headers.get(TOKEN_HEADER) == session.form_token


def _forbidden() -> web.Response:
    return web.json_response({"message": "Forbidden"}, status=403)


def _refused(error: str) -> web.Response:
    return web.json_response({"message": error}, status=400)
