"""Case lists: how a tab is reached, what a row holds, how the next page is had."""

from __future__ import annotations

from datetime import date
from typing import Any
from typing import Self

import pydantic
from pydantic import model_validator

from agent.profile.model.base import Css
from agent.profile.model.base import Strict
from agent.profile.model.base import Template
from agent.profile.model.base import exactly_one
from agent.profile.model.conditions import Conditions
from agent.profile.model.conditions import Step
from agent.profile.model.conditions import Target
from agent.profile.model.fields import Field


class Items(Strict):
    """The rows, messages or files of a page: one element each, or a `run` of siblings from a head to the next head.

    A run also ends before a sibling that matches `until`. Only items `having` an element and `lacking` another count.
    A plain string is a selector.
    """

    css: Css
    run: bool = False
    until: Css | None = None
    having: Css | None = None
    lacking: Css | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"css": value} if isinstance(value, str) else value


class Parameter(Strict):
    """A page's number in the URL's query: `first` for page one, `step` more for each page (0: the page size more)."""

    name: str
    first: int = 1
    step: int = 1


class Pager(Strict):
    """How the next page is had: by one of `link` (its URL), `click`, `parameter`, `scroll` (an element to its end).

    It ends when there is no link, when `end` holds, after the page that `last_page` names, when the summary is reached,
    and always when a page brings no id that is new. After a click a page that stays the same is no end but a failure:
    where the control is still offered at the end, `end` has to say so. `appends`: the next page stands below it.
    """

    link: Field | None = None
    click: Target | None = None
    parameter: Parameter | None = None
    scroll: Css | None = None
    end: Conditions = ()
    last_page: Field | None = None
    appends: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "link", "click", "parameter", "scroll")
        return self


class PageSize(Strict):
    """How many rows a page holds: `rows`, put into the URL as `parameter` or set by `steps`.

    A portal that gives fewer for the asking is believed: its first page says how many a page holds.
    """

    rows: int = pydantic.Field(ge=1)
    parameter: str | None = None
    steps: tuple[Step, ...] = ()


class Split(Strict):
    """Date ranges for a tab whose results are capped: `{since}` and `{until}` in `url`, written in `format`.

    Without a `url` of its own, the tab's URL has them. A list is known to be capped by its number of cases (`cap`) or
    by what it shows (`capped`).
    """

    url: Template | None = None
    cap: int | None = pydantic.Field(None, ge=1)
    capped: Conditions = ()
    earliest: date
    format: str = "%Y-%m-%d"

    @model_validator(mode="after")
    def _some_sign(self) -> Self:
        if self.cap is None and not self.capped:
            msg = "wants cap or capped: how is a capped list known?"
            raise ValueError(msg)
        return self


class Summary(Strict):
    """What a list says about itself: how many cases there are, and which of them this page shows."""

    total: Field | None = None
    first: Field | None = None
    last: Field | None = None


#: What every list may say of a case.
ROW_FIELDS = ("id", "subject", "status", "created", "updated")


class ListRules(Strict):
    """A page of a case list.

    `empty` proves that there are no cases. `headers` are the header cells that `column` looks at. `columns` name more
    of the row for `row` fields and the fingerprint. `fingerprint` names the columns that are stable while nothing
    happens; `changes_with_message` one of them that changes with every message, if the portal has such a column. A time
    among `columns` is compared as a text: two messages in one step of it look the same, only `updated` knows its step.
    """

    ready: Conditions
    rows: Items
    empty: Conditions
    headers: Css | None = None
    id: Field
    subject: Field | None = None
    status: Field | None = None
    created: Field | None = None
    updated: Field | None = None
    columns: dict[str, Field] = pydantic.Field(default_factory=dict)
    summary: Summary = Summary()
    pager: Pager | None = None
    page_size: PageSize | None = None
    fingerprint: tuple[str, ...] = ()
    changes_with_message: str | None = None

    def row_fields(self) -> dict[str, Field]:
        """Every field of a row by its name."""
        named = {name: getattr(self, name) for name in ROW_FIELDS}
        return {name: field for name, field in named.items() if field is not None} | self.columns


class TabRules(Strict):
    """One of the four tabs. `history` marks those that together hold every case.

    `ready` proves, beside the list's own test, that it is this tab: many portals answer a filter that they do not know
    with another list. `list` holds what of the tab's list differs from `[list]`, key by key.
    """

    url: Template
    steps: tuple[Step, ...] = ()
    ready: Conditions = ()
    history: bool = False
    split: Split | None = None
    list: ListRules | None = None
