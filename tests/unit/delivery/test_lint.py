"""What is said about a text before it is approved."""

from __future__ import annotations

import pytest

from agent.delivery.lint import Lint
from agent.delivery.lint import LintCode
from agent.delivery.lint import lint
from agent.profile.model.reply import Forbidden
from agent.profile.model.reply import Markup
from agent.profile.model.reply import TextRules

RULES = TextRules(max_length=20, forbidden=(Forbidden(pattern=r"\{%", why="the portal fills templates in"),))


@pytest.mark.parametrize(
    ("text", "rules", "expected"),
    [
        ("All is well.", RULES, ()),
        ("  \n", RULES, (Lint(LintCode.NOTHING_TO_PROVE),)),
        ("👍", RULES, (Lint(LintCode.NOTHING_TO_PROVE),)),
        ("a" * 21, RULES, (Lint(LintCode.TOO_LONG, "21 > 20"),)),
        ("🙂" * 10 + "a", RULES, (Lint(LintCode.TOO_LONG, "21 > 20"),)),
        ("a {% b", RULES, (Lint(LintCode.FORBIDDEN, "{%: the portal fills templates in"),)),
        ("a\x07b\x00", RULES, (Lint(LintCode.CONTROL_CHARACTERS, "U+0000 U+0007"),)),
        (
            "Dear {{name}}, [ORDER ID] TODO",
            TextRules(),
            tuple(Lint(LintCode.PLACEHOLDER, p) for p in ("{{name}}", "[ORDER ID]", "TODO")),
        ),
        ("1. one", TextRules(markup=Markup.MARKDOWN), (Lint(LintCode.MARKUP, "markdown"),)),
        ("1. one", TextRules(), ()),
        ("a *b* `c`", TextRules(markup=Markup.MARKDOWN), ()),
    ],
)
def test_lint(text: str, rules: TextRules, expected: tuple[Lint, ...]) -> None:
    """Every finding is named, with the words that it is about."""
    assert expected == lint(text, rules)


def test_only_what_could_not_be_sent_or_proved_blocks() -> None:
    """A look-alike of a placeholder is a warning: some texts really are like that."""
    assert [
        LintCode.NOTHING_TO_PROVE,
        LintCode.TOO_LONG,
        LintCode.FORBIDDEN,
        LintCode.CONTROL_CHARACTERS,
    ] == [code for code in LintCode if Lint(code).blocks]
