"""The messages of one source on one page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.extract.conditions import any_holds
from agent.extract.dom import Run
from agent.extract.filters import Unreadable
from agent.extract.filters import apply_filters
from agent.extract.lists import absolute
from agent.extract.locate import items_of
from agent.extract.reader import PageReader
from agent.extract.reader import markup
from agent.extract.reader import taken
from agent.extract.reading import ShownMessage
from agent.extract.words import plain
from agent.profile.model.cases import AttachmentItems
from agent.profile.model.cases import DirectionRule
from agent.profile.model.cases import MessageSource
from agent.profile.model.cases import SourceKind
from agent.profile.model.fields import Field
from storage.records import AttachmentRef
from storage.records import Direction


@dataclass(frozen=True, slots=True)
class _Body:
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A message and its place on the page; an opening message outside the list has none."""

    place: int | None
    message: ShownMessage


def read_source(reader: PageReader, source: MessageSource, key: str, *, number: int) -> Iterator[Placed]:
    """Its messages in the order of the page. One that cannot be read is left out and stands among the failures.

    An opening message is shown on every page of a thread; it is read on the first.
    """
    items: tuple[Run | None, ...] = (None,) if number == 1 else ()
    if source.items is not None:
        items = items_of(source.items, reader.document.page)
    wanted = [item for item in items if not any_holds(reader, source.skip, item)]
    if source.required and number == 1 and not wanted:
        reader.fail(f"{key}.items", None, "there is no message, and there has to be one")
    for item in wanted:
        message = _message(reader, source, key, item)
        if message is not None:
            yield Placed(reader.document.order[item[0].mem_id] if item else None, message)


def attachments_of(
    reader: PageReader, rules: tuple[AttachmentItems, ...], key: str, item: Run | None
) -> tuple[AttachmentRef, ...]:
    """The files that a place shows; one that is linked twice counts once."""
    found: dict[tuple[str, str | None], AttachmentRef] = {}
    for number, rule in enumerate(rules):
        here = f"{key}[{number}]"
        for file in items_of(rule.items, item if item is not None else reader.document.page):
            name = reader.text(f"{here}.name", rule.name, file)
            url = absolute(reader, reader.text(f"{here}.url", rule.url, file))
            mime = reader.text(f"{here}.mime", rule.mime, file)
            if name is not None and url is not None:
                found.setdefault((name, url), AttachmentRef(name=name, url=url, mime=mime))
    return tuple(found.values())


def _message(reader: PageReader, source: MessageSource, key: str, item: Run | None) -> ShownMessage | None:
    before = len(reader.failures)
    author = reader.text(f"{key}.author", source.author, item) or ""
    sent_at = reader.moment(f"{key}.sent_at", source.sent_at, item)
    native_id = reader.text(f"{key}.id", source.id, item)
    attachments = attachments_of(reader, source.attachments, f"{key}.attachments", item)
    body = _body(reader, f"{key}.body", source.body, item, may_lack=bool(attachments))
    if len(reader.failures) > before or sent_at is None:
        return None
    direction = _direction(reader, source, f"{key}.direction", author, item)
    if direction is None:
        return None
    return ShownMessage(
        native_id=native_id,
        direction=direction,
        author=author,
        sent_at=sent_at.utc,
        sent_at_raw=sent_at.raw,
        granularity=sent_at.granularity,
        body=body.text,
        body_html=body.html,
        attachments=attachments,
        truncated=any_holds(reader, source.truncated, item),
        counted=source.counted if source.counted is not None else source.kind is SourceKind.MESSAGE,
    )


def _body(reader: PageReader, key: str, field: Field, item: Run | None, *, may_lack: bool) -> _Body:
    """The text and the markup it was read from. An element without text is a body too (a picture)."""
    for way in (field, *field.otherwise):
        if way.const is not None or way.row is not None or way.parts:
            text = reader.text(key, way, item)
            if text is not None:
                return _Body(text, None)
            continue
        texts, markups = _taken(reader, key, way, item)
        if texts:
            reader.touched.add(key)
            return _Body(way.join.join(texts), way.join.join(markups))
    if not may_lack and field.required:
        reader.fail(key, field, "nothing found")
    return _Body(field.last.default or "", None)


def _taken(reader: PageReader, key: str, way: Field, item: Run | None) -> tuple[list[str], list[str]]:
    texts, markups = [], []
    for run in reader.places(way, item):
        raw = taken(run, way)
        try:
            text = apply_filters(raw, way.filters, base=reader.url) if raw is not None else None
        except Unreadable as exc:
            reader.fail(key, way, str(exc))
            continue
        if text is not None:
            texts.append(text)
            markups.append(markup(run))
    return texts, markups


def _direction(reader: PageReader, source: MessageSource, key: str, author: str, item: Run | None) -> Direction | None:
    if source.kind is SourceKind.EVENT:
        return Direction.SYSTEM
    for rule in source.direction or reader.profile.case.direction:
        if _speaks(reader, rule, author, item):
            return rule.means
    reader.fail(key, None, f"no rule says who {author!r} is")
    return None


def _speaks(reader: PageReader, rule: DirectionRule, author: str, item: Run | None) -> bool:
    if rule.when:
        return any_holds(reader, rule.when, item)
    if rule.author == "us":
        return plain(author) in {plain(reader.account.user), plain(reader.account.account_name)}
    if rule.author == "requester":
        told = reader.requester  # by the case's own page, where this is another one
        requesters = reader.text("case.requester", reader.profile.case.requester) if told is None else told
        return bool(author) and plain(author) in {plain(one) for one in (requesters or "").splitlines()}
    if rule.author_is:
        return plain(author) in reader.speak(rule.author_is)
    return rule.author_like is not None and re.search(rule.author_like, author) is not None
