"""Answers that are none: cut connections and bodies shorter than announced."""

from __future__ import annotations

import socket
import struct
import sys

from aiohttp import web

from mock_portal.site.portal import visit


def reset(request: web.Request) -> web.Response:
    """Cut the connection so that the visitor sees a reset. What is returned reaches nobody."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        # Windows keeps `linger` as two shorts
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return cut(request)


def close(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.close()
    return cut(request)


def cut(request: web.Request) -> web.Response:
    """Marks in the log that no answer was given."""
    response = web.Response()
    response.force_close()
    visit(request).cut = True
    return response


async def truncated(request: web.Request, response: web.Response) -> web.StreamResponse:
    """The first half of an answer that announces all of it, then the connection's end."""
    body = bytes(response.body) if isinstance(response.body, bytes | bytearray) else b""
    short = web.StreamResponse(status=response.status, headers={"Content-Type": response.content_type})
    short.content_length = len(body) + 512
    short.force_close()
    await short.prepare(request)
    await short.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    visit(request).cut = True
    return short
