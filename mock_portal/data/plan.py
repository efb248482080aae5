"""Which cases exist, who spoke when, and how each ended: everything about a case but its words.

Planning is cheap and done for all cases at once; words are written case by case (`thread`).
Case number i is the same whatever the number of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from enum import Enum
from enum import auto
from random import Random

from mock_portal.data.accounts import Account
from mock_portal.data.model import Role
from mock_portal.data.model import Status

#: after so long without a word a case of that status closes itself
IDLE_LIMITS = {
    Status.ANSWERED: timedelta(days=5),
    Status.NEEDS_ATTENTION: timedelta(days=21),
    Status.NOT_POSSIBLE: timedelta(days=21),
    Status.OPEN: timedelta(days=60),
    Status.WORK_IN_PROGRESS: timedelta(days=60),
    Status.REOPENED: timedelta(days=60),
}


class Kind(Enum):
    """What a message is for."""

    OPENING = auto()
    RECEIVED = auto()  #: event: the desk has the case
    DESK = auto()  #: the desk explains
    ASK = auto()  #: the desk wants something
    DONE = auto()  #: the desk has finished
    FOLLOW_UP = auto()
    CLOSED = auto()  #: event


class Quirk(Enum):
    """What makes a case hard to read. The first cases have one each, so that a small portal has all of them."""

    LONG_THREAD = auto()  #: three pages of messages
    TWINS = auto()  #: equal texts of one author at one minute
    SAME_NAMES = auto()  #: several files of one name
    LONG_TEXT = auto()  #: more than a spreadsheet cell holds
    ODD_NAMES = auto()  #: file names that file systems dislike
    SHARED_SUBJECT = auto()  #: the same subject as the next one
    SHARED_SUBJECT_AGAIN = auto()
    RIGHT_TO_LEFT = auto()
    MAIL_MARKUP = auto()  #: tables, links and a style sheet
    FILE_ONLY = auto()  #: a message without a word
    MARKUP_AS_TEXT = auto()  #: typed tags and entities
    LARGE_FILE = auto()
    NONE = auto()


_QUIRKS = tuple(Quirk)
#: what a case after the first ones may have; large files would make thousands of cases slow to check
_LATER_QUIRKS = (*(quirk for quirk in _QUIRKS if quirk is not Quirk.LARGE_FILE), *[Quirk.NONE] * 24)
_ROLES = {Kind.OPENING: Role.USER, Kind.FOLLOW_UP: Role.USER, Kind.RECEIVED: Role.SYSTEM, Kind.CLOSED: Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Moment:
    """One message to be: what for, by whom (the e-mail address of the seller's side, or nothing), when."""

    kind: Kind
    author: str
    time: datetime

    @property
    def role(self) -> Role:
        return _ROLES.get(self.kind, Role.PORTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlan:
    """A case without its words."""

    number: int
    id: str
    language: str
    topic: int
    quirk: Quirk
    owner: str
    status: Status
    created: datetime
    moments: tuple[Moment, ...]
    closed: datetime | None


def case_rng(seed: int, account: Account, number: int, purpose: str) -> Random:
    return Random(f"{seed}:{account.name}:{number}:{purpose}")  # noqa: S311 - invented data, no secret


def plan_case(account: Account, number: int, *, seed: int, now: datetime) -> CasePlan:
    rng = case_rng(seed, account, number, "plan")
    quirk = _QUIRKS[number] if number < len(_QUIRKS) - 1 else rng.choice(_LATER_QUIRKS)
    language = _language(account, rng, quirk)
    owner = account.user if rng.random() < 0.45 else rng.choice(account.team).email
    moments = _moments(account, rng, quirk, owner, now)
    status, closing = _ending(rng, moments, owner, now)
    # by rules and not by the dice, which would make other cases of every seed
    if status is Status.NEEDS_ATTENTION and number % 10 == 9:
        status = Status.NOT_POSSIBLE
    if closing is not None:
        if closing.author and moments[-1].author:
            status = Status.CANCELLED
        moments.append(closing)
    return CasePlan(
        number=number,
        id=case_id(account, number, seed),
        language=language,
        topic=rng.randrange(1000),
        quirk=quirk,
        owner=owner,
        status=status,
        created=moments[0].time + timedelta(seconds=rng.randrange(60)),
        moments=tuple(moments),
        closed=closing.time if closing else None,
    )


def case_id(account: Account, number: int, seed: int) -> str:
    """Eleven digits, unique in the account and in no order: real ones are not monotonic."""
    offset = Random(f"{seed}:{account.name}").randrange(10**10)  # noqa: S311 - invented data
    return str(10**10 + (offset + number * 7_321_548_907) % 10**10)


def _language(account: Account, rng: Random, quirk: Quirk) -> str:
    names = [name for name, _ in account.languages]
    if quirk is Quirk.RIGHT_TO_LEFT:
        return next((name for name in names if name in ("ar", "he")), names[0])
    if quirk in (Quirk.SHARED_SUBJECT, Quirk.SHARED_SUBJECT_AGAIN):
        return names[0]
    return rng.choices(names, weights=[weight for _, weight in account.languages])[0]


def _moments(account: Account, rng: Random, quirk: Quirk, owner: str, now: datetime) -> list[Moment]:
    count = 23 if quirk is Quirk.LONG_THREAD else rng.choice((1, 2, 3, 3, 4, 4, 5, 6, 7, 9, 12))
    if quirk is Quirk.TWINS:
        count = max(count, 5)
    age = timedelta(minutes=rng.choice((_minutes(rng, 28), _minutes(rng, 28), _minutes(rng, 90), _minutes(rng, 700))))
    last_age = age - min(age - timedelta(minutes=30), timedelta(hours=rng.randint(2, 30)) * count)
    ages = sorted((rng.uniform(last_age / age, 1) * age for _ in range(count - 1)), reverse=True)
    times = [(now - each).replace(second=0, microsecond=0) for each in (age, *ages)]
    kinds = _kinds(rng, count)
    if quirk is Quirk.TWINS:
        kinds[2], kinds[3] = Kind.FOLLOW_UP, Kind.FOLLOW_UP
        times[3] = times[2]
    moments = []
    for kind, time in zip(kinds, times, strict=True):
        author = owner if kind in (Kind.OPENING, Kind.FOLLOW_UP) else ""
        if kind is Kind.FOLLOW_UP and rng.random() < 0.25 and quirk is not Quirk.TWINS:
            author = rng.choice(account.team).email
        moments.append(Moment(kind, author, time))
    return moments


def _minutes(rng: Random, days: int) -> int:
    return rng.randint(90, days * 24 * 60)


def _kinds(rng: Random, count: int) -> list[Kind]:
    kinds = [Kind.OPENING]
    if count > 2 and rng.random() < 0.3:
        kinds.append(Kind.RECEIVED)
    while len(kinds) < count:
        said = kinds[-1]
        if said in (Kind.OPENING, Kind.RECEIVED, Kind.FOLLOW_UP):
            kinds.append(rng.choice((Kind.DESK, Kind.ASK, Kind.ASK, Kind.DONE, Kind.FOLLOW_UP)))
        else:
            kinds.append(rng.choice((Kind.FOLLOW_UP, Kind.FOLLOW_UP, Kind.FOLLOW_UP, Kind.DESK)))
    return kinds


def _ending(rng: Random, moments: list[Moment], owner: str, now: datetime) -> tuple[Status, Moment | None]:
    """The status that the last word leads to, and the closing event if the case has ended since."""
    last = moments[-1]
    idle = now - last.time
    kinds = [moment.kind for moment in moments]
    if last.kind in (Kind.DONE, Kind.DESK):
        status = Status.ANSWERED
    elif last.kind is Kind.ASK:
        status = Status.NEEDS_ATTENTION
    else:
        status = Status.REOPENED if Kind.DONE in kinds else Status.WORK_IN_PROGRESS if len(kinds) > 1 else Status.OPEN
    limit = IDLE_LIMITS[status]
    if idle > limit:
        return Status.CLOSED, Moment(Kind.CLOSED, "", last.time + limit)
    if idle > timedelta(hours=20) and rng.random() < 0.15:
        return Status.CLOSED, Moment(Kind.CLOSED, owner, last.time + timedelta(hours=rng.randint(1, 19)))
    return status, None
