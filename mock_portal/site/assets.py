"""Style sheets, scripts, and the assets that some faults need."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from aiohttp import web

from mock_portal.data.files import mime_type
from mock_portal.faults.shell import BAD_SCRIPT
from mock_portal.faults.shell import GOOD_SCRIPT
from mock_portal.faults.shell import WORKER
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get

if TYPE_CHECKING:
    from mock_portal.site.portal import Portal

_MIME = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Assets:
    """The endpoints behind `/assets` and the service worker's script."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[Route]:
        tags = (Tag.PUBLIC, Tag.ASSET)
        return [
            get("/assets/never", self.never, *tags),
            get(r"/assets/boot-{fault:\d+}-{number:\d+}.js", self.boot, *tags),
            get(r"/worker-{fault:\d+}.js", self.worker, *tags),
            get(r"/assets/{name:[a-z-]+\.(css|js|svg)}", self.asset, *tags),
            get("/favicon.ico", self.icon, *tags),
        ]

    async def asset(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        content = _read(name)
        if content is None:
            raise web.HTTPNotFound
        kind = _MIME.get(name.rpartition(".")[2], mime_type(name))
        return web.Response(body=content, content_type=kind, charset="utf-8", headers={"Cache-Control": "max-age=600"})

    async def icon(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=_read("icon.svg"), content_type="image/svg+xml")

    async def boot(self, request: web.Request) -> web.StreamResponse:
        """Broken for who fetches it first; either copy stays in the browser's cache for a year."""
        fault = self._portal.faults.find(int(request.match_info["fault"]))
        if fault is None:
            raise web.HTTPNotFound
        broken = fault.spoils_asset(visit(request).seen.engine, int(request.match_info["number"]))
        return web.Response(
            text=BAD_SCRIPT if broken else GOOD_SCRIPT,
            content_type="text/javascript",
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    async def worker(self, request: web.Request) -> web.StreamResponse:
        if self._portal.faults.find(int(request.match_info["fault"])) is None:
            raise web.HTTPNotFound
        return web.Response(text=WORKER, content_type="text/javascript")

    async def never(self, request: web.Request) -> web.StreamResponse:
        """An answer that does not come; it ends with the visitor's patience or with the portal."""
        await asyncio.Event().wait()
        raise web.HTTPServiceUnavailable


@cache
def _read(name: str) -> bytes | None:
    file = resources.files("mock_portal").joinpath("static", name)
    return file.read_bytes() if file.is_file() else None
