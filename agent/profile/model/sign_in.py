"""Getting in: pages that are answered in whatever order they come, and whose pages they then are."""

from __future__ import annotations

from enum import StrEnum

from agent.profile.model.base import Strict
from agent.profile.model.base import Template
from agent.profile.model.base import placeholders
from agent.profile.model.conditions import Conditions
from agent.profile.model.conditions import Step
from agent.profile.model.fields import Field


class ChallengeKind(StrEnum):
    """What a person is wanted for."""

    CAPTCHA = "captcha"  #: prove that you are human
    CODE = "code"  #: a code that was sent somewhere
    PASSKEY = "passkey"  #: a key or a fingerprint
    APPROVAL = "approval"  #: a tap on another device
    TERMS = "terms"  #: something to agree to
    NEW_PASSWORD = "new_password"  # noqa: S105  -- a kind of challenge  #: the password has to be changed
    OTHER = "other"  #: anything else


class Handler(Strict):
    """One page of the sign-in: `when` it is there, `steps` are done.

    `sends_code` marks steps after which the portal sends a code to a person; unattended they are not done.
    """

    name: str
    when: Conditions
    steps: tuple[Step, ...]
    sends_code: bool = False

    @property
    def variables(self) -> frozenset[str]:
        """The variables that the steps use: tells which handler submits the password or a one-time code."""
        return frozenset(name for step in self.steps if step.value for name in placeholders(step.value))


class Challenge(Strict):
    """A page that wants a person."""

    kind: ChallengeKind
    when: Conditions


class SignIn(Strict):
    """How to get in.

    `signed_in` proves that somebody is signed in, whatever the URL says. `session_cookies` are the names (with `*`)
    of the cookies that are carried into a fresh context.
    """

    url: Template
    handlers: tuple[Handler, ...]
    signed_in: Conditions
    wrong_password: Conditions = ()
    challenges: tuple[Challenge, ...] = ()
    session_cookies: tuple[str, ...] = ()


class Identity(Strict):
    """Whose pages these are, as the header says. `ready` is waited for where the header paints late."""

    account_name: Field | None = None
    marketplace: Field | None = None
    ready: Conditions = ()
