"""Profiles are found, merged and refused with all their problems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.errors import Problem
from agent.errors import ProfileError
from agent.profile.load import known_profiles
from agent.profile.load import load_profile
from agent.profile.load import parse_profile
from agent.profile.merge import merge
from agent.profile.model.fields import Field
from agent.profile.model.reply import Editor

DESK = (Path(__file__).parents[1] / "extract" / "desk.toml").read_text(encoding="utf-8")


def test_every_bundled_profile_can_be_used() -> None:
    """What comes with the product has no problem."""
    names = [source.name for source in known_profiles()]

    assert names == [load_profile(name).name for name in names]
    assert {"django-helpdesk", "mock-classic"} <= set(names)


def test_a_person_s_profile_goes_before_a_bundled_one(tmp_path: Path) -> None:
    """A file of the same name in the person's folder wins, and may extend the one that it replaces."""
    (tmp_path / "mock-classic.toml").write_text('extends = "mock-classic"\ntitle = "Mine"\n', encoding="utf-8")

    mine, bundled = load_profile("mock-classic", tmp_path), load_profile("mock-classic")

    assert ("Mine", bundled.sign_in) == (mine.title, mine.sign_in)
    assert [False] == [one.bundled for one in known_profiles(tmp_path) if one.name == "mock-classic"]


def test_a_profile_changes_only_what_it_names(tmp_path: Path) -> None:
    """Sections are merged, a field is replaced whole, and what is dropped is gone."""
    (tmp_path / "base.toml").write_text(DESK.replace('".status"', '{ css = "i", attr = "title" }'), encoding="utf-8")
    (tmp_path / "mine.toml").write_text(
        'extends = "base"\ntitle = "Mine"\ndrop = ["list.updated", "list.fingerprint"]\n'
        '[list]\nstatus = { css = "b" }\n[case]\nsubject = { label = "Subject" }\ntotal_messages = "#n"\n',
        encoding="utf-8",
    )

    mine, base = load_profile("mine", tmp_path), load_profile("base", tmp_path)

    assert (Field(css="b"), None, base.list.subject, Field(label="Subject"), Field(css="#n"), base.case.messages) == (
        mine.list.status,
        mine.list.updated,
        mine.list.subject,
        mine.case.subject,
        mine.case.total_messages,
        mine.case.messages,
    )


@pytest.mark.parametrize(
    ("files", "name", "problem"),
    [
        ({}, "none", Problem("profile", "there is no such profile; known: django-helpdesk, mock-classic")),
        ({"a": 'extends = "b"', "b": 'extends = "a"'}, "a", Problem("extends", "a profile cannot extend itself")),
        ({"own": 'extends = "own"'}, "own", None),
    ],
)
def test_a_profile_that_cannot_be_had_is_named(
    tmp_path: Path, files: dict[str, str], name: str, problem: Problem | None
) -> None:
    """An unknown name and a circle are told as what they are."""
    for file, text in files.items():
        (tmp_path / f"{file}.toml").write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile(name, tmp_path)

    (found,) = caught.value.problems
    if problem is None:
        assert found.what.startswith("there is no such profile")
    elif problem.where == "profile":
        assert found.what.startswith("there is no such profile; known: ")
    else:
        assert problem == found


def test_what_is_not_toml_is_told(tmp_path: Path) -> None:
    """A syntax error names its line."""
    (tmp_path / "bad.toml").write_text("title = \n", encoding="utf-8")

    with pytest.raises(ProfileError, match="line 1") as caught:
        load_profile("bad", tmp_path)

    assert "the file" == caught.value.problems[0].where


def test_all_problems_are_told_together_under_the_person_s_keys(table: dict[str, Any]) -> None:
    """Unknown keys, bad selectors, expressions, filters, formats and steps, each under the key as it was written."""
    table["surprise"] = 1
    del table["title"]
    table["list"]["subject"] = {"css": "p:visible", "filters": ["lower", "shorten"]}
    table["list"]["status"] = {"css": "p", "row": "x"}
    table["case"]["messages"][0]["body"] = {"css": "p[", "colour": "red"}
    table["case"]["gone"] = [{"text": "{not closed"}, {}]
    table["dates"]["default"]["formats"]["en"] = ["%d %B", "%Q", "%d.%m.%Y %I:%M"]
    table["sign_in"]["handlers"][0]["steps"] = [{"fill": "#x"}, {"click": "#y", "press": "Enter"}]

    with pytest.raises(ProfileError) as caught:
        parse_profile("desk", table)

    told = {problem.where: problem.what for problem in caught.value.problems}
    expected = {
        "surprise": "is no known key",
        "title": "is missing",
        "list.subject.css": ":visible is not among the pseudo-classes",
        "list.subject.filters[1].simple": "Input should be 'fold'",
        "list.status": "a value has one source; row and an element do not go together",
        "case.messages[0].body.css": "not a CSS selector",
        "case.messages[0].body.colour": "is no known key",
        "case.gone[0].text[0]": "expected '}'",
        "case.gone[1]": "an empty condition says nothing",
        "dates.default.formats.en[0]": "an incomplete one is never completed by guessing",
        "dates.default.formats.en[1]": "%Q is unknown",
        "dates.default.formats.en[2]": "%I and %p belong together",
        "sign_in.handlers[0].steps[0]": "value belongs to fill and choose",
        "sign_in.handlers[0].steps[1]": "wants exactly one of go, fill,",
    }
    assert set(expected) == set(told)
    assert {} == {where: told[where] for where, what in expected.items() if what not in told[where]}


@pytest.mark.parametrize(
    ("place", "value", "where"),
    [
        ("politeness.pages", 0, "politeness.pages"),
        ("politeness.requests_per_second", -1, "politeness.requests_per_second"),
        ("politeness.deadline", 0, "politeness.deadline"),
        ("politeness.deadline", float("inf"), "politeness.deadline"),
        ("list.page_size", {"rows": 0, "parameter": "n"}, "list.page_size.rows"),
        ("list.subject", {"css": "b", "text": ""}, "list.subject.text[0]"),
        ("list.subject", [["b"], "i"], "list.subject"),
        ("words.status", {"*": " "}, "words.status.*[0]"),
        ("case.url", "/{case_id}/{user:d}", "case.url"),
        ("case.url", "/{case_id}/{user!r}", "case.url"),
        ("delivery", {"grace": -1}, "delivery.grace"),
    ],
)
def test_a_value_that_would_hang_or_fit_everything_is_refused(
    table: dict[str, Any], place: str, value: object, where: str
) -> None:
    """No page at a time, a negative pace, no time at all, a text that is found everywhere, a format nobody fills in."""
    section, _, key = place.rpartition(".")
    (table.setdefault(section, {}) if section else table)[key] = value

    with pytest.raises(ProfileError) as caught:
        parse_profile("desk", table)

    assert [where] == [problem.where for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("drop", "what"),
    [
        ('"list.updated"', 'is a list of keys: drop = ["list.updated"]'),
        ("[7]", 'is a list of keys: drop = ["list.updated"]'),
        ('["list.udpated"]', "the profile that this one extends has no list.udpated"),
        ('["title.x"]', "the profile that this one extends has no title.x"),
    ],
)
def test_what_cannot_be_dropped_is_told(tmp_path: Path, drop: str, what: str) -> None:
    """A slip of the pen must not leave a field in its place."""
    (tmp_path / "mine.toml").write_text(f'extends = "mock-classic"\ndrop = {drop}\n', encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile("mine", tmp_path)

    assert (Problem("drop", what),) == caught.value.problems


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    """Whatever it is called."""
    (tmp_path / "mock-classic.toml").mkdir()

    assert "mock-classic" == load_profile("mock-classic", tmp_path).name


def test_a_problem_of_all_lists_is_told_once(table: dict[str, Any]) -> None:
    """A tab's list inherits what is wrong with `[list]`; its own problems are told under its own keys."""
    table["tabs"]["all"]["list"] = {"columns": {"age": {"css": "time", "colour": "red"}}}
    table["list"]["subject"] = {"css": "b", "colour": "red"}
    with pytest.raises(ProfileError) as keys:
        parse_profile("desk", table)

    table["tabs"]["all"]["list"] = {"id": {"css": "b", "optional": True}}
    table["list"] |= {"subject": "b", "fingerprint": ["age"]}
    with pytest.raises(ProfileError) as contradictions:
        parse_profile("desk", table)

    assert [["tabs.all.list.columns.age.colour", "list.subject.colour"], ["list.fingerprint", "tabs.all.list.id"]] == [
        [problem.where for problem in caught.value.problems] for caught in (keys, contradictions)
    ]


def test_merging_leaves_both_tables_alone() -> None:
    """A merge makes a new table."""
    parent, child = {"list": {"id": "a", "columns": {"x": 1}}}, {"list": {"columns": {"y": 2}}, "drop": ["list.id"]}

    assert {"list": {"columns": {"x": 1, "y": 2}}} == merge(parent, child)
    assert {"list": {"id": "a", "columns": {"x": 1}}} == parent


def test_a_value_of_the_wrong_kind_is_told_in_words_of_toml(tmp_path: Path) -> None:
    """A text where a table or a list belongs is told as that, not as Python's types."""
    (tmp_path / "mine.toml").write_text(
        'extends = "mock-classic"\nlocales = 3\ntabs = "a"\n[reply]\neditor = 5\nopen = "x"\n', encoding="utf-8"
    )

    with pytest.raises(ProfileError) as caught:
        load_profile("mine", tmp_path)

    assert {
        Problem("locales", "should be a list"),
        Problem("tabs", "should be a table"),
        Problem("reply.editor", "should be a table"),
        Problem("reply.open", "should be a list"),
    } == set(caught.value.problems)


def test_an_editor_may_be_a_plain_selector(table: dict[str, Any]) -> None:
    """As everywhere else where one element is named."""
    table["reply"] = {"ready": "form", "editor": "#text", "submit": "#send"}

    reply = parse_profile("desk", table).reply

    assert reply is not None
    assert Editor(css="#text") == reply.editor
