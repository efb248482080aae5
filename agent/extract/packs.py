"""A page pack: saved pages in a folder with a `pack.toml` that says what each of them is.

A pack names its locale, the account that the pages were saved for, and one `[[pages]]` table for each file: `file`,
`url`, `kind` (home, list, case) and `time`; a case's page its `case_id`, if need be its `part` and the texts of its
list `row`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pydantic
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from agent.errors import Problem
from agent.errors import ProfileError
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.profile.account import AccountFacts
from agent.profile.walk import dotted
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.records import Tab


class PackedPage(BaseModel):
    """One page of a pack, as `pack.toml` says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    url: str
    kind: PageKind
    time: datetime
    locale: str | None = None
    status: int = 200
    tab: Tab = Tab.ALL
    case_id: str | None = None
    part: str = ""
    number: int = 1
    row: dict[str, str] = pydantic.Field(default_factory=dict)


class PackedAccount(BaseModel):
    """Whose pages they are; what is left out is not checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str = ""
    account_name: str = ""
    marketplace: str | None = None
    zone: str | None = None
    variables: dict[str, str] = pydantic.Field(default_factory=dict)


class _PackFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    locale: str | None = None
    account: PackedAccount = PackedAccount()
    pages: tuple[PackedPage, ...]


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page of a pack, ready to be read."""

    name: str
    locale: str | None
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class PagePack:
    """Saved pages and the account that they were saved for."""

    account: AccountFacts
    pages: tuple[SavedPage, ...]


def load_pack(folder: Path) -> PagePack:
    """Every page of a pack. Raises `ProfileError` with all that is wrong with the pack."""
    path = folder / "pack.toml"
    try:
        pack = _PackFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        account = AccountFacts(name="pack", base_url=pack.pages[0].url if pack.pages else "", **dict(pack.account))
        return PagePack(account, tuple(_saved(folder, page, pack.locale) for page in pack.pages))
    except ValidationError as error:
        problems = tuple(Problem(dotted(one["loc"]), one["msg"]) for one in error.errors(include_url=False))
        raise ProfileError(str(path), problems) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(str(path), (Problem("the pack", str(error)),)) from error


def _saved(folder: Path, page: PackedPage, locale: str | None) -> SavedPage:
    is_case = page.kind is PageKind.CASE
    request = PageRequest(
        kind=page.kind,
        url=page.url,
        tab=page.tab if page.kind is PageKind.LIST else None,
        case_id=page.case_id,
        part=page.part,
        number=page.number,
        row=_row(page) if is_case and page.row else None,
    )
    if is_case and page.case_id is None:
        raise ProfileError(str(folder / "pack.toml"), (Problem(page.file, "a case's page needs its case_id"),))
    snapshot = Snapshot(
        request=request,
        final_url=page.url,
        status=page.status,
        html=_html(folder / page.file),
        read_at=page.time if page.time.tzinfo is not None else page.time.replace(tzinfo=UTC),
        lane=Lane.LIVE,
        environment=Environment(),
        engine_version="",
        ready=True,
    )
    return SavedPage(page.file, page.locale or locale, snapshot)


def _html(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProfileError(str(path), (Problem("the page", "it is not UTF-8: save it as UTF-8"),)) from error


def _row(page: PackedPage) -> CaseSummary:
    columns = tuple(page.row.items())
    return CaseSummary(
        case_id=page.case_id or "", subject=None, status=CaseStatus.UNKNOWN, status_raw=None, row=columns
    )
