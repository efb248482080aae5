"""Which faults fire, and which descriptions are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mock_portal.faults.kinds import KINDS
from mock_portal.faults.registry import Asked
from mock_portal.faults.registry import FaultRegistry
from mock_portal.faults.registry import InvalidFaults
from mock_portal.pytest_plugin import PortalFactory
from mock_portal.site.routing import Tag


def registry(*faults: dict[str, Any], seed: int = 1) -> FaultRegistry:
    made = FaultRegistry(seed=seed)
    made.replace(faults)
    return made


def asked(
    path: str = "/cases", *, engine: str = "chromium", method: str = "GET", tags: frozenset[Tag] | None = None
) -> Asked:
    return Asked(method, path, engine, frozenset({Tag.DOCUMENT}) if tags is None else tags, "harbor-us")


def fires(faults: FaultRegistry, *requests: Asked) -> list[bool]:
    return [any(match.fires for match in faults.match(request)) for request in requests]


def test_times_count_per_engine() -> None:
    """Each engine meets the fault as often as it says, whatever the other did."""
    faults = registry({"kind": "blank", "times": 2})
    chromium, firefox = asked(), asked(engine="firefox")

    assert fires(faults, chromium, chromium, chromium, firefox, firefox, firefox) == [True, True, False] * 2


def test_after_lets_requests_pass_first() -> None:
    """The first so many matching requests are left alone."""
    assert fires(registry({"kind": "blank", "after": 2, "times": 1}), *[asked()] * 4) == [False, False, True, False]


def test_path_is_searched_with_its_query() -> None:
    """A path is a regular expression over path and query, and counts only what it matches."""
    faults = registry({"kind": "blank", "path": r"page=2\b", "times": 1})

    assert fires(faults, asked("/cases?page=1"), asked("/cases?page=2"), asked("/cases?page=2")) == [False, True, False]


def test_kinds_stay_where_they_belong() -> None:
    """Without a path a fault leaves sign-in, assets and submissions alone, and control always."""
    faults = registry({"kind": "blank"}, {"kind": "reply_blank"})

    assert fires(
        faults,
        asked("/signin", tags=frozenset({Tag.PUBLIC})),
        asked("/cases/1/reply", method="POST", tags=frozenset({Tag.SUBMIT})),
        asked("/_control/truth", tags=frozenset({Tag.CONTROL})),
        asked("/cases"),
    ) == [False, True, False, True]


def test_engine_limits_all_but_feature_tests() -> None:
    """A fault for one engine spares the other, but a page that breaks by a feature is served to both."""
    assert fires(registry({"kind": "blank", "engine": "firefox"}), asked(), asked(engine="firefox")) == [False, True]
    assert fires(registry({"kind": "script_throws", "engine": "firefox"}), asked(), asked(engine="firefox")) == [
        True,
        True,
    ]


def test_probability_comes_from_the_seed() -> None:
    """The same seed gives the same luck, another one another."""

    def luck(seed: int) -> list[bool]:
        return fires(registry({"kind": "blank", "probability": 0.5}, seed=seed), *[asked()] * 64)

    assert luck(1) == luck(1)
    assert luck(1) != luck(2)
    assert 16 < sum(luck(1)) < 48


def test_speed_is_measured_over_a_minute() -> None:
    """A request counts for sixty seconds; one that was told to wait does not count."""
    faults = registry({"kind": "throttled", "per_minute": 2})
    times = (0.0, 1.0, 2.0, 59.0, 60.5, 60.6, 61.1)

    fired = [any(match.fires for match in faults.match(replace(asked(), at=at))) for at in times]

    assert fired == [False, False, True, True, False, True, False]


def test_replacing_begins_anew() -> None:
    """Setting faults again resets their counters."""
    faults = registry({"kind": "blank", "times": 1})
    assert fires(faults, asked(), asked()) == [True, False]

    faults.replace([{"kind": "blank", "times": 1}])

    assert fires(faults, asked()) == [True]


def test_all_problems_are_named_together() -> None:
    """A list with bad descriptions is refused as a whole, with every problem, and changes nothing."""
    faults = registry({"kind": "blank"})

    with pytest.raises(InvalidFaults) as refused:
        faults.replace(
            [
                {"kind": "blank", "times": "2"},
                {"kind": "explode"},
                {"kind": "slow", "seconds": 1, "colour": "red"},
                {"kind": "script_throws"},
                {"kind": "blank", "path": "("},
                "blank",
            ]
        )

    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "fault 0 (blank)",
        "fault 1",
        "fault 2 (slow)",
        "fault 3 (script_throws)",
        "fault 4 (blank)",
        "fault 5",
    ]
    assert fires(faults, asked()) == [True]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"kind": "blank", "times": 0}, "times = 0; 1 or more"),
        ({"kind": "blank", "after": -1}, "after = -1; 0 or more"),
        ({"kind": "blank", "probability": 1.5}, "probability = 1.5; 0 to 1"),
        ({"kind": "blank", "probability": float("nan")}, "probability = nan is not of type float"),
        ({"kind": "server_error", "status": 200}, "status = 200; 500 to 599"),
        ({"kind": "page_shift", "count": 0}, "count = 0; 1 or more"),
        ({"kind": "slow", "seconds": -1}, "seconds = -1; 0 or more"),
        ({"kind": "message_edited", "n": 0}, "n = 0; 1 or more"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(fault: dict[str, Any], problem: str) -> None:
    """A number out of its range is named with the range."""
    with pytest.raises(InvalidFaults) as refused:
        registry(fault)

    assert refused.value.problems == [f"fault 0 ({fault['kind']}): {problem}"]


@pytest.mark.parametrize(
    ("skin", "fault", "meant"),
    [
        ("classic", {"kind": "list_empty", "path": "^/cases/20000007919$"}, "GET /cases/{case:\\d+}"),
        ("classic", {"kind": "reply_blank", "path": r"^/cases/\d+$"}, "GET /cases/{case:\\d+}"),
        ("classic", {"kind": "blank", "path": "/reply$"}, "POST /cases/{case:\\d+}/reply"),
        ("classic", {"kind": "captcha", "path": "/attachments/"}, "/attachments/"),
        ("hill", {"kind": "captcha", "path": "SearchForCases"}, "POST /hill/hillservice/mons-api/SearchForCases"),
        ("hill", {"kind": "script_throws", "engine": "firefox", "path": "ViewCase"}, "mons-api/ViewCase"),
    ],
)
def test_paths_where_a_kind_does_nothing_are_refused(
    caselog_portal: PortalFactory, skin: str, fault: dict[str, Any], meant: str
) -> None:
    """A path that plainly means pages on which the kind cannot act is refused, with those pages."""
    portal = caselog_portal(skin=skin, cases=2)

    with pytest.raises(InvalidFaults) as refused:
        portal.set_faults(fault)

    assert meant in str(refused.value)
    assert portal.faults() == []


@pytest.mark.parametrize(
    ("skin", "fault"),
    [
        ("classic", {"kind": "slow", "path": "/reply$"}),
        ("classic", {"kind": "slow", "path": "/attachments/"}),
        ("classic", {"kind": "blank", "path": "code|otp|mfa"}),
        ("classic", {"kind": "page_shift", "path": "tab=filtered.*page=3"}),
        ("classic", {"kind": "reply_reset", "path": "^/cases/20000007919/reply"}),
        ("classic", {"kind": "captcha", "path": "^/signin"}),
        ("hill", {"kind": "truncated", "path": "SearchForCases"}),
        ("hill", {"kind": "slow", "path": "UploadAttachment"}),
    ],
)
def test_paths_that_may_meet_their_kind_are_taken(
    caselog_portal: PortalFactory, skin: str, fault: dict[str, Any]
) -> None:
    """A path that means a page on which the kind acts, or that only a query could match, is taken."""
    portal = caselog_portal(skin=skin, cases=2)

    portal.set_faults(fault)

    assert len(portal.faults()) == 1


def test_every_kind_can_be_set() -> None:
    """Each kind of the table is accepted as it stands."""
    described = [{"kind": name} | ({"engine": "chromium"} if name == "script_throws" else {}) for name in KINDS]

    assert [fault["kind"] for fault in registry(*described).as_json()] == list(KINDS)
