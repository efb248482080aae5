"""What was read from a portal, and what it was taken for. Plain values; they decide nothing."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from storage.records import CaseSummary
from storage.records import Tab


class Engine(StrEnum):
    """A browser engine; two names are two different engines, never one under two user agents."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"
    WEBKIT = "webkit"


class Device(StrEnum):
    """What the browser pretends to be held in."""

    DESKTOP = "desktop"
    MOBILE = "mobile"  #: emulated phone; only Chromium emulates touch and the layout viewport


@dataclass(frozen=True, slots=True)
class Environment:
    """How pages are read: changed by the recovery ladder, remembered for the next run."""

    engine: Engine = Engine.CHROMIUM
    device: Device = Device.DESKTOP


class Lane(StrEnum):
    """How a page is read."""

    LIVE = "live"  #: rendered by a browser page; the truth
    FETCH = "fetch"  #: the URL requested with the signed-in session, no rendering
    JSON = "json"  #: the JSON that the page itself loads


class PageKind(StrEnum):
    """What a page is for; the profile says how each is recognised."""

    HOME = "home"
    LIST = "list"
    CASE = "case"


class Verdict(StrEnum):
    """What kind of page a snapshot turned out to be."""

    OK = "ok"  #: the right page, every required field read
    EMPTY = "empty"  #: a list that proves that it has no rows
    LOGIN = "login"  #: a sign-in page, or a page that shows that nobody is signed in
    BLANK = "blank"  #: nothing, a shell that never fills, an endless spinner, fewer rows than its own count
    ERROR = "error"  #: 5xx, truncated, connection failed
    THROTTLED = "throttled"  #: 429
    CHALLENGE = "challenge"  #: CAPTCHA, code, passkey: a person is wanted
    DENIED = "denied"  #: a block page, 403
    WRONG_ACCOUNT = "wrong_account"  #: the header names another account or marketplace
    DRIFTED = "drifted"  #: the right page, but a required field could not be read
    GONE = "gone"  #: the portal says that there is no such case


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """One page to read, complete enough to be read again from nothing in a fresh browser.

    `part` names a further source of the same case (a thread at a second URL); `clicks` is how often the pager is
    clicked after `url` has been opened, where pages have no URL of their own. `number` counts from 1. `page_size` is
    how many rows the list's first page showed. `row` is the case's list row, for profiles that read fields of a case
    from it; `requester` is who opened the case, as its own page says.
    """

    kind: PageKind
    url: str
    tab: Tab | None = None
    case_id: str | None = None
    part: str = ""
    number: int = 1
    clicks: int = 0
    page_size: int | None = field(default=None, compare=False)
    row: CaseSummary | None = None
    requester: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One page as it was read.

    `html` is the rendered document with open shadow roots written out as `<shadow-root>` elements, form values as
    attributes (passwords never), same-origin frames as `<frame-document>` after their `<iframe>`; an element that was
    not rendered carries `hidden`, one that was does not. `status` is `None` when no answer came; `failure` is then the
    network's own word.
    `ready` is false when the page's identity test did not hold before the deadline. `retry_after` is in seconds.
    """

    request: PageRequest
    final_url: str
    status: int | None
    html: str
    read_at: datetime
    lane: Lane
    environment: Environment
    engine_version: str
    ready: bool
    failure: str | None = None
    retry_after: float | None = None
    script_errors: tuple[str, ...] = ()
