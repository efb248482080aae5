"""How a person stops a run: by Ctrl-C once, which lets it finish the case in hand, or by the stop switch, at once."""

from __future__ import annotations

from collections.abc import Callable

from agent.errors import Interrupted
from agent.errors import StopRequested


class StopToken:
    """Asked between actions. `switch` tells whether the stop switch is thrown; it is asked each time."""

    def __init__(self, account: str, switch: Callable[[], bool] = lambda: False) -> None:
        self._account = account
        self._switch = switch
        self._finishing = False

    def finish(self) -> None:
        """Begin nothing new; for a signal's callback."""
        self._finishing = True

    @property
    def finishing(self) -> bool:
        """Whether the run should end after what it has in hand."""
        return self._finishing

    def check(self) -> None:
        """Raise `StopRequested` when the switch is thrown."""
        if self._switch():
            raise StopRequested(self._account, "stop switch")

    def begin(self) -> None:
        """Raise where a person wants an end, by the switch or by Ctrl-C: before a step that nothing in hand needs."""
        self.check()
        if self._finishing:
            raise Interrupted(self._account, "Ctrl-C")
