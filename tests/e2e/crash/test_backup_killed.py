"""A backup killed with all its processes at every step that matters: what is there is whole, the next one finishes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mock_portal.pytest_plugin import PortalFactory
from storage import migrations
from storage.archive import iterate_cases
from storage.database import open_database
from storage.journal.audit import audit
from storage.journal.audit import list_audits
from tests.e2e.backup.truth_check import differences
from tests.e2e.crash.crash_home import CrashHome
from tests.e2e.crash.crash_home import Stall

OpenHome = Callable[..., CrashHome]

#: In the order in which a first backup passes them. The portal's stalls are answers that never come.
STEPS = {
    "making the archive": Stall("storage.migrations:migrate", "after"),
    "naming the archive": Stall("storage.opening:identity.establish", "before"),
    "signing in": Stall(fault={"kind": "slow", "path": "^/signin/code"}),
    "keeping the session": Stall("agent.portal.keeping:save_session", "before"),
    "listing": Stall(fault={"kind": "slow", "path": "^/cases\\?", "after": 2}),
    "between the tabs' notes": Stall("storage.archive:note_tab", "after", 2),
    "between list and plan": Stall("agent.backup.work:plan", "before"),
    "reading a case": Stall(fault={"kind": "slow", "path": "^/cases/\\d+", "after": 1}),
    "storing a case": Stall("storage.archive.ingest:write_cases", "after", 2),
    "fetching an attachment": Stall(fault={"kind": "slow", "path": "/attachments/"}),
    "writing a blob": Stall("storage.blobs:write_new", "after"),
    "between blob and row": Stall("agent.backup.attachments:attach", "before"),
    "between file and file": Stall("agent.backup.attachments:attach", "after"),
    "closing the run": Stall("storage.journal:finish_run", "before"),
    "giving the account back": Stall("storage.journal:release_account", "before"),
}
#: A portal whose cases do not say whose they are, so that they wait for the next page that does.
NAMELESS = """
[identity]
account_name = { css = ".case-log-page header .account-name", optional = true }
marketplace = { css = ".case-log-page header .account-marketplace", optional = true }
"""


@pytest.fixture
def open_home(tmp_path: Path, caselog_portal: PortalFactory) -> OpenHome:
    """Start a portal with few cases, and a home for its accounts."""

    def opened(profile: str = "", **settings: Any) -> CrashHome:
        # Codes of two seconds, so that a second sign-in need not wait for half a minute.
        portal = caselog_portal(**{"cases": 3, "otp_period": 2, "window_days": None, **settings})
        return CrashHome.at(portal, tmp_path / "home", profile=profile)

    return opened


def assert_whole(home: CrashHome) -> None:
    """The archive opens, keeps its promises, and holds no half of a case."""
    assert [] == home.damage()
    with home.archive() as database:
        stored = {case.record.case_id: case.record for case in iterate_cases(database)}
    told = {case["id"]: case for case in home.portal.truth()["cases"]}
    assert {case_id: (True, len(told[case_id]["messages"])) for case_id in stored} == {
        case_id: (record.complete, len(record.messages)) for case_id, record in stored.items()
    }


def assert_next_run_finishes(home: CrashHome, run_folder: Path) -> None:
    """The next run is complete, the archive equals the portal, and the dead run's processes and files are gone."""
    ran = home.run("backup", home.account, "--json")

    assert (0, "complete") == (ran.code, ran.value["runs"][0]["outcome"]), ran
    with home.archive() as database:
        assert [] == differences(database, home.account, home.portal.truth())
    assert [] == home.damage()
    assert [] == home.leftovers(run_folder)


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_backup_killed(open_home: OpenHome, step: str) -> None:
    """Nothing is half there, and the next run finishes the job."""
    home = open_home()

    run_folder = home.kill_at(STEPS[step], "backup", home.account)

    if step not in {"making the archive", "naming the archive"}:
        assert_whole(home)
    assert_next_run_finishes(home, run_folder)


@pytest.mark.long
@pytest.mark.parametrize(
    ("stall", "stored"),
    [
        (Stall("agent.backup.fetch:CaseFetcher.prove", "before"), 0),
        (Stall("storage.archive.ingest:write_cases", "after", 2), 1),
    ],
    ids=["before the second", "after it"],
)
def test_backup_killed_between_the_identity_reads(open_home: OpenHome, stall: Stall, stored: int) -> None:
    """Cases that do not say whose they are are stored once a page has, and not before."""
    home = open_home(NAMELESS)

    run_folder = home.kill_at(stall, "backup", home.account)

    assert_whole(home)
    with home.archive() as database:
        assert stored == len(list(iterate_cases(database)))
    assert_next_run_finishes(home, run_folder)


@pytest.mark.parametrize(
    "stall",
    [
        pytest.param(Stall("storage.archive:mark_absent", "before"), id="before the first", marks=pytest.mark.long),
        pytest.param(Stall("storage.archive:mark_absent", "after"), id="between two", marks=pytest.mark.long),
    ],
)
def test_backup_killed_while_absences_are_written(open_home: OpenHome, stall: Stall) -> None:
    """A case is marked or it is not, and the next run marks the rest."""
    home = open_home(cases=6)
    assert 0 == home.run("backup", home.account).code
    gone = sorted(case["id"] for case in home.portal.truth()["cases"])[:2]
    home.portal.advance(remove=gone)

    run_folder = home.kill_at(stall, "backup", home.account)
    assert [] == home.damage()
    ran = home.run("backup", home.account, "--json")

    assert (0, "complete") == (ran.code, ran.value["runs"][0]["outcome"]), ran
    with home.archive() as database:
        absent = {case.record.case_id for case in iterate_cases(database) if case.absent_since is not None}
        assert (set(gone), [f"extra {case_id}" for case_id in gone]) == (
            absent,
            differences(database, home.account, home.portal.truth()),
        )
    assert ([], []) == (home.damage(), home.leftovers(run_folder))


@pytest.mark.long
@pytest.mark.parametrize(
    "stall",
    [
        pytest.param(Stall("storage.database:open_database", "after", 2), id="copying"),
        pytest.param(Stall("storage.migrations:migrate", "after"), id="migrating"),
        pytest.param(Stall("storage.migrations:_drop_old_copies", "before"), id="tidying up"),
    ],
)
def test_upgrade_killed(open_home: OpenHome, stall: Stall) -> None:
    """The archive is the old one or the new one, every copy is whole, and the next upgrade and backup go on."""
    home = open_home()
    path = home.folder / "data" / "archive.sqlite3"
    make_old_archive(path)

    home.kill_at(stall, "archive", "upgrade")
    copies = [list_audits(open_database(copy)) for copy in path.parent.glob(f"{path.name}.before-*")]
    again = home.run("archive", "upgrade")

    assert 0 == again.code, again
    assert [REMEMBERED] * len(copies) == [[audit.subject for audit in audits] for audits in copies]
    with home.archive() as database:
        assert REMEMBERED == [audit.subject for audit in list_audits(database)]
    assert_next_run_finishes(home, home.folder / "no browsers")


#: What an old archive holds.
REMEMBERED = ["a decision"]


def make_old_archive(path: Path) -> None:
    database = open_database(path)
    with database.write() as connection:
        migrations.migrate(connection, f"{int(migrations.HEAD) - 1:04}")
    for subject in REMEMBERED:
        audit(database, actor="ann", action="noted", subject=subject, reason="", at=datetime(2026, 1, 1, tzinfo=UTC))
    database.close()
