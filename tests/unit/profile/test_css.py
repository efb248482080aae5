"""Selectors that mean the same everywhere."""

from __future__ import annotations

import pytest

from agent.profile.css import for_parser
from agent.profile.css import selector_problem


@pytest.mark.parametrize(
    "selector",
    [
        "p",
        "kat-data-table table tbody tr > td",
        "a[href*='id=' i]",
        '[data-testid="sender-label"]',
        "li:not(.disabled) > button:nth-child(2n+1)",
        ".card:has(> .head > h2) + .body",
        ":is(h1, h2) ~ p:last-of-type",
        r"#ticket\:12",
        "[data-x='a:hover|b']",
    ],
)
def test_plain_css_is_taken(selector: str) -> None:
    """Attributes, combinators, and the pseudo-classes that depend on the tree alone."""
    assert selector_problem(selector) is None


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (":has(b) span", "*:has(b) span"),
        ("a > :is(b, :not(.x)), p", "a > *:is(b, *:not(.x)), p"),
        ("[x=':has('] p:nth-child(2n+1) ~ :empty", "[x=':has('] p:nth-child(2n+1) ~ *:empty"),
        (r"a\:b p", r"a\:b p"),
    ],
)
def test_a_leading_pseudo_class_gets_its_star(selector: str, expected: str) -> None:
    """The parser would lose matches of a compound that begins with a pseudo-class; nothing else is touched."""
    assert expected == for_parser(selector)


@pytest.mark.parametrize(
    ("selector", "why"),
    [
        ("", "not a CSS selector"),
        ("p[", "not a CSS selector"),
        ("//div", "not a CSS selector"),
        ("text=Reply", "not a CSS selector"),
        ("p, ", "not a CSS selector"),
        ("> p", "cannot begin with a combinator"),
        ("p:visible", ":visible"),
        ("input:checked", ":checked"),
        ("a:hover", ":hover"),
        ("p:lexbor-contains('x')", ":lexbor-contains"),
        ("p:has-text('x')", ":has-text"),
        ("p::before", "::before"),
        (":scope > p", ":scope"),
        ("svg|a", "namespaces"),
        ("a >> b", "not a CSS selector"),
    ],
)
def test_what_differs_between_pages_and_files_is_refused(selector: str, why: str) -> None:
    """A selector that only a browser, or only the parser, understands is a problem with its reason."""
    problem = selector_problem(selector)

    assert problem is not None
    assert why in problem
