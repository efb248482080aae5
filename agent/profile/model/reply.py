"""Replying: the form, what it takes, and what the portal makes of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from typing import Literal

import pydantic

from agent.profile.model.base import Css
from agent.profile.model.base import Regex
from agent.profile.model.base import Selectors
from agent.profile.model.base import Strict
from agent.profile.model.base import Template
from agent.profile.model.conditions import Conditions
from agent.profile.model.conditions import Step
from agent.profile.model.conditions import Target
from agent.profile.model.fields import Field


class EditorKind(StrEnum):
    """What a reply is typed into."""

    TEXT_AREA = "text_area"  #: a form control with a value
    EDITABLE = "editable"  #: an element that can be edited; read back as visible text


class Markup(StrEnum):
    """What the portal takes a text for."""

    PLAIN = "plain"  #: shown as typed
    MARKDOWN = "markdown"  #: stars, underscores, hashes and brackets may vanish
    HTML = "html"  #: tags vanish
    WIKI = "wiki"  #: Textile and other wiki languages


class Editor(Strict):
    """Where the text goes. `frame` lists the frames to go through; `ready` is tested inside the innermost.

    `clear`: what stands there (a signature, a quotation) is removed before typing; else the text is put before it.
    `read_back` is where the typed text is shown, if not in the same element (an editor that types into a hidden one).
    A plain string is a selector.
    """

    css: Css
    kind: EditorKind = EditorKind.TEXT_AREA
    frame: Selectors = ()
    ready: Conditions = ()
    clear: bool = True
    read_back: Css | None = None

    @pydantic.model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"css": value} if isinstance(value, str) else value


class Upload(Strict):
    """Where files go. `add` are steps that make room for one more file where the input takes one at a time.

    `accepted` proves, and `refused` refutes, one file's upload; `{file}` in their words is its name.
    """

    input: Target
    multiple: bool = True
    add: tuple[Step, ...] = ()
    accepted: Conditions = ()
    refused: Field | None = None


class Forbidden(Strict):
    """A text that the portal would not show as typed: a pattern, and why."""

    pattern: Regex
    why: str


class TextRules(Strict):
    """What the portal does to a text before showing it. `appends` matches what it adds below (a signature)."""

    markup: Markup = Markup.PLAIN
    max_length: int | None = pydantic.Field(None, ge=1)
    forbidden: tuple[Forbidden, ...] = ()
    appends: Regex | None = None


class ReplyRules(Strict):
    """The reply form, on the case's page or at `url`.

    `open` are the steps that bring the form, `ready` says that it is there, `before_submit` sets what else it asks for.
    After the one click `accepted` or `refused` (the portal's words) is a hint, never a proof.
    """

    url: Template | None = None
    open: tuple[Step, ...] = ()
    ready: Conditions
    editor: Editor
    upload: Upload | None = None
    before_submit: tuple[Step, ...] = ()
    submit: Target
    accepted: Conditions = ()
    refused: Field | None = None
    text: TextRules = TextRules()


class AttachmentRules(Strict):
    """What the portal takes. `types` are file name endings with their dot; empty: any."""

    max_files: int | None = pydantic.Field(None, ge=0)
    max_bytes: int | None = pydantic.Field(None, ge=1)
    max_total_bytes: int | None = pydantic.Field(None, ge=1)
    types: tuple[str, ...] = ()


class DeliveryRules(Strict):
    """`grace`: seconds until a posted reply must be in the thread. `engine`: one that is proven not to send twice.

    `pause`: seconds between two replies.
    """

    grace: float = pydantic.Field(30, ge=0, allow_inf_nan=False)
    pause: float = pydantic.Field(0, ge=0, allow_inf_nan=False)
    engine: Literal["chromium", "firefox", "webkit"] | None = None
