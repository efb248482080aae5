"""Try a profile on pages, saved or live, and name each selector that fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent.errors import Problem
from agent.errors import ProfileError
from agent.extract.classify import empty_conditions
from agent.extract.classify import ready_conditions
from agent.extract.conditions import why_not
from agent.extract.packs import PagePack
from agent.extract.packs import SavedPage
from agent.extract.pages import read_page
from agent.extract.pages import reader_of
from agent.extract.reader import described
from agent.extract.reading import CasePage
from agent.extract.reading import FieldFailure
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import Verdict
from agent.profile.account import AccountFacts
from agent.profile.model.fields import Field
from agent.profile.model.profile import PortalProfile
from agent.profile.walk import walk


@dataclass(frozen=True, slots=True)
class PageCheck:
    """What a profile made of one page. `failures` are wrong; `count` is the number of rows or messages read."""

    page: str
    verdict: Verdict
    reason: str
    count: int
    failures: tuple[FieldFailure, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All pages, and the fields of the profile that gave a value on none of them: wrong, or not on these pages."""

    pages: tuple[PageCheck, ...]
    unseen: tuple[FieldFailure, ...]

    @property
    def passed(self) -> bool:
        """Whether every page was understood; a page that is honestly something else (a login) is not."""
        return all(page.verdict in {Verdict.OK, Verdict.EMPTY} and not page.failures for page in self.pages)


def check_pack(profile: PortalProfile, pack: PagePack) -> CheckReport:
    """Try a profile on saved pages. Raises `ProfileError` where they are of parts that the profile does not have."""
    strange = [
        (page.name, part)
        for page in pack.pages
        if (part := page.snapshot.request.part) not in {"", *profile.case.parts}
    ]
    if strange:
        problems = tuple(Problem(name, f"there is no [case.parts.{part}]") for name, part in strange)
        raise ProfileError(profile.name, problems)
    return check_pages(profile, pack.pages, pack.account)


def check_pages(profile: PortalProfile, pages: Iterable[SavedPage], account: AccountFacts) -> CheckReport:
    """Read every page with the profile and report what it did not find."""
    checks: list[PageCheck] = []
    touched: set[str] = set()
    kinds: set[PageKind] = set()
    for page in pages:
        reader = reader_of(page.snapshot, profile, page.locale, account)
        reading = read_page(page.snapshot, reader)
        failures = (*reading.failures, *_failed_tests(profile, page, account, reading))
        checks.append(PageCheck(page.name, reading.verdict, reading.reason, _count(reading), failures))
        touched |= reader.touched
        kinds.add(page.snapshot.request.kind)
    failed = {failure.field for check in checks for failure in check.failures}
    unseen = [
        FieldFailure(key, described(field), "gave no value on any page")
        for key, field in named_fields(profile)
        if PageKind(key.partition(".")[0]) in kinds and key not in touched | failed
    ]
    return CheckReport(tuple(checks), tuple(unseen))


def named_fields(profile: PortalProfile) -> tuple[tuple[str, Field], ...]:
    """The fields that pages of lists and cases are read with, by the keys that failures quote."""
    found: list[tuple[str, Field]] = []
    for name, section in (("list", profile.list), ("case", profile.case)):
        inner: set[str] = set()
        for key, model in walk(section, (name,)):
            if isinstance(model, Field) and not any(key.startswith(f"{outer}.") for outer in inner):
                inner.add(key)
                found.append((key, model))
    return tuple(found)


def _failed_tests(
    profile: PortalProfile, page: SavedPage, account: AccountFacts, reading: Reading
) -> tuple[FieldFailure, ...]:
    """The conditions that made a page count as blank or as signed out, one by one."""
    if reading.verdict not in {Verdict.BLANK, Verdict.LOGIN}:
        return ()
    reader = reader_of(page.snapshot, profile, page.locale, account)
    request = page.snapshot.request
    ready = ready_conditions(profile, request)
    tests = {"sign_in.signed_in": profile.sign_in.signed_in, "identity.ready": profile.identity.ready}
    if request.kind is PageKind.LIST and why_not(reader, ready) is None:
        tests["list.empty"] = empty_conditions(profile, request)
    else:
        tests[f"{request.kind}.ready"] = ready
    missing = {key: why_not(reader, conditions) for key, conditions in tests.items() if conditions}
    return tuple(FieldFailure(key, "", why) for key, why in missing.items() if why is not None)


def _count(reading: Reading) -> int:
    if isinstance(reading.page, ListPage):
        return len(reading.page.rows)
    return len(reading.page.messages) if isinstance(reading.page, CasePage) else 0
