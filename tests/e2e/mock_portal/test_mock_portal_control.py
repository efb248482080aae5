"""The control door, and what faults do to the wire; no browser needed."""

from __future__ import annotations

import http.client
import json
import socket
import struct
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.server import MockPortal

NewVisitor = Callable[..., Any]
TOKEN = "open sesame"


def control(visitor: Any, method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    answer = visitor.ask(f"/_control/{path}", data=data, method=method, X_Control_Token=TOKEN)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def test_no_token_no_door(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """Without a control token the door does not exist; with one, only the right token opens it."""
    closed, guarded = caselog_portal(cases=3), caselog_portal(cases=3, control_token=TOKEN)

    assert http_visitor(closed).ask("/_control/truth", X_Control_Token="").status == 404
    assert http_visitor(guarded).ask("/_control/truth").status == 403
    assert http_visitor(guarded).ask("/_control/truth", X_Control_Token="guess").status == 403
    assert control(http_visitor(guarded), "GET", "truth")["account"] == "harbor-us"


def test_door_and_api_say_the_same(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """What the in-process API answers is what the door answers."""
    portal = caselog_portal(cases=5, control_token=TOKEN)
    visitor = http_visitor(portal)

    control(visitor, "PUT", "faults", [{"kind": "blank", "times": 1}])
    done = control(visitor, "POST", "advance", {"new_cases": 1, "messages": 1})

    assert control(visitor, "GET", "faults") == portal.faults()
    assert control(visitor, "GET", "ledger") == portal.ledger()
    assert control(visitor, "GET", "history") == portal.history()
    assert [done["new_cases"][0]] == [event["case"] for event in portal.history() if event["event"] == "case_added"]
    told, known = control(visitor, "GET", "truth"), portal.truth()
    assert told | {"now": ""} == known | {"now": ""}
    assert control(visitor, "DELETE", "faults") == []


def test_history_shows_each_case_as_it_was(caselog_portal: PortalFactory) -> None:
    """Every change leaves the whole case as the truth tells it from then on, and nothing half done."""
    portal = caselog_portal(cases=12)
    case_id = next(case["id"] for case in portal.truth()["cases"] if case["status_key"] == "answered")
    changes: dict[str, Any] = {
        "messages": [{"case": case_id}],
        "close": [case_id],
        "unlist": [case_id],
        "remove": [case_id],
    }
    told, known = [], []
    for key, value in changes.items():
        before = len(portal.history())
        portal.advance(**{key: value})
        now = next((case for case in portal.truth()["cases"] if case["id"] == case_id), None)
        told += [event["shows"] for event in portal.history()[before:]]
        known += [now] * (len(portal.history()) - before)

    assert known == told


def test_door_refuses_nonsense(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """Bad faults, unknown accounts and unknown keys are answered with what is wrong."""
    visitor = http_visitor(caselog_portal(cases=3, control_token=TOKEN))

    def refused(method: str, path: str, body: Any) -> tuple[int, Any]:
        data = json.dumps(body).encode() if body is not None else None
        answer = visitor.ask(f"/_control/{path}", data=data, method=method, X_Control_Token=TOKEN)
        return answer.status, json.loads(answer.body)["error"]

    assert refused("PUT", "faults", [{"kind": "explode"}])[0] == 400
    assert refused("PUT", "faults", {"kind": "blank"}) == (400, "a list of faults is wanted")
    assert refused("PUT", "faults", [{"kind": "blank", "times": 0}]) == (
        400,
        "fault 0 (blank): times = 0; 1 or more",
    )
    assert refused("GET", "truth?account=nobody", None) == (404, "unknown: nobody")
    assert refused("POST", "advance", {"remove": ["1"]}) == (400, "remove[0]: there is no case 1")
    assert refused("POST", "advance", {"edit": 1}) == (400, "edit: a list is wanted")


def test_truth_has_the_interchange_keys(caselog_portal: PortalFactory) -> None:
    """The truth has exactly the keys that the interchange format names, and some more beside them."""
    truth = caselog_portal(cases=30).truth()

    assert set(truth["tabs"]) == {"all", "mine", "attention", "filtered"}
    assert len(truth["tabs"]["filtered"]["ids"]) == len(truth["cases"]) == 30
    case = truth["cases"][0]
    assert set(case) >= {"id", "subject", "status", "created", "updated", "messages"}
    message = next(message for case in truth["cases"] for message in case["messages"] if message["attachments"])
    assert set(message) >= {"n", "author", "role", "time", "body", "body_shown", "attachments"}
    assert set(message["attachments"][0]) == {"name", "mime", "size", "sha256"}
    roles = {message["role"] for case in truth["cases"] for message in case["messages"]}
    assert roles == {"user", "portal", "system"}


def test_portals_share_nothing(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """Two portals of one process have sessions, faults and ledgers of their own."""
    first, second = caselog_portal(cases=5), caselog_portal(cases=5)
    visitor = http_visitor(first)
    visitor.sign_in()
    first.set_faults({"kind": "blank"})

    assert visitor.ask("/cases").body == ""
    visitor.portal = second
    assert "/signin" in visitor.ask("/cases").url
    visitor.sign_in()
    assert "case-row" in visitor.ask("/cases").body


def test_requests_are_logged_in_order(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """The log names engine, method, path, account and status of every request."""
    portal = caselog_portal(cases=5)
    visitor = http_visitor(portal, engine="firefox")
    account = visitor.sign_in()
    visitor.ask("/cases?tab=mine")
    log = portal.requests()

    row = log["requests"][-1]
    assert {key: row[key] for key in ("method", "path", "account", "engine", "status")} == {
        "method": "GET",
        "path": "/cases?tab=mine",
        "account": account.name,
        "engine": "firefox",
        "status": 200,
    }
    assert [row["sequence"] for row in log["requests"]] == list(range(1, log["counts"]["total"] + 1))
    assert log["counts"]["by_engine"] == {"firefox": log["counts"]["total"]}


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        ({"kind": "server_error", "status": 502}, 502, None),
        ({"kind": "server_error", "status": 503, "retry_after": 3}, 503, "3"),
        ({"kind": "throttled", "retry_after": 7}, 429, "7"),
        ({"kind": "access_denied"}, 403, None),
    ],
)
def test_statuses(
    caselog_portal: PortalFactory, http_visitor: NewVisitor, fault: dict[str, Any], status: int, header: str | None
) -> None:
    """Error faults answer with their status and tell how long to wait."""
    portal = caselog_portal(cases=5)
    visitor = http_visitor(portal)
    visitor.sign_in()
    portal.set_faults(fault | {"times": 1})

    answer = visitor.ask("/cases")

    assert (answer.status, answer.headers.get("Retry-After")) == (status, header)
    assert "not Amazon" in answer.body
    assert visitor.ask("/cases").status == 200


def test_reset_and_truncation(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """A reset is a reset, a truncated body is shorter than announced, and the log tells both from answers."""
    portal = caselog_portal(cases=5)
    visitor = http_visitor(portal)
    visitor.sign_in()
    portal.set_faults({"kind": "reset", "times": 1}, {"kind": "truncated", "times": 1})

    with pytest.raises(ConnectionResetError):
        visitor.ask("/cases")
    portal.set_faults({"kind": "truncated", "times": 1})
    with pytest.raises(http.client.IncompleteRead):
        visitor.ask("/cases")

    assert [row["status"] for row in portal.requests()["requests"][-2:]] == [0, 0]
    assert visitor.ask("/cases").status == 200


def test_a_visitor_that_goes_away_in_mid_request_is_no_error(
    caselog_portal: PortalFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says that nobody was answered, nothing is reported as a fault of the portal's, and it goes on."""
    portal = caselog_portal(cases=2)
    address = urlsplit(portal.ready.url)
    with socket.create_connection((address.hostname, address.port)) as visitor:
        head = f"POST /signin HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 1000\r\n"
        visitor.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=a".encode())
        while not portal.requests()["requests"]:
            pass
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes with a reset
    while portal.requests()["requests"][0]["status"] is None:
        pass

    assert ("/signin", 0) == tuple(portal.requests()["requests"][0][key] for key in ("path", "status"))
    assert [] == caplog.messages


def test_session_ends_and_waits_for_a_new_sign_in(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """An expired session is sent to the sign-in, also when only the time has run out."""
    portal = caselog_portal(cases=5)
    visitor = http_visitor(portal)
    visitor.sign_in()
    portal.set_faults({"kind": "session_expired", "times": 1})

    assert "/signin" in visitor.ask("/cases").url
    assert "/signin" in visitor.ask("/cases").url

    short = caselog_portal(cases=5, session_seconds=0.0)
    visitor = http_visitor(short)
    visitor.sign_in()
    assert "/signin" in visitor.ask("/cases").url


def test_unauthenticated_requests_use_up_no_fault(caselog_portal: PortalFactory, http_visitor: NewVisitor) -> None:
    """A redirect to the sign-in is not the page that a fault waits for."""
    portal = caselog_portal(cases=5, faults=({"kind": "blank", "path": "^/cases", "times": 1},))
    visitor = http_visitor(portal)
    visitor.ask("/cases")
    visitor.sign_in()

    assert visitor.ask("/cases").body == ""


def test_taken_port_is_an_error(caselog_portal: PortalFactory) -> None:
    """A second portal on a port that is taken says so instead of hanging."""
    port = int(caselog_portal(cases=3).ready.url.rpartition(":")[2])

    with pytest.raises(OSError, match="address already in use"):
        caselog_portal(cases=3, port=port)


def test_stops_while_an_answer_hangs(caselog_portal: PortalFactory) -> None:
    """A request that is never answered does not keep the portal from stopping."""
    portal = caselog_portal(cases=3)
    connection = http.client.HTTPConnection(portal.ready.url.removeprefix("http://"))
    connection.request("GET", "/assets/never")
    while not portal.requests()["counts"]["total"]:
        pass

    portal.stop()

    assert isinstance(portal, MockPortal)
    connection.close()
