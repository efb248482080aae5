"""The closed set of fault kinds: where each applies, which options it takes, what it does.

This table is what `/_control/faults` and `--fault` accept, and what the documentation lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from mock_portal.site.routing import Tag

#: options that every kind takes
COMMON_OPTIONS = {
    "path": str,  # regular expression, searched in path and query; None = wherever the kind applies
    "engine": str,  # chromium or firefox; of the User-Agent
    "times": int,  # acts so often per engine, over all paths that it applies to; None = always
    "after": int,  # lets so many matching requests per engine pass first
    "probability": float,  # of firing, drawn from the seed
    "account": str,  # only for this account
}


#: the least and the most that an option may be; None = without end
LIMITS: dict[str, tuple[float, float | None]] = {
    "times": (1, None),
    "after": (0, None),
    "probability": (0, 1),
    "status": (500, 599),
    "retry_after": (0, None),
    "per_minute": (1, None),
    "seconds": (0, None),
    "count": (1, None),
    "rows": (1, None),
    "n": (1, None),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. It applies to requests that carry one of `tags`; a `path` may lead it to those of `reach` too."""

    name: str
    meaning: str
    tags: frozenset[Tag]
    methods: frozenset[str]
    options: dict[str, type] = field(default_factory=dict)
    reach: frozenset[Tag] = frozenset()

    def meets(self, method: str, tags: frozenset[Tag], *, by_path: bool) -> bool:
        within = self.tags | self.reach if by_path else self.tags
        return method in self.methods and bool(within & tags)


_PAGES = frozenset({Tag.DOCUMENT})
_READS = frozenset({Tag.DOCUMENT, Tag.DATA})
_LISTS = frozenset({Tag.LIST})
_CASES = frozenset({Tag.CASE})
_SUBMITS = frozenset({Tag.SUBMIT})
#: what a fault can be that answers in an endpoint's place
_ALL = frozenset(Tag) - {Tag.CONTROL}
#: an empty page in the place of one; what a script asks for is data and no page
_SHOWN = _ALL - {Tag.SUBMIT, Tag.UPLOAD}
_ON_THE_WAY = frozenset({Tag.SIGN_IN})
_GET = frozenset({"GET"})
#: the pages' own JSON is asked for by POST too
_ANY = frozenset({"GET", "POST"})
_POST = frozenset({"POST"})

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("blank", "answers 200 with an empty body", _PAGES, _ANY, reach=_SHOWN),
        Kind(
            "script_throws",
            "the page's script throws in the engine that `engine` names, found out by a feature and not by the "
            "User-Agent; the page stays an empty shell",
            _PAGES,
            _GET,
        ),
        Kind("mobile_only", "the page fills itself only on a touch screen", _PAGES, _GET),
        Kind("poisoned_cookie", "sets a cookie with which every page is an empty shell until it is gone", _PAGES, _GET),
        Kind(
            "poisoned_storage",
            "leaves a value in localStorage on which every page's script throws until it is gone",
            _PAGES,
            _GET,
        ),
        Kind("stale_worker", "installs a service worker that answers every page with an empty shell", _PAGES, _GET),
        Kind(
            "bad_script",
            "serves a broken script that the browser keeps as immutable; every page needs that script",
            _PAGES,
            _GET,
        ),
        Kind("spinner", "a page that shows a spinner for ever", _PAGES, _GET, reach=_SHOWN),
        Kind("server_error", "answers 5xx", _READS, _ANY, {"status": int, "retry_after": int, "empty": bool}, _ALL),
        Kind(
            "throttled",
            "answers 429; with `per_minute` only to who has asked that often within the last minute",
            _READS,
            _ANY,
            {"retry_after": int, "per_minute": int},
            _ALL,
        ),
        Kind("slow", "answers after some seconds", _READS, _ANY, {"seconds": float}, _ALL),
        Kind("truncated", "announces more bytes than it sends, then closes", _READS, _ANY, reach=_ALL),
        Kind("reset", "resets the connection instead of answering", _READS, _ANY, reach=_ALL),
        Kind("session_expired", "ends the session just before the request is looked at", _READS, _ANY, reach=_ALL),
        Kind("captcha", "sends the visitor of a page to a robot check", _PAGES, _ANY, reach=_ON_THE_WAY),
        Kind(
            "challenge",
            "sends the visitor of a page to a check that needs a person: a code that was sent somewhere (`page`: cvf), "
            "or an approval on another device (challenge)",
            _PAGES,
            _ANY,
            {"page": str},
            _ON_THE_WAY,
        ),
        Kind("access_denied", "answers 403 with a page that denies access", _READS, _ANY, reach=_ALL),
        Kind(
            "wrong_account", "the header names another account", _PAGES, _GET, {"account_name": str, "marketplace": str}
        ),
        Kind(
            "missing_cases",
            "leaves cases out of lists and totals while it lasts",
            _LISTS,
            _ANY,
            {"ids": list, "count": int},
        ),
        Kind("list_empty", "shows no rows under an unchanged total", _LISTS, _ANY),
        Kind("list_short", "shows some rows fewer than the summary says", _LISTS, _ANY, {"rows": int}),
        Kind(
            "page_shift",
            "just before the list is read, cases arrive (`how`: add), vanish for good (remove) or jump to the other "
            "end (bump): the desk writes to them or, where that moves nothing, goes on with them under another id",
            _LISTS,
            _ANY,
            {"how": str, "count": int, "ids": list},
        ),
        Kind(
            "message_edited",
            "just before the case is read, the desk changes one of its messages for good",
            _CASES,
            _ANY,
            {"n": int, "text": str},
        ),
        Kind(
            "message_vanished",
            "just before the case is read, one of its messages is taken out for good",
            _CASES,
            _ANY,
            {"n": int},
        ),
        Kind("reply_blank", "accepts what was submitted and answers with an empty page", _SUBMITS, _POST),
        Kind("reply_reset", "accepts what was submitted, then resets the kept-alive connection", _SUBMITS, _POST),
        Kind(
            "reply_closed", "accepts what was submitted, then closes the connection without an answer", _SUBMITS, _POST
        ),
        Kind(
            "reply_late",
            "accepts what was submitted and shows it only after some seconds",
            _SUBMITS,
            _POST,
            {"seconds": float},
        ),
        Kind(
            "reply_stalled",
            "accepts what was submitted and answers only after some seconds",
            _SUBMITS,
            _POST,
            {"seconds": float},
        ),
        Kind("reply_dropped", "says that it was sent and forgets it", _SUBMITS, _POST),
        Kind("reply_error", "refuses what was submitted with 500 and keeps nothing", _SUBMITS, _POST),
        Kind("upload_refused", "refuses a file, and so the form that carries it", _SUBMITS | {Tag.UPLOAD}, _POST),
        Kind("upload_lost", "accepts the text and loses the files", _SUBMITS, _POST),
    )
}
