"""Visit accounts at their portals, one after the other: where every command that touches a portal begins.

The stop switch is read before anything is opened. Ctrl-C lets the visit in hand finish and begins no other. The
trouble of one account, foreseen or not, keeps no other from its visit; only an archive that takes no more ends the
round.
"""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from typing import Generic
from typing import TypeVar

from agent.cli.archive_errors import explain
from agent.cli.exit_codes import ExitCode
from agent.cli.exit_codes import combined
from agent.cli.interrupts import Interrupts
from agent.cli.stop import is_thrown
from agent.errors import Interrupted
from agent.errors import StopRequested

if TYPE_CHECKING:
    from agent.cli.invocation import Invocation
    from agent.cli.workplace import Workplace
    from agent.config.model import AccountSettings
    from agent.recovery.stop import StopToken
    from storage.database import Database

T = TypeVar("T")
Visit = Callable[["Workplace", "AccountSettings", "StopToken"], Awaitable[T]]


@dataclass(slots=True)
class Round(Generic[T]):
    """What became of each account: what its visit gave or ended with, or why it was not begun."""

    done: list[tuple[str, T | Exception]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False

    def code(self, judged: Iterable[ExitCode]) -> ExitCode:
        """One code for all. What a person broke off, or what held nothing to do, was never all of it."""
        code = combined(judged)
        partial = self.interrupted or (self.skipped and not self.done)
        return ExitCode.PARTIAL if code is ExitCode.DONE and partial else code

    def skipped_value(self) -> list[dict[str, Any]]:
        return [{"account": name, "reason": reason} for name, reason in self.skipped.items()]

    def skipped_lines(self) -> list[str]:
        return [f"{name}: not begun; {reason}" for name, reason in self.skipped.items()]


def visit_accounts(
    call: Invocation,
    database: Database,
    accounts: Sequence[AccountSettings],
    visit: Visit[T],
    *,
    headless: bool = True,
) -> Round[T]:
    """Raises `KeyboardInterrupt` after a second Ctrl-C, and what keeps all browsers from starting."""
    found: Round[T] = Round()
    if is_thrown(call.places.stop_switch):  # then not even a browser is started
        found.done = [(each.name, StopRequested(each.name, "stop switch")) for each in accounts]
    elif accounts:
        interrupts = Interrupts(call.tell)
        interrupts.run(_visit_each(call, database, accounts, visit, found, interrupts, headless=headless))
        found.interrupted = interrupts.interrupted
        why = "interrupted by Ctrl-C" if found.interrupted else "the archive cannot be used"
        found.skipped = {each.name: why for each in accounts[len(found.done) :]}
    return found


def visit_account(
    call: Invocation, database: Database, settings: AccountSettings, visit: Visit[T], *, headless: bool = True
) -> T:
    """The same for one account. Raises what ended the visit."""
    found = visit_accounts(call, database, [settings], visit, headless=headless)
    if not found.done:
        raise Interrupted(settings.name, "Ctrl-C")
    [(_, result)] = found.done
    if isinstance(result, Exception):
        raise result
    return result


async def _visit_each(
    call: Invocation,
    database: Database,
    accounts: Sequence[AccountSettings],
    visit: Visit[T],
    found: Round[T],
    interrupts: Interrupts,
    *,
    headless: bool,
) -> None:
    from agent.cli.workplace import workplace

    async with workplace(call, database, headless=headless) as place:
        for settings in accounts:
            if interrupts.interrupted:
                return
            stop = place.stop_token(settings.name)
            interrupts.finish_by(stop.finish)
            result = await _attempt(place, settings, stop, visit)
            found.done.append((settings.name, result))
            if isinstance(result, Exception) and explain(result).code is ExitCode.ARCHIVE:
                return


async def _attempt(place: Workplace, settings: AccountSettings, stop: StopToken, visit: Visit[T]) -> T | Exception:
    from agent.log import get_logger

    try:
        stop.check()
        return await visit(place, settings, stop)
    except Exception as error:  # noqa: BLE001 -- a bug that one account meets is told as that account's result
        if explain(error).code is ExitCode.UNFORESEEN:
            get_logger(__name__).error("bug_met", account=settings.name, exc_info=error)
        return error
