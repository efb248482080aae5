"""The whole profile."""

from __future__ import annotations

from typing import Annotated
from typing import Self

import pydantic
from pydantic import BeforeValidator
from pydantic import model_validator

from agent.profile.model.base import Phrase
from agent.profile.model.base import Strict
from agent.profile.model.base import Template
from agent.profile.model.base import Words
from agent.profile.model.cases import CaseRules
from agent.profile.model.conditions import Conditions
from agent.profile.model.dates import DateRules
from agent.profile.model.fields import Field
from agent.profile.model.lists import ListRules
from agent.profile.model.lists import TabRules
from agent.profile.model.reply import AttachmentRules
from agent.profile.model.reply import DeliveryRules
from agent.profile.model.reply import ReplyRules
from agent.profile.model.sign_in import Identity
from agent.profile.model.sign_in import SignIn
from storage.records import CaseStatus
from storage.records import Tab

#: Words of one name in one locale; a single one may stand without brackets.
Phrases = Annotated[tuple[Phrase, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class Politeness(Strict):
    """How fast a portal is read unless the account says otherwise. `deadline`: seconds until a page must be there."""

    requests_per_second: float = pydantic.Field(0.2, ge=0, le=1000)
    pages: int = pydantic.Field(1, ge=1, le=64)
    deadline: float = pydantic.Field(30, gt=0, allow_inf_nan=False)


class Variable(Strict):
    """A name for URLs and words: from the account's `variables`, or read by `field` at `url` once signed in."""

    url: Template | None = None
    field: Field | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.url is None) != (self.field is None):
            msg = "a variable that is read needs both url and field"
            raise ValueError(msg)
        return self


class Home(Strict):
    """The page that a person sees first."""

    url: Template = "/"
    ready: Conditions


class Reset(Strict):
    """What the browser keeps of a list's state and must forget before a read: names of keys, with `*`."""

    local_storage: tuple[str, ...] = ()
    session_storage: tuple[str, ...] = ()


class VerdictMarks(Strict):
    """What marks a page that must not be believed; looked at in this order."""

    challenge: Conditions = ()
    denied: Conditions = ()
    throttled: Conditions = ()
    login: Conditions = ()
    gone: Conditions = ()
    error: Conditions = ()


class PortalProfile(Strict):
    """One portal. `origins` are the only hosts besides the account's own that content is fetched from.

    `words` maps a name to texts per locale (`"*"`: any); `statuses` maps the portal's status words (or `@name`) to what
    they mean.
    """

    name: str
    title: str
    extends: str | None = None
    locales: tuple[str, ...]
    origins: tuple[str, ...] = ()
    politeness: Politeness = Politeness()
    variables: dict[str, Variable] = pydantic.Field(default_factory=dict)
    words: dict[str, dict[str, Phrases]] = pydantic.Field(default_factory=dict)
    dates: dict[str, DateRules] = pydantic.Field(default_factory=dict)
    statuses: dict[CaseStatus, Words]
    sign_in: SignIn
    identity: Identity = Identity()
    home: Home | None = None
    reset: Reset = Reset()
    verdicts: VerdictMarks = VerdictMarks()
    tabs: dict[Tab, TabRules]
    list: ListRules
    case: CaseRules
    reply: ReplyRules | None = None
    attachments: AttachmentRules = AttachmentRules()
    delivery: DeliveryRules = DeliveryRules()

    def list_of(self, tab: Tab | None) -> ListRules:
        """How a tab's list is read."""
        rules = self.tabs.get(tab) if tab is not None else None
        return rules.list if rules is not None and rules.list is not None else self.list
