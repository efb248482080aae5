"""Everything that can go wrong outside the archive. Errors carry data; `agent/cli` turns them into text and exit codes.

CaselogError
├── ConfigurationError        the person's file or environment is wrong; all problems together
│   └── SecretUnavailable     a secret's source gave nothing
├── ProfileError              a portal profile is wrong; all problems together
├── EngineError
│   ├── NoEngine              no browser that could do the work was found
│   ├── DriverFailed          what drives the browsers did not start
│   └── EngineDied            the browser or its driver ended under us: relaunch and go on
├── RunStopped                ends a run; nothing more is sent to the portal
│   ├── SignInRefused         the portal refused the password: it is not tried again until a person unlocks it
│   ├── PersonNeeded          a challenge, a code, a passkey, terms: a person has to act
│   ├── AccessDenied          the portal shows a block page
│   ├── WrongAccount          the header names another account or marketplace
│   ├── DriftedPage           the right page, but a required field cannot be read
│   ├── RecoveryExhausted     every rung was tried on a page that the run cannot do without
│   ├── Throttled             429 for longer than the run may wait
│   ├── PortalUnreachable     no connection, for the whole run
│   ├── SuspiciousShrink      a history tab lost more cases than is believable
│   └── StopRequested         the stop switch
│       └── Interrupted       Ctrl-C, before there was anything that is worth keeping
├── DownloadFailed            an attachment's content could not be had: its case stays partial
└── AccountBusy               another process works on the account
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path


class CaselogError(Exception):
    """Root of the agent's errors. Compared by identity, since an exception must stay hashable."""

    def __str__(self) -> str:
        return repr(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a person's file: where it stands (the person's own key) and what is wrong with it."""

    where: str
    what: str


@dataclass(eq=False)
class ConfigurationError(CaselogError):
    """Nothing was started; every problem found is listed."""

    problems: Sequence[Problem]
    path: Path | None = None


@dataclass(eq=False)
class SecretUnavailable(ConfigurationError):
    """The source of a secret gave nothing; `problems` names the source, never the value."""


@dataclass(eq=False)
class ProfileError(CaselogError):
    """The profile cannot be used; every problem found is listed."""

    profile: str
    problems: Sequence[Problem]


class EngineError(CaselogError):
    """A browser engine is the trouble, not the portal."""


@dataclass(eq=False)
class NoEngine(EngineError):
    """No usable browser; `wanted` says for what, `tried` lists what was looked at and why it would not do."""

    wanted: str
    tried: Sequence[str] = ()


@dataclass(eq=False)
class DriverFailed(EngineError):
    """Playwright's driver did not start; without it no engine does."""

    reason: str


@dataclass(eq=False)
class EngineDied(EngineError):
    """The browser, a renderer or the driver ended under us; the step may be repeated after a relaunch."""

    engine: str
    reason: str


@dataclass(eq=False)
class RunStopped(CaselogError):
    """Ends the run; what was committed is whole.

    `url` is where it happened, `evidence` the folder of what was saved there.
    """

    account: str
    reason: str
    url: str | None = None
    evidence: Path | None = field(default=None, kw_only=True)


@dataclass(eq=False)
class SignInRefused(RunStopped):
    """The password was refused, or was refused before: it is not submitted again until `accounts unlock`.

    `told` is false where the portal only asked for it again, without a word about the first one.
    """

    told: bool = True


@dataclass(eq=False)
class PersonNeeded(RunStopped):
    """The portal wants a person; `wanted` says what for, in the profile's word: captcha, code, passkey, terms, ..."""

    wanted: str = ""


@dataclass(eq=False)
class AccessDenied(RunStopped):
    """The portal blocks the account or us."""


@dataclass(eq=False)
class WrongAccount(RunStopped):
    """The header names another account or marketplace than the configured one; nothing was stored or sent."""

    expected: str = ""
    found: str = ""


@dataclass(eq=False)
class DriftedPage(RunStopped):
    """The page is the right one but `fields` could not be read: the profile needs mending."""

    fields: Sequence[str] = ()


@dataclass(eq=False)
class RecoveryExhausted(RunStopped):
    """All rungs were tried; `rungs` in order."""

    rungs: Sequence[str] = ()


@dataclass(eq=False)
class Throttled(RunStopped):
    """The portal kept answering 429 beyond the time that a run may wait."""


@dataclass(eq=False)
class PortalUnreachable(RunStopped):
    """No connection could be made; this is not a run with zero cases."""


@dataclass(eq=False)
class SuspiciousShrink(RunStopped):
    """A history tab shrank beyond the limit; nothing was marked absent."""

    tab: str = ""
    before: int = 0
    now: int = 0


@dataclass(eq=False)
class StopRequested(RunStopped):
    """A person asked to stop."""


@dataclass(eq=False)
class Interrupted(StopRequested):
    """A person pressed Ctrl-C once: nothing new was begun, and what was in hand gives no result."""


@dataclass(eq=False)
class DownloadFailed(CaselogError):
    """The content of the attachment `name` could not be fetched; it is tried again by the next run."""

    name: str
    reason: str


@dataclass(eq=False)
class AccountBusy(CaselogError):
    """Another process holds the account; `holder` names host, process and since when.

    `elsewhere`: on another host, so that nobody can prove from here that it is gone.
    """

    account: str
    holder: str
    elsewhere: bool = False
