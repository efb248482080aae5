"""The vocabulary of the recovery ladder: rungs, the steps that ask for them, and what may be spent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.extract.snapshot import Environment


class Rung(StrEnum):
    """What a recovery attempt does, as the journal and the run's report name it."""

    WAIT = "wait"  #: sit out a 429; never a reason to climb
    RELOAD = "reload"  #: go to the URL again
    FRESH = "fresh"  #: a new context with only the session's cookies
    SIGN_IN = "sign_in"  #: submit the password, within the run's budget
    SWITCH_ENGINE = "switch_engine"  #: another browser engine, same cookies
    MOBILE = "mobile"  #: an emulated phone in Chromium
    RELAUNCH = "relaunch"  #: the engine ended under us


@dataclass(frozen=True, slots=True)
class Reload:
    """Wait, then open the URL again in the same context; other pages go on."""

    wait: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Let the whole account rest, then open the URL again; from then on the run is slower."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Renew:
    """Open a new context in `environment`, then the URL again, not before `wait` is over; `rung` tells what for."""

    rung: Rung
    environment: Environment
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class SignIn:
    """Submit the password once, then open the URL again."""


@dataclass(frozen=True, slots=True)
class Skip:
    """A rung that cannot be had: it is journalled, and the next one is asked for."""

    rung: Rung
    environment: Environment
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """This page cannot be had; the run goes on without it."""

    reason: str


class StopKind(StrEnum):
    """Why a run must not go on; each has its error below `RunStopped`."""

    PERSON = "person"
    DENIED = "denied"
    WRONG_ACCOUNT = "wrong_account"
    DRIFTED = "drifted"
    EXHAUSTED = "exhausted"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class Stop:
    """The run ends here, and nothing more is sent to the portal."""

    kind: StopKind
    reason: str


Step = Reload | Wait | Renew | SignIn | Skip | GiveUp | Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """What recovery may spend. Waiting for a 429 has its own purse: a slow portal must not cost the rungs theirs."""

    sign_ins_per_run: int = 2
    attempts_per_page: int = 10
    attempts_per_run: int = 60
    relaunches_per_run: int = 6
    seconds_per_page: float = 300.0
    seconds_per_run: float = 1800.0
    throttled_seconds_per_run: float = 900.0
