"""Whole backup runs over a scripted portal and a real archive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.backup.absence import Losses
from agent.errors import DriftedPage
from agent.errors import NoEngine
from agent.errors import PersonNeeded
from agent.errors import PortalUnreachable
from agent.errors import RecoveryExhausted
from agent.errors import StopRequested
from agent.errors import SuspiciousShrink
from agent.errors import WrongAccount
from agent.extract.reading import Identity
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.protocol import Download
from agent.recovery.stop import StopToken
from storage import archive
from storage import journal
from storage.archive import ChangeEvent
from storage.blobs import blobs_of
from storage.journal import RunOutcome
from storage.records import AttachmentRef
from storage.records import CaseRef
from storage.records import CaseStatus
from storage.records import Tab
from tests.unit.backup.backup_house import House
from tests.unit.backup.backup_house import everywhere
from tests.unit.backup.backup_house import some_cases
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import BASE
from tests.unit.recovery.scripted_portal import NOON
from tests.unit.recovery.scripted_portal import OURS
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import Trouble
from tests.unit.recovery.scripted_portal import message
from tests.unit.recovery.scripted_portal import times
from tests.unit.recovery.scripted_portal import unless

Build = Callable[[ScriptedPortal], House]
Run = Callable[..., Any]

LONG_AGO = NOON - timedelta(days=90)


def test_the_first_run_archives_everything(house: Build, run_async: Run) -> None:
    """The object that is reported says what was seen, proved and read."""
    home = house(ScriptedPortal(some_cases(3), signed_in=False))

    outcome = run_async(home.run())

    assert {
        "account": "acme",
        "scope": "all",
        "outcome": "complete",
        "certificate": {
            "all": {"listed": 3, "total": 3, "ok": True},
            "mine": {"listed": 3, "total": 3, "ok": True},
            "attention": {"listed": 0, "total": 0, "ok": True},
            "filtered": {"listed": 3, "total": 3, "ok": True},
        },
        "cases": {"seen": 3, "new": 3, "changed": 0, "unchanged": 0, "absent": 0},
        "erased": 0,
        "messages": 3,
        "attachments": 0,
        "pages": {"live": 12, "fetch": 0, "json": 0},
        "recoveries": [],
        "engine": "chromium",
        "missed": [],
    } == {key: value for key, value in outcome.to_json().items() if key not in {"run_id", "seconds"}}
    assert ["Hello"] == home.bodies("2")
    assert home.portal.closed


def test_the_journal_keeps_what_was_reported(house: Build, run_async: Run) -> None:
    """The run's row has the outcome, the numbers and a certificate for each tab."""
    home = house(ScriptedPortal(some_cases(2)))

    outcome = run_async(home.run())

    run = journal.get_run(home.database, outcome.run_id)
    assert (RunOutcome.COMPLETE, outcome.to_json()) == (run.outcome, run.numbers)
    assert tuple(outcome.certificates.values()) == journal.certificates_of(home.database, outcome.run_id)


def test_a_second_run_finds_nothing_new(house: Build, run_async: Run) -> None:
    """Everything is read again where rows prove nothing, and nothing has changed."""
    home = house(ScriptedPortal(some_cases(3)))
    run_async(home.run())

    outcome = run_async(home.run())

    assert (3, 0, 0, 3) == (
        outcome.counts.seen,
        outcome.counts.new,
        outcome.counts.changed,
        outcome.counts.unchanged,
    )


def test_a_message_that_does_not_change_its_row_is_found(house: Build, run_async: Run) -> None:
    """Where a list row proves nothing, an open case is read in every run."""
    home = house(ScriptedPortal(some_cases(3)))
    run_async(home.run())
    row = home.portal.cases[1].summary()
    home.portal.cases[1].messages.append(message(2, body="And another thing"))

    outcome = run_async(home.run())

    assert row == home.portal.cases[1].summary()
    assert 1 == outcome.counts.changed
    assert ["Hello", "And another thing"] == home.bodies("2")


def test_resting_cases_are_left_where_a_row_tells(house: Build, run_async: Run) -> None:
    """With a column that changes with every message only the changed case is read."""
    home = house(ScriptedPortal(some_cases(3, updated_at=LONG_AGO)))
    home.row_changes_with_message = True
    run_async(home.run())
    home.portal.cases[0].messages.append(message(2))
    home.portal.cases[0].updated_at = NOON

    outcome = run_async(home.run())

    assert ["/case/1"] == home.case_reads()
    assert (1, 2) == (outcome.counts.changed, outcome.counts.unchanged)


def test_the_fingerprint_is_the_one_from_before_the_thread_was_read(house: Build, run_async: Run) -> None:
    """A message that arrives between list and thread shows in the next list as a change, not as known."""
    home = house(ScriptedPortal(some_cases(1, updated_at=LONG_AGO)))
    home.row_changes_with_message = True

    def moves_on(request: PageRequest, portal: ScriptedPortal) -> None:
        if request.kind is PageKind.CASE:
            portal.cases[0].updated_at = NOON

    home.portal.faults.append(moves_on)
    run_async(home.run())
    home.portal.faults.clear()

    run_async(home.run())

    assert ["/case/1"] == home.case_reads()


def test_attachments_are_fetched_once(house: Build, run_async: Run) -> None:
    """The content lies in the blobs under its hash, and the next run does not ask for it again."""
    file = AttachmentRef(name="a.pdf", url=f"{BASE}/file/1")
    home = house(ScriptedPortal([ScriptedCase("1", messages=[message(attachments=(file,))])]))
    home.portal.files[f"{BASE}/file/1"] = b"PDF"

    first = run_async(home.run())
    downloads = [line for line in home.portal.log if line.startswith("download")]
    run_async(home.run())

    assert (1, ["download a.pdf"]) == (first.counts.attachments, downloads)
    assert [] == [line for line in home.portal.log if line.startswith("download")]
    assert () == archive.pending_files(home.database, ACCOUNT.name)


def test_a_content_that_the_disk_lost_is_fetched_again(house: Build, run_async: Run) -> None:
    """Even of a case that rests; another file under its name is not taken for it, and the run says so."""
    file = AttachmentRef(name="a.pdf", url=f"{BASE}/file/1")
    case = ScriptedCase("1", messages=[message(attachments=(file,))], status=CaseStatus.CLOSED, updated_at=LONG_AGO)
    home = house(ScriptedPortal([case]))
    home.portal.files[f"{BASE}/file/1"] = b"PDF"
    run_async(home.run())
    store = blobs_of(home.database)
    (held,) = store

    store.path(held).unlink()
    home.portal.files[f"{BASE}/file/1"] = b"another"
    other = run_async(home.run())
    home.portal.files[f"{BASE}/file/1"] = b"PDF"
    again = run_async(home.run())

    assert (RunOutcome.PARTIAL, ("case 1: attachment a.pdf",)) == (other.outcome, other.missed)
    assert (RunOutcome.COMPLETE, [held]) == (again.outcome, list(store))


def test_a_failed_attachment_makes_the_run_partial_and_is_tried_again(house: Build, run_async: Run) -> None:
    """The message is stored all the same; the next run fetches the file, even of a case that rests."""
    file = AttachmentRef(name="a.pdf", url=f"{BASE}/file/1")
    case = ScriptedCase("1", messages=[message(attachments=(file,))], status=CaseStatus.CLOSED, updated_at=LONG_AGO)
    home = house(ScriptedPortal([case]))

    first = run_async(home.run())
    home.portal.files[f"{BASE}/file/1"] = b"PDF"
    second = run_async(home.run())

    assert (RunOutcome.PARTIAL, ("case 1: attachment a.pdf",)) == (first.outcome, first.missed)
    assert ["Hello"] == home.bodies("1")
    assert RunOutcome.COMPLETE is second.outcome


def test_an_attachment_is_tried_again_at_the_end_of_the_run(house: Build, run_async: Run) -> None:
    """A session that ended under the last download of all is signed in again, and then the file comes."""
    file = AttachmentRef(name="a.pdf", url=f"{BASE}/file/1")
    home = house(ScriptedPortal([ScriptedCase("1", messages=[message(attachments=(file,))])]))
    home.portal.files[f"{BASE}/file/1"] = b"PDF"
    download = home.portal.download
    sessions = [False]

    async def signed_out_at_first(attachment: AttachmentRef) -> Download:
        if sessions:
            home.portal.signed_in = sessions.pop()
        return await download(attachment)

    home.portal.download = signed_out_at_first  # type: ignore[method-assign]  # the portal changes its mind in mid-run
    outcome = run_async(home.run())

    assert (RunOutcome.COMPLETE, ()) == (outcome.outcome, outcome.missed)
    assert 1 == home.portal.log.count("sign in")


def test_a_single_blank_case_makes_the_run_partial(house: Build, run_async: Run) -> None:
    """All others are stored; the report says which case is missing and what was tried."""
    home = house(ScriptedPortal(some_cases(3), faults=[unless(lambda portal: False, Trouble(), path="/case/2")]))

    outcome = run_async(home.run())

    assert (RunOutcome.PARTIAL, ("case 2: blank",)) == (outcome.outcome, outcome.missed)
    assert ["1", "3"] == sorted(home.states())
    assert [f"{BASE}/case/2"] == [recovery.url for recovery in outcome.recoveries]


def test_a_blank_list_fails_the_run(house: Build, run_async: Run) -> None:
    """Nothing is stored, and the error says so with its evidence."""
    home = house(ScriptedPortal(some_cases(3), faults=[unless(lambda portal: False, Trouble(), path="/list/mine")]))

    outcome = run_async(home.run())

    assert isinstance(outcome.error, RecoveryExhausted)
    assert (RunOutcome.FAILED, {}) == (outcome.outcome, home.states())
    assert RunOutcome.FAILED is journal.get_run(home.database, outcome.run_id).outcome


def test_a_list_that_cannot_be_trusted_gives_no_certificate(house: Build, run_async: Run) -> None:
    """Rows that move between pages for ever: everything seen is stored, the run is partial, nobody is absent."""
    home = house(ScriptedPortal(some_cases(12)))
    run_async(home.run())

    def keeps_moving(request: PageRequest, portal: ScriptedPortal) -> None:
        if request.tab is Tab.FILTERED:
            portal.cases.append(portal.cases.pop(0))
            portal.cases[0].listed ^= {Tab.FILTERED}

    home.portal.faults.append(keeps_moving)
    outcome = run_async(home.run())

    assert not outcome.certificates[Tab.FILTERED].ok
    assert (RunOutcome.PARTIAL, 0) == (outcome.outcome, outcome.counts.absent)


def test_a_case_removed_from_page_two_while_page_three_is_read_is_not_absent(house: Build, run_async: Run) -> None:
    """Its removal moves another case over a page border: the total tells, the tab is listed again, nobody is lost."""
    home = house(ScriptedPortal(some_cases(9), page_size=3))
    run_async(home.run())
    removed: list[ScriptedCase] = []

    def removes(request: PageRequest, portal: ScriptedPortal) -> None:
        if request.tab is Tab.FILTERED and request.number == 3 and not removed:
            removed.append(portal.cases[4])
            portal.cases[4].listed = set()

    home.portal.faults.append(removes)
    outcome = run_async(home.run())

    assert ["5"] == [case.case_id for case in removed]
    assert (True, 8) == (outcome.certificates[Tab.FILTERED].ok, outcome.certificates[Tab.FILTERED].listed)
    assert [] == [state for state in home.states().values() if state.absent_since is not None]
    ref = CaseRef(account=ACCOUNT.name, case_id="5")
    assert (Tab.ALL, Tab.MINE) == archive.get_case(home.database, ref).tabs
    # The next run, in which no list has it, asks its own link.
    following = run_async(home.run())
    assert [("5", ChangeEvent.CASE_UNLISTED)] == [
        (change.ref.case_id, change.event) for change in archive.read_changes(home.database, run_id=following.run_id)
    ]


def test_a_case_that_is_gone_is_marked_and_kept(house: Build, run_async: Run) -> None:
    """Its own link does not open; its messages stay in the archive."""
    home = house(ScriptedPortal(some_cases(3)))
    run_async(home.run())
    home.portal.cases[1].listed = set()
    home.portal.cases[1].exists = False

    outcome = run_async(home.run())

    assert (RunOutcome.COMPLETE, 1) == (outcome.outcome, outcome.counts.absent)
    assert [ChangeEvent.CASE_GONE] == [
        change.event for change in archive.read_changes(home.database, run_id=outcome.run_id)
    ]
    assert ["Hello"] == home.bodies("2")


def test_an_absence_is_told_once_and_a_return_is_noticed(house: Build, run_async: Run) -> None:
    """The second run without the case has no news; when it is listed again that is a change."""
    home = house(ScriptedPortal(some_cases(3)))
    run_async(home.run())
    home.portal.cases[1].listed = set()
    run_async(home.run())

    again = run_async(home.run())
    home.portal.cases[1].listed = everywhere()
    back = run_async(home.run())

    assert (0, RunOutcome.COMPLETE) == (again.counts.absent, again.outcome)
    events = [change.event for change in archive.read_changes(home.database, run_id=back.run_id)]
    assert [ChangeEvent.CASE_RETURNED] == events
    assert home.states()["2"].absent_since is None


def test_many_cases_that_go_at_once_are_an_outage(house: Build, run_async: Run) -> None:
    """Nobody is marked and no link is opened; the next run, with the cases back, is as if nothing had been."""
    home = house(ScriptedPortal(some_cases(30)))
    run_async(home.run())
    for case in home.portal.cases[:5]:
        case.listed = set()

    outcome = run_async(home.run())

    assert (0, ("outage: too many cases went at once",)) == (outcome.counts.absent, outcome.missed)
    assert RunOutcome.PARTIAL is outcome.outcome


def test_outage_of_several_accounts(house: Build, run_async: Run) -> None:
    """A loss that alone would be believed is not, when another account of the same portal lost many just before."""
    home = house(ScriptedPortal(some_cases(30)))
    run_async(home.run())
    for case in home.portal.cases[:4]:
        case.listed = set()
    home.losses.add(8, 30)

    together = run_async(home.run())
    home.losses = Losses()
    alone = run_async(home.run())

    assert (0, ("outage: too many cases went at once",)) == (together.counts.absent, together.missed)
    assert (4, ()) == (alone.counts.absent, alone.missed)


def test_a_shrunken_history_tab_stops_the_run(house: Build, run_async: Run) -> None:
    """Both a count and a share are lost: no case is read, nobody is absent; a person can accept it."""
    home = house(ScriptedPortal(some_cases(30)))
    run_async(home.run())
    for case in home.portal.cases[:12]:
        case.listed = set()

    refused = run_async(home.run())
    reads = home.case_reads()
    accepted = run_async(home.run(accept_shrink=True))

    assert isinstance(refused.error, SuspiciousShrink)
    assert ("filtered", 30, 18) == (refused.error.tab, refused.error.before, refused.error.now)
    assert [] == reads
    assert (12, RunOutcome.COMPLETE) == (accepted.counts.absent, accepted.outcome)


def test_an_interrupted_run_is_no_way_past_the_shrink_guard(house: Build, run_async: Run) -> None:
    """Ctrl-C while the list is read: what a certified tab lost is refused all the same, this night and the next."""
    home = house(ScriptedPortal(some_cases(30)))
    run_async(home.run())
    for case in home.portal.cases[:12]:
        case.listed = set()
    asked = 0

    def interrupt(request: PageRequest, portal: ScriptedPortal) -> None:
        nonlocal asked
        asked += request.tab is Tab.FILTERED
        if asked == 3:  # two pages, and the head again
            home.stop.finish()

    home.portal.faults.append(interrupt)
    interrupted = run_async(home.run())
    home.portal.faults.clear()
    home.stop = StopToken(ACCOUNT.name)
    following = run_async(home.run())

    assert interrupted.certificates[Tab.FILTERED].ok
    assert [SuspiciousShrink] * 2 == [type(interrupted.error), type(following.error)]
    assert 30 == journal.last_certificates(home.database, ACCOUNT.name)[Tab.FILTERED].listed


def test_a_run_of_one_tab_is_never_complete(house: Build, run_async: Run) -> None:
    """It has a scope, marks nobody as absent and reads only that tab."""
    home = house(ScriptedPortal(some_cases(3)))
    run_async(home.run())
    home.portal.cases[1].listed = set()

    outcome = run_async(home.run(tab=Tab.ALL))

    assert ("tab:all", RunOutcome.PARTIAL, True) == (outcome.scope, outcome.outcome, outcome.whole)
    assert (2, 0) == (outcome.counts.seen, outcome.counts.absent)
    assert {Tab.ALL} == set(outcome.certificates)


def test_a_run_of_one_case_reads_that_case(house: Build, run_async: Run) -> None:
    """Of the lists only the header is read, where the case's page says everything else."""
    home = house(ScriptedPortal(some_cases(3)))

    outcome = run_async(home.run(case_id="2"))

    assert ["/list/all?page=1", "/case/2"] == home.portal.reads()
    assert (["2"], True) == (sorted(home.states()), outcome.whole)


def test_a_single_case_lies_between_two_headers(house: Build, run_async: Run) -> None:
    """Its page shows no account: another one that was switched away from after it was read leaves nothing behind."""
    identities = {1: Identity("Acme Store", "DE"), 3: OURS}
    home = house(ScriptedPortal(some_cases(3), header=lambda request: identities.get(len(home.portal.reads()))))

    outcome = run_async(home.run(case_id="2"))

    assert isinstance(outcome.error, WrongAccount)
    assert (["/list/all?page=1"], []) == (home.portal.reads(), sorted(home.states()))


def test_a_single_case_is_looked_up_where_its_row_is_needed(house: Build, run_async: Run) -> None:
    """The tabs are gone through only until the row is found."""
    home = house(ScriptedPortal(some_cases(6), page_size=2))
    home.portal.case_needs_row = True

    run_async(home.run(case_id="3"))

    assert ["/list/all?page=1", "/list/all?page=1", "/list/all?page=2", "/case/3"] == home.portal.reads()


def test_full_reads_every_case(house: Build, run_async: Run) -> None:
    """Also those that a row proves to be unchanged."""
    home = house(ScriptedPortal(some_cases(3, updated_at=LONG_AGO)))
    home.row_changes_with_message = True
    run_async(home.run())

    run_async(home.run(full=True))

    assert ["/case/1", "/case/2", "/case/3"] == sorted(home.case_reads())


def test_cases_that_cannot_be_read_do_not_hold_up_the_rotation(house: Build, run_async: Run) -> None:
    """The journal knows that they were tried: the next run's turns begin with the others."""
    home = house(ScriptedPortal(some_cases(30, status=CaseStatus.CLOSED, updated_at=LONG_AGO), page_size=100))
    home.portal.clock = home.clock
    run_async(home.run())
    home.clock.advance(90 * 86400)

    home.portal.faults.append(unless(lambda portal: False, Trouble(verdict=Verdict.GONE), path="/case/"))
    run_async(home.run())
    in_vain = set(home.case_reads())
    run_async(home.run())

    assert 20 == len(in_vain)
    assert 30 == len(in_vain.union(home.case_reads()))


def test_pages_without_a_header_wait_for_the_next_one(house: Build, run_async: Run) -> None:
    """Cases whose pages do not show the account are stored after a header was read again, twenty at a time."""
    lists_only = lambda request: OURS if request.kind is PageKind.LIST else None  # noqa: E731
    home = house(ScriptedPortal(some_cases(25), header=lists_only, page_size=100))
    home.at_once = 1

    outcome = run_async(home.run())

    reads = home.portal.reads()
    assert (RunOutcome.COMPLETE, 25) == (outcome.outcome, len(home.states()))
    headers = [index for index, path in enumerate(reads) if path == "/list/all?page=1"]
    # All four tabs with their heads are eight pages, two of them this one.
    assert [0, 1, 8 + 20, 8 + 20 + 1 + 5] == headers


def test_a_switched_account_loses_only_what_was_not_proven(house: Build, run_async: Run) -> None:
    """Another tab of the same browser switches the marketplace: what was read since the last header is not stored."""
    switched: list[bool] = []

    def header(request: PageRequest) -> Identity | None:
        if request.kind is PageKind.CASE:
            return None
        return Identity("Acme Store", "DE") if switched else OURS

    home = house(ScriptedPortal(some_cases(30), header=header, page_size=100))
    home.at_once = 1

    def switch(request: PageRequest, portal: ScriptedPortal) -> None:
        if request.url.endswith("/case/25"):
            switched.append(True)

    home.portal.faults.append(switch)
    outcome = run_async(home.run())

    assert isinstance(outcome.error, WrongAccount)
    assert ("Acme Store, US", "Acme Store, DE") == (outcome.error.expected, outcome.error.found)
    assert 20 == len(home.states())


def test_an_absence_lies_between_two_headers_too(house: Build, run_async: Run) -> None:
    """A case that "does not exist" in somebody else's account is not gone."""
    switched: list[bool] = []

    def header(request: PageRequest) -> Identity | None:
        return Identity("Acme Store", "DE") if switched else OURS

    home = house(ScriptedPortal(some_cases(3), header=header))
    run_async(home.run())
    home.portal.cases[1].listed = set()
    home.portal.cases[1].exists = False

    def switch(request: PageRequest, portal: ScriptedPortal) -> Trouble | None:
        if not request.url.endswith("/case/2"):
            return None
        switched.append(True)
        return Trouble(verdict=Verdict.GONE)

    home.portal.faults.append(switch)
    outcome = run_async(home.run())

    assert isinstance(outcome.error, WrongAccount)
    assert home.states()["2"].absent_since is None


def test_a_portal_that_never_names_the_account_stores_nothing(house: Build, run_async: Run) -> None:
    """Not even the lists are noted."""
    home = house(ScriptedPortal(some_cases(3), header=lambda request: None))

    outcome = run_async(home.run())

    assert isinstance(outcome.error, WrongAccount)
    assert ({}, ()) == (home.states(), journal.certificates_of(home.database, outcome.run_id))


def test_a_challenge_in_mid_run_keeps_what_was_stored(house: Build, run_async: Run) -> None:
    """The run has failed with its reason; the cases before it are whole."""
    challenge = Trouble(verdict=Verdict.CHALLENGE, reason="captcha")
    home = house(ScriptedPortal(some_cases(5), faults=[times(1, challenge, path="/case/3")]))
    home.at_once = 1

    outcome = run_async(home.run())

    assert isinstance(outcome.error, PersonNeeded)
    assert (RunOutcome.FAILED, ["1", "2"]) == (outcome.outcome, sorted(home.states()))
    assert "/case/3" == home.portal.reads()[-1]


def test_the_first_stop_finishes_the_case_in_hand(house: Build, run_async: Run) -> None:
    """Ctrl-C once: the case being read is stored, no other begins, the run is closed as partial."""
    home = house(ScriptedPortal(some_cases(5)))
    home.at_once = 1

    def interrupt(request: PageRequest, portal: ScriptedPortal) -> None:
        if request.url.endswith("/case/2"):
            home.stop.finish()

    home.portal.faults.append(interrupt)
    outcome = run_async(home.run())

    assert (RunOutcome.PARTIAL, ["1", "2"], ("ended early",)) == (
        outcome.outcome,
        sorted(home.states()),
        outcome.missed,
    )
    assert outcome.error is None


def test_a_stop_while_listing_marks_nobody_absent(house: Build, run_async: Run) -> None:
    """Half a list is no list."""
    home = house(ScriptedPortal(some_cases(6), page_size=2))
    run_async(home.run())

    def interrupt(request: PageRequest, portal: ScriptedPortal) -> None:
        if request.tab is Tab.FILTERED and request.number == 2:
            home.stop.finish()

    home.portal.faults.append(interrupt)
    outcome = run_async(home.run())

    assert (0, [], RunOutcome.PARTIAL) == (outcome.counts.absent, home.case_reads(), outcome.outcome)


def test_the_stop_switch_ends_the_run_within_one_action(house: Build, run_async: Run) -> None:
    """Nothing is requested after it, and the error is its own."""
    home = house(ScriptedPortal(some_cases(5)))
    home.at_once = 1
    thrown: list[bool] = []
    home.stop = type(home.stop)(ACCOUNT.name, lambda: bool(thrown))

    def throw(request: PageRequest, portal: ScriptedPortal) -> None:
        if request.url.endswith("/case/2"):
            thrown.append(True)

    home.portal.faults.append(throw)
    outcome = run_async(home.run())

    assert isinstance(outcome.error, StopRequested)
    assert (RunOutcome.PARTIAL, "/case/2") == (outcome.outcome, home.portal.reads()[-1])


def test_a_cancelled_run_is_closed_as_interrupted(house: Build, run_async: Run) -> None:
    """Ctrl-C twice: the journal does not keep an open run, and the account is free."""
    home = house(ScriptedPortal(some_cases(5)))
    home.at_once = 1

    async def cancel_in_mid_run() -> None:
        task = asyncio.ensure_future(home.run())

        def cancel(request: PageRequest, portal: ScriptedPortal) -> None:
            if request.url.endswith("/case/3"):
                task.cancel()

        home.portal.faults.append(cancel)
        await task

    with pytest.raises(asyncio.CancelledError):
        run_async(cancel_in_mid_run())

    (run,) = journal.list_runs(home.database)
    home.portal.faults.clear()
    following = run_async(home.run())
    assert (RunOutcome.INTERRUPTED, RunOutcome.COMPLETE) == (run.outcome, following.outcome)


def test_one_drifted_case_is_missing_and_no_more(house: Build, run_async: Run) -> None:
    """An odd case does not cost the others their backup."""
    drifted = Trouble(verdict=Verdict.DRIFTED)
    home = house(ScriptedPortal(some_cases(8), faults=[times(1, drifted, path="/case/2")]))

    outcome = run_async(home.run())

    assert (RunOutcome.PARTIAL, ("case 2: drifted",), None) == (outcome.outcome, outcome.missed, outcome.error)
    assert 7 == len(home.states())


def test_a_profile_that_fits_no_case_ends_the_run(house: Build, run_async: Run) -> None:
    """Five drifted cases in a row are the profile's fault."""
    drifted = Trouble(verdict=Verdict.DRIFTED, reason="cannot read body")
    home = house(ScriptedPortal(some_cases(8), faults=[unless(lambda portal: False, drifted, path="/case/")]))
    home.at_once = 1

    outcome = run_async(home.run())

    assert isinstance(outcome.error, DriftedPage)
    assert 5 == len(home.case_reads())


def test_a_single_case_that_drifted_is_the_profiles_fault(house: Build, run_async: Run) -> None:
    """Asked for one case that cannot be read, the answer is the profile, not "partial"."""
    home = house(ScriptedPortal(some_cases(1), faults=[times(1, Trouble(verdict=Verdict.DRIFTED), path="/case/1")]))

    assert isinstance(run_async(home.run(case_id="1")).error, DriftedPage)


def test_a_portal_that_goes_away_in_mid_run_is_left_alone(house: Build, run_async: Run) -> None:
    """After three cases that nobody could connect for, the run ends."""
    refused = Trouble(verdict=Verdict.ERROR, status=None, reason="connection refused")
    home = house(ScriptedPortal(some_cases(9), faults=[unless(lambda portal: False, refused, path="/case/")]))
    home.at_once = 1

    outcome = run_async(home.run())

    assert isinstance(outcome.error, PortalUnreachable)
    assert {"/case/1", "/case/2", "/case/3"} == set(home.case_reads())


def test_a_remembered_engine_that_is_gone_falls_back(house: Build, run_async: Run) -> None:
    """The next run starts in what cured the last one, and as usual when that cannot be had."""
    home = house(ScriptedPortal(some_cases(2)))
    home.portal.faults.append(unless(lambda portal: portal.environment.engine is Engine.FIREFOX, Trouble()))
    run_async(home.run())
    home.portal.faults.clear()
    home.opened.clear()

    run_async(home.run())
    home.missing_engines = (Engine.FIREFOX,)
    run_async(home.run())

    chromium, firefox = Environment(Engine.CHROMIUM), Environment(Engine.FIREFOX)
    assert [firefox, firefox, chromium] == home.opened


def test_no_engine_at_all_is_an_outcome_with_its_error(house: Build, run_async: Run) -> None:
    """The run is closed as failed; nothing hangs open in the journal."""
    home = house(ScriptedPortal(some_cases(2)))
    home.missing_engines = (Engine.CHROMIUM, Engine.FIREFOX)

    outcome = run_async(home.run())

    assert isinstance(outcome.error, NoEngine)
    assert RunOutcome.FAILED is journal.get_run(home.database, outcome.run_id).outcome


def test_browser_that_does_not_start_is_replaced(
    house: Build, run_async: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """Where one engine crashes at its start the other one does the run, and this is shown."""
    home = house(ScriptedPortal(some_cases(2)))
    home.missing_engines = (Engine.CHROMIUM,)

    outcome = run_async(home.run())

    assert (RunOutcome.COMPLETE, "firefox") == (outcome.outcome, outcome.engine)
    assert ["engine_replaced" in str(record.msg) for record in caplog.records if record.levelname == "ERROR"] == [True]


def test_progress_is_told(house: Build, run_async: Run) -> None:
    """Rows while listing, cases while fetching."""
    home = house(ScriptedPortal(some_cases(2)))

    run_async(home.run())

    assert [("list", 2, None)] * 4 + [("cases", 1, 2), ("cases", 2, 2)] == home.progress


def test_an_incomplete_thread_is_stored_as_partial(house: Build, run_async: Run) -> None:
    """A cut message: what can be read is kept, and the case is read again next time."""
    cut = replace(message(), truncated=True)
    home = house(ScriptedPortal([ScriptedCase("1", messages=[cut], status=CaseStatus.CLOSED, updated_at=LONG_AGO)]))

    outcome = run_async(home.run())
    run_async(home.run())

    assert ("case 1: thread incomplete",) == outcome.missed
    assert ["/case/1"] == home.case_reads()
