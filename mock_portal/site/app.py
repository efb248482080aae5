"""Puts the routes of a portal together."""

from __future__ import annotations

from aiohttp import web

from mock_portal.site import robot
from mock_portal.site.assets import Assets
from mock_portal.site.control import Control
from mock_portal.site.middleware import Middleware
from mock_portal.site.middleware import faulty
from mock_portal.site.middleware import signed_in_only
from mock_portal.site.middleware import watch
from mock_portal.site.pages import not_found
from mock_portal.site.portal import Portal
from mock_portal.site.routing import Endpoint
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.sign_in import SignInPages

#: more than any form may carry, so that the rules speak and not the server
_LARGEST_REQUEST = 256 * 1024 * 1024


def build(portal: Portal) -> web.Application:
    app = web.Application(client_max_size=_LARGEST_REQUEST)
    routes = [
        *Assets(portal).routes(),
        *robot.routes(),
        *SignInPages(portal).routes(),
        *portal.skin.routes(),
    ]
    portal.faults.routes = routes
    for route in routes:
        _add(app, portal, route)
    if portal.settings.control_token is not None:
        for route in Control(portal, portal.settings.control_token).routes():
            # not part of the portal: no log, no latency, no faults
            app.router.add_route(route.method, route.path, route.endpoint)
    _add(app, portal, Route("*", "/{tail:.*}", _nothing_here, frozenset({Tag.PUBLIC})))
    return app


async def _nothing_here(request: web.Request) -> web.StreamResponse:
    return not_found(request)


def _add(app: web.Application, portal: Portal, route: Route) -> None:
    endpoint = route.endpoint
    if Tag.PUBLIC not in route.tags:
        endpoint = _layered(signed_in_only, endpoint)
    endpoint = _layered(watch(portal, route.tags), _layered(faulty, endpoint))
    app.router.add_route(route.method, route.path, endpoint)


def _layered(layer: Middleware, inner: Endpoint) -> Endpoint:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        return await layer(request, inner)

    return endpoint
