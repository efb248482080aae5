"""Climbing over a scripted portal: what is asked of the portal, what the journal holds, what the run reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from agent.errors import AccessDenied
from agent.errors import DownloadFailed
from agent.errors import DriftedPage
from agent.errors import EngineDied
from agent.errors import PersonNeeded
from agent.errors import PortalUnreachable
from agent.errors import Problem
from agent.errors import RecoveryExhausted
from agent.errors import RunStopped
from agent.errors import SecretUnavailable
from agent.errors import SignInRefused
from agent.errors import StopRequested
from agent.errors import Throttled
from agent.errors import WrongAccount
from agent.extract.reading import Identity
from agent.extract.snapshot import Device
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.recovery import gate
from agent.recovery.memory import start_environment
from agent.recovery.page import Recovery
from storage import journal
from storage.journal import AccountCondition
from storage.records import AttachmentRef
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.reading_run import ReadingRun
from tests.unit.recovery.scripted_portal import BASE
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import Trouble
from tests.unit.recovery.scripted_portal import times
from tests.unit.recovery.scripted_portal import unless

Start = Callable[[ScriptedPortal], ReadingRun]
Run = Callable[..., Any]

CHROMIUM = Environment(Engine.CHROMIUM)
FIREFOX = Environment(Engine.FIREFOX)
PHONE = Environment(Engine.CHROMIUM, Device.MOBILE)
BLANK = Trouble()
FILE_URL = f"{BASE}/file/1"
FILE = AttachmentRef(name="a.pdf", url=FILE_URL)


def portal(*faults: Any, **settings: Any) -> ScriptedPortal:
    return ScriptedPortal([ScriptedCase(str(number)) for number in range(1, 5)], faults=faults, **settings)


def recovery(*rungs: str, verdict: str = "blank", cured_by: str | None = None, engine: str = "chromium") -> Recovery:
    return Recovery(url=f"{BASE}/case/1", verdict=verdict, rungs=rungs, cured_by=cured_by, engine=engine)


def test_a_good_page_is_read_once(reading_run: Start, run_async: Run) -> None:
    """Nothing is attempted, journalled or reported where nothing is wrong."""
    run = reading_run(portal())

    reading = run_async(run.read_case())

    assert (Verdict.OK, ["/case/1"], [], []) == (
        reading.verdict,
        run.portal.reads(),
        run.attempts,
        run.reader.recoveries,
    )


def test_two_blank_bodies_are_cured_by_the_second_reload(reading_run: Start, run_async: Run) -> None:
    """Both reloads are journalled with what they led to, and the context is never renewed."""
    run = reading_run(portal(times(2, BLANK)))

    reading = run_async(run.read_case())

    assert Verdict.OK is reading.verdict
    assert [
        ("blank", "reload", "chromium", "blank"),
        ("blank", "reload", "chromium", "ok"),
    ] == run.attempts
    assert [recovery("reload", "reload", cured_by="reload")] == run.reader.recoveries
    assert 0 == run.portal.generation


def test_the_wait_before_a_reload_is_the_portals_own(reading_run: Start, run_async: Run) -> None:
    """Retry-After is slept, in steps in which a stop is obeyed."""
    run = reading_run(portal(times(1, Trouble(verdict=Verdict.ERROR, status=503, retry_after=7.0))))

    run_async(run.read_case())

    assert 7.0 == sum(run.clock.slept)
    assert max(run.clock.slept) <= 1.0


def test_a_poisoned_context_is_cured_by_a_fresh_one(reading_run: Start, run_async: Run) -> None:
    """FRESH keeps engine and session: nobody signs in again."""
    run = reading_run(portal(unless(lambda portal: portal.generation > 0, BLANK)))

    run_async(run.read_case())

    assert [recovery("reload", "reload", "fresh", cured_by="fresh")] == run.reader.recoveries
    assert ["renew chromium/desktop"] == [line for line in run.portal.log if line.startswith("renew")]
    assert [] == run.sign_ins


def test_what_cured_a_page_is_used_and_remembered(reading_run: Start, run_async: Run) -> None:
    """After the switch the next page is read in Firefox at once, and so does the next run begin, until it expires."""
    run = reading_run(portal(unless(lambda portal: portal.environment.engine is Engine.FIREFOX, BLANK)))

    run_async(run.read_case("1"))
    run_async(run.read_case("2"))

    assert [
        recovery("reload", "reload", "fresh", "switch_engine", cured_by="switch_engine", engine="firefox")
    ] == run.reader.recoveries
    assert ["/case/1"] * 5 + ["/case/2"] == run.portal.reads()

    def begin() -> Environment:
        return start_environment(
            run.database, ACCOUNT.name, usual=CHROMIUM, engines=run.portal.engines, at=run.clock.now()
        )

    assert FIREFOX == begin()
    run.clock.advance(8 * 24 * 3600)
    assert CHROMIUM == begin()


def test_a_cure_by_the_usual_environment_forgets_the_other(reading_run: Start, run_async: Run) -> None:
    """When the remembered engine goes bad and the usual one works, the next run begins as usual."""
    run = reading_run(portal(unless(lambda portal: portal.environment.engine is Engine.CHROMIUM, BLANK)))
    run.reader._logbook.remember(FIREFOX, "blank")
    run_async(run.portal.renew(FIREFOX))

    run_async(run.read_case())

    assert journal.start_environment(run.database, ACCOUNT.name, at=run.clock.now()) is None


def test_a_phone_is_the_last_rung(reading_run: Start, run_async: Run) -> None:
    """A page that renders for phones only is cured by MOBILE, in Chromium."""
    run = reading_run(portal(unless(lambda portal: portal.environment.device is Device.MOBILE, BLANK)))

    run_async(run.read_case())

    assert [
        recovery("reload", "reload", "fresh", "switch_engine", "mobile", cured_by="mobile")
    ] == run.reader.recoveries
    assert PHONE == run.portal.environment


def test_an_engine_that_turns_out_to_be_absent_is_journalled_and_skipped(reading_run: Start, run_async: Run) -> None:
    """NoEngine in the middle of a climb is a row in the journal, and the next rung is tried."""
    run = reading_run(portal(unless(lambda portal: portal.environment.device is Device.MOBILE, BLANK)))
    run.portal.engines = (Engine.CHROMIUM,)  # known to the run, gone when it is wanted

    run_async(run.read_case())

    assert [
        ("blank", "switch_engine", "firefox", "not available: no firefox here"),
        ("blank", "mobile", "chromium", "ok"),
    ] == run.attempts[3:]
    assert "mobile" == run.reader.recoveries[0].cured_by


def test_a_case_that_stays_blank_is_given_up_with_evidence(reading_run: Start, run_async: Run) -> None:
    """The last reading is handed back, and the run goes on where it was before the climb."""
    run = reading_run(portal(unless(lambda portal: False, BLANK, path="/case/1")))

    given_up = run_async(run.read_case("1"))
    following = run_async(run.read_case("2"))

    assert (Verdict.BLANK, Verdict.OK) == (given_up.verdict, following.verdict)
    assert [recovery("reload", "reload", "fresh", "switch_engine", "mobile")] == run.reader.recoveries
    assert CHROMIUM == run.portal.environment
    assert ["page.html"] == [item.path.split("/")[-1] for item in journal.evidence_of(run.database, run.run_id)]
    assert journal.start_environment(run.database, ACCOUNT.name, at=run.clock.now()) is None


def test_evidence_is_saved_for_the_first_of_its_kind_only(reading_run: Start, run_async: Run) -> None:
    """A hundred blank cases need one picture."""
    run = reading_run(portal(unless(lambda portal: False, BLANK)))

    run_async(run.read_case("1"))
    run_async(run.read_case("2"))

    assert ["evidence blank"] == [line for line in run.portal.log if line.startswith("evidence")]


def test_evidence_of_every_bad_look_is_saved_when_asked_for(reading_run: Start, run_async: Run) -> None:
    """Also of a page that was cured in the end, and of none twice."""
    run = reading_run(portal(times(2, BLANK)))
    run.reader._evidence.every_page = True
    run.portal.clock = run.clock

    run_async(run.read_case())

    assert ["evidence blank", "evidence blank"] == [line for line in run.portal.log if line.startswith("evidence")]


def test_evidence_that_cannot_be_saved_does_not_replace_the_runs_end(reading_run: Start, run_async: Run) -> None:
    """Whatever is wrong with it, the error is the one that ended the run."""
    run = reading_run(portal(unless(lambda portal: False, BLANK, path="/list/")))

    async def fail(reading: Any) -> Any:
        raise ValueError("a recording that does not open")

    run.portal.save_evidence = fail  # type: ignore[method-assign]

    with pytest.raises(RecoveryExhausted) as caught:
        run_async(run.read_list())

    assert caught.value.evidence is None


def test_a_list_that_stays_blank_ends_the_run(reading_run: Start, run_async: Run) -> None:
    """RecoveryExhausted names the rungs and the evidence, and every later read raises it without a request."""
    run = reading_run(portal(unless(lambda portal: False, BLANK, path="/list/")))

    with pytest.raises(RecoveryExhausted) as caught:
        run_async(run.read_list())
    reads = run.portal.reads()
    with pytest.raises(RecoveryExhausted):
        run_async(run.read_case("1"))

    assert ("reload", "reload", "fresh", "switch_engine", "mobile") == caught.value.rungs
    assert caught.value.evidence is not None
    assert reads == run.portal.reads()


def test_a_portal_that_nobody_can_connect_to_is_unreachable(reading_run: Start, run_async: Run) -> None:
    """No answer to any request of the run is no matter of cookies or phones: time, another engine, and that is it."""
    refused = Trouble(verdict=Verdict.ERROR, status=None, reason="connection refused")
    run = reading_run(portal(unless(lambda portal: False, refused)))

    with pytest.raises(PortalUnreachable) as caught:
        run_async(run.read_list())

    assert "connection refused" == caught.value.reason
    assert ["reload", "reload", "switch_engine"] == [rung for _, rung, _, _ in run.attempts]


def test_a_portal_that_goes_away_in_mid_run_is_climbed_for(reading_run: Start, run_async: Run) -> None:
    """It could be connected to before, so that a worn-out connection or context may be what is in the way."""
    run = reading_run(portal())
    run_async(run.read_case())
    refused = Trouble(verdict=Verdict.ERROR, status=None, reason="connection refused")
    run.portal.faults.append(unless(lambda portal: portal.generation > 0, refused))

    run_async(run.read_list())

    assert "fresh" == run.reader.recoveries[0].cured_by


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (Verdict.CHALLENGE, PersonNeeded),
        (Verdict.DENIED, AccessDenied),
        (Verdict.WRONG_ACCOUNT, WrongAccount),
    ],
)
def test_nothing_is_read_after_a_page_that_must_not_be_pushed(
    reading_run: Start, run_async: Run, verdict: Verdict, error: type[RunStopped]
) -> None:
    """The first such page ends the run: no rung, no other page, and its words are in the error."""
    trouble = Trouble(verdict=verdict, reason="as the page says", identity=Identity("Other Store", "DE"))
    run = reading_run(portal(times(1, trouble)))

    with pytest.raises(error):
        run_async(run.read_case("1"))
    with pytest.raises(error):
        run_async(run.read_case("2"))

    assert ["read /case/1", f"evidence {verdict}"] == run.portal.log
    assert [] == run.attempts
    assert "as the page says" == journal.account_state(run.database, ACCOUNT.name).reason


def test_a_wrong_account_is_named(reading_run: Start, run_async: Run) -> None:
    """The error says whose page was expected and whose was found."""
    trouble = Trouble(verdict=Verdict.WRONG_ACCOUNT, identity=Identity("Other Store", "DE"))
    run = reading_run(portal(times(1, trouble)))

    with pytest.raises(WrongAccount) as caught:
        run_async(run.read_case())

    assert ("Acme Store, US", "Other Store, DE") == (caught.value.expected, caught.value.found)


def test_a_drifted_list_ends_the_run_at_once(reading_run: Start, run_async: Run) -> None:
    """Another browser would read the same page with the same profile."""
    run = reading_run(portal(times(1, Trouble(verdict=Verdict.DRIFTED))))

    with pytest.raises(DriftedPage):
        run_async(run.read_list())

    assert ["/list/all?page=1"] == run.portal.reads()


def test_the_first_sign_in_is_no_recovery(reading_run: Start, run_async: Run) -> None:
    """A run without a session signs in once, and reports nothing that it had to get past."""
    run = reading_run(portal(signed_in=False))

    run_async(run.read_list())

    assert (["ok"], [], []) == (run.sign_ins, run.attempts, run.reader.recoveries)


def test_a_first_sign_in_on_the_way_is_not_what_cured_the_page(reading_run: Start, run_async: Run) -> None:
    """A blank body before the sign-in page: the reload is reported, the run's first sign-in is not."""
    run = reading_run(portal(times(1, BLANK), signed_in=False))

    run_async(run.read_case())

    assert [recovery("reload", cured_by="reload")] == run.reader.recoveries
    assert ["ok"] == run.sign_ins


def test_an_expired_session_is_signed_in_again_and_the_page_goes_on(reading_run: Start, run_async: Run) -> None:
    """In mid-run: a fresh context with the old cookies first, then the password, then the same case."""
    run = reading_run(portal())
    run_async(run.read_case("1"))
    run.portal.signed_in = False

    reading = run_async(run.read_case("2"))

    assert Verdict.OK is reading.verdict
    assert [
        ("login", "fresh", "chromium", "login"),
        ("login", "sign_in", "chromium", "ok"),
    ] == run.attempts
    assert ["ok"] == run.sign_ins


def test_cookies_that_are_enough_save_a_password(reading_run: Start, run_async: Run) -> None:
    """A context that only looks signed out is cured by a fresh one."""
    run = reading_run(portal())
    run_async(run.read_case("1"))
    run.portal.faults.append(unless(lambda portal: portal.generation > 0, Trouble(verdict=Verdict.LOGIN)))

    run_async(run.read_case("2"))

    assert (["login"], []) == ([row[0] for row in run.attempts], run.sign_ins)


def test_the_password_is_submitted_twice_in_a_run_at_most(reading_run: Start, run_async: Run) -> None:
    """Signed out again and again, the run ends instead of asking for a lock-out."""
    run = reading_run(portal(unless(lambda portal: False, Trouble(verdict=Verdict.LOGIN))))

    with pytest.raises(RecoveryExhausted):
        run_async(run.read_case())

    assert ["ok", "ok"] == run.sign_ins


def test_a_refused_password_is_not_submitted_again_by_the_next_run(reading_run: Start, run_async: Run) -> None:
    """The lock outlives the run; only a person opens it."""
    first = reading_run(portal(signed_in=False))
    first.portal.sign_in_error = SignInRefused(ACCOUNT.name, "wrong password")
    with pytest.raises(SignInRefused):
        run_async(first.read_list())

    second = reading_run(portal(signed_in=False))
    with pytest.raises(SignInRefused) as caught:
        run_async(second.read_list())

    assert "wrong password" == caught.value.reason
    assert "sign in" not in second.portal.log
    assert ["SignInRefused"] == second.sign_ins


def test_a_password_that_was_right_a_moment_ago_is_not_taken_for_refused(reading_run: Start, run_async: Run) -> None:
    """A session that ends on its way in brings the sign-in again, unmarked: the run ends, the account is not locked."""

    def asks_again(scripted: ScriptedPortal) -> bool:
        if "sign in" in scripted.log:
            scripted.sign_in_error = SignInRefused(ACCOUNT.name, "asks for the password again", told=False)
        return False

    run = reading_run(portal(unless(asks_again, Trouble(verdict=Verdict.LOGIN))))

    with pytest.raises(RecoveryExhausted):
        run_async(run.read_case())

    assert ["ok", "asked_again"] == run.sign_ins
    assert AccountCondition.LOCKED is not journal.account_state(run.database, ACCOUNT.name).condition


def test_a_password_that_is_asked_for_again_without_a_word_is_typed_twice_at_most(
    reading_run: Start, run_async: Run
) -> None:
    """Once more in another context, since the session may have ended on its way in; then the account is locked."""
    run = reading_run(portal(signed_in=False))
    run.portal.sign_in_error = SignInRefused(ACCOUNT.name, "asks for the password again", told=False)

    with pytest.raises(SignInRefused):
        run_async(run.read_list())

    assert ["asked_again", "asked_again"] == run.sign_ins
    assert AccountCondition.LOCKED is journal.account_state(run.database, ACCOUNT.name).condition


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        (PersonNeeded(ACCOUNT.name, "captcha", wanted="captcha"), AccountCondition.CHALLENGED),
        (PersonNeeded(ACCOUNT.name, "a code was sent", wanted="code"), AccountCondition.NEEDS_CODE),
        (PersonNeeded(ACCOUNT.name, "passkey", wanted="passkey"), AccountCondition.NEEDS_PASSKEY),
        (AccessDenied(ACCOUNT.name, "blocked"), AccountCondition.DENIED),
    ],
)
def test_what_stood_in_the_way_of_a_sign_in_is_kept_until_it_is_gone(
    reading_run: Start, run_async: Run, error: RunStopped, condition: AccountCondition
) -> None:
    """The account's condition is what its next step follows from; a page read behind the sign-in clears it."""
    first = reading_run(portal(signed_in=False))
    first.portal.sign_in_error = error
    with pytest.raises(type(error)):
        run_async(first.read_list())
    found = journal.account_state(first.database, ACCOUNT.name)

    second = reading_run(portal())
    run_async(second.read_list())

    assert (condition, error.reason) == (found.condition, found.reason)
    assert AccountCondition.OK is journal.account_state(second.database, ACCOUNT.name).condition


def test_a_blank_sign_in_page_is_tried_in_another_engine(reading_run: Start, run_async: Run) -> None:
    """The sign-in page climbs too; a password that nobody could type costs none of the budget."""
    run = reading_run(portal(signed_in=False))
    run.portal.sign_in_blank = lambda: run.portal.environment.engine is Engine.CHROMIUM

    reading = run_async(run.read_list())

    assert (Verdict.OK, FIREFOX, 1) == (reading.verdict, run.portal.environment, run.portal.passwords_submitted)
    assert ["not submitted: RecoveryExhausted", "not submitted: RecoveryExhausted", "ok"] == run.sign_ins


def test_a_sign_in_page_that_is_blank_everywhere_ends_the_run(reading_run: Start, run_async: Run) -> None:
    """Every environment is tried once, and no password is typed."""
    run = reading_run(portal(signed_in=False))
    run.portal.sign_in_blank = lambda: True

    with pytest.raises(RecoveryExhausted):
        run_async(run.read_list())

    assert (["not submitted: RecoveryExhausted"] * 4, 0) == (run.sign_ins, run.portal.passwords_submitted)
    assert ["renew chromium/desktop", "renew firefox/desktop", "renew chromium/mobile"] == [
        line for line in run.portal.log if line.startswith("renew")
    ]


def test_a_password_that_an_engine_took_with_it_was_submitted(reading_run: Start, run_async: Run) -> None:
    """Nobody knows whether the portal has seen it, so it counts."""
    run = reading_run(portal(signed_in=False))
    run.portal.sign_in_error = EngineDied("chromium", "killed")

    with pytest.raises(RecoveryExhausted):
        run_async(run.read_list())

    assert (["engine_died"] * 2, 2) == (run.sign_ins, run.portal.passwords_submitted)


def test_a_blank_sign_in_does_not_make_an_asked_again_password_forgotten(reading_run: Start, run_async: Run) -> None:
    """Asked for again before and after it, the password is taken for refused."""
    run = reading_run(portal(signed_in=False))
    run.portal.sign_in_error = SignInRefused(ACCOUNT.name, "asks for the password again", told=False)
    run.portal.sign_in_blank = lambda: run.portal.generation == 1

    with pytest.raises(SignInRefused):
        run_async(run.read_list())

    assert ["asked_again", "not submitted: RecoveryExhausted", "asked_again"] == run.sign_ins
    assert AccountCondition.LOCKED is journal.account_state(run.database, ACCOUNT.name).condition


def test_a_password_that_cannot_be_had_leaves_nothing_open(reading_run: Start, run_async: Run) -> None:
    """The error is the run's end, and the journal's rows say so."""
    run = reading_run(portal())
    run_async(run.read_case("1"))
    run.portal.signed_in = False
    run.portal.sign_in_error = SecretUnavailable((Problem("accounts.acme.password", "is empty"),))

    with pytest.raises(SecretUnavailable):
        run_async(run.read_case("2"))

    assert [
        ("login", "fresh", "chromium", "login"),
        ("login", "sign_in", "chromium", "SecretUnavailable"),
    ] == run.attempts
    assert ["not submitted: SecretUnavailable"] == run.sign_ins


def test_429_is_waited_out_and_slows_the_run_down(reading_run: Start, run_async: Run) -> None:
    """The wait is as told, no rung is climbed, and later reads are spaced."""
    run = reading_run(portal(times(1, Trouble(verdict=Verdict.THROTTLED, status=429, retry_after=5.0))))

    run_async(run.read_case("1"))
    waited = sum(run.clock.slept)
    run_async(run.read_case("2"))
    run_async(run.read_case("3"))

    assert 5.0 == waited
    assert 2.0 == sum(run.clock.slept) - waited
    assert [recovery("wait", verdict="throttled", cured_by="wait")] == run.reader.recoveries
    assert 0 == run.portal.generation


def test_a_slow_run_is_slowed_down_too(reading_run: Start, run_async: Run) -> None:
    """Where the portal's own limiter lets a page through every five seconds, ten follow a 429, not one."""
    run = reading_run(portal(times(1, Trouble(verdict=Verdict.THROTTLED, status=429, retry_after=5.0), path="/case/3")))
    run.portal.faults.append(lambda request, portal: run.clock.advance(5.0))
    moments: list[float] = []

    async def read_all() -> None:
        for number in range(1, 5):
            await run.read_case(str(number))
            moments.append(run.clock.monotonic())

    run_async(read_all())

    assert [5.0, 10.0, 10.0] == [later - earlier for earlier, later in pairwise(moments)]


def test_429_without_an_end_stops_the_run(reading_run: Start, run_async: Run) -> None:
    """A run waits for a quarter of an hour in all, not for ever."""
    run = reading_run(portal(unless(lambda portal: False, Trouble(verdict=Verdict.THROTTLED, status=429))))

    with pytest.raises(Throttled):
        run_async(run.read_case())

    assert sum(run.clock.slept) <= 900.0
    assert {"wait"} == {rung for _, rung, _, _ in run.attempts}


def test_reads_that_were_throttled_together_wait_once(reading_run: Start, run_async: Run) -> None:
    """Four pages that meet one 429 each are one reason to slow down, not four."""
    hit: set[str] = set()

    def once_each(request: PageRequest, portal: ScriptedPortal) -> Trouble | None:
        if request.url in hit:
            return None
        hit.add(request.url)
        return Trouble(verdict=Verdict.THROTTLED, status=429, retry_after=5.0)

    run = reading_run(portal(once_each))

    async def all_at_once() -> None:
        await asyncio.gather(*(run.read_case(str(number)) for number in range(1, 5)))

    run_async(all_at_once())

    assert [("throttled", "wait", "chromium", "ok")] == run.attempts


def test_waiting_for_a_429_costs_a_page_none_of_its_time(reading_run: Start, run_async: Run) -> None:
    """A page that was throttled for longer than a page may take is still recovered when it comes blank."""
    throttled = Trouble(verdict=Verdict.THROTTLED, status=429, retry_after=200.0)
    run = reading_run(portal(unless(lambda portal: portal.generation > 0, BLANK), times(2, throttled)))
    run.portal.faults.reverse()

    reading = run_async(run.read_case())

    assert (Verdict.OK, 400.0 <= sum(run.clock.slept)) == (reading.verdict, True)


def test_looks_that_take_long_use_up_the_pages_time(reading_run: Start, run_async: Run) -> None:
    """Five minutes of looking at one page are enough, whatever rungs are left."""
    run = reading_run(portal(unless(lambda portal: False, BLANK)))
    run.portal.faults.insert(0, lambda request, portal: run.clock.advance(200.0))

    run_async(run.read_case())

    assert [recovery("reload", "reload")] == run.reader.recoveries


def test_a_dead_engine_is_relaunched_and_the_page_read(reading_run: Start, run_async: Run) -> None:
    """No verdict on the page, no climb: a relaunch, journalled, and the page."""
    run = reading_run(portal(times(1, Trouble(verdict=None))))

    reading = run_async(run.read_case())

    assert Verdict.OK is reading.verdict
    assert [("engine_died", "relaunch", "chromium", "ok")] == run.attempts
    assert [recovery("relaunch", verdict="engine_died", cured_by="relaunch")] == run.reader.recoveries


def test_a_start_that_cannot_be_gone_back_to_is_left_for_the_next_read(reading_run: Start, run_async: Run) -> None:
    """The case is given up all the same, and the next page is read in what can be had."""
    run = reading_run(portal(unless(lambda portal: False, BLANK, path="/case/1")))
    renew, failing = run.portal.renew, [EngineDied("chromium", "killed")]

    async def die_on_the_way_back(environment: Environment) -> None:
        if environment == CHROMIUM and run.portal.environment == PHONE and failing:
            raise failing.pop()
        await renew(environment)

    run.portal.renew = die_on_the_way_back  # type: ignore[method-assign]

    given_up = run_async(run.read_case("1"))
    following = run_async(run.read_case("2"))

    assert (Verdict.BLANK, Verdict.OK) == (given_up.verdict, following.verdict)


def test_a_page_that_no_engine_survives_is_given_up(reading_run: Start, run_async: Run) -> None:
    """The reading says so, and the run goes on with a living engine."""
    run = reading_run(portal(unless(lambda portal: False, Trouble(verdict=None), path="/case/1")))

    given_up = run_async(run.read_case("1"))
    following = run_async(run.read_case("2"))

    assert (Verdict.ERROR, "engine_died", Verdict.OK) == (given_up.verdict, given_up.reason, following.verdict)


def test_an_engine_that_dies_under_a_download_is_relaunched(reading_run: Start, run_async: Run) -> None:
    """The file is fetched once more, and the relaunch is journalled and reported like any other."""
    run = reading_run(portal())
    run.portal.files[FILE_URL] = b"content"
    run.portal.download_errors = [EngineDied("chromium", "killed")]

    download = run_async(run.reader.download(FILE))

    assert b"content" == download.path.read_bytes()
    assert [("engine_died", "relaunch", "chromium", "done")] == run.attempts
    assert ["relaunch"] == [item.cured_by for item in run.reader.recoveries]


def test_a_download_that_kills_its_engine_twice_has_failed(reading_run: Start, run_async: Run) -> None:
    """A file is not worth more than one relaunch; the next run tries again."""
    run = reading_run(portal())
    run.portal.download_errors = [EngineDied("chromium", "killed"), EngineDied("chromium", "killed again")]

    with pytest.raises(DownloadFailed) as caught:
        run_async(run.reader.download(FILE))

    assert ("a.pdf", "killed again") == (caught.value.name, caught.value.reason)


def test_a_file_that_is_not_there_is_asked_for_once(reading_run: Start, run_async: Run) -> None:
    """The portal's answer is not the context's fault."""
    run = reading_run(portal())

    with pytest.raises(DownloadFailed):
        run_async(run.reader.download(FILE))

    assert ["download a.pdf"] == run.portal.log


def test_others_wait_for_a_climb_and_repeat_what_it_cut_short(reading_run: Start, run_async: Run) -> None:
    """While one page climbs no other read begins; a read that was under way in the closed context does not count."""
    climbing = asyncio.Event()
    run = reading_run(portal(unless(lambda portal: portal.generation > 0, BLANK)))
    original = run.portal.read

    async def read(request: PageRequest) -> Any:
        begun_in = run.portal.generation
        reading = await original(request)
        if request.case_id == "2" and begun_in == 0:
            await climbing.wait()  # under way while the context is closed: what it saw says nothing any more
        if request.case_id == "1" and begun_in == 1:
            climbing.set()
        return reading

    run.portal.read = read  # type: ignore[method-assign]

    async def both() -> list[Any]:
        return list(await asyncio.gather(run.read_case("1"), run.read_case("2")))

    first, second = run_async(both())

    assert (Verdict.OK, Verdict.OK) == (first.verdict, second.verdict)
    assert {f"{BASE}/case/1"} == {item.url for item in run.reader.recoveries}
    assert 1 == run.portal.generation


def test_no_read_begins_while_a_page_climbs(reading_run: Start, run_async: Run) -> None:
    """A case that is wanted in the middle of a climb is read after it."""
    cured_in_firefox = unless(lambda portal: portal.environment.engine is Engine.FIREFOX, BLANK)
    run = reading_run(portal(cured_in_firefox))
    climbing = asyncio.Event()

    def tell(request: PageRequest, portal: ScriptedPortal) -> None:
        if portal.generation == 1:
            climbing.set()

    run.portal.faults.insert(0, tell)

    async def second() -> None:
        await climbing.wait()
        await run.read_case("2")

    async def both() -> None:
        await asyncio.gather(run.read_case("1"), second())

    run_async(both())

    assert ["/case/1"] * 5 + ["/case/2"] == run.portal.reads()


def test_one_climb_cures_all_pages_that_were_blank_with_it(reading_run: Start, run_async: Run) -> None:
    """Four pages blank in one engine lead to one switch, not four."""
    run = reading_run(portal(unless(lambda portal: portal.environment.engine is Engine.FIREFOX, BLANK)))

    async def all_at_once() -> list[Any]:
        return list(await asyncio.gather(*(run.read_case(str(number)) for number in range(1, 5))))

    readings = run_async(all_at_once())

    assert [Verdict.OK] * 4 == [reading.verdict for reading in readings]
    assert ["renew chromium/desktop", "renew firefox/desktop"] == [
        line for line in run.portal.log if line.startswith("renew")
    ]


def test_a_page_that_another_climb_overtook_climbs_where_the_run_is_now(reading_run: Start, run_async: Run) -> None:
    """Its reloads in the context that is gone count for nothing; it is not taken back to the engine that was left."""
    bad_in_chromium = unless(lambda portal: portal.environment.engine is Engine.FIREFOX, BLANK, path="/case/1")
    bad_context = unless(lambda portal: portal.generation > 2, BLANK, path="/case/2")
    run = reading_run(portal(bad_in_chromium, bad_context))

    async def both() -> list[Any]:
        return list(await asyncio.gather(run.read_case("1"), run.read_case("2")))

    assert [Verdict.OK] * 2 == [reading.verdict for reading in run_async(both())]
    assert ["renew chromium/desktop", "renew firefox/desktop", "renew firefox/desktop"] == [
        line for line in run.portal.log if line.startswith("renew")
    ]


def test_a_reload_did_not_cure_what_another_climb_did(reading_run: Start, run_async: Run) -> None:
    """The row of a reload that a renewal overtook says so, and only the climber reports a recovery."""
    run = reading_run(portal(unless(lambda portal: portal.generation > 0, BLANK)))

    async def both() -> None:
        await asyncio.gather(run.read_case("1"), run.read_case("2"))

    run_async(both())

    cured = [(rung, result) for _, rung, _, result in run.attempts if result == "ok"]
    assert ([("fresh", "ok")], [recovery("reload", "reload", "fresh", cured_by="fresh")]) == (
        cured,
        run.reader.recoveries,
    )


def test_the_stop_switch_is_obeyed_before_the_next_request(reading_run: Start, run_async: Run) -> None:
    """Also in the middle of a climb: a wait of a minute is not sat out."""
    run = reading_run(portal(times(1, Trouble(verdict=Verdict.ERROR, retry_after=60.0))))

    def throw_the_switch(request: PageRequest, portal: ScriptedPortal) -> None:
        run.thrown.append(True)

    run.portal.faults.insert(0, throw_the_switch)
    with pytest.raises(StopRequested):
        run_async(run.read_case())

    assert (["/case/1"], []) == (run.portal.reads(), run.clock.slept)


def test_the_stop_switch_breaks_a_long_read_off(
    reading_run: Start, run_async: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that takes minutes is not waited for; what read it is told to leave."""
    monkeypatch.setattr(gate, "ASK_SECONDS", 0.01)
    run = reading_run(portal())
    left: list[bool] = []

    async def read(request: PageRequest) -> Any:
        run.thrown.append(True)
        try:
            await asyncio.Event().wait()
        finally:
            left.append(True)

    def begin() -> Any:
        run.portal.read = read  # type: ignore[method-assign]
        return run.read_case()

    with pytest.raises(StopRequested):
        run_async(begin())

    assert [True] == left


def test_a_challenge_in_place_of_a_file_ends_the_run(reading_run: Start, run_async: Run) -> None:
    """Nothing more is asked of the portal, and the account's condition is kept."""
    run = reading_run(portal())
    run.portal.download_errors = [PersonNeeded(ACCOUNT.name, "captcha", wanted="captcha")]

    with pytest.raises(PersonNeeded):
        run_async(run.reader.download(FILE))
    with pytest.raises(PersonNeeded):
        run_async(run.read_case())

    assert ["download a.pdf"] == run.portal.log
    assert AccountCondition.CHALLENGED is journal.account_state(run.database, ACCOUNT.name).condition


def test_pages_are_journalled_with_their_verdicts(reading_run: Start, run_async: Run) -> None:
    """Every look at a page is a row, the bad ones too, and all are counted by lane."""
    run = reading_run(portal(times(1, BLANK)))

    run_async(run.read_case())
    run.reader._logbook.flush()

    rows = [(row.url, row.verdict, row.engine) for row in journal.pages_of(run.database, run.run_id)]
    url = f"{BASE}/case/1"
    assert [(url, "blank", "chromium/desktop"), (url, "ok", "chromium/desktop")] == rows
    assert {"live": 2} == run.reader.pages
