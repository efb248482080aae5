"""Contradictions between two places of a profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.errors import ProfileError
from agent.profile.load import parse_profile

Change = Callable[[dict[str, Any]], Any]


def test_a_sound_profile_has_no_problem(table: dict[str, Any]) -> None:
    """The profile that the other tests spoil is in order."""
    assert "desk" == parse_profile("desk", table).name


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (lambda t: t.update(locales=[]), "locales", "names no locale"),
        (lambda t: t.update(locales=["en", "xx-klingon"]), "locales", "xx-klingon is no locale"),
        (lambda t: t["words"]["status"].pop("de"), "words.status", 'has no words for de, nor for "*"'),
        (lambda t: t["list"].update(subject={"label": "@title"}), "list.subject.label", "there is no [words.title]"),
        (lambda t: t["statuses"].update(answered="@done"), "statuses.answered", "there is no [words.done]"),
        (lambda t: t["statuses"].update(answered="open"), "statuses.answered", "'open' already means needs_user"),
        (lambda t: t["tabs"]["all"].update(url="/c?u={uid}"), "tabs.all.url", "{uid} is unknown here"),
        (lambda t: t["list"].update(subject={"const": "{password}"}), "list.subject.const", "{password} is unknown"),
        (lambda t: t["case"]["gone"].append({"text": "{otp}"}), "case.gone[0].text", "{otp} is unknown"),
        (lambda t: t["list"].update(created={"css": "p", "date": "x"}), "list.created.date", "there is no [dates.x]"),
        (lambda t: t["dates"].update(x=t["dates"].pop("default")), "list.updated", "there is no [dates.default]"),
        (
            lambda t: t["dates"]["default"].update(formats={"en": "iso"}),
            "dates.default.formats",
            "has no format for de",
        ),
        (lambda t: t["dates"]["default"].pop("zone"), "dates.default", "shows no time zone"),
        (lambda t: t["dates"]["default"].update(zone="Mars"), "dates.default.zone", "Mars is no time zone"),
        (
            lambda t: t["sign_in"]["handlers"][0].update(steps=[]),
            "sign_in.handlers",
            "none of them fills in {password}",
        ),
        (lambda t: t["tabs"]["all"].update(history=False), "tabs", "none is marked history"),
        (lambda t: t["list"].update(fingerprint=["owner"]), "list.fingerprint", "owner is no field of a row"),
        (lambda t: t["list"].update(changes_with_message="age"), "list.changes_with_message", "age is no field"),
        (lambda t: t["list"].update(columns={"status": "p"}), "list.columns.status", "write it as list.status"),
        (
            lambda t: t["list"].update(pager={"parameter": {"name": "start", "step": 0}}),
            "list.pager.parameter.step",
            "list.page_size has to say",
        ),
        (lambda t: t["case"].update(created={"row": "age"}), "case.created.row", "a list row has no age"),
        (lambda t: t["list"].pop("subject"), "list.fingerprint", "subject is no field of a row"),
        (lambda t: t["case"].pop("subject"), "case.subject", "if only the list shows it"),
        (lambda t: t["case"].update(messages=[]), "case.messages", "there is no source of messages"),
        (lambda t: t["case"]["messages"][0].update(part="x"), "case.messages", "there is no [case.parts.x]"),
        (
            lambda t: t["case"].update(parts={"x": {"url": "/x", "ready": "p"}}),
            "case.parts.x",
            "no source of messages uses it",
        ),
        (lambda t: t["case"].pop("direction"), "case.messages[0].direction", "nothing says who speaks"),
        (lambda t: t["case"].update(url="/cases"), "case.url", "has no {case_id}"),
    ],
)
def test_a_contradiction_is_told_under_its_key(table: dict[str, Any], change: Change, where: str, what: str) -> None:
    """Each check names the key that a person has to mend, and what is wrong there."""
    table["case"].setdefault("gone", [])
    change(table)

    with pytest.raises(ProfileError) as caught:
        parse_profile("desk", table)

    told = [(problem.where, problem.what) for problem in caught.value.problems]
    assert any(key == where and what in text for key, text in told), told


def test_several_contradictions_are_told_together(table: dict[str, Any]) -> None:
    """One run of the linter is enough to mend a profile."""
    table["tabs"]["all"]["history"] = False
    table["case"]["messages"] = []
    table["list"]["fingerprint"] = ["owner", "age"]

    with pytest.raises(ProfileError) as caught:
        parse_profile("desk", table)

    assert ["tabs", "list.fingerprint", "list.fingerprint", "case.messages"] == [
        problem.where for problem in caught.value.problems
    ]
