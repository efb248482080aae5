"""One check after the other; each says what it looked at, and what to do when it is not as it should be."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.cli.archive_errors import explain
from agent.cli.errors import Explanation
from agent.cli.exit_codes import ExitCode
from agent.cli.stop import read_switch
from agent.errors import CaselogError
from storage.errors import ArchiveError

if TYPE_CHECKING:
    from agent.cli.invocation import Invocation
    from agent.config.model import AccountSettings
    from agent.config.model import SecretSource

LITTLE_DISK = 1_000_000_000
NO_DISK = 100_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """`code` is DONE when all is well; a remark that fails nothing leaves it so, and says what may be done."""

    name: str
    detail: str
    code: ExitCode = ExitCode.DONE
    next: str = ""


def _failed(name: str, told: Explanation) -> Check:
    return Check(name, " ".join([told.what, *told.where]), told.code, told.next)


def checks(call: Invocation) -> Iterator[Check]:
    """What one of them trips over is its result, and keeps no other from being made."""
    for name, look in LOOKS.items():
        try:
            yield from look(call)
        except (CaselogError, ArchiveError, OSError) as error:
            yield _failed(name, explain(error))


def _stopped(call: Invocation) -> Iterator[Check]:
    switch = read_switch(call.places.stop_switch)
    if switch is not None:
        yield Check("stop switch", f"on since {switch['since'] or 'a time that nobody noted'}", next="caselog resume")


def _configuration(call: Invocation) -> Iterator[Check]:
    from agent.profile.load import load_profile

    accounts = call.configuration.accounts
    step = "" if accounts else "caselog init"
    yield Check("configuration", f"{call.places.config_file}: {len(accounts)} accounts", next=step)
    for settings in accounts.values():
        try:
            load_profile(settings.profile, call.places.profiles)
        except CaselogError as error:
            yield _failed(f"profile of {settings.name}", explain(error))
        yield from _secrets(call, settings)


def _secrets(call: Invocation, settings: AccountSettings) -> Iterator[Check]:
    sources: dict[str, SecretSource | None] = {
        "password": settings.password,
        "totp": settings.totp,
        "session_key": settings.session_key,
        "proxy.password": settings.proxy.password if settings.proxy else None,
    }
    fetched = []
    for key, source in sources.items():
        if source is None or source.prompt:
            continue
        where = f"accounts.{settings.name}.{key}"
        try:
            call.secrets.fetch(source, where=where, user=settings.user)
        except CaselogError as error:
            yield _failed(where, explain(error))
        else:
            fetched.append(key)
    if fetched:
        yield Check(f"secrets of {settings.name}", ", ".join(fetched))


def _archive(call: Invocation) -> Iterator[Check]:
    from storage.archive import count_cases
    from storage.errors import ArchiveMissing
    from storage.journal import list_runs

    try:
        with call.archive() as database:
            yield Check("archive", f"{call.places.archive}: {count_cases(database)} cases")
            latest = list_runs(database, limit=1)
    except ArchiveMissing:
        yield Check("archive", "none yet", next="caselog backup")
        return
    now = datetime.now(UTC)
    if latest and latest[0].started_at > now + timedelta(minutes=5):
        what = f"it is {now:%Y-%m-%d %H:%M} UTC, but the last run began at {latest[0].started_at:%Y-%m-%d %H:%M} UTC"
        yield Check("clock", what, ExitCode.CONFIGURATION, "set the clock: sign-in codes depend on it")
    else:
        yield Check("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _disk(call: Invocation) -> Iterator[Check]:
    folder = call.places.data
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / 1e9:.1f} GB free for {folder}"
    if free < NO_DISK:
        yield Check("disk", detail, ExitCode.ARCHIVE, "make room")
    else:
        yield Check("disk", detail, next="make room soon" if free < LITTLE_DISK else "")


def _private(call: Invocation) -> Iterator[Check]:
    """Folders that others may look into; Windows keeps user folders private by access lists."""
    if os.name != "posix":
        return
    for folder in (call.places.config, call.places.data, call.places.state):
        if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            yield Check("privacy", f"others can look into {folder}", next=f"chmod 700 {folder}")


def _leftovers(_call: Invocation) -> Iterator[Check]:
    from agent.browser.rundir import leftovers
    from agent.browser.rundir import usual_root

    left = list(leftovers(usual_root()))
    if left:
        yield Check("leftovers", f"{len(left)} folders of killed runs", next="nothing: the next run removes them")


def _browsers(call: Invocation) -> Iterator[Check]:
    from agent.cli.browsers import launch_each
    from agent.cli.installing import has_cjk_fonts

    launched = asyncio.run(launch_each(call))
    for found in launched.working:
        yield Check(found.engine.value, f"{found.version} opens a page ({found.path})")
    for name, tried in launched.failed.items():
        yield Check(name, "; ".join(tried) or "not found", ExitCode.NO_ENGINE, "caselog engines install")
    if not has_cjk_fonts():
        yield Check("fonts", "none for Chinese and Japanese: screenshots show boxes", next="caselog setup")


LOOKS: dict[str, Callable[[Invocation], Iterator[Check]]] = {
    "configuration": _configuration,
    "archive": _archive,
    "disk": _disk,
    "privacy": _private,
    "leftovers": _leftovers,
    "stop switch": _stopped,
    "browsers": _browsers,
}
