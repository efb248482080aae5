"""What visitors hand in by HTTP, and what faults make of it, held against the ledger."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any

import pytest

from mock_portal.server import MockPortal
from tests.unit.mock_portal.http_visitor import HttpVisitor

Enter = Callable[..., HttpVisitor]


def open_case(portal: MockPortal) -> str:
    case_id: str = next(case["id"] for case in portal.truth()["cases"] if case["status_key"] == "needs_attention")
    return case_id


def kept(portal: MockPortal) -> list[str]:
    return [entry["kind"] for entry in portal.ledger()]


def case_of(portal: MockPortal, case_id: str) -> dict[str, Any]:
    return next(case for case in portal.truth()["cases"] if case["id"] == case_id)


def test_a_case_that_closes_while_a_reply_is_sent_takes_none(enter: Enter) -> None:
    """What counts is the case's status when the reply has arrived, not when it was begun."""
    visitor = enter()
    portal, case_id = visitor.portal, open_case(visitor.portal)
    body = f"form_token={visitor.token}&text=Hello".encode()
    connection = http.client.HTTPConnection(portal.ready.url.removeprefix("http://"))
    connection.putrequest("POST", f"/cases/{case_id}/reply")
    connection.putheader("Cookie", "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.jar))
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:10])
    while not portal.requests()["requests"][-1]["path"].endswith("/reply"):
        pass

    portal.advance(close=[case_id])
    connection.send(body[10:])

    assert (connection.getresponse().status, kept(portal)) == (403, [])
    connection.close()


@pytest.mark.parametrize("kind", ["reply_late", "reply_dropped"])
def test_new_cases_that_cannot_be_seen_yet_are_said_to_be_made(enter: Enter, kind: str) -> None:
    """The list says that the case was created, and does not have it; the ledger does if it is only late."""
    visitor = enter()
    visitor.portal.set_faults({"kind": kind, "times": 1})

    answer = visitor.hand_in("/cases/new", subject="About pallets", text="Where are they?")

    assert answer.url.endswith("/cases?created=1")
    assert 'data-notice="created"' in answer.body
    assert "About pallets" not in answer.body
    assert kept(visitor.portal) == (["new_case"] if kind == "reply_late" else [])
    visitor.portal.advance(seconds=6)
    assert ("About pallets" in visitor.ask("/cases").body) is (kind == "reply_late")


@pytest.mark.parametrize("skin", ["classic", "hill"])
def test_a_late_closing_leaves_the_case_open_for_a_while(enter: Enter, skin: str) -> None:
    """A closing that was accepted shows only when its time has come."""
    visitor = enter(skin=skin)
    portal, case_id = visitor.portal, open_case(visitor.portal)
    portal.set_faults({"kind": "reply_late", "seconds": 60, "times": 1})

    if skin == "hill":
        visitor.send(f"CloseCase?caseId={case_id}", {})
    else:
        visitor.hand_in(f"/cases/{case_id}/close")

    assert kept(portal) == ["close_case"]
    assert case_of(portal, case_id)["status_key"] == "needs_attention"
    portal.advance(seconds=61)
    assert case_of(portal, case_id)["status_key"] == "closed"


@pytest.mark.parametrize("kind", ["upload_refused", "upload_lost"])
def test_file_faults_wait_for_a_file(enter: Enter, kind: str) -> None:
    """A reply without files is accepted and leaves the fault its shot for one that has some."""
    visitor = enter()
    portal, case_id = visitor.portal, open_case(visitor.portal)
    portal.set_faults({"kind": kind, "times": 1})

    for files in ({}, {"proof.txt": b"proof"}):
        visitor.hand_in(f"/cases/{case_id}/reply", files, text="Hello")

    assert kept(portal) == (["reply", "reply"] if kind == "upload_lost" else ["reply"])


def test_faults_of_submissions_wait_for_one_that_is_accepted(enter: Enter) -> None:
    """A reply that the rules refuse uses up no fault of accepted ones."""
    visitor = enter()
    portal, case_id = visitor.portal, open_case(visitor.portal)
    portal.set_faults({"kind": "reply_blank", "times": 1})

    assert visitor.hand_in(f"/cases/{case_id}/reply", text=" ").status == 422
    assert visitor.hand_in(f"/cases/{case_id}/reply", text="Hello").body == ""
    assert kept(portal) == ["reply"]
