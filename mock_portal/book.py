"""The cases of one account and everything that can happen to them.

The only place that changes a case. Each change is noted in the history; what a visitor caused is in the ledger too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

from mock_portal.clock import PortalClock
from mock_portal.clock import iso
from mock_portal.data.accounts import Account
from mock_portal.data.body import written
from mock_portal.data.model import Attachment
from mock_portal.data.model import Case
from mock_portal.data.model import Message
from mock_portal.data.model import Role
from mock_portal.data.model import Status
from mock_portal.data.plan import IDLE_ANSWERED
from mock_portal.data.plan import IDLE_NEEDS_ATTENTION
from mock_portal.data.thread import message_id
from mock_portal.data.topics import phrases
from mock_portal.history import History
from mock_portal.ledger import Ledger

_IDLE_LIMITS = {Status.ANSWERED: IDLE_ANSWERED, Status.NEEDS_ATTENTION: IDLE_NEEDS_ATTENTION}


class CaseBook:
    """`version` grows with every change: what was computed from the book is good until then."""

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
        self._made = 0

    # reading

    def get(self, case_id: str) -> Case | None:
        """The case that this link opens, listed or not."""
        case = self._cases.get(case_id)
        return None if case is None or case.gone else case

    def listed(self) -> list[Case]:
        return [case for case in self._cases.values() if not (case.unlisted or case.gone)]

    def existing(self) -> list[Case]:
        return [case for case in self._cases.values() if not case.gone]

    def visible_thread(self, case: Case) -> list[Message]:
        """Oldest first, without what was accepted but is not shown yet."""
        now = self.clock.now()
        return [message for message in case.thread if message.visible_from is None or message.visible_from <= now]

    # what visitors do

    def reply(self, case: Case, text: str, files: tuple[Attachment, ...] = (), *, shown_after: float = 0.0) -> Message:
        status = Status.REOPENED if case.status is Status.ANSWERED else Status.WORK_IN_PROGRESS
        message = self._append(
            case, Role.USER, text, files, author=self.account.user, shown_after=shown_after, status=status
        )
        self._record("reply", case, message)
        return message

    def open_case(self, subject: str, category: str, text: str, files: tuple[Attachment, ...] = ()) -> Case:
        case = self._new_case(subject, category, owner=self.account.user)
        message = self._append(case, Role.USER, text, files, author=self.account.user)
        self._record("new_case", case, message)
        return case

    def close_case(self, case: Case) -> None:
        name = next(person.name for person in self.account.team if person.email == self.account.user)
        self._close(case, phrases("en").closed[1].format(closer=name), at=self._minute())
        self._ledger.record(
            "close_case", time=self.clock.now(), account=self.account.name, user=self.account.user, case=case.id
        )

    # what happens by itself

    def desk_writes(self, case: Case, text: str, *, status: Status | None, touch: bool = True) -> Message:
        """A message from the desk. Without `touch` the case's list row stays as it is, status and time."""
        return self._append(case, Role.PORTAL, text, (), status=status if touch else None, touch=touch)

    def case_arrives(self, subject: str, text: str) -> Case:
        """A case that a colleague opened elsewhere."""
        owner = self.account.team[-1].email
        case = self._new_case(subject, "Other", owner=owner)
        self._append(case, Role.USER, text, (), author=owner)
        return case

    def close_by_desk(self, case: Case) -> None:
        self._close(case, phrases("en").closed[0], at=self._minute())

    def close_idle(self) -> list[Case]:
        """Close what nobody wrote to for too long, at the time when it was due."""
        now = self.clock.now()
        due = [case for case in self.existing() if now - case.updated > _IDLE_LIMITS.get(case.status, timedelta.max)]
        for case in due:
            self._close(case, phrases("en").closed[0], at=case.updated + _IDLE_LIMITS[case.status])
        return due

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

    def _new_case(self, subject: str, category: str, *, owner: str) -> Case:
        self._made += 1
        now = self.clock.now().replace(microsecond=0)
        case = Case(
            id=str(2 * 10**10 + 7_919 * self._made),
            subject=subject,
            category=category,
            owner=owner,
            status=Status.OPEN,
            created=now,
            updated=now.replace(second=0),
            closed=None,
            write_thread=list,
        )
        self._cases[case.id] = case
        self._changed("case_added", case, subject=subject)
        return case

    def _append(
        self,
        case: Case,
        role: Role,
        text: str,
        files: tuple[Attachment, ...],
        *,
        author: str = "",
        at: datetime | None = None,
        shown_after: float = 0.0,
        status: Status | None = None,
        touch: bool = True,
    ) -> Message:
        """The change is whole before it is noted: the history holds only what could be observed."""
        visible_from = self.clock.now() + timedelta(seconds=shown_after) if shown_after else None
        self._made += 1
        message = Message(
            id=message_id(self._seed, case.id, 10**6 + self._made),
            role=role,
            author=author,
            time=at or self._minute(),
            body=written(text),
            attachments=files,
            visible_from=visible_from,
        )
        case.thread.append(message)
        case.updated = message.time if touch else case.updated
        case.status = status or case.status
        self._changed(
            "message_added",
            case,
            message=message.id,
            role=role.value,
            observable_from=iso(visible_from or self.clock.now()),
        )
        return message

    def _close(self, case: Case, text: str, *, at: datetime) -> None:
        case.closed = at
        self._append(case, Role.SYSTEM, text, (), at=at, status=Status.CLOSED)
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


def _position(case: Case, message: Message) -> int:
    """By id: the message may have been edited since it was looked up."""
    return [each.id for each in case.thread].index(message.id)
