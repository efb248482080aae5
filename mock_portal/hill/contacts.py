"""`ViewCase` and its relatives: the thread behind a case's page, newest first, in pages.

Chosen here: the `currentToken` parameter that asks for the next page, `ViewContact` for a message that was cut, the
keys of an attachment, and the dates as the page prints them.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from mock_portal.data.accounts import Permission
from mock_portal.data.model import Case
from mock_portal.data.model import Message
from mock_portal.data.model import Role
from mock_portal.hill.search import SERVICE
from mock_portal.site.downloads import attachment
from mock_portal.site.portal import Visit
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get
from mock_portal.site.view_faults import disturb_thread

if TYPE_CHECKING:
    from mock_portal.hill.skin import HillSkin

#: longer messages are cut until somebody asks for the rest
CUT_AT = 4_000
_PAGE_SIZES = ("10", "50")


class ContactData:
    """The endpoints that read a case."""

    def __init__(self, skin: HillSkin) -> None:
        self._skin = skin

    def routes(self) -> list[Route]:
        return [
            get(f"{SERVICE}/ViewCase", self.view_case, Tag.DATA, Tag.CASE),
            get(f"{SERVICE}/ViewContact", self.view_contact, Tag.DATA),
            get(f"{SERVICE}/GetReplyChannels", self.reply_channels, Tag.DATA),
            get(r"/hill/attachment/{case:\d+}/{file}", self.attachment, Tag.FILE),
        ]

    async def view_case(self, request: web.Request) -> web.StreamResponse:
        here, case = visit(request), asked_case(request)
        disturb_thread(here, case)
        newest_first = self._skin.thread(case.thread)[::-1]
        wanted = request.query.get("pageSize", "")
        size = int(wanted) if wanted in _PAGE_SIZES else 10
        begin = _from_token(request.query.get("currentToken"))
        end = begin + size
        return web.json_response(
            {
                "currentToken": f"p{end}" if end < len(newest_first) else None,
                "totalNumberOfContacts": len(newest_first),
                "viewCaseMetaData": _meta_data(here, case),
                "contactList": [self._contact(here, case, message) for message in newest_first[begin:end]],
            }
        )

    async def view_contact(self, request: web.Request) -> web.StreamResponse:
        for message in asked_case(request).thread:
            if message.id == request.query.get("contactId"):
                return web.json_response({"message": _html(message, cut=False)})
        raise web.HTTPNotFound

    async def reply_channels(self, request: web.Request) -> web.StreamResponse:
        here, case = visit(request), asked_case(request)
        channels = [{"type": "Email", "metadata": {}}] if can_edit(here, case) else []
        # which cases may be answered by chat is anybody's guess; some can
        if channels and int(case.id) % 3 == 0:
            channels.append({"type": "Chat", "metadata": {}})
        return web.json_response({"channels": channels})

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        case = visit(request).book.get(request.match_info["case"])
        if case is None:
            raise web.HTTPNotFound
        return attachment(case, request.match_info["file"])

    def _contact(self, here: Visit, case: Case, message: Message) -> dict[str, Any]:
        sender = self._skin.author(message, here.account, here.words)
        zone = here.account.time_zone
        return {
            "contactId": message.id,
            "channelType": "EMAIL",
            "outbound": message.role is Role.PORTAL,
            "sender": sender,
            "receiver": here.words.text("you") if message.role is Role.PORTAL else "Amazon",
            "message": _html(message, cut=True),
            "messageTruncated": _is_cut(message),
            "timestamp": message.time.timestamp(),
            "dateText": here.words.date(message.time, zone, "day"),
            "timeText": here.words.date(message.time, zone, "clock"),
            "attachments": [
                {
                    "attachmentId": file.id,
                    "fileName": file.name,
                    "contentType": file.mime,
                    "url": f"/hill/attachment/{case.id}/{file.id}",
                }
                for file in message.attachments
            ]
            or None,
        }


def asked_case(request: web.Request) -> Case:
    """The case that the request names, or 404."""
    case = visit(request).book.get(request.query.get("caseId", ""))
    if case is None:
        raise web.HTTPNotFound
    return case


def can_edit(here: Visit, case: Case) -> bool:
    return not case.status.is_final and here.account.permission is not Permission.VIEW_ONLY


def _meta_data(here: Visit, case: Case) -> dict[str, Any]:
    return {
        "caseId": case.id,
        "canEditCase": can_edit(here, case),
        "caseStatus": case.status.api_name,
        "caseStatusText": here.portal.skin.status_word(case.status, here.words),
        "isFinal": case.status.is_final,
        "caseSupportType": case.category,
        "caseTitle": case.subject,
        "ccList": [],
        "creationDate": case.created.timestamp(),
        "creationDateText": here.words.date(case.created, here.account.time_zone, "lobby"),
        "escalated": False,
        "primaryEmail": case.owner,
        "transfer": False,
    }


def _is_cut(message: Message) -> bool:
    return len(message.body.source) > CUT_AT


def _html(message: Message, *, cut: bool) -> str:
    text = message.body.source[:CUT_AT] if cut else message.body.source
    if not message.body.is_html:
        return escape(text).replace("\n", "<br>")
    # no tag and no entity is cut in two; what stays open is for the browser to close
    return re.sub(r"(<[^>]*|&[^;\s]*)$", "", text) if cut and _is_cut(message) else text


def _from_token(token: str | None) -> int:
    number = (token or "").removeprefix("p")
    return int(number) if number.isascii() and number.isdigit() else 0
