"""What a command's exit code tells a script."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """The numbers are a promise: schedulers act on them."""

    DONE = 0  #: done
    UNFORESEEN = 1  #: a bug in caselog
    USAGE = 2  #: the command line is wrong
    CONFIGURATION = 3  #: the configuration or a secret is wrong or missing
    PROFILE = 4  #: a portal profile is wrong, or the portal's page has changed
    ARCHIVE = 5  #: the archive cannot be used
    NO_ENGINE = 6  #: no browser engine that can do the work
    BUSY = 7  #: another process works on the account
    SIGN_IN_REFUSED = 10  #: the portal refused the password
    PERSON_NEEDED = 11  #: the portal wants a person
    RECOVERY_EXHAUSTED = 12  #: a page that the run needs stayed blank
    SHRINK = 13  #: a list lost more cases than is believable
    WRONG_ACCOUNT = 14  #: the portal shows another account
    STOPPED = 15  #: the stop switch is on
    THROTTLED = 16  #: the portal asked to slow down for longer than the run may wait
    UNREACHABLE = 17  #: no connection to the portal
    DENIED = 18  #: the portal blocks the account or caselog
    PARTIAL = 20  #: the run is partial
    REPLIES_OPEN = 21  #: replies are held, rejected or unconfirmed
    DAMAGE = 22  #: verification found damage
    TOO_OLD = 23  #: the last complete backup is too old
    INTERRUPTED = 130  #: stopped by Ctrl-C at once


#: With several accounts these go before all others, in this order: what a person has to look at first.
_URGENT = (
    ExitCode.STOPPED,
    ExitCode.WRONG_ACCOUNT,
    ExitCode.SHRINK,
    ExitCode.PERSON_NEEDED,
    ExitCode.SIGN_IN_REFUSED,
)


def combined(codes: Iterable[ExitCode]) -> ExitCode:
    """One code for several accounts: the first urgent one, else the largest."""
    found = set(codes)
    return next((code for code in _URGENT if code in found), max(found, default=ExitCode.DONE))
