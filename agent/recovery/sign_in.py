"""Signs in: journalled first, passwords counted, and none submitted again after one was refused."""

from __future__ import annotations

from dataclasses import dataclass

from agent.errors import AccessDenied
from agent.errors import CaselogError
from agent.errors import EngineDied
from agent.errors import PersonNeeded
from agent.errors import RecoveryExhausted
from agent.errors import RunStopped
from agent.errors import SignInRefused
from agent.errors import WrongAccount
from agent.portal.protocol import Portal
from agent.recovery.logbook import Logbook
from storage.journal import NOT_SUBMITTED
from storage.journal import AccountCondition

CONDITIONS: dict[type[RunStopped], AccountCondition] = {
    SignInRefused: AccountCondition.LOCKED,
    PersonNeeded: AccountCondition.CHALLENGED,
    AccessDenied: AccountCondition.DENIED,
    WrongAccount: AccountCondition.WRONG_ACCOUNT,
}

#: The journal's word for a password that was asked for again without a word about the first one.
ASKED_AGAIN = "asked_again"

WANTED = {"code": AccountCondition.NEEDS_CODE, "passkey": AccountCondition.NEEDS_PASSKEY}


def condition_after(stopped: RunStopped) -> AccountCondition | None:
    """What an error says about the account; `None` when it says nothing."""
    if isinstance(stopped, PersonNeeded) and stopped.wanted in WANTED:
        return WANTED[stopped.wanted]
    return CONDITIONS.get(type(stopped))


@dataclass(slots=True)
class SignIns:
    """One account's sign-ins of one run. The ladder holds the budget; the lock outlives the run."""

    account: str
    logbook: Logbook
    submitted: int = 0  #: passwords, those included of which nobody knows whether the portal has seen them
    accepted: bool = False  #: this run's password was right once

    async def submit(self, portal: Portal) -> None:
        """Sign in once. Raises what `Portal.sign_in` raises, and `SignInRefused` at once for a locked account."""
        state = self.logbook.account_state()
        if state.condition is AccountCondition.LOCKED:
            raise SignInRefused(self.account, state.reason)
        doubtful = self.logbook.last_password() == ASKED_AGAIN
        row = self.logbook.begin_sign_in()
        before = portal.passwords_submitted
        try:
            await portal.sign_in()
        except CaselogError as error:
            submitted = portal.passwords_submitted > before
            self.logbook.finish_sign_in(row, _outcome(error) if submitted else f"{NOT_SUBMITTED}{_outcome(error)}")
            if isinstance(error, SignInRefused) and not error.told and (self.accepted or not doubtful):
                # Most likely the session ended on its way in: nobody has said that the password was wrong. It is typed
                # once more, in another context or by the next run; asked for again even then, the account is locked.
                raise RecoveryExhausted(self.account, error.reason, error.url) from error
            if isinstance(error, RunStopped):
                self.logbook.set_account_state(condition_after(error), error.reason)
            raise
        finally:
            self.submitted += portal.passwords_submitted - before
        self.accepted = True
        self.logbook.finish_sign_in(row, "ok")
        self.logbook.set_account_state(AccountCondition.OK, "")


def _outcome(error: CaselogError) -> str:
    """The journal's word for how a sign-in ended."""
    if isinstance(error, SignInRefused) and not error.told:
        return ASKED_AGAIN
    return "engine_died" if isinstance(error, EngineDied) else type(error).__name__
