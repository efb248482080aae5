"""What counts as the same text, and as the same file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.fingerprint import fingerprint
from agent.delivery.fingerprint import same_file
from agent.delivery.fingerprint import shown_forms
from agent.delivery.fingerprint import shows
from agent.profile.model.reply import Markup
from agent.profile.model.reply import TextRules

PLAIN = TextRules()
LONG = "We have sent the invoice of order 123 again, please have another look at it."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Order 12-34!", "Order1234"),
        ("  spaces\u00a0and\n\nlines ", "spacesandlines"),
        ("Ｆｕｌｌ ｗｉｄｔｈ １２", "Fullwidth12"),
        ("退款，请处理。", "退款请处理"),
        ("cafe\u0301 ", "café"),
        ("🙂 -- !", ""),
    ],
)
def test_fingerprint_keeps_letters_and_digits_of_every_script(text: str, expected: str) -> None:
    """Only what every portal keeps is compared."""
    assert expected == fingerprint(text)


@given(st.text(), st.sampled_from([" ", "\n", "\u200b", "*", "&", "🙂", "\u00a0"]))
def test_fingerprint_is_blind_to_what_portals_put_between_words(text: str, between: str) -> None:
    """White space, punctuation and emoji at the ends change nothing."""
    assert fingerprint(text) == fingerprint(f"{between}{text}{between}")


@given(st.text(alphabet="abcXYZ019退款請", min_size=1, max_size=39))
def test_a_short_text_counts_only_when_it_is_the_whole_message(text: str) -> None:
    """Below the limit, being contained proves nothing."""
    forms = shown_forms(text, PLAIN)

    assert shows(forms, f"  {text}!")
    assert not shows(forms, f"As you said: {text}")


@given(st.text(), st.text())
def test_a_long_text_is_found_inside_quotes_and_signatures(before: str, after: str) -> None:
    """From the limit on, the portal may put what it likes around a text."""
    assert shows(shown_forms(LONG, PLAIN), f"{before} {LONG} {after}")


def test_the_limit_is_forty_letters_and_digits() -> None:
    """Forty suffice and thirty-nine do not."""
    assert shows(shown_forms("a" * 40, PLAIN), "Dear all " + "a" * 40)
    assert not shows(shown_forms("a" * 39, PLAIN), "Dear all " + "a" * 39)


def test_a_part_of_the_text_is_not_the_text() -> None:
    """A message that the portal cut proves nothing."""
    assert not shows(shown_forms(LONG, PLAIN), LONG[:60])


@pytest.mark.parametrize(
    ("markup", "typed", "shown"),
    [
        (Markup.PLAIN, "**Done.** See #12", "**Done.** See #12"),
        (Markup.MARKDOWN, "**Done.** See [the invoice](https://shop.test/i/1)", "Done. See the invoice"),
        (Markup.MARKDOWN, "1. first\n2. second", "first\nsecond"),
        (Markup.MARKDOWN, "1. first\n2. second", "1. first\n2. second"),
        (Markup.MARKDOWN, "![chart](a.png)ok <https://shop.test/x>", "ok https://shop.test/x"),
        (Markup.MARKDOWN, "```python\nx = 1\n```", "x = 1"),
        (Markup.MARKDOWN, "1. `<b>`\n2. <i>x</i>", "<b>\n<i>x</i>"),
        (Markup.HTML, "<b>Done</b> <a href='x'>here</a>, 1 < 2", "Done here, 1 < 2"),
        (Markup.HTML, "<b>Done</b>", "<b>Done</b>"),
        (Markup.WIKI, 'h2. Title\nsee "the page":https://x.test and [[Start|Home]]', "Title\nsee the page and Home"),
    ],
)
def test_what_the_portal_obeys_may_vanish(markup: Markup, typed: str, shown: str) -> None:
    """A text is recognised as typed, and as the portal's markup would show it."""
    assert shows(shown_forms(typed, TextRules(markup=markup)), shown)


def test_a_signature_of_the_portal_does_not_count() -> None:
    """What the profile says is appended is taken off before comparing, so that short texts match as well."""
    forms = shown_forms("Thanks!", PLAIN)

    assert shows(forms, "Thanks!\n--\nSent by Desk 5", r"--\s+Sent by Desk \d")
    assert not shows(forms, "Thanks!\n--\nSent by Desk 5")


@pytest.mark.parametrize(
    ("ours", "shown", "expected"),
    [
        ("invoice.pdf", "invoice.pdf", True),
        ("my invoice.pdf", "my_invoice.pdf", True),
        ("invoice.PDF", "Invoice.pdf", True),
        ("invoice.pdf", "invoice_x7Yz9Q1.pdf", True),
        ("invoice.pdf", "invoice (1).pdf", True),
        ("发票 1.pdf", "发票_1.pdf", True),
        ("invoice.pdf", "invoices.pdf", False),
        ("invoice.pdf", "invoice.png", False),
        ("a.pdf", "b.pdf", False),
        ("README", "README", True),
        ("!.pdf", "x_1.pdf", False),
    ],
)
def test_same_file(ours: str, shown: str, expected: bool) -> None:
    """Portals change names in known ways, and other names are other files."""
    assert expected == same_file(ours, shown)
