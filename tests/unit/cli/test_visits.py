"""A command that visits several accounts: what one of them meets, what Ctrl-C leaves out, and the stop switch."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
from collections.abc import AsyncIterator
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.backup import run as backing_up
from agent.backup.outcome import Counts
from agent.backup.outcome import Outcome
from agent.cli import browsers
from agent.cli import looking_in
from agent.cli import workplace
from agent.cli.browsers import Launched
from agent.cli.demo import story
from agent.cli.interrupts import Interrupts
from agent.cli.plain_reading import PlainReader
from agent.delivery import run as delivering
from agent.delivery.send import SendOutcome
from agent.errors import Interrupted
from agent.recovery.stop import StopToken
from storage.database import Database
from storage.erasure import stubs
from storage.errors import NotFound
from storage.journal import RunOutcome

Runner = Callable[..., Any]


class Place:
    """Where no browser is. A visit of an account does what is scripted for it."""

    def __init__(self) -> None:
        self.entered = 0
        self.visits: dict[str, Callable[[], None]] = {}
        self.visited: list[str] = []

    def stop_token(self, account: str) -> StopToken:
        return StopToken(account)

    def backup(self, settings: Any, **_how: Any) -> str:
        return str(settings.name)

    sending = backup

    async def visit(self, account: str) -> None:
        self.visited.append(account)
        self.visits.get(account, lambda: None)()
        await asyncio.sleep(0)  # a signal is what the loop does next

    async def run_backup(self, account: str, _options: object) -> Outcome:
        await self.visit(account)
        return Outcome(
            run_id="r1",
            account=account,
            scope="all",
            outcome=RunOutcome.COMPLETE,
            certificates={},
            counts=Counts(),
            pages={},
            recoveries=(),
            engine="chromium",
            seconds=1.0,
        )

    async def run_send(self, account: str) -> SendOutcome:
        await self.visit(account)
        return SendOutcome(account)

    async def look_in(self, _place: object, settings: Any, **_how: Any) -> looking_in.Looked:
        await self.visit(settings.name)
        raise NotFound("listing", "none")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place()

    @asynccontextmanager
    async def opened(*_: object, **_how: object) -> AsyncIterator[Place]:
        made.entered += 1
        yield made

    async def launched(_call: object) -> Launched:
        return Launched((), {})

    monkeypatch.setattr(workplace, "workplace", opened)
    monkeypatch.setattr(browsers, "launch_each", launched)
    monkeypatch.setattr(backing_up, "run_backup", made.run_backup)
    monkeypatch.setattr(delivering, "run_send", made.run_send)
    monkeypatch.setattr(delivering, "has_work", lambda *_: True)
    monkeypatch.setattr(looking_in, "look_in", made.look_in)
    return made


def press() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("command", "key", "code"), [("backup", "runs", 20), ("outbox send", "accounts", 20)])
def test_ctrl_c_leaves_no_account_out_silently(
    caselog: Runner, place: Place, command: str, key: str, code: int
) -> None:
    """One that was not begun is named, and the exit code is never that of a whole round."""
    place.visits["main"] = press

    ran = caselog(*command.split(), "--json")

    skipped = [{"account": "other", "reason": "interrupted by Ctrl-C"}]
    assert (code, ["main"], skipped) == (ran.code, [each["account"] for each in ran.value[key]], ran.value["skipped"])


@pytest.mark.usefixtures("database")
def test_ctrl_c_while_accounts_are_checked(caselog: Runner, place: Place) -> None:
    """People read which accounts were not looked at."""
    place.visits["main"] = press

    ran = caselog("accounts", "check")

    assert (["main"], "other: not begun; interrupted by Ctrl-C") == (place.visited, ran.out.splitlines()[-1])


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("command", [("backup",), ("outbox", "send"), ("accounts", "check")], ids=" ".join)
@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("broken"), 1), (NotFound("case", "100"), 2)], ids=["bug", "archive error"]
)
def test_trouble_of_one_account_keeps_no_other(
    *, caselog: Runner, place: Place, configured: Path, command: tuple[str, ...], error: Exception, code: int
) -> None:
    """Whatever it is, it is that account's result; a bug's details are in the log."""

    def trip() -> None:
        raise error

    place.visits["main"] = trip

    value = caselog(*command, "--json").value

    first = (value.get("runs") or value["accounts"])[0]
    log = (configured / "state" / "caselog.log.jsonl").read_text(encoding="utf-8")
    traces = [event["account"] for event in map(json.loads, log.splitlines()) if "Traceback" in str(event)]
    assert (code, ["main", "other"]) == (first["error"]["exit_code"], place.visited)
    assert (["main"] if code == 1 else []) == traces


@pytest.mark.usefixtures("database")
def test_full_disk_ends_the_round_and_tells_what_was_done(caselog: Runner, place: Place) -> None:
    """Nothing more could be stored; what finished before is told all the same."""

    def fill() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    place.visits["other"] = fill

    ran = caselog("backup", "main", "other", "main", "--json")
    place.visits["main"] = fill
    first = caselog("backup", "--json")

    assert (5, [("main", None), ("other", 5)], []) == (
        ran.code,
        [(run["account"], run.get("error", {}).get("exit_code")) for run in ran.value["runs"]],
        ran.value["skipped"],
    )
    assert (5, [{"account": "other", "reason": "the archive cannot be used"}]) == (first.code, first.value["skipped"])


@pytest.mark.usefixtures("database")
def test_erased_account_is_told_to_be_left_out(caselog: Runner, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails no backup of the others; where nothing else is left to back up, this is no success."""
    erased = {"other"}
    monkeypatch.setattr(stubs, "erased_account", lambda _database, name: name if name in erased else None)
    one = caselog("backup", "--json")
    erased.add("main")
    none = caselog("backup", "--json")

    told = [
        {"account": name, "reason": f"erased; to have it again: caselog backup {name}"} for name in ("main", "other")
    ]
    assert (0, ["main"], told[1:]) == (one.code, [run["account"] for run in one.value["runs"]], one.value["skipped"])
    assert (20, {"runs": [], "skipped": told}) == (none.code, none.value)


@pytest.mark.parametrize(
    "command",
    [
        "backup",
        "login main --headed",
        "accounts check",
        "outbox send",
        "verify --live main",
        "doctor --live main --headed",
        "profile check django-helpdesk --live main",
    ],
)
def test_stop_switch_is_read_before_a_browser_starts(
    caselog: Runner, database: Database, place: Place, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """No command that touches a portal opens anything while the switch is on, a window for a person neither."""
    monkeypatch.setenv("CASELOG_ACCOUNTS__MAIN__SESSION_KEY", '{"env": "KEY"}')
    caselog("stop")

    assert (15, 0) == (caselog(*command.split()).code, place.entered)


def test_ctrl_c_before_there_is_what_to_finish_is_not_lost() -> None:
    """Pressed while browsers start, it ends the run that begins then."""
    stop = StopToken("main")
    interrupts = Interrupts(lambda _line: None)

    async def work() -> bool:
        press()
        await asyncio.sleep(0)
        interrupts.finish_by(stop.finish)
        return stop.finishing

    assert interrupts.run(work())


@pytest.mark.usefixtures("place")
def test_ctrl_c_ends_the_demo(caselog: Runner, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It finishes the backup in hand and begins no other step."""
    monkeypatch.setattr(story, "run_backup", place.run_backup)
    place.visits["main"] = press
    monkeypatch.setattr(Place, "backup", lambda *_, **_how: "main")

    ran = caselog("demo", "--dir", str(tmp_path / "demo"), "--cases", "20", "--json")

    assert (20, ["main"], 20) == (ran.code, place.visited, ran.value["error"]["exit_code"])


def test_no_page_is_read_after_ctrl_c() -> None:
    """Trying a profile ends before the next page; without it the portal would be asked."""
    stop = StopToken("main")
    stop.finish()
    asked: Any = None  # a portal that is asked would be missed

    with pytest.raises(Interrupted):
        asyncio.run(PlainReader(asked, asked, asked, stop).read(asked))


@pytest.mark.usefixtures("database", "place")
def test_live_check_of_nothing_is_no_success(caselog: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the archive holds no case of the account, nothing was compared, and the next step is a backup."""
    from agent.backup import live_check as checking
    from agent.cli import live_check

    async def nothing(*_: object, **_how: object) -> checking.LiveCheck:
        return checking.LiveCheck(run_id="r1", sample=(), compared=())

    monkeypatch.setattr(live_check, "check_live", nothing)

    ran = caselog("verify", "--live", "main")

    assert (20, True) == (ran.code, "Next: caselog backup main" in ran.out)


def test_replies_of_an_account_without_a_section_are_told(
    caselog: Runner, configured: Path, archived: Callable[..., None], make_case: Callable[..., Any], place: Place
) -> None:
    """What waits to be sent for an account that was taken out of the configuration is no empty queue."""
    archived(make_case())
    text = (configured / "caselog.toml").read_text(encoding="utf-8")
    (configured / "caselog.toml").write_text(text.replace("[accounts.main]", "[accounts.renamed]"), encoding="utf-8")

    ran = caselog("outbox", "send", "--json")

    told = {each["account"]: each.get("error", {}).get("where") for each in ran.value["accounts"]}
    missing = ["accounts.main: is not configured, but replies of it are not settled"]
    assert (3, {"renamed": None, "other": None, "main": missing}) == (ran.code, told)
