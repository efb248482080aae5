"""Elements with a monstrous number of attributes are thinned before they are parsed; nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extract.crowded import MOST_ATTRIBUTES
from agent.extract.crowded import thinned
from agent.extract.dom import Document
from agent.extract.dom import attribute
from agent.extract.dom import select
from agent.extract.text import visible_text

PIECES = st.sampled_from(["<", ">", "<a ", "</a>", "=", '"', "'", "/", " ", "x", "<!--", "-->", "<script>", "a=1 "])


@given(st.lists(PIECES, max_size=200).map("".join) | st.text(max_size=300))
def test_usual_markup_stays_as_it_is(html: str) -> None:
    """However broken: what has few attributes comes out as it went in."""
    assert html == thinned(html)


@pytest.mark.parametrize("form", ["a{}", 'a{}="<b c>"', "a{}='x\"y'", "a{} = z", "a{}/"], ids=str)
def test_an_element_keeps_its_first_attributes(form: str) -> None:
    """The rest are left out; the element's text and what follows stay."""
    every = " ".join(form.format(n) for n in range(3 * MOST_ATTRIBUTES))
    html = f"<p {every}>inside</p><p class=next>after</p>"

    document = Document(html)

    first, after = select(document.page, "p")
    assert (MOST_ATTRIBUTES, True) == (len(first.attributes), attribute(first, f"a{MOST_ATTRIBUTES - 1}") is not None)
    assert ("inside\n\nafter", "next") == (visible_text(document.body), attribute(after, "class"))


@pytest.mark.parametrize("name", ["script", "style", "textarea", "title"])
def test_what_looks_like_a_tag_in_a_script_swallows_no_page(name: str) -> None:
    """A comparison followed by thousands of words ends with its script at the latest."""
    code = "for(i=0;i<n;i++) " + "a " * 3 * MOST_ATTRIBUTES + 'x="'

    document = Document(f"<{name}>{code}</{name}><p class=next>after</p>")

    assert "after" == visible_text(document.body)


@pytest.mark.parametrize(
    "html",
    [
        "<p " + " ".join(f"a{n}" for n in range(300_000)) + ">word",
        "<p" + " a" * 300_000 + ">word",
        "<a b='" * 200_000 + "'>word",
        '<a b="' * 200_001,
        "<a" * 1_000_000,
        "<script " * 200_000,
        "<script " + "a " * 300_000 + ">word",
        "<p " + "a " * 300_000 + "b='</script " + "a " * 300_000 + "'>word",
        "<a " + "=" * 300_000,
        "<" * 1_000_000,
    ],
    ids=["many", "same", "quotes", "open quote", "open tags", "scripts", "script", "apart", "equals", "brackets"],
)
def test_no_markup_takes_for_ever(html: str) -> None:
    """Millions of characters made to be slow are parsed; that it ends is the claim."""
    assert visible_text(Document(html).body) is not None
