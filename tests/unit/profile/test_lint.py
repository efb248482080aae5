"""Contradictions between two places of a profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from agent.errors import ProfileError
from agent.profile.lint import lint
from agent.profile.load import parse_profile

Change = Callable[[dict[str, Any]], Any]
REPLY = {"ready": "form", "editor": {"css": "textarea"}, "submit": "button"}


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
        (lambda t: t["tabs"]["all"].update(url="/c?u={nobody}"), "tabs.all.url", "{nobody} is unknown here"),
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
        (
            lambda t: t["list"].update(changes_with_message="updated", fingerprint=["subject"]),
            "list.changes_with_message",
            "has to be in list.fingerprint",
        ),
        (
            lambda t: t["list"].update(changes_with_message="updated", updated={"css": "time", "optional": True}),
            "list.changes_with_message",
            "updated has to be required",
        ),
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
        (lambda t: t["case"].update(url="/{case_id}/{row.key}"), "case.url", "{row.key} is unknown here"),
        (lambda t: t["tabs"]["all"].update(url="/{row.id}"), "tabs.all.url", "{row.id} is unknown here"),
        (lambda t: t.pop("identity"), "identity.account_name", "without it no page proves whose it is"),
        (lambda t: t["list"].update(id={"css": "b", "optional": True}), "list.id", "has to be required"),
        (lambda t: t["list"].update(id=["b", {"css": "i", "default": "0"}]), "list.id", "has to be required"),
        (lambda t: t["case"]["gone"].append({"text": "{file}"}), "case.gone[0].text", "{file} is unknown"),
        (lambda t: t.update(reply={**REPLY, "ready": {"text": "{file}"}}), "reply.ready[0].text", "{file} is unknown"),
        (lambda t: t["tabs"]["all"].update(url="/c?f={since}"), "tabs.all.url", "{since} is unknown"),
        (lambda t: t["tabs"]["all"].update(steps=[{"go": "{since}"}]), "tabs.all.steps[0].go", "{since} is unknown"),
        (lambda t: t["sign_in"].update(signed_in={"text": "{uid}"}), "sign_in.signed_in[0].text", "{uid} is unknown"),
        (lambda t: t["identity"].update(ready={"text": "{uid}"}), "identity.ready[0].text", "{uid} is unknown"),
        (
            lambda t: t["variables"].update(team={"url": "/x/{uid}", "field": "b"}),
            "variables.team.url",
            "{uid} is unknown here",
        ),
        (
            lambda t: t["sign_in"]["handlers"][0]["steps"].append({"click": {"css": "b", "text": "{password}"}}),
            "sign_in.handlers[0].steps[1].click.text",
            "{password} is unknown",
        ),
    ],
)
def test_a_contradiction_is_told_under_its_key(table: dict[str, Any], change: Change, where: str, what: str) -> None:
    """Each check names the key that a person has to mend, and what is wrong there."""
    table["case"].setdefault("gone", [])
    table["variables"] = {"uid": {"url": "/me", "field": "#me"}}
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


def test_names_may_be_used_where_they_are_known(table: dict[str, Any]) -> None:
    """A variable of the account everywhere, one read from a page after signing in, the others in their places."""
    table["variables"] = {"uid": {"url": "/{team}", "field": {"css": "b", "text": "{user}"}}, "team": {}}
    table["verdicts"] = {"denied": {"css": "b", "text": "{team} {account_name}"}}
    table["list"]["ready"] = {"css": "b", "text": "{uid}"}
    table["tabs"]["all"].update(url="/c?u={uid}&f={since}", split={"cap": 10, "earliest": date(2020, 1, 1)})
    table["case"]["gone"] = {"css": "b", "text": "{case_id} {uid}"}
    table["reply"] = {**REPLY, "upload": {"input": "input", "accepted": {"text": "{file} of {case_id}"}}}

    assert "desk" == parse_profile("desk", table).name


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ({"text": "Access denied"}, False),
        ({"css": "body", "text": "Access denied"}, False),
        ({"any": [{"text": "Access denied"}, {"css": "b"}]}, False),
        ({"all": [{"text": "Access denied"}, {"text": "Sorry"}]}, False),
        ({"css": "h1", "text": "Access denied"}, True),
        ({"text": "Access denied", "none": ["#thread"]}, True),
        ({"all": [{"text": "Access denied"}, {"url": "/error"}]}, True),
        ({"title": "Access denied"}, True),
        ({"none": [{"text": "Welcome"}]}, True),
    ],
)
@pytest.mark.parametrize(
    "place", ["verdicts.denied", "case.gone", "sign_in.challenges[0].when", "sign_in.handlers[1].when"]
)
def test_words_that_end_a_run_need_a_place(
    table: dict[str, Any], place: str, condition: dict[str, Any], taken: bool
) -> None:
    """A customer who quotes the portal's words must not be taken for the portal."""
    if place == "verdicts.denied":
        table["verdicts"] = {"denied": condition}
    elif place == "case.gone":
        table["case"]["gone"] = condition
    elif place == "sign_in.challenges[0].when":
        table["sign_in"]["challenges"] = [{"kind": "other", "when": condition}]
    else:
        table["sign_in"]["handlers"].append({"name": "second", "when": condition, "steps": []})

    try:
        problems = [one.where for one in lint(parse_profile("desk", table))]
    except ProfileError as refused:
        problems = [one.where for one in refused.problems]

    assert ([] if taken else [place]) == problems
