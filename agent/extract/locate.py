"""Where a field's value stands on a page: selectors, labels, columns, and what lies between two elements."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

from agent.extract.columns import cells_under
from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.extract.dom import Run
from agent.extract.dom import attribute
from agent.extract.dom import is_match
from agent.extract.dom import matches
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.labels import beside
from agent.extract.labels import by_own_text
from agent.extract.text import visible_text
from agent.extract.words import plain
from agent.profile.model.fields import Field
from agent.profile.model.fields import Match
from agent.profile.model.fields import Scope
from agent.profile.model.lists import Items

#: Turns the profile's words into the texts to compare with.
Speak = Callable[[tuple[str, ...]], tuple[str, ...]]

_NAMING_ATTRIBUTES = ("aria-label", "title", "value", "label")


def locate(document: Document, field: Field, item: Run | None, speak: Speak, headers: str | None) -> tuple[Run, ...]:
    """The places that a field names, first to last; several only where the field wants all."""
    scope = item if item is not None and field.scope is Scope.ITEM else document.page
    roots = [scope] if field.within is None else [run_of(node) for node in select(scope, field.within)[:1]]
    found = tuple(run for root in roots for run in _candidates(document, field, root, speak, headers))
    if field.text and (field.css or field.column or field.label):
        words = speak(field.text)
        found = tuple(run for run in found if _says(run, words))
    if field.match is Match.FIRST:
        found = found[:1]
    elif field.match is Match.LAST:
        found = found[-1:]
    if field.after is None and field.before is None:
        return found
    return tuple(part for run in found if (part := _between(run, field)))


def items_of(rule: Items, scope: Run) -> tuple[Run, ...]:
    """The items that a rule names inside a place, in the order of the document."""
    heads = select(scope, rule.css)
    runs = _sibling_runs(heads, rule.until) if rule.run else [run_of(head) for head in heads]
    return tuple(
        run
        for run in runs
        if (rule.having is None or matches(run, rule.having))
        and (rule.lacking is None or not matches(run, rule.lacking))
    )


def _candidates(document: Document, field: Field, scope: Run, speak: Speak, headers: str | None) -> Iterator[Run]:
    if field.label:
        for label in by_own_text(scope, speak(field.label)):
            yield from beside(document, label, scope, field.css)
    elif field.column:
        for cell in cells_under(document, scope, speak(field.column), headers):
            yield from (run_of(node) for node in select(cell, field.css)) if field.css else (cell,)
    elif field.css:
        yield from (run_of(node) for node in select(scope, field.css))
    elif field.text:
        yield from (run_of(node) for node in by_own_text(scope, speak(field.text)))
    elif field.above:
        yield from _above(document, scope, field.above)
    else:
        yield scope


def _above(document: Document, item: Run, css: str) -> Iterator[Run]:
    """The matches that begin before an item, the nearest first."""
    here = document.order[item[0].mem_id]
    over = [node for node in select(document.page, css) if document.order[node.mem_id] < here]
    return (run_of(node) for node in reversed(over))


def _says(run: Run, words: tuple[str, ...]) -> bool:
    if plain(visible_text(run)) in words:
        return True
    return any(
        plain(attribute(node, name) or "") in words
        for node in run
        if node.is_element_node
        for name in _NAMING_ATTRIBUTES
    )


def _between(run: Run, field: Field) -> Run:
    """What stands behind the child that holds `after`, and before the child that holds `before` where there is one."""
    nodes = [child for node in run for child in node.iter(include_text=True)]
    if field.after is not None:
        start = next((n for n, node in enumerate(nodes) if matches(run_of(node), field.after)), None)
        nodes = nodes[start + 1 :] if start is not None else []
    if field.before is not None:
        end = next((n for n, node in enumerate(nodes) if matches(run_of(node), field.before)), None)
        nodes = nodes[:end]
    return Run(tuple(nodes))


def _sibling_runs(heads: tuple[Node, ...], until: str | None) -> list[Run]:
    starts = {head.mem_id for head in heads}
    runs = []
    for head in heads:
        nodes = [head]
        following = head.next
        while following is not None and following.mem_id not in starts:
            if until is not None and is_match(following, until):
                break
            nodes.append(following)
            following = following.next
        runs.append(Run(tuple(nodes)))
    return runs
