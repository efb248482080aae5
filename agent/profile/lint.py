"""What a profile says about itself that cannot be true; pure, all problems at once.

Single values are checked by the models; here stand the checks that look at two places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from babel import Locale
from babel import UnknownLocaleError

from agent.errors import Problem
from agent.profile.lint_marks import loose_words
from agent.profile.lint_words import unknown_names
from agent.profile.model.base import placeholders
from agent.profile.model.cases import SourceKind
from agent.profile.model.dates import DateRules
from agent.profile.model.fields import Field
from agent.profile.model.lists import ROW_FIELDS
from agent.profile.model.lists import ListRules
from agent.profile.model.profile import PortalProfile
from agent.profile.walk import walk

_ZONE_IN_TEXT = re.compile(r"%[zZ]")


def lint(profile: PortalProfile) -> tuple[Problem, ...]:
    """Every contradiction in a profile; none means that it can be used."""
    checks = (_locales, unknown_names, loose_words, _dates, _sign_in, _identity, _tabs, _list, _case, _statuses)
    return tuple(problem for check in checks for problem in check(profile))


def _locales(profile: PortalProfile) -> Iterator[Problem]:
    if not profile.locales:
        yield Problem("locales", "names no locale")
    for name in profile.locales:
        try:
            Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            yield Problem("locales", f"{name} is no locale; write it like en-US")


def _dates(profile: PortalProfile) -> Iterator[Problem]:
    for name, rules in profile.dates.items():
        yield from _date_rules(f"dates.{name}", rules, profile.locales)
    for key, model in walk(profile):
        if isinstance(model, Field) and model.date is not None and model.date not in profile.dates:
            yield Problem(f"{key}.date", f"there is no [dates.{model.date}]")
    for key, field in date_fields(profile):
        if any(one.date is None for one in (field, *field.otherwise)) and "default" not in profile.dates:
            yield Problem(key, "there is no [dates.default], and the field names no other")


def date_fields(profile: PortalProfile) -> Iterator[tuple[str, Field]]:
    """The fields that are read as times, with their keys."""
    times = ("created", "updated")
    places = [(f"{key}.{name}", getattr(rules, name)) for key, rules in _lists(profile) for name in times]
    places += [(f"case.{name}", getattr(profile.case, name)) for name in times]
    places += [(f"case.messages[{n}].sent_at", source.sent_at) for n, source in enumerate(profile.case.messages)]
    return ((key, field) for key, field in places if field is not None)


def _date_rules(key: str, rules: DateRules, locales: tuple[str, ...]) -> Iterator[Problem]:
    for locale in locales:
        if not rules.formats_for(locale):
            yield Problem(f"{key}.formats", f'has no format for {locale}, nor for "*"')
    if rules.zone not in {None, "account"}:
        try:
            ZoneInfo(str(rules.zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield Problem(f"{key}.zone", f"{rules.zone} is no time zone; write it like Europe/Berlin, UTC or account")
    zoneless = [
        text
        for formats in rules.formats.values()
        for text in formats
        if text not in {"iso", "epoch", "epoch_ms"} and not _ZONE_IN_TEXT.search(text)
    ]
    if zoneless and rules.zone is None and rules.zone_field is None:
        yield Problem(key, f"{zoneless[0]!r} shows no time zone: say which with zone or zone_field")


def _sign_in(profile: PortalProfile) -> Iterator[Problem]:
    if not any("password" in handler.variables for handler in profile.sign_in.handlers):
        yield Problem("sign_in.handlers", "none of them fills in {password}")


def _identity(profile: PortalProfile) -> Iterator[Problem]:
    if profile.identity.account_name is None:
        yield Problem("identity.account_name", "is missing: without it no page proves whose it is, and none is stored")


def _tabs(profile: PortalProfile) -> Iterator[Problem]:
    if not any(tab.history for tab in profile.tabs.values()):
        yield Problem("tabs", "none is marked history: which of them together hold every case?")


def _list(profile: PortalProfile) -> Iterator[Problem]:
    for key, rules in _lists(profile):
        yield from _one_list(key, rules)


def _lists(profile: PortalProfile) -> Iterator[tuple[str, ListRules]]:
    yield "list", profile.list
    yield from ((f"tabs.{tab}.list", rules.list) for tab, rules in profile.tabs.items() if rules.list is not None)


def _one_list(key: str, rules: ListRules) -> Iterator[Problem]:
    names = set(rules.row_fields())
    if not rules.id.required:
        yield Problem(
            f"{key}.id", "has to be required: a row without its id would be passed over, and its case be missing"
        )
    for name in rules.fingerprint:
        if name not in names:
            yield Problem(f"{key}.fingerprint", f"{name} is no field of a row; there are {', '.join(sorted(names))}")
    yield from _telling(f"{key}.changes_with_message", rules)
    for name in sorted(set(rules.columns).intersection(ROW_FIELDS)):
        yield Problem(f"{key}.columns.{name}", "is a field of every row: write it as list." + name)
    parameter = rules.pager.parameter if rules.pager else None
    if parameter is not None and parameter.step == 0 and rules.page_size is None:
        yield Problem(f"{key}.pager.parameter.step", "counts rows, so list.page_size has to say how many a page holds")


def _telling(key: str, rules: ListRules) -> Iterator[Problem]:
    """The column that proves a row unchanged has to be there, and to be compared."""
    name = rules.changes_with_message
    field = rules.row_fields().get(name or "")
    if name is not None and field is None:
        yield Problem(key, f"{name} is no field of a row")
    elif field is not None and name not in rules.fingerprint:
        yield Problem(key, f"{name} has to be in list.fingerprint: nothing else is compared")
    elif field is not None and not field.required:
        yield Problem(key, f"{name} has to be required: a row without it would prove that nothing happened")


def _case(profile: PortalProfile) -> Iterator[Problem]:
    rules, columns = profile.case, set(profile.list.row_fields())
    for key, model in walk(profile):
        if isinstance(model, Field) and model.row is not None and model.row not in columns:
            yield Problem(f"{key}.row", f"a list row has no {model.row}; it has {', '.join(sorted(columns))}")
    if "case_id" not in placeholders(rules.url):
        yield Problem("case.url", "has no {case_id}")
    for name in ("subject", "status"):
        if getattr(rules, name) is None:
            yield Problem(f"case.{name}", f'is missing; write {{ row = "{name}" }} if only the list shows it')
    if not rules.messages:
        yield Problem("case.messages", "there is no source of messages")
    used = {source.part for source in rules.messages}
    for part in sorted(used - {"", *rules.parts}):
        yield Problem("case.messages", f"there is no [case.parts.{part}]")
    for part in sorted(set(rules.parts) - used):
        yield Problem(f"case.parts.{part}", "no source of messages uses it")
    for number, source in enumerate(rules.messages):
        if source.kind is SourceKind.MESSAGE and not (source.direction or rules.direction):
            yield Problem(f"case.messages[{number}].direction", "nothing says who speaks")


def _statuses(profile: PortalProfile) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for status, words in profile.statuses.items():
        for word in words:
            if seen.setdefault(word.casefold(), status) != status:
                yield Problem(f"statuses.{status}", f"{word!r} already means {seen[word.casefold()]}")
