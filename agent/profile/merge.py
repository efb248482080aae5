"""What `extends` means: sections are merged key by key, everything inside a section is replaced whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The tables whose keys are merged; `*` stands for any one key. A field, a condition, a list is never mixed of two.
SECTIONS = (
    ("attachments",), ("case",), ("case", "parts"), ("dates",), ("delivery",), ("identity",),
    ("list",), ("list", "columns"), ("list", "summary"), ("politeness",), ("reply",), ("reply", "text"), ("reset",),
    ("sign_in",), ("statuses",), ("tabs",), ("variables",), ("verdicts",), ("words",), ("words", "*"),
)  # fmt: skip


def merge(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """The child's table over the parent's. `drop` lists dotted keys of the parent that the child does without.

    Raises `ValueError` where it is no list of such keys.
    """
    kept = dict(parent)
    dropped = child.get("drop", [])
    if not isinstance(dropped, list) or not all(isinstance(key, str) for key in dropped):
        msg = 'is a list of keys: drop = ["list.updated"]'
        raise ValueError(msg)
    for key in dropped:
        kept = _without(kept, key, tuple(key.split(".")))
    return _merge(kept, {name: value for name, value in child.items() if name != "drop"}, ())


def with_whole_lists(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with each `[tabs.X.list]` laid over `[list]`, as a child is over its parent."""
    shared, tabs = table.get("list"), table.get("tabs")
    if not isinstance(shared, Mapping) or not isinstance(tabs, Mapping):
        return dict(table)
    whole = {
        name: {**tab, "list": _merge(shared, tab["list"], ("list",))}
        for name, tab in tabs.items()
        if isinstance(tab, Mapping) and isinstance(tab.get("list"), Mapping)
    }
    return {**table, "tabs": {**tabs, **whole}}


def _merge(parent: Mapping[str, Any], child: Mapping[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    merged = dict(parent)
    for name, value in child.items():
        here = (*place, name)
        old = merged.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping) and _is_section(here):
            merged[name] = _merge(old, value, here)
        else:
            merged[name] = value
    return merged


def _is_section(place: tuple[str, ...]) -> bool:
    return any(
        len(place) == len(section) and all(want in {"*", have} for want, have in zip(section, place, strict=True))
        for section in SECTIONS
    )


def _without(table: Mapping[str, Any], key: str, place: tuple[str, ...]) -> dict[str, Any]:
    head, *rest = place
    inner = table.get(head)
    if head not in table or (rest and not isinstance(inner, Mapping)):
        msg = f"the profile that this one extends has no {key}"
        raise ValueError(msg)
    if not rest:
        return {name: value for name, value in table.items() if name != head}
    assert isinstance(inner, Mapping), "or it was refused above"
    return {**table, head: _without(inner, key, tuple(rest))}
