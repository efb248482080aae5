"""What a person sees of a piece of markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extract.dom import Document
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.text import text_of_markup
from agent.extract.text import visible_text

TAGS = ("p", "div", "b", "span", "br", "ul", "li", "table", "tr", "td", "pre", "script", "textarea", "svg", "template")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a <b>b</b>\n   c", "a b c"),
        ("<b>a</b><i>b</i>", "ab"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<div>one<br></div><div>two</div>", "one\ntwo"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ('<span style="white-space: pre-wrap">a\n  b</span>', "a\n  b"),
        ("a&nbsp;&lt;b&gt; &amp; &#x1F642;", "a <b> & 🙂"),
        ("a<script>x()</script><style>y</style><template>z</template><!-- c -->b", "ab"),
        ('a<span hidden>x</span><span style="color:red; display : none">y</span>b', "ab"),
        ('<span style="visibility:hidden">x</span>b', "b"),
        ("<kat-label>To</kat-label><kat-label>You</kat-label>", "To\nYou"),
        ("<kat-box><shadow-root><p>deep</p></shadow-root>light</kat-box>", "deep\n\nlight"),
        ("a<noscript>switch on</noscript>b", "ab"),
        ("", ""),
    ],
)
def test_markup_reads_as_it_looks(html: str, expected: str) -> None:
    """Blocks, breaks, cells, white space, entities and what is hidden come out as on a screen."""
    assert expected == text_of_markup(html)


def test_a_hidden_message_is_a_message() -> None:
    """What is asked for is read even when it is collapsed; only what is hidden inside of it is left out."""
    document = Document('<div style="display:none"><div class="body" hidden>a <i hidden>b</i></div></div>')

    assert "a" == visible_text(run_of(*select(document.page, ".body")))


def test_source_lines_can_be_kept() -> None:
    """A portal that styles its text to keep line breaks is read with them."""
    document = Document("<div class=x>a\n  b &amp; c\n\n\n\nd</div>")

    assert "a\n  b & c\n\nd" == visible_text(run_of(*select(document.page, ".x")), keep_lines=True)


def test_what_is_for_browsers_without_scripts_is_no_part_of_a_page() -> None:
    """A selector finds nothing there either: the pages were read with scripts running."""
    document = Document("<div><noscript><p class=error>switch scripts on</p></noscript></div>")

    assert () == select(document.page, ".error")


def test_deep_nesting_is_no_danger() -> None:
    """A text quoted thousands of levels deep is read without running out of stack."""
    assert "x" == text_of_markup("<blockquote>" * 5000 + "x")


@given(st.lists(st.one_of(st.sampled_from([f"<{t}>" for t in TAGS] + [f"</{t}>" for t in TAGS]), st.text())))
def test_any_markup_gives_a_tidy_text(pieces: list[str]) -> None:
    """Whatever comes, the text has no white space round it, no run of empty lines, and reading never fails."""
    text = text_of_markup("".join(pieces))

    assert text == text.strip()
    assert "\n\n\n" not in text


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufeff\u200b")
    )
)
def test_escaped_text_comes_back(text: str) -> None:
    """No letter of a text is lost on the way through markup."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")

    assert text == text_of_markup(f"<p>{escaped}</p>")
