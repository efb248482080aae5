"""Where values stand on a page, and what is taken of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.filters import Unreadable
from agent.extract.locate import items_of
from agent.extract.reader import PageReader
from agent.extract.text import visible_text
from agent.profile.model.fields import Field
from agent.profile.model.lists import Items

Reader = Callable[..., PageReader]

PAGE = """
<title>Case 12 - Desk</title>
<h1>Broken <span class=badge>#12</span> lamp <small>old</small></h1>
<dl><dt>Status:</dt><dd>Open</dd><dt>Owner</dt><dd>Ada <i>Agent</i></dd></dl>
<p id=inline><b>Queue:</b> Billing &amp; <a>Co</a><br><b>Empty:</b><br><b>Last:</b> one</p>
<div class=box><div class=name>Priority</div></div><div class=value>High</div>
<table id=list><thead><tr><th>Id<th colspan=2>Who<th>When</thead>
 <tbody><tr class=row data-id=7><td>7<td>Ada<td>Agent<td><time datetime=2026-03-16T14:05Z>today</time></table>
<table id=pairs><tr><td>Kind<td>Level<tr><td>bug<td>minor</table>
<form><input name=subject value="The lamp"><textarea name=note>a
b</textarea><select name=owner><option value=1>Ada<option value=2 selected>Bob</select></form>
<div class=day>March 16</div><p class=entry>09:00</p><p class=entry>10:00</p>
<div class=day>March 17</div><p class=entry>11:00</p>
<div class=card><h2>Head</h2>text <p>one</p><p>two</p><div class=end>end</div>after</div>
<button aria-label="Antworten">x</button><a href="/files/a%20b.txt?x=1">file</a>
"""


def value(reader: PageReader, field: object, css: str | None = None, number: int = 0) -> str | None:
    item = run_of(select(reader.document.page, css)[number]) if css else None
    found = reader.find("field", Field.model_validate(field), item)
    return found.text if found is not None else None


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("h1", "Broken #12 lamp old"),
        ({"css": "h1", "without": [".badge", "small"]}, "Broken lamp"),
        ({"css": "h1", "take": "own_text"}, "Broken lamp"),
        ({"css": "h1", "filters": [{"part": r"#(\d+)"}]}, "12"),
        ({"css": "title", "filters": [{"cut": " - .*"}, "upper"]}, "CASE 12"),
        ({"label": "status"}, "Open"),
        ({"label": "@status"}, "Open"),
        ({"label": "Owner", "css": "i"}, "Agent"),
        ({"label": "Queue"}, "Billing & Co"),
        ({"label": "Priority"}, "High"),
        ({"column": "Level"}, "minor"),
        ({"css": "input", "attr": "value"}, "The lamp"),
        ({"css": "textarea", "take": "value"}, "a\nb"),
        ({"css": "select", "take": "value"}, "2"),
        ({"css": "select", "take": "choice"}, "Bob"),
        ({"css": "dd", "match": "last"}, "Ada Agent"),
        ({"css": "dd", "match": "all", "join": "|"}, "Open|Ada Agent"),
        ({"css": ".card", "after": "h2", "before": ".end"}, "text\n\none\n\ntwo"),
        ({"css": ".card", "after": "h2", "before": ".end", "take": "html"}, "text <p>one</p><p>two</p>"),
        ({"css": "button", "text": "antworten", "take": "text"}, "x"),
        ({"text": "Head", "take": "html"}, "Head"),
        ({"css": "a", "attr": "href", "filters": ["absolute"]}, "https://desk.example/files/a%20b.txt?x=1"),
        ({"css": "a[href]", "attr": "href", "filters": ["basename", "unquote"]}, "a b.txt"),
        ({"take": "address", "filters": ["basename"]}, "cases"),
        ({"const": "by {user}"}, "by ada"),
        ({"parts": ["h2", {"css": "dd"}], "join": ": "}, "Head: Open"),
        ([".missing", {"label": "nothing"}, "h2"], "Head"),
        ({"css": ".missing", "default": "none"}, "none"),
        ({"css": "dd", "filters": [{"map": {"Open": "yes", "*": "no"}}]}, "yes"),
        ({"css": "dd", "filters": [{"replace": ["(O)(p)", r"\2\1"]}, "lower"]}, "poen"),
    ],
)
def test_a_field_finds_its_value(reader: Reader, field: object, expected: str) -> None:
    """Selectors, labels, columns, controls, what lies between elements, parts, alternatives and filters."""
    page = reader(PAGE)
    if field == {"css": "a", "attr": "href", "filters": ["absolute"]}:
        page = reader('<a href="/files/a%20b.txt?x=1">')

    assert expected == value(page, field)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"column": "when", "css": "time", "attr": "datetime"}, "2026-03-16T14:05Z"),
        ({"column": "Who"}, "Ada"),
        ({"attr": "data-id"}, "7"),
        ({"css": ".row", "attr": "data-id"}, "7"),
        ({"css": "h2", "scope": "page"}, "Head"),
    ],
)
def test_an_item_is_searched_inside_and_counts_itself(reader: Reader, field: object, expected: str) -> None:
    """A row's field stands in the row, in its own attributes, under a header; on the page where that is asked for."""
    assert expected == value(reader(PAGE), field, ".row")


@pytest.mark.parametrize(
    ("field", "item", "expected"),
    [
        ({"label": "Status", "within": "#own"}, None, "mine"),
        ({"css": "b", "within": "#own"}, None, "bold"),
        ({"within": "#own h3"}, None, "Own"),
        ({"text": "Status", "within": "#own", "take": "html"}, None, "Status"),
        ({"label": "Status"}, None, "theirs"),
        ({"css": "b", "within": "p"}, ".entry", "second"),
        ({"css": "b", "within": "#own", "scope": "page"}, ".entry", "bold"),
        ({"css": "b", "within": ".nowhere", "default": "none"}, None, "none"),
    ],
)
def test_a_search_can_begin_within_an_element(reader: Reader, field: object, item: str | None, expected: str) -> None:
    """A label that stands in two boxes is looked for in one of them; where the box is missing, nothing is found."""
    page = reader(
        "<div id=theirs><dt>Status</dt><dd>theirs</dd></div>"
        "<div id=own><h3>Own</h3><dt>Status</dt><dd>mine</dd><b>bold</b></div>"
        "<div class=entry><b>first</b><p><b>second</b></p></div>"
    )

    assert expected == value(page, field, item)


def test_what_stands_above_an_item_is_the_nearest(reader: Reader) -> None:
    """A day over a group of entries belongs to those below it."""
    page = reader(PAGE)
    field = {"parts": [{"above": ".day"}, {}], "join": " "}

    assert ["March 16 09:00", "March 16 10:00", "March 17 11:00"] == [value(page, field, ".entry", n) for n in range(3)]


def test_an_item_of_two_lines_goes_by_two_lines_of_headers(reader: Reader) -> None:
    """Where each item is a group of two rows, each header line belongs to one of them."""
    page = reader(
        "<table><thead><tr><th>Id<th>Subject<tr><th>Owner<th>Status</thead>"
        "<tbody class=item><tr><td>7<td>Lamp<tr><td>Ada<td>open</tbody></table>"
    )

    found = [value(page, {"column": name}, ".item") for name in ("Id", "Subject", "Owner", "Status")]

    assert ["7", "Lamp", "Ada", "open"] == found


def test_selectors_find_in_a_file_what_they_find_in_a_browser(reader: Reader) -> None:
    """A pseudo-class at the beginning of a compound loses nothing."""
    page = reader("<main><div class=head><p><b>who</b></p><p><span>when</span></p></div></main>")

    assert "when" == value(page, "main > :has(b) span")


def test_headers_need_not_be_a_table(reader: Reader) -> None:
    """With a selector for header cells, a grid of boxes has columns too."""
    page = reader("<p class=h>Id</p><p class=h>Status</p><div class=item><i>7</i><i>open</i></div>")
    page.headers = ".h"

    assert "open" == value(page, {"column": "status"}, ".item")


@pytest.mark.parametrize(
    "unseen",
    [
        "<select><option>Status</option></select><p>wrong</p>",
        "<option>Status</option><p>wrong</p>",
        "<div hidden><dt>Status</dt><dd>wrong</dd></div>",
        "<dt style='display:none'>Status</dt><dd>wrong</dd>",
        "<script>Status</script><dd>wrong</dd>",
        "<template><dt>Status</dt><dd>wrong</dd></template>",
    ],
)
@pytest.mark.parametrize("kind", ["label", "text"])
def test_a_label_is_what_a_person_sees(reader: Reader, unseen: str, kind: str) -> None:
    """A choice of a filter, a hidden menu and a script hold the same words, and are no labels; an item that is
    hidden itself is looked at all the same."""
    page = reader(f"{unseen}<dl><dt>Status:</dt><dd>Open</dd></dl><li class=item hidden><b>Status</b><i>Shut</i></li>")

    shown = {"label": ("Open", "Shut"), "text": ("Status:", "Status")}
    assert shown[kind] == (value(page, {kind: "Status"}), value(page, {kind: "Status"}, ".item"))


def test_words_follow_the_locale(reader: Reader) -> None:
    """A label is looked for in the words of the page's locale only."""
    html = "<dt>Zustand</dt><dd>Offen</dd>"

    assert "Offen" == value(reader(html, locale="de-AT"), {"label": "@status"})
    with pytest.raises(Unreadable):
        value(reader(html, locale="en-US"), {"label": "@status"})


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (".missing", "nothing found"),
        ({"css": "h1", "filters": [{"part": r"#(\D+)$"}]}, "nothing found"),
        ({"css": "dd", "filters": [{"map": {"Closed": "x"}}]}, "'Open' is not in the map"),
        ({"css": "h1", "filters": ["integer"]}, "is not a whole number"),
        ({"css": ".missing", "absent": ".neither"}, "neither a value nor the proof"),
        ({"row": "created"}, "list row"),
        ([".missing", {"css": "h2", "filters": ["integer"]}], "'Head' is not a whole number"),
    ],
)
def test_a_required_value_that_is_not_there_is_a_failure(reader: Reader, field: object, why: str) -> None:
    """Nothing found, a word not in the map, no proof of absence: each says why, none is taken for an empty value."""
    with pytest.raises(Unreadable, match=why):
        value(reader(PAGE), field)


@pytest.mark.parametrize(
    ("last", "expected"), [({}, None), ({"optional": True}, "absent"), ({"default": "none"}, "none")]
)
def test_the_last_alternative_says_whether_a_choice_may_be_missing(
    reader: Reader, last: dict[str, object], expected: str | None
) -> None:
    """That the first one may be missing is what a choice is for; the field as a whole is required all the same."""
    field = [".missing", {"css": ".missing-too", **last}]

    if expected is None:
        with pytest.raises(Unreadable, match="nothing found"):
            value(reader(PAGE), field)
    else:
        assert expected == (value(reader(PAGE), field) or "absent")
    with pytest.raises(ValidationError, match="optional of a choice belongs to its last alternative"):
        Field.model_validate([{"css": ".missing", "optional": True}, "h1"])


def test_a_proof_of_absence_makes_a_value_absent(reader: Reader) -> None:
    """A field that the page proves not to have is absent, which is no failure."""
    assert value(reader(PAGE), {"css": ".reply", "absent": ".card"}) is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"css": ".h", "run": True}, ["A\n\n1\n\n2", "B\n\n3\n\nend"]),
        ({"css": ".h", "run": True, "until": ".end"}, ["A\n\n1\n\n2", "B\n\n3"]),
        ({"css": ".h", "run": True, "having": "em"}, ["A\n\n1\n\n2"]),
        ({"css": ".h", "run": True, "lacking": "em"}, ["B\n\n3\n\nend"]),
        (".h", ["A", "B"]),
    ],
)
def test_an_item_can_be_a_run_of_siblings(reader: Reader, rule: Any, expected: list[str]) -> None:
    """A head and what follows it up to the next head, with or without a given child."""
    page = reader(
        "<main><h2 class=h>A</h2><p>1</p><p><em>2</em></p><h2 class=h>B</h2><p>3</p><p class=end>end</p></main>"
    )

    assert expected == [visible_text(item) for item in items_of(Items.model_validate(rule), page.document.page)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,234", 1234), ("1.234.567", 1234567), ("12 345", 12345), ("1\u00a0234", 1234), ("7", 7), ("-3", -3), ("٣", 3)],
)
def test_whole_numbers_of_any_country(reader: Reader, text: str, expected: int) -> None:
    """Thousands may be separated in any way."""
    assert expected == reader(f"<p>{text}").integer("total", Field(css="p"))


@pytest.mark.parametrize("text", ["1.5", "12,34", "many", "1,2345"])
def test_what_is_no_whole_number_is_a_failure(reader: Reader, text: str) -> None:
    """A fraction is not rounded, a word is not zero."""
    page = reader(f"<p>{text}")

    assert page.integer("total", Field(css="p")) is None
    assert ["total"] == [failure.field for failure in page.failures]
