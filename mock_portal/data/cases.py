"""The cases of an account, without their threads."""

from __future__ import annotations

from datetime import datetime

from mock_portal.data.accounts import ACCOUNTS
from mock_portal.data.accounts import Account
from mock_portal.data.model import Case
from mock_portal.data.plan import plan_case
from mock_portal.data.thread import Writer


def case_count(account: Account, *, cases: int) -> int:
    """The first account has as many as asked for; the others are smaller."""
    return cases if account is ACCOUNTS[0] else min(cases, max(8, cases // 10))


def make_cases(account: Account, *, count: int, seed: int, now: datetime) -> list[Case]:
    made = []
    for number in range(count):
        plan = plan_case(account, number, seed=seed, now=now)
        writer = Writer(account, plan, seed=seed)
        made.append(
            Case(
                id=plan.id,
                subject=writer.subject,
                category=writer.category,
                owner=plan.owner,
                language=plan.language,
                status=plan.status,
                created=plan.created,
                updated=plan.moments[-1].time,
                closed=plan.closed,
                write_thread=writer.thread,
            )
        )
    return made
