"""A page pack of pages that were just read, masked: what it says of itself, and the files that it is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from agent.extract.masking import Mask
from agent.extract.snapshot import Snapshot
from agent.profile.account import AccountFacts


def masked_pack(
    snapshots: Sequence[Snapshot], account: AccountFacts, *, locale: str | None, mask: Mask
) -> Mapping[str, str]:
    """The texts of the pack's files by name. `load_pack` reads them as the pages were, with other words in them."""
    mask = mask.of_portal([account.base_url, *(one.final_url for one in snapshots)], account)
    files = {f"{number}-{one.request.kind.value}.html": one for number, one in enumerate(snapshots, start=1)}
    head = [] if locale is None else [f"locale = {_quoted(locale)}", ""]
    pages = [line for name, one in files.items() for line in ("", *_page(name, one, mask))]
    about = "\n".join([*head, *_account(account, mask), *pages]) + "\n"
    return {"pack.toml": about, **{name: mask.page(one.html) for name, one in files.items()}}


def _account(account: AccountFacts, mask: Mask) -> Iterator[str]:
    yield "[account]"
    yield f"user = {_quoted(mask.text(account.user))}"
    yield f"account_name = {_quoted(mask.text(account.account_name))}"
    if account.marketplace is not None:
        yield f"marketplace = {_quoted(mask.text(account.marketplace))}"
    if account.zone is not None:
        yield f"zone = {_quoted(account.zone)}"
    if account.variables:
        yield f"variables = {_table(account.variables, mask)}"


def _page(name: str, snapshot: Snapshot, mask: Mask) -> Iterator[str]:
    request = snapshot.request
    yield "[[pages]]"
    yield f"file = {_quoted(name)}"
    yield f"url = {_quoted(mask.url(snapshot.final_url))}"
    yield f"kind = {_quoted(request.kind.value)}"
    yield f"time = {snapshot.read_at.isoformat()}"
    yield f"number = {request.number}"
    if snapshot.status is not None:
        yield f"status = {snapshot.status}"
    if request.tab is not None:
        yield f"tab = {_quoted(request.tab.value)}"
    if request.case_id is not None:
        yield f"case_id = {_quoted(mask.text(request.case_id))}"
    if request.part:
        yield f"part = {_quoted(request.part)}"
    if request.row is not None and request.row.row:
        yield f"row = {_table(dict(request.row.row), mask)}"


def _table(values: Mapping[str, str], mask: Mask) -> str:
    pairs = (f"{_quoted(key)} = {_quoted(mask.text(value))}" for key, value in values.items())
    return f"{{ {', '.join(pairs)} }}"


def _quoted(text: str) -> str:
    """A basic string; JSON's escapes are TOML's, but for the one character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
