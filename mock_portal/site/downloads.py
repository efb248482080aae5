"""Attachments on their way out."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from mock_portal.data.model import Case


def attachment(case: Case, attachment_id: str) -> web.Response:
    for message in case.thread:
        for file in message.attachments:
            if file.id == attachment_id:
                return saved_as(file.content, file.name, file.mime)
    raise web.HTTPNotFound


def saved_as(content: bytes, name: str, mime: str) -> web.Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return web.Response(body=content, headers={"Content-Type": mime, "Content-Disposition": disposition})
