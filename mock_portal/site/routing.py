"""Routes with tags: what kind of page a request is for, so that sessions and faults know where they apply."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from aiohttp import web

Endpoint: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Tag(StrEnum):
    """What a request is for; a route may have several."""

    PUBLIC = "public"  #: needs no session
    DOCUMENT = "document"  #: a page that a person sees behind the sign-in
    DATA = "data"  #: JSON that a page loads
    LIST = "list"  #: carries the rows of a case list
    CASE = "case"  #: carries a case's thread
    SUBMIT = "submit"  #: takes a reply, a new case or a closing
    UPLOAD = "upload"  #: takes one file before the reply that it belongs to
    FILE = "file"  #: an attachment's bytes or an export
    SIGN_IN = "sign_in"
    ASSET = "asset"  #: CSS, scripts, pictures
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Route:
    """One path with one method."""

    method: str
    path: str
    endpoint: Endpoint
    tags: frozenset[Tag]


def get(path: str, endpoint: Endpoint, *tags: Tag) -> Route:
    return Route("GET", path, endpoint, frozenset(tags))


def post(path: str, endpoint: Endpoint, *tags: Tag) -> Route:
    return Route("POST", path, endpoint, frozenset(tags))
