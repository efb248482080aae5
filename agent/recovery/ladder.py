"""Decides which rung comes next for a page that could not be believed. Pure: no clock, no browser, no journal.

What was seen, what was already tried on this page and what the run has spent go in; one step comes out. `climb`
does it and asks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from agent.extract.snapshot import Device
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Verdict
from agent.recovery.steps import Budgets
from agent.recovery.steps import GiveUp
from agent.recovery.steps import Reload
from agent.recovery.steps import Renew
from agent.recovery.steps import Rung
from agent.recovery.steps import SignIn
from agent.recovery.steps import Skip
from agent.recovery.steps import Step
from agent.recovery.steps import Stop
from agent.recovery.steps import StopKind
from agent.recovery.steps import Wait

#: Verdicts that are an answer, even if not a welcome one.
BELIEVED = frozenset({Verdict.OK, Verdict.EMPTY, Verdict.GONE})

#: A person, the account's owner or the portal has to act; pushing on would make it worse.
STOPPING = {
    Verdict.CHALLENGE: StopKind.PERSON,
    Verdict.DENIED: StopKind.DENIED,
    Verdict.WRONG_ACCOUNT: StopKind.WRONG_ACCOUNT,
}

RELOAD_WAITS = (0.5, 2.0)
THROTTLE_WAITS = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
DEATHS_PER_ENVIRONMENT = 2

#: Steps after which the page is read in another context, so that reloads count anew.
RENEWALS = frozenset({Rung.FRESH, Rung.SWITCH_ENGINE, Rung.MOBILE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How a page looked. `verdict` is `None` when the engine ended before there was anything to look at."""

    verdict: Verdict | None
    essential: bool  #: the run cannot do without this page
    connected: bool = True  #: some answer came, whatever it was
    named: bool = True  #: the host's name led to an address
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One rung already taken, or skipped, on this page, and where that left us."""

    rung: Rung
    environment: Environment
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """What happened on this page so far. `ever_connected` speaks of this climb's own reads, `reached` of all the run's.

    `signed_in` is false until the run has seen the first page from behind the sign-in.
    """

    start: Environment
    signed_in: bool = True
    attempts: Sequence[Attempt] = ()
    seconds: float = 0.0
    ever_connected: bool = False
    reached: bool = True

    def count_since_renewal(self, rung: Rung) -> int:
        """How often `rung` was taken in the present context."""
        count = 0
        for attempt in reversed(self.attempts):
            if attempt.rung in RENEWALS and not attempt.skipped:
                break
            count += attempt.rung is rung
        return count

    def count(self, rung: Rung) -> int:
        return sum(attempt.rung is rung for attempt in self.attempts)

    def took(self, rung: Rung) -> bool:
        return self.count(rung) > 0

    @property
    def renewed(self) -> bool:
        return any(attempt.rung in RENEWALS and not attempt.skipped for attempt in self.attempts)

    @property
    def environment(self) -> Environment:
        taken = [attempt.environment for attempt in self.attempts if not attempt.skipped]
        return taken[-1] if taken else self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the run has spent so far, this climb included."""

    sign_ins: int = 0
    attempts: int = 0
    relaunches: int = 0
    seconds: float = 0.0
    throttles: int = 0
    throttled_seconds: float = 0.0


def next_step(sight: Sight, climb: Climb, spent: Spent, budgets: Budgets, engines: Sequence[Engine]) -> Step | None:
    """Return what to do about `sight`, `None` when it can be believed. `engines` are those that can be had."""
    if sight.verdict in BELIEVED:
        return None
    on_the_ground = _without_climbing(sight, spent, budgets)
    if on_the_ground is not None:
        return on_the_ground
    poor = _poor(climb, spent, budgets)
    if poor is not None:
        return _give_up(sight, climb, poor)
    if sight.verdict is None:
        return _after_death(sight, climb, spent, budgets, engines)
    if sight.verdict is Verdict.LOGIN:
        return _signed_out(sight, climb, spent, budgets, engines)
    step = _broken(sight, climb, budgets, engines)
    # Another context or engine is still the same visitor, whom the portal told to wait.
    return replace(step, wait=sight.retry_after or 0.0) if isinstance(step, Renew) else step


def _without_climbing(sight: Sight, spent: Spent, budgets: Budgets) -> Step | None:
    if sight.verdict is Verdict.THROTTLED:
        return _wait(sight, spent, budgets)
    if sight.verdict in STOPPING:
        return Stop(STOPPING[sight.verdict], sight.verdict.value)
    if sight.verdict is Verdict.DRIFTED:
        return Stop(StopKind.DRIFTED, sight.verdict.value) if sight.essential else GiveUp(sight.verdict.value)
    return None


def _wait(sight: Sight, spent: Spent, budgets: Budgets) -> Step:
    default = THROTTLE_WAITS[min(spent.throttles, len(THROTTLE_WAITS) - 1)]
    seconds = default if sight.retry_after is None else max(1.0, sight.retry_after)
    if spent.throttled_seconds + seconds > budgets.throttled_seconds_per_run:
        return Stop(StopKind.THROTTLED, "waited as long as a run may")
    return Wait(seconds)


def _poor(climb: Climb, spent: Spent, budgets: Budgets) -> str | None:
    """Name the purse that is empty."""
    if len(climb.attempts) >= budgets.attempts_per_page:
        return "attempts per page spent"
    if spent.attempts >= budgets.attempts_per_run:
        return "attempts per run spent"
    if climb.seconds >= budgets.seconds_per_page:
        return "time per page spent"
    if spent.seconds >= budgets.seconds_per_run:
        return "time per run spent"
    return None


def _after_death(sight: Sight, climb: Climb, spent: Spent, budgets: Budgets, engines: Sequence[Engine]) -> Step:
    """Relaunch and try again: a dead browser says nothing about the page, unless it dies of that very page."""
    dies_of_it = climb.count_since_renewal(Rung.RELAUNCH) >= DEATHS_PER_ENVIRONMENT
    if dies_of_it or spent.relaunches >= budgets.relaunches_per_run:
        return _elsewhere(sight, climb, engines)
    return Renew(Rung.RELAUNCH, climb.environment)


def _signed_out(sight: Sight, climb: Climb, spent: Spent, budgets: Budgets, engines: Sequence[Engine]) -> Step:
    """A poisoned context can look signed out, so a *second* password comes after a fresh one; one for each context."""
    if not climb.renewed and (climb.signed_in or climb.took(Rung.SIGN_IN)):
        return Renew(Rung.FRESH, climb.environment)
    if climb.count_since_renewal(Rung.SIGN_IN):
        return _elsewhere(sight, climb, engines)
    if spent.sign_ins >= budgets.sign_ins_per_run:
        return Stop(StopKind.EXHAUSTED, "sign-ins per run spent")
    return SignIn()


def _broken(sight: Sight, climb: Climb, budgets: Budgets, engines: Sequence[Engine]) -> Step:
    if climb.seconds + (sight.retry_after or 0.0) > budgets.seconds_per_page:
        return _give_up(sight, climb, "told to wait for longer than a page may take")
    reload = _reload(sight, climb)
    if reload is not None:
        return reload
    if not climb.reached:
        return _unreached(sight, climb, engines)
    if not climb.took(Rung.FRESH):
        return Renew(Rung.FRESH, climb.environment)
    return _elsewhere(sight, climb, engines)


def _reload(sight: Sight, climb: Climb) -> Reload | None:
    """Two in the context where the page was first seen broken, whatever led there: signing in again may have.

    Where it is still blank after a renewal, time does not heal it; a failed connection may heal.
    """
    taken = climb.count(Rung.RELOAD)
    if taken >= len(RELOAD_WAITS):
        failed_anew = sight.verdict is Verdict.ERROR and climb.reached and climb.renewed
        if not failed_anew or climb.count_since_renewal(Rung.RELOAD):
            return None
        taken = 0
    return Reload(RELOAD_WAITS[taken] if sight.retry_after is None else sight.retry_after)


def _unreached(sight: Sight, climb: Climb, engines: Sequence[Engine]) -> Step:
    """Nothing ever came from the portal: cookies and phones do not matter, but how an engine connects may.

    All engines ask the same system for the address of a name.
    """
    if not sight.named:
        return _give_up(sight, climb, "the name of its host is not known")
    step = _elsewhere(sight, climb, engines)
    if isinstance(step, Renew | Skip) and step.rung is Rung.SWITCH_ENGINE:
        return step
    return _give_up(sight, climb, "no connection in any engine")


def _elsewhere(sight: Sight, climb: Climb, engines: Sequence[Engine]) -> Step:
    """Try the next environment in which this page was not read yet."""
    tried = {climb.start, *(attempt.environment for attempt in climb.attempts)}
    for rung, environment in _environments(climb.start, engines):
        if environment in tried:
            continue
        if environment.engine not in engines:
            return Skip(rung, environment, "engine not available")
        return Renew(rung, environment)
    return _give_up(sight, climb, "every rung tried")


def _environments(start: Environment, engines: Sequence[Engine]) -> Iterator[tuple[Rung, Environment]]:
    # WebKit is a bonus where it is installed; its absence is not worth a row in the journal.
    known = [Engine.CHROMIUM, Engine.FIREFOX, *(engine for engine in engines if engine is Engine.WEBKIT)]
    # A start on the phone left that engine's own desktop untried; it comes last, when it is a switch again.
    for engine in sorted(known, key=lambda engine: engine is start.engine):
        yield Rung.SWITCH_ENGINE, Environment(engine)
    yield Rung.MOBILE, Environment(Engine.CHROMIUM, Device.MOBILE)


def _give_up(sight: Sight, climb: Climb, reason: str) -> Step:
    if sight.verdict is Verdict.LOGIN:
        return Stop(StopKind.EXHAUSTED, f"still signed out, {reason}")
    if not sight.essential:
        return GiveUp(reason)
    never_connected = not (sight.connected or climb.ever_connected)
    return Stop(StopKind.UNREACHABLE if never_connected else StopKind.EXHAUSTED, reason)
