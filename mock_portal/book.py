"""The cases of one account and everything that can happen to them.

The only place that changes a case. Each change is noted in the history once it is whole; what a visitor caused is in
the ledger too, from the moment of acceptance on, however late it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

from mock_portal.clock import PortalClock
from mock_portal.data.accounts import Account
from mock_portal.data.body import written
from mock_portal.data.model import Attachment
from mock_portal.data.model import Case
from mock_portal.data.model import Message
from mock_portal.data.model import Role
from mock_portal.data.model import Status
from mock_portal.data.plan import IDLE_LIMITS
from mock_portal.data.plan import case_id
from mock_portal.data.thread import message_id
from mock_portal.data.topics import phrases
from mock_portal.history import History
from mock_portal.ledger import Ledger


class CaseBook:
    """`version` grows with every change: what was computed from the book is good until then.

    Time changes a book only in `catch_up`, which comes before every look at it.
    """

    def __init__(
        self,
        account: Account,
        cases: Iterable[Case],
        *,
        seed: int,
        clock: PortalClock,
        ledger: Ledger,
        history: History,
    ) -> None:
        self.account = account
        self.clock = clock
        self.version = 0
        self._seed = seed
        self._cases = {case.id: case for case in cases}
        self._ledger = ledger
        self._history = history
        self._opened = len(self._cases)
        self._written = 0
        self._late: list[tuple[datetime, Callable[[], None]]] = []
        self._caught_up: datetime | None = None

    # reading

    def get(self, case_id: str) -> Case | None:
        """The case that this link opens, listed or not."""
        case = self._cases.get(case_id)
        return None if case is None or case.gone else case

    def listed(self) -> list[Case]:
        return [case for case in self._cases.values() if not (case.unlisted or case.gone)]

    def existing(self) -> list[Case]:
        return [case for case in self._cases.values() if not case.gone]

    def is_away(self, case_id: str) -> bool:
        """Whether it was taken out of the lists, or altogether."""
        case = self._cases.get(case_id)
        return case is not None and (case.unlisted or case.gone)

    # what visitors do

    def reply(self, case: Case, text: str, files: tuple[Attachment, ...] = (), *, shown_after: float = 0.0) -> Message:
        message = self._message(case, Role.USER, text, files, author=self.account.user)
        self._record("reply", case, message)
        self._after(shown_after, lambda: self._append(case, message, status=_after_reply(case)))
        return message

    def open_case(
        self,
        subject: str,
        category: str,
        text: str,
        files: tuple[Attachment, ...] = (),
        *,
        shown_after: float = 0.0,
    ) -> Case:
        case = self._case(subject, category, owner=self.account.user)
        message = self._message(case, Role.USER, text, files, author=self.account.user)
        self._record("new_case", case, message)
        self._after(shown_after, lambda: self._arrive(case, message))
        return case

    def take_file(self, case: Case | None, file: Attachment) -> None:
        """A file that comes ahead of the message that it belongs to, in a case or in a new one."""
        self._ledger.record_upload(
            file,
            time=self.clock.now(),
            account=self.account.name,
            user=self.account.user,
            case=case.id if case else "",
        )

    def close_case(self, case: Case, *, shown_after: float = 0.0) -> None:
        name = next(person.name for person in self.account.team if person.email == self.account.user)
        at = self._minute()
        self._ledger.record(
            "close_case", time=self.clock.now(), account=self.account.name, user=self.account.user, case=case.id
        )
        self._after(shown_after, lambda: self._close(case, at=at, closer=name))

    # what happens by itself

    def catch_up(self) -> list[Case]:
        """Let happen what is due by now; the cases that closed themselves.

        Days count from `day_line`: no case closes because a test takes long.
        """
        now, line = self.clock.now(), self.clock.day_line().replace(second=0, microsecond=0)
        due = [change for at, change in self._late if at <= now]
        self._late = [each for each in self._late if each[0] > now]
        for change in due:
            change()
        if line == self._caught_up:
            return []
        self._caught_up = line
        idle = [case for case in self.existing() if line - case.updated > IDLE_LIMITS.get(case.status, timedelta.max)]
        for case in idle:
            self._close(case, at=case.updated + IDLE_LIMITS[case.status])
        return idle

    def desk_writes(self, case: Case, text: str, *, status: Status | None, touch: bool = True) -> Message:
        """A message from the desk. Without `touch` the case's list row stays as it is, status and time."""
        message = self._message(case, Role.PORTAL, text)
        self._append(case, message, status=status if touch else None, touch=touch)
        return message

    def case_arrives(self, subject: str, text: str) -> Case:
        """A case that a colleague opened elsewhere."""
        owner = self.account.team[-1].email
        case = self._case(subject, "Other", owner=owner)
        self._arrive(case, self._message(case, Role.USER, text, author=owner))
        return case

    def close_by_desk(self, case: Case) -> None:
        self._close(case, at=self._minute())

    def edit_message(self, case: Case, message: Message, text: str) -> None:
        case.thread[_position(case, message)] = replace(message, body=written(text))
        self._changed("message_edited", case, message=message.id, before=message.body.shown, after=text)

    def drop_message(self, case: Case, message: Message) -> None:
        del case.thread[_position(case, message)]
        self._changed("message_vanished", case, message=message.id, before=message.body.shown)

    def unlist(self, case: Case) -> None:
        case.unlisted = True
        self._changed("case_unlisted", case)

    def remove(self, case: Case) -> None:
        case.gone = True
        self._changed("case_gone", case)

    def restore(self, case_id: str) -> None:
        case = self._cases[case_id]
        case.unlisted = case.gone = False
        self._changed("case_restored", case)

    # the common parts

    def _minute(self) -> datetime:
        """Messages carry minutes only, as the pages show them: what is stored is what can be observed."""
        return self.clock.now().replace(second=0, microsecond=0)

    def _after(self, seconds: float, change: Callable[[], None]) -> None:
        """Now, or when somebody looks after that time."""
        if seconds:
            self._late.append((self.clock.now() + timedelta(seconds=seconds), change))
        else:
            change()

    def _case(self, subject: str, category: str, *, owner: str) -> Case:
        """A case that is not in the book yet."""
        now = self.clock.now().replace(microsecond=0)
        self._opened += 1
        return Case(
            id=case_id(self.account, self._opened - 1, self._seed),
            subject=subject,
            category=category,
            owner=owner,
            language=self.account.languages[0][0],
            status=Status.OPEN,
            created=now,
            updated=now.replace(second=0),
            closed=None,
            write_thread=list,
        )

    def _message(
        self,
        case: Case,
        role: Role,
        text: str,
        files: tuple[Attachment, ...] = (),
        *,
        author: str = "",
        at: datetime | None = None,
    ) -> Message:
        """A message that is in no thread yet."""
        self._written += 1
        return Message(
            id=message_id(self._seed, case.id, 10**6 + self._written),
            role=role,
            author=author,
            time=at or self._minute(),
            body=written(text),
            attachments=files,
        )

    def _arrive(self, case: Case, opening: Message) -> None:
        case.thread.append(opening)
        self._cases[case.id] = case
        self._changed("case_added", case, subject=case.subject, message=opening.id)

    def _append(self, case: Case, message: Message, *, status: Status | None, touch: bool = True) -> None:
        case.thread.append(message)
        case.updated = message.time if touch else case.updated
        case.status = status or case.status
        self._changed("message_added", case, message=message.id, role=message.role.value)

    def _close(self, case: Case, *, at: datetime, closer: str = "") -> None:
        text = phrases(case.language).closed[1 if closer else 0].format(closer=closer)
        case.closed = at
        self._append(case, self._message(case, Role.SYSTEM, text, at=at), status=Status.CLOSED)
        self._changed("case_closed", case)

    def _record(self, kind: str, case: Case, message: Message) -> None:
        self._ledger.record(
            kind,
            time=self.clock.now(),
            account=self.account.name,
            user=self.account.user,
            case=case.id,
            subject=case.subject if kind == "new_case" else "",
            text=message.body.source,
            files=message.attachments,
            message=message.id,
        )

    def _changed(self, event: str, case: Case, **detail: object) -> None:
        self.version += 1
        self._history.note(event, account=self.account.name, case=case.id, **detail)


def _after_reply(case: Case) -> Status | None:
    """A reply that is shown late may find its case closed meanwhile."""
    if case.status.is_final:
        return None
    return Status.REOPENED if case.status is Status.ANSWERED else Status.WORK_IN_PROGRESS


def _position(case: Case, message: Message) -> int:
    """By id: the message may have been edited since it was looked up."""
    return [each.id for each in case.thread].index(message.id)
