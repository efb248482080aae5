"""A case and its thread."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from typing import Self

import pydantic
from pydantic import model_validator

from agent.profile.model.base import Regex
from agent.profile.model.base import Strict
from agent.profile.model.base import Template
from agent.profile.model.base import Words
from agent.profile.model.base import exactly_one
from agent.profile.model.conditions import Conditions
from agent.profile.model.conditions import Step
from agent.profile.model.conditions import Target
from agent.profile.model.fields import Field
from agent.profile.model.lists import Items
from agent.profile.model.lists import Pager
from storage.records import Direction


class Order(StrEnum):
    """How a thread is shown; decides among messages of the same time."""

    OLDEST_FIRST = "oldest_first"  #: as told
    NEWEST_FIRST = "newest_first"  #: the latest on top


class SourceKind(StrEnum):
    """What the items of a source are."""

    MESSAGE = "message"  #: somebody wrote something
    EVENT = "event"  #: something happened; kept with the direction `system`


class DirectionRule(Strict):
    """Who speaks: `when` (a condition on the item), or who the author is.

    `author` is `us` (the account) or the `requester`; `author_is` lists names, `author_like` is a pattern.
    """

    when: Conditions = ()
    author: Literal["us", "requester"] | None = None
    author_is: Words = ()
    author_like: Regex | None = None
    means: Direction

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "when", "author", "author_is", "author_like")
        return self


class AttachmentItems(Strict):
    """Files shown on a message or on the case. `optional` fields may be missing; a name and a link may not."""

    items: Items
    name: Field
    url: Field
    mime: Field | None = None


class MessageSource(Strict):
    """Where messages of one kind stand. Without `items` the whole page is the one message (an opening message).

    `part` names a page of `case.parts`. `skip` leaves items out that are none. `required`: a page without any has
    drifted. `truncated`: the message is cut, its thread is not complete. `body` is read as text and as markup; it may
    be missing only where the message has files. `counted`: the portal's total includes it (messages are, events are
    not). The first rule of `direction` that holds counts; if none does, the
    message cannot be read.
    """

    name: str
    part: str = ""
    items: Items | None = None
    kind: SourceKind = SourceKind.MESSAGE
    required: bool = False
    skip: Conditions = ()
    id: Field | None = None
    author: Field
    sent_at: Field
    body: Field
    direction: tuple[DirectionRule, ...] = ()
    attachments: tuple[AttachmentItems, ...] = ()
    truncated: Conditions = ()
    counted: bool | None = None


class Part(Strict):
    """A further page of the same case. `steps` are done once it is open.

    A `bare` one has no header (a fragment, a print view): it cannot prove who is signed in and whose it is, so that
    what it shows is kept only when a page with a header, read after it, proves that.
    """

    url: Template
    steps: tuple[Step, ...] = ()
    ready: Conditions
    bare: bool = False
    attachments: tuple[AttachmentItems, ...] = ()
    pager: Pager | None = None


class CaseRules(Strict):
    """A case's page. A source without items stands before or behind the others as it is listed.

    `steps` are done once the page is open (a tab to choose). `expand` are the controls that show what is cut ("See
    more"), each clicked until none is left. `requester` is who opened the case, for direction rules, those of its parts
    too; several stand on lines of their own. `can_reply`: the portal offers a reply; without it the profile does not
    say. `url` may name columns of the case's list row, like `{row.key}`, where its address is made of them.
    """

    url: Template
    steps: tuple[Step, ...] = ()
    ready: Conditions
    gone: Conditions = ()
    id: Field | None = None
    subject: Field | None = None
    status: Field | None = None
    created: Field | None = None
    updated: Field | None = None
    requester: Field | None = None
    can_reply: Conditions = ()
    total_messages: Field | None = None
    order: Order = Order.OLDEST_FIRST
    expand: tuple[Target, ...] = ()
    messages: tuple[MessageSource, ...]
    direction: tuple[DirectionRule, ...] = ()
    attachments: tuple[AttachmentItems, ...] = ()
    pager: Pager | None = None
    parts: dict[str, Part] = pydantic.Field(default_factory=dict)
