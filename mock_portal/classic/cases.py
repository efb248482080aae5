"""One case: its page, replies, files, closing; and new cases."""

from __future__ import annotations

from aiohttp import web
from markupsafe import Markup

from mock_portal.data.accounts import Permission
from mock_portal.data.model import Case
from mock_portal.data.model import Message
from mock_portal.site import submissions
from mock_portal.site.downloads import attachment
from mock_portal.site.list_page import page_number
from mock_portal.site.pages import denied
from mock_portal.site.pages import not_found
from mock_portal.site.pages import render
from mock_portal.site.pages import see_other
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get
from mock_portal.site.routing import post
from mock_portal.site.submissions import Submission
from mock_portal.site.view_faults import disturb_thread

MESSAGES_PER_PAGE = 10


class CasePages:
    """Everything below `/cases/`."""

    def routes(self) -> list[Route]:
        return [
            get("/cases/new", self.new, Tag.DOCUMENT),
            post("/cases/new", self.create, Tag.SUBMIT),
            get(r"/cases/{case:\d+}", self.case, Tag.DOCUMENT, Tag.CASE),
            post(r"/cases/{case:\d+}/reply", self.reply, Tag.SUBMIT),
            get(r"/cases/{case:\d+}/close", self.ask_close, Tag.DOCUMENT),
            post(r"/cases/{case:\d+}/close", self.close, Tag.SUBMIT),
            get(r"/cases/{case:\d+}/attachments/{file}/{name}", self.attachment, Tag.FILE),
        ]

    async def case(self, request: web.Request) -> web.StreamResponse:
        case = _case(request)
        return not_found(request) if case is None else _case_page(request, case)

    async def reply(self, request: web.Request) -> web.StreamResponse:
        case, here = _case(request), visit(request)
        if case is None:
            return not_found(request)
        # read first: while a large file is on its way somebody may close the case
        given = await submissions.read(request)
        if not _may_reply(request, case):
            return denied(request)
        if error := submissions.problem(here, given):
            return _case_page(request, case, error=error, text=given.text, status=422)

        sent = f"/cases/{case.id}?sent=1"

        def keep(accepted: Submission, shown_after: float) -> web.Response:
            here.book.reply(case, accepted.text, accepted.files, shown_after=shown_after)
            return see_other(sent)

        return submissions.accept(request, given, keep=keep, forget=lambda: see_other(sent))

    async def ask_close(self, request: web.Request) -> web.StreamResponse:
        case = _case(request)
        if case is None:
            return not_found(request)
        return render(request, "classic/close.html", case=case) if _may_reply(request, case) else denied(request)

    async def close(self, request: web.Request) -> web.StreamResponse:
        case, here = _case(request), visit(request)
        if case is None:
            return not_found(request)
        form = await request.post()
        if not _may_reply(request, case) or form.get("form_token") != (here.session and here.session.form_token):
            return denied(request)

        done = f"/cases/{case.id}?closed=1"

        def keep(accepted: Submission, shown_after: float) -> web.Response:
            here.book.close_case(case, shown_after=shown_after)
            return see_other(done)

        return submissions.accept(request, submissions.NOTHING, keep=keep, forget=lambda: see_other(done))

    async def new(self, request: web.Request) -> web.StreamResponse:
        return _new_page(request)

    async def create(self, request: web.Request) -> web.StreamResponse:
        here = visit(request)
        if here.account.permission is not Permission.FULL:
            return denied(request)
        given = await submissions.read(request)
        if error := submissions.problem(here, given, subject_needed=True):
            return _new_page(request, error=error, given=given, status=422)

        listed = "/cases?created=1"

        def keep(accepted: Submission, shown_after: float) -> web.Response:
            case = here.book.open_case(
                accepted.subject, submissions.category(accepted), accepted.text, accepted.files, shown_after=shown_after
            )
            return see_other(f"/cases/{case.id}?created=1") if here.book.get(case.id) else see_other(listed)

        return submissions.accept(request, given, keep=keep, forget=lambda: see_other(listed))

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        case = _case(request)
        return not_found(request) if case is None else attachment(case, request.match_info["file"])


def _case(request: web.Request) -> Case | None:
    return visit(request).book.get(request.match_info["case"])


def _may_reply(request: web.Request, case: Case) -> bool:
    return not case.status.is_final and visit(request).account.permission is not Permission.VIEW_ONLY


def _case_page(
    request: web.Request, case: Case, *, error: str | None = None, text: str = "", status: int = 200
) -> web.Response:
    here = visit(request)
    disturb_thread(here, case)
    thread = case.thread
    oldest_first = request.query.get("order") == "oldest"
    ordered = thread if oldest_first else thread[::-1]
    pages = max(1, -(-len(ordered) // MESSAGES_PER_PAGE))
    number = min(max(1, page_number(request.query.get("page"), 1)), pages)
    return render(
        request,
        "classic/case.html",
        status=status,
        case=case,
        account=here.account,
        messages=ordered[(number - 1) * MESSAGES_PER_PAGE : number * MESSAGES_PER_PAGE],
        total=len(ordered),
        number=number,
        pages=pages,
        oldest_first=oldest_first,
        author=lambda message: here.portal.skin.author(message, here.account, here.words),
        body_html=_body_html,
        may_reply=_may_reply(request, case),
        is_closed=case.status.is_final,
        notice=next((key for key in ("sent", "created", "closed") if key in request.query), None),
        error=error,
        text=text,
        rules=submissions.RULES,
        text_limit=submissions.TEXT_LIMIT,
    )


def _body_html(message: Message) -> str:
    # what the desk wrote as HTML was escaped when it was written; everything else is escaped by the template
    return Markup(message.body.source) if message.body.is_html else message.body.source  # noqa: S704


def _new_page(
    request: web.Request, *, error: str | None = None, given: Submission | None = None, status: int = 200
) -> web.Response:
    allowed = visit(request).account.permission
    return render(
        request,
        "classic/new.html",
        status=status,
        error=error,
        given=given,
        categories=submissions.CATEGORIES,
        rules=submissions.RULES,
        permission=allowed.value,
    )
