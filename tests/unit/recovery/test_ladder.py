"""The recovery ladder, as scripts of what was seen and what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extract.snapshot import Device
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Verdict
from agent.recovery.ladder import BELIEVED
from agent.recovery.ladder import RELOAD_WAITS
from agent.recovery.ladder import STOPPING
from agent.recovery.ladder import Attempt
from agent.recovery.ladder import Climb
from agent.recovery.ladder import Sight
from agent.recovery.ladder import Spent
from agent.recovery.ladder import next_step
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

CHROMIUM = Environment(Engine.CHROMIUM)
FIREFOX = Environment(Engine.FIREFOX)
WEBKIT = Environment(Engine.WEBKIT)
PHONE = Environment(Engine.CHROMIUM, Device.MOBILE)
BOTH = (Engine.CHROMIUM, Engine.FIREFOX)

BUDGETS = Budgets()
NOTHING_SPENT = Spent()

RUNGS = {Reload: Rung.RELOAD, SignIn: Rung.SIGN_IN, Wait: Rung.WAIT}


def sight(
    verdict: Verdict | None = Verdict.BLANK, *, essential: bool = False, retry_after: float | None = None
) -> Sight:
    return Sight(verdict=verdict, essential=essential, retry_after=retry_after)


def take(climb: Climb, spent: Spent, step: Step) -> tuple[Climb, Spent]:
    """Book a step as `climb.py` does."""
    if isinstance(step, Renew | Skip):
        attempt = Attempt(step.rung, step.environment, skipped=isinstance(step, Skip))
    else:
        attempt = Attempt(RUNGS[type(step)], climb.environment)
    waited = step.wait if isinstance(step, Reload) else 0.0
    if isinstance(step, Wait):
        return climb, replace(
            spent, throttles=spent.throttles + 1, throttled_seconds=spent.throttled_seconds + step.seconds
        )
    climb = replace(climb, attempts=(*climb.attempts, attempt), seconds=climb.seconds + waited)
    spent = replace(
        spent,
        attempts=spent.attempts + 1,
        sign_ins=spent.sign_ins + isinstance(step, SignIn),
        relaunches=spent.relaunches + (attempt.rung is Rung.RELAUNCH),
        seconds=spent.seconds + waited,
    )
    return climb, spent


def play(
    look: Callable[[Climb], Sight],
    *,
    start: Environment = CHROMIUM,
    signed_in: bool = True,
    reached: bool = True,
    spent: Spent = NOTHING_SPENT,
    budgets: Budgets = BUDGETS,
    engines: Sequence[Engine] = BOTH,
    limit: int = 2000,
) -> list[Step]:
    """Climb until the page is believed, given up or the run stops; return every step asked for."""
    climb = Climb(start=start, signed_in=signed_in, reached=reached)
    steps: list[Step] = []
    for _ in range(limit):
        step = next_step(look(climb), climb, spent, budgets, engines)
        if step is None:
            return steps
        steps.append(step)
        if isinstance(step, GiveUp | Stop):
            return steps
        climb, spent = take(climb, spent, step)
    raise AssertionError("the ladder has no end")


def script(*sights: Sight) -> Callable[[Climb], Sight]:
    """Show these one after the other, and then a good page."""
    remaining = [*sights, sight(Verdict.OK)]
    return lambda climb: remaining.pop(0)


def always(seen: Sight) -> Callable[[Climb], Sight]:
    return lambda climb: seen


@pytest.mark.parametrize("verdict", sorted(BELIEVED))
def test_an_answer_needs_no_step(verdict: Verdict) -> None:
    """A good page, a proven empty list and a case that is gone are believed as they are."""
    assert play(always(sight(verdict))) == []


def test_a_blank_page_climbs_rung_by_rung() -> None:
    """A page that stays blank is reloaded twice, then read in a fresh context, another engine and on a phone."""
    assert [
        Reload(RELOAD_WAITS[0]),
        Reload(RELOAD_WAITS[1]),
        Renew(Rung.FRESH, CHROMIUM),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
        Renew(Rung.MOBILE, PHONE),
        GiveUp("every rung tried"),
    ] == play(always(sight()))


def test_from_firefox_the_other_engine_is_chromium() -> None:
    """The switch goes to an engine that the page was not read in."""
    assert [
        Renew(Rung.FRESH, FIREFOX),
        Renew(Rung.SWITCH_ENGINE, CHROMIUM),
        Renew(Rung.MOBILE, PHONE),
        GiveUp("every rung tried"),
    ] == play(always(sight()), start=FIREFOX)[2:]


def test_from_the_phone_both_desktops_are_left_to_try() -> None:
    """A run that starts on a remembered phone still reaches both engines' desktops, the phone's own one last."""
    assert [
        Renew(Rung.FRESH, PHONE),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
        Renew(Rung.SWITCH_ENGINE, CHROMIUM),
        GiveUp("every rung tried"),
    ] == play(always(sight()), start=PHONE)[2:]


def test_webkit_is_a_third_engine_where_there_is_one() -> None:
    """Each engine that can be had is tried before the phone."""
    assert [
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
        Renew(Rung.SWITCH_ENGINE, WEBKIT),
        Renew(Rung.MOBILE, PHONE),
    ] == play(always(sight()), engines=(*BOTH, Engine.WEBKIT))[3:6]


def test_rungs_that_cannot_be_had_are_named_and_skipped() -> None:
    """With Firefox alone, the switch and the phone are journalled as skipped and the page is given up."""
    assert [
        Renew(Rung.FRESH, FIREFOX),
        Skip(Rung.SWITCH_ENGINE, CHROMIUM, "engine not available"),
        Skip(Rung.MOBILE, PHONE, "engine not available"),
        GiveUp("every rung tried"),
    ] == play(always(sight()), start=FIREFOX, engines=(Engine.FIREFOX,))[2:]


def test_an_error_waits_as_told_before_it_is_reloaded() -> None:
    """A 503 with Retry-After is an error: the wait is the portal's, the rung is RELOAD."""
    assert [Reload(7.0)] == play(script(sight(Verdict.ERROR, retry_after=7.0)))


def test_another_context_or_engine_waits_as_told_too() -> None:
    """To the portal it is the same visitor, whom it told when to come back."""
    steps = play(always(sight(Verdict.ERROR, retry_after=7.0)))

    assert [
        Renew(Rung.FRESH, CHROMIUM, 7.0),
        Renew(Rung.SWITCH_ENGINE, FIREFOX, 7.0),
        Renew(Rung.MOBILE, PHONE, 7.0),
    ] == [step for step in steps if isinstance(step, Renew)]


def test_an_error_gets_one_reload_in_each_new_context() -> None:
    """A connection may fail once more after a renewal, which says nothing about the renewal."""
    assert [
        Reload(RELOAD_WAITS[0]),
        Reload(RELOAD_WAITS[1]),
        Renew(Rung.FRESH, CHROMIUM),
        Reload(RELOAD_WAITS[0]),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
        Reload(RELOAD_WAITS[0]),
        Renew(Rung.MOBILE, PHONE),
        Reload(RELOAD_WAITS[0]),
        GiveUp("every rung tried"),
    ] == play(always(sight(Verdict.ERROR)))


def test_a_page_that_is_blank_after_signing_in_again_is_reloaded() -> None:
    """The context was renewed for the lost session: that it is blank was not seen anywhere before."""
    signed_out = sight(Verdict.LOGIN)

    assert [
        Renew(Rung.FRESH, CHROMIUM),
        SignIn(),
        Reload(RELOAD_WAITS[0]),
        Reload(RELOAD_WAITS[1]),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
    ] == play(script(signed_out, signed_out, *[sight()] * 3))


def test_a_reload_before_the_session_ended_counts() -> None:
    """Two reloads of a blank page are all, on either side of a sign-in."""
    signed_out = sight(Verdict.LOGIN)

    assert [
        Reload(RELOAD_WAITS[0]),
        Renew(Rung.FRESH, CHROMIUM),
        SignIn(),
        Reload(RELOAD_WAITS[1]),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
    ] == play(script(sight(), signed_out, signed_out, sight(), sight()))


def test_a_wait_beyond_the_page_time_is_not_begun() -> None:
    """Told to come back in an hour, a single case is given up at once."""
    assert [GiveUp("told to wait for longer than a page may take")] == play(
        always(sight(Verdict.ERROR, retry_after=3600.0))
    )


def test_signed_out_starts_at_a_fresh_context() -> None:
    """Cookies alone may be enough, so the password comes second."""
    assert [Renew(Rung.FRESH, CHROMIUM)] == play(script(sight(Verdict.LOGIN)))
    assert [Renew(Rung.FRESH, CHROMIUM), SignIn()] == play(script(sight(Verdict.LOGIN), sight(Verdict.LOGIN)))


def test_the_first_sign_in_of_a_run_is_no_recovery_of_a_session() -> None:
    """Before anything was read there is no session to carry: sign in, and only then doubt the context."""
    signed_out = sight(Verdict.LOGIN)

    assert [SignIn()] == play(script(signed_out), signed_in=False)
    assert [SignIn(), Renew(Rung.FRESH, CHROMIUM), SignIn()] == play(script(*[signed_out] * 3), signed_in=False)


def test_a_spent_sign_in_budget_ends_the_run() -> None:
    """No password is submitted a third time, whatever the page is."""
    assert [Renew(Rung.FRESH, CHROMIUM), Stop(StopKind.EXHAUSTED, "sign-ins per run spent")] == play(
        always(sight(Verdict.LOGIN)), spent=Spent(sign_ins=2)
    )


def test_a_sign_in_that_does_not_help_is_not_repeated_in_the_same_context() -> None:
    """Still signed out after a sign-in, the next try is another engine, where the second password is the last."""
    assert [
        Renew(Rung.FRESH, CHROMIUM),
        SignIn(),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
        SignIn(),
        Renew(Rung.MOBILE, PHONE),
        Stop(StopKind.EXHAUSTED, "sign-ins per run spent"),
    ] == play(always(sight(Verdict.LOGIN)))


def test_429_waits_and_never_climbs() -> None:
    """Waiting grows by itself, or is as long as told; when the purse is empty the run stops."""
    assert [Wait(2.0), Wait(30.0), Wait(8.0)] == play(
        script(sight(Verdict.THROTTLED), sight(Verdict.THROTTLED, retry_after=30.0), sight(Verdict.THROTTLED))
    )
    assert [Stop(StopKind.THROTTLED, "waited as long as a run may")] == play(
        always(sight(Verdict.THROTTLED, retry_after=3600.0))
    )


@pytest.mark.parametrize("verdict", sorted(STOPPING))
@pytest.mark.parametrize("essential", [True, False])
def test_some_verdicts_stop_the_run_at_once(verdict: Verdict, essential: bool) -> None:
    """A challenge, a block page and a wrong account are never pushed against."""
    assert [Stop(STOPPING[verdict], verdict.value)] == play(always(sight(verdict, essential=essential)))


def test_a_drifted_list_stops_the_run_and_a_drifted_case_does_not() -> None:
    """Neither climbs, since another browser reads the same page with the same profile."""
    assert [Stop(StopKind.DRIFTED, "drifted")] == play(always(sight(Verdict.DRIFTED, essential=True)))
    assert [GiveUp("drifted")] == play(always(sight(Verdict.DRIFTED)))


def test_an_exhausted_list_ends_the_run() -> None:
    """A run without its list is no run."""
    assert Stop(StopKind.EXHAUSTED, "every rung tried") == play(always(sight(essential=True)))[-1]


def test_a_list_that_no_engine_could_connect_to_means_an_unreachable_portal() -> None:
    """No answer of any kind in the whole climb is told apart from pages that stay blank."""
    unconnected = Sight(verdict=Verdict.ERROR, essential=True, connected=False)

    assert Stop(StopKind.UNREACHABLE, "every rung tried") == play(always(unconnected))[-1]


def test_without_any_connection_only_time_and_another_engine_are_tried() -> None:
    """Where nothing of the run ever reached the portal, a fresh context or a phone would be refused as well."""
    unconnected = Sight(verdict=Verdict.ERROR, essential=True, connected=False)

    assert [
        Reload(RELOAD_WAITS[0]),
        Reload(RELOAD_WAITS[1]),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
        Stop(StopKind.UNREACHABLE, "no connection in any engine"),
    ] == play(always(unconnected), reached=False)
    assert [
        Skip(Rung.SWITCH_ENGINE, CHROMIUM, "engine not available"),
        Stop(StopKind.UNREACHABLE, "no connection in any engine"),
    ] == play(always(unconnected), reached=False, start=FIREFOX, engines=(Engine.FIREFOX,))[2:]


def test_a_name_that_is_not_known_is_not_asked_for_by_another_engine() -> None:
    """The system answers for all engines; only time may help."""
    nameless = Sight(verdict=Verdict.ERROR, essential=True, connected=False, named=False)

    assert [
        Reload(RELOAD_WAITS[0]),
        Reload(RELOAD_WAITS[1]),
        Stop(StopKind.UNREACHABLE, "the name of its host is not known"),
    ] == play(always(nameless), reached=False)


def test_a_dead_engine_is_relaunched() -> None:
    """A death is not a blank page: the same page is read again in the same environment."""
    assert [Renew(Rung.RELAUNCH, FIREFOX)] == play(script(sight(None)), start=FIREFOX)


def test_a_page_that_kills_its_engine_is_read_in_another() -> None:
    """Two relaunches for the same page are enough to suspect the page."""
    assert [
        Renew(Rung.RELAUNCH, CHROMIUM),
        Renew(Rung.RELAUNCH, CHROMIUM),
        Renew(Rung.SWITCH_ENGINE, FIREFOX),
    ] == play(script(sight(None), sight(None), sight(None)))


def test_relaunches_have_a_budget_for_the_run() -> None:
    """An engine that keeps dying on other pages is left for another one."""
    assert [Renew(Rung.SWITCH_ENGINE, FIREFOX)] == play(script(sight(None)), spent=Spent(relaunches=6))


@pytest.mark.parametrize(
    ("spent", "reason"),
    [
        (Spent(attempts=60), "attempts per run spent"),
        (Spent(seconds=1800.0), "time per run spent"),
    ],
)
def test_a_run_that_has_spent_its_budget_gives_up_without_trying(spent: Spent, reason: str) -> None:
    """The pages that are fine are still read; broken ones cost nothing any more."""
    assert [GiveUp(reason)] == play(always(sight()), spent=spent)


SIGHTS = st.builds(
    Sight,
    verdict=st.sampled_from([*Verdict, None]),
    essential=st.just(False),
    connected=st.booleans(),
    retry_after=st.none() | st.floats(0, 400),
)
STARTS = st.sampled_from([CHROMIUM, FIREFOX, PHONE])
ENGINES = st.sampled_from([BOTH, (Engine.CHROMIUM,), (Engine.FIREFOX,), (*BOTH, Engine.WEBKIT)])


@given(data=st.data(), start=STARTS, engines=ENGINES)
def test_whatever_comes_the_climb_ends_within_its_budgets(
    data: st.DataObject, start: Environment, engines: Sequence[Engine]
) -> None:
    """Any order of sights ends, with no more passwords, attempts and waiting than allowed."""
    budgets = Budgets(attempts_per_page=6, throttled_seconds_per_run=60.0)
    steps = play(lambda climb: data.draw(SIGHTS), start=start, budgets=budgets, engines=engines)

    waits = [step for step in steps if isinstance(step, Wait)]
    ends = [step for step in steps if isinstance(step, GiveUp | Stop)]
    assert len(steps) - len(waits) - len(ends) <= budgets.attempts_per_page
    assert sum(step.seconds for step in waits) <= budgets.throttled_seconds_per_run
    assert sum(isinstance(step, SignIn) for step in steps) <= budgets.sign_ins_per_run
    assert ends == steps[len(steps) - len(ends) :]


@given(before=st.lists(SIGHTS, max_size=6), verdict=st.sampled_from([*STOPPING, Verdict.DRIFTED]), start=STARTS)
def test_a_verdict_that_must_not_climb_ends_the_climb_wherever_it_appears(
    before: list[Sight], verdict: Verdict, start: Environment
) -> None:
    """Half-way up, a challenge is still a challenge: nothing is asked for after it."""
    shown: list[Sight] = []
    remaining = [*before, sight(verdict)]

    def look(climb: Climb) -> Sight:
        shown.append(remaining.pop(0))
        return shown[-1]

    steps = play(look, start=start)
    if shown[-1].verdict is verdict:
        assert isinstance(steps[-1], GiveUp if verdict is Verdict.DRIFTED else Stop)


@given(data=st.data(), start=STARTS, engines=ENGINES)
def test_only_engines_that_can_be_had_are_asked_for(
    data: st.DataObject, start: Environment, engines: Sequence[Engine]
) -> None:
    """Every renewal beyond the start's own engine names an available one, and a phone is always Chromium's."""
    steps = play(lambda climb: data.draw(SIGHTS), start=start, engines=engines)

    for step in steps:
        if isinstance(step, Renew):
            assert step.environment.engine in {*engines, start.engine}
            assert step.environment.device is Device.DESKTOP or step.environment.engine is Engine.CHROMIUM
