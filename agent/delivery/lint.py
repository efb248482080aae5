"""What is wrong, or looks wrong, with a text before anybody approves it. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from agent.delivery.fingerprint import fingerprint
from agent.delivery.fingerprint import without_markup
from agent.profile.model.reply import TextRules


class LintCode(StrEnum):
    """One kind of finding. The first four keep a text from being sent."""

    NOTHING_TO_PROVE = "nothing_to_prove"  #: no letter and no digit: it could not be found again in the thread
    TOO_LONG = "too_long"  #: the portal takes fewer characters
    FORBIDDEN = "forbidden"  #: the portal would not show it as typed
    CONTROL_CHARACTERS = "control_characters"  #: a form drops them
    PLACEHOLDER = "placeholder"  #: something that looks like a gap nobody filled
    MARKUP = "markup"  #: the portal takes a part of it for markup and will not show that


BLOCKING = frozenset(
    {LintCode.NOTHING_TO_PROVE, LintCode.TOO_LONG, LintCode.FORBIDDEN, LintCode.CONTROL_CHARACTERS},
)

_PLACEHOLDER = re.compile(
    r"""
    \{\{.*?\}\} | \$?\{[A-Za-z_]\w*\}       # {{name}} {name} ${name}
    | \[[A-Z][A-Z _]{2,}\] | <[A-Z][A-Z _]{2,}>  # [ORDER ID] <NAME>
    | \b(?:TODO|TBD|FIXME)\b
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Lint:
    """One finding; `detail` quotes the text or the rule."""

    code: LintCode
    detail: str = ""

    @property
    def blocks(self) -> bool:
        return self.code in BLOCKING

    def __str__(self) -> str:
        return f"{self.code.value} {self.detail}".strip()


def lint(text: str, rules: TextRules) -> tuple[Lint, ...]:
    """List everything that is to be said about `text`."""
    found: list[Lint] = []
    if not fingerprint(without_markup(text, rules.markup)):
        found.append(Lint(LintCode.NOTHING_TO_PROVE))
    # A form control counts UTF-16 units.
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if rules.max_length is not None and length > rules.max_length:
        found.append(Lint(LintCode.TOO_LONG, f"{length} > {rules.max_length}"))
    for rule in rules.forbidden:
        hit = re.search(rule.pattern, text)
        if hit is not None:
            found.append(Lint(LintCode.FORBIDDEN, f"{hit[0]}: {rule.why}"))
    controls = sorted(
        {f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\r\t"}
    )
    if controls:
        found.append(Lint(LintCode.CONTROL_CHARACTERS, " ".join(controls)))
    found += [Lint(LintCode.PLACEHOLDER, hit) for hit in dict.fromkeys(_PLACEHOLDER.findall(text))]
    if fingerprint(without_markup(text, rules.markup)) != fingerprint(text):
        found.append(Lint(LintCode.MARKUP, rules.markup.value))
    return tuple(found)
