"""`python -m mock_portal`: serve until interrupted."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence

from mock_portal.faults.registry import InvalidFaults
from mock_portal.options import parser
from mock_portal.options import settings_from
from mock_portal.ready import Ready
from mock_portal.server import MockPortal


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser()
    given = options.parse_args(arguments)
    try:
        portal = MockPortal(settings_from(given))
    except InvalidFaults as error:
        options.error("\n".join(error.problems))
    except ValueError as error:
        options.error(str(error))
    try:
        print(announcement(portal.start(), as_json=given.json), flush=True)
        # without a time-out Windows does not notice Ctrl-C
        while not threading.Event().wait(3600):
            pass
    except OSError as error:
        options.error(f"port {given.port}: {error.strerror}")
    except KeyboardInterrupt:
        pass
    finally:
        portal.stop()
    return 0


def announcement(ready: Ready, *, as_json: bool) -> str:
    if as_json:
        # ASCII only: the reader of a pipe may expect any encoding
        return json.dumps(ready.as_json())
    lines = [f"{ready.skin} portal (a mock, not Amazon) at {ready.url}", ""]
    lines += [
        f"  {account.name:14} {account.user}  password {account.password}  TOTP {account.totp}"
        for account in ready.accounts
    ]
    return "\n".join([*lines, "", "Ctrl-C stops it."])


if __name__ == "__main__":
    sys.exit(main())
