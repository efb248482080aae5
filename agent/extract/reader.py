"""Read a profile's fields on one page, and remember which could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as member
from datetime import datetime

from agent.extract.dates import Moment
from agent.extract.dates import parse_moment
from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.extract.dom import Run
from agent.extract.dom import attribute
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.filters import Unreadable
from agent.extract.filters import apply_filters
from agent.extract.filters import to_integer
from agent.extract.locate import locate
from agent.extract.reading import FieldFailure
from agent.extract.text import visible_text
from agent.extract.words import fill
from agent.extract.words import plain
from agent.extract.words import spoken
from agent.profile.account import AccountFacts
from agent.profile.model.fields import Field
from agent.profile.model.fields import Take
from agent.profile.model.profile import PortalProfile


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and the field (or the alternative of it) that gave it."""

    text: str
    by: Field


@dataclass(slots=True)
class PageReader:
    """One page with everything that fields may ask for.

    `locales` are those that the page may be in; more than one where it says only its language, or nothing. `read_at` is
    when it was read. `more` are variables of the moment (`{file}`). Gathers the `failures`; `touched` holds the keys
    that gave a value.
    """

    document: Document
    url: str
    profile: PortalProfile
    locales: tuple[str, ...]
    account: AccountFacts
    status: int | None = None
    row: Mapping[str, str] | None = None
    case_id: str | None = None
    requester: str | None = None
    headers: str | None = None
    read_at: datetime | None = None
    more: Mapping[str, str] = member(default_factory=dict)
    failures: list[FieldFailure] = member(default_factory=list)
    touched: set[str] = member(default_factory=set)
    _page_text: str | None = None

    def values(self) -> dict[str, str]:
        """The variables that texts of the profile may use here."""
        own = {"case_id": self.case_id} if self.case_id is not None else {}
        return {**self.account.values(), **own, **self.more}

    @property
    def page_text(self) -> str:
        """The whole page's visible text, as texts are compared."""
        if self._page_text is None:
            self._page_text = plain(visible_text(self.document.body))
        return self._page_text

    def speak(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return spoken(words, self.profile, self.locales[0], self.values())

    def find(self, key: str, field: Field, item: Run | None = None) -> Found | None:
        """A field's value; `None` when it is absent and may be. Raises `Unreadable`."""
        trouble: Unreadable | None = None
        for way in (field, *field.otherwise):
            try:
                text = self._text(way, item)
            except Unreadable as exc:
                trouble = trouble or exc
                continue
            if text:
                self.touched.add(key)
                return Found(text, way)
        if trouble is not None:
            raise trouble
        return self._absent(field.last, item)

    def text(self, key: str, field: Field | None, item: Run | None = None) -> str | None:
        """A field's text; `None` when it is absent, and also when it failed: then it is among the failures."""
        found = self._try(key, field, item)
        return found.text if found is not None else None

    def quietly(self, key: str, field: Field | None) -> str | None:
        """A text that nobody may need: that it cannot be read is no failure."""
        try:
            return found.text if field is not None and (found := self.find(key, field)) is not None else None
        except Unreadable:
            return None

    def integer(self, key: str, field: Field | None, item: Run | None = None) -> int | None:
        found = self._try(key, field, item)
        if found is None:
            return None
        try:
            return to_integer(found.text)
        except Unreadable as exc:
            self.fail(key, found.by, str(exc))
            return None

    def moment(self, key: str, field: Field | None, item: Run | None = None) -> Moment | None:
        found = self._try(key, field, item)
        if found is None:
            return None
        try:
            return self._moment(found)
        except Unreadable as exc:
            self.fail(key, found.by, str(exc))
            return None

    def places(self, way: Field, item: Run | None) -> tuple[Run, ...]:
        """Where one alternative of a field finds its value."""
        return locate(self.document, way, item, self.speak, self.headers)

    def fail(self, key: str, field: Field | None, why: str) -> None:
        self.failures.append(FieldFailure(key, described(field) if field is not None else "", why))

    def _try(self, key: str, field: Field | None, item: Run | None) -> Found | None:
        if field is None:
            return None
        try:
            return self.find(key, field, item)
        except Unreadable as exc:
            self.fail(key, field, str(exc))
            return None

    def _absent(self, field: Field, item: Run | None) -> Found | None:
        if field.default is not None:
            return Found(field.default, field)
        if field.optional:
            return None
        scope = item if item is not None else self.document.page
        if field.absent is not None:
            if select(scope, field.absent):
                return None
            msg = "neither a value nor the proof that there is none"
            raise Unreadable(msg)
        msg = "nothing found"
        raise Unreadable(msg)

    def _text(self, field: Field, item: Run | None) -> str | None:
        raw = self._raw(field, item)
        return apply_filters(raw, field.filters, base=self.url) if raw is not None else None

    def _raw(self, field: Field, item: Run | None) -> str | None:
        if field.const is not None:
            return fill(field.const, self.values())
        if field.take is Take.ADDRESS:
            return self.url
        if field.row is not None:
            return self._from_row(field.row)
        if field.parts:
            return self._joined(field, item)
        runs = self.places(field, item)
        texts = [text for run in runs if (text := taken(run, field)) is not None]
        return field.join.join(texts) if texts else None

    def _joined(self, field: Field, item: Run | None) -> str | None:
        found = [self.find("", part, item) for part in field.parts]
        return field.join.join(one.text for one in found if one is not None) or None

    def _from_row(self, name: str) -> str | None:
        if self.row is None:
            msg = "stands in the list row, and the case was not reached from a list"
            raise Unreadable(msg)
        return self.row.get(name)

    def _moment(self, found: Found) -> Moment:
        rules = self.profile.dates[found.by.date or "default"]
        zone = self.account.zone if rules.zone == "account" else rules.zone
        if rules.zone_field is not None:
            read = self.find("", rules.zone_field)
            zone = read.text if read is not None else None
        days = {word: days for days, words in rules.relative_days.items() for word in self.speak(words)}
        return parse_moment(found.text, rules, *self.locales, zone=zone, now=self.read_at, days=days)


def taken(run: Run, field: Field) -> str | None:
    """What a field takes of a place."""
    if field.attr is not None:
        return next(
            (value for node in run if node.is_element_node and (value := attribute(node, field.attr)) is not None), None
        )
    if field.take is Take.VALUE:
        return _control_value(run[0]) if run else None
    if field.take is Take.CHOICE:
        chosen = select(run, "option[selected]") or select(run, "option")
        return visible_text(run_of(chosen[0])) if chosen else None
    if field.take is Take.HTML:
        return markup(run)
    if field.take is Take.OWN_TEXT:
        return visible_text(
            Run(tuple(child for node in run for child in node.iter(include_text=True) if child.is_text_node))
        )
    return visible_text(run, without=left_out(run, field), keep_lines=field.take is Take.LINES)


def left_out(run: Run, field: Field) -> frozenset[int]:
    return frozenset(node.mem_id for css in field.without for node in select(run, css))


def markup(run: Run) -> str:
    """The markup inside an element; of several nodes, their own markup too."""
    if len(run) == 1 and run[0].is_element_node:
        return run[0].inner_html or ""
    return "".join((node.html if node.is_element_node else node.text_content) or "" for node in run)


def described(field: Field) -> str:
    """A field in the words of the profile, for a message about it."""
    names = ("css", "within", "text", "label", "column", "row", "const", "attr", "after", "before")
    said = [f"{name} = {value!r}" for name in names if (value := getattr(field, name))]
    return ", ".join(said) or ("parts" if field.parts else field.take.value)


def _control_value(node: Node) -> str | None:
    written = attribute(node, "value")
    if written is not None:
        return written
    if node.tag == "select":
        chosen = select(run_of(node), "option[selected]") or select(run_of(node), "option")
        return (attribute(chosen[0], "value") or visible_text(run_of(chosen[0]))) if chosen else None
    return node.text() if node.tag == "textarea" else None
