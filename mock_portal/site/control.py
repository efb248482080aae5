"""`/_control`: the door for tests. It exists only when the portal was started with a control token."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from mock_portal.advance import InvalidAdvance
from mock_portal.advance import advance
from mock_portal.faults.registry import InvalidFaults
from mock_portal.site.routing import Endpoint
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.truth import truth

if TYPE_CHECKING:
    from mock_portal.site.portal import Portal

TOKEN_HEADER = "X-Control-Token"  # noqa: S105 - a header's name


class Control:
    """The endpoints; what they return is documented as the interchange format."""

    def __init__(self, portal: Portal, token: str) -> None:
        self._portal = portal
        self._token = token

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/_control/truth", self.truth),
            ("GET", "/_control/ledger", self.ledger),
            ("GET", "/_control/faults", self.faults),
            ("PUT", "/_control/faults", self.set_faults),
            ("DELETE", "/_control/faults", self.clear_faults),
            ("POST", "/_control/advance", self.advance),
            ("GET", "/_control/history", self.history),
            ("GET", "/_control/requests", self.requests),
        ]
        return [
            Route(method, path, self._guarded(endpoint), frozenset({Tag.CONTROL})) for method, path, endpoint in table
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: web.Request) -> web.StreamResponse:
            given = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return _json({"error": f"{TOKEN_HEADER} is missing or wrong"}, status=403)
            try:
                return await endpoint(request)
            except KeyError as error:
                return _json({"error": f"unknown: {error.args[0]}"}, status=404)
            except (InvalidFaults, InvalidAdvance) as error:
                return _json({"error": str(error), "problems": error.problems}, status=400)

        return guarded

    async def truth(self, request: web.Request) -> web.StreamResponse:
        account = self._portal.world.account(request.query.get("account"))
        return _json(truth(self._portal.world, self._portal.skin, account))

    async def ledger(self, request: web.Request) -> web.StreamResponse:
        return _json([entry.as_json() for entry in self._portal.world.ledger.entries])

    async def faults(self, request: web.Request) -> web.StreamResponse:
        return _json(self._portal.faults.as_json())

    async def set_faults(self, request: web.Request) -> web.StreamResponse:
        wanted = await _body(request)
        if not isinstance(wanted, list):
            raise InvalidFaults(["a list of faults is wanted"])
        self._portal.faults.replace(wanted)
        return await self.faults(request)

    async def clear_faults(self, request: web.Request) -> web.StreamResponse:
        self._portal.faults.replace([])
        return await self.faults(request)

    async def advance(self, request: web.Request) -> web.StreamResponse:
        return _json(advance(self._portal.world, self._portal.skin, await _body(request)))

    async def history(self, request: web.Request) -> web.StreamResponse:
        return _json(self._portal.world.events())

    async def requests(self, request: web.Request) -> web.StreamResponse:
        return _json(self._portal.log.as_json())


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"no JSON: {error}") from error


def _json(content: Any, *, status: int = 200) -> web.Response:
    return web.json_response(content, status=status)
