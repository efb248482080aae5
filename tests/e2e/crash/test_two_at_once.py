"""Two commands on one account, and several processes on one archive."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.settings import PortalSettings
from tests.e2e.backup.truth_check import differences
from tests.e2e.command import Ran
from tests.e2e.crash.crash_home import CrashHome
from tests.e2e.crash.crash_home import Stall
from tests.e2e.crash.crash_home import kill_tree
from tests.e2e.crash.crash_home import wait_until
from tests.e2e.crash.replies import backed_up_home
from tests.e2e.crash.replies import posted
from tests.e2e.crash.replies import queue

#: `make test` shows the same within one process.
pytestmark = pytest.mark.long

BACKUP, SEND = ("backup",), ("outbox", "send")
#: Where the first command stands still, with the account in its hands.
INSIDE = {BACKUP: Stall("agent.backup.work:plan", "before"), SEND: Stall("storage.outbox:claim", "after")}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashHome]:
    yield from backed_up_home(PortalSettings(cases=12, window_days=None, otp_period=2), tmp_path_factory)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(BACKUP, BACKUP, id="backup, backup"),
        pytest.param(BACKUP, SEND, id="backup, send"),
        pytest.param(SEND, BACKUP, id="send, backup"),
        pytest.param(SEND, SEND, id="send, send"),
    ],
)
def test_second_command_of_an_account_refuses(
    home: CrashHome, request: pytest.FixtureRequest, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    """It says who holds the account and touches nothing; once that one is dead, the next command takes over."""
    text = f"Our reply while two commands run: {request.node.callspec.id}."
    _, case_id = queue(home, text)

    holder = home.start_to(INSIDE[first], *first, home.account)
    asked = len(home.portal.requests()["requests"])
    refused = home.run(*second, home.account)
    asked_by_second = home.portal.requests()["requests"][asked:]
    kill_tree(holder)
    after = home.run("outbox", "send", home.account)

    assert (7, []) == (refused.code, asked_by_second), refused
    assert f"Another process works on the account {home.account}." in refused.out
    assert f"{' '.join(first)}: process {holder.pid} on " in refused.out
    assert 0 == after.code, after
    assert [(text, ["invoice.pdf"])] == posted(home, case_id)
    assert [] == home.damage()


def test_many_processes_share_an_archive(tmp_path: Path, caselog_portal: PortalFactory) -> None:
    """Two accounts are backed up while others search, export, write replies and ask for the status: nobody fails."""
    portal = caselog_portal(cases=8, otp_period=2, window_days=None, latency_ms=50)
    home = CrashHome.at(portal, tmp_path / "home")
    accounts = [account.name for account in portal.ready.accounts[:2]]
    case_id = portal.truth()["cases"][0]["id"]

    backups = [home.start("backup", account) for account in accounts]
    wait_until(lambda: bool(portal.requests()["requests"]), backups[0])
    with ThreadPoolExecutor(4) as pool:
        rounds = [
            pool.submit(repeat, home, backups, *command)
            for command in (
                ("cases", "search", "refund"),
                ("export", "jsonl", "-"),
                ("status", "--json"),
                ("outbox", "add", accounts[0], case_id, "--text", "A draft among many.", "--again"),
            )
        ]
        ran = [each for one in rounds for each in one.result()]
    ends = [(backup.communicate(), backup.returncode)[1] for backup in backups]

    assert ([0, 0], {0}) == (ends, {each.code for each in ran}), [each for each in ran if each.code]
    assert [] == [each for each in ran if "locked" in each.out + each.err]
    with home.archive() as database:
        assert [[], []] == [differences(database, account, portal.truth(account)) for account in accounts]
    assert [] == home.damage()


def repeat(home: CrashHome, beside: list[subprocess.Popen[bytes]], *command: str) -> list[Ran]:
    """Run the command again and again until the processes beside it have ended."""
    ran = [home.run(*command)]
    while any(process.poll() is None for process in beside):
        ran.append(home.run(*command))
    return ran
