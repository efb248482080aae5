"""A page of a case: its fields and the messages that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

from agent.extract.conditions import any_holds
from agent.extract.lists import status_of
from agent.extract.messages import attachments_of
from agent.extract.messages import read_source
from agent.extract.pager import next_request
from agent.extract.reader import PageReader
from agent.extract.reading import CasePage
from agent.extract.reading import ShownMessage
from agent.extract.snapshot import PageRequest
from agent.profile.model.cases import CaseRules
from agent.profile.model.cases import Order


@dataclass(frozen=True, slots=True)
class CaseReading:
    """A case as one page shows it; `shown_id` is the id on the page, which need not be the one that was asked for."""

    page: CasePage
    next: PageRequest | None
    shown_id: str | None


def read_case(reader: PageReader, request: PageRequest) -> CaseReading:
    """Everything that the page shows of the case; what cannot be read is among the reader's failures."""
    rules = reader.profile.case
    assert request.case_id is not None, "a case's request names the case"
    on_case_page = request.part == ""
    shown_id = reader.text("case.id", rules.id) if on_case_page else None
    page = _fields(reader, rules, request.case_id) if on_case_page else _of_part(reader, request)
    pager = rules.pager if on_case_page else rules.parts[request.part].pager
    following = None
    if pager is not None:
        key = "case.pager" if on_case_page else f"case.parts.{request.part}.pager"
        following = next_request(reader, pager, request, key, page_size=None, reached_end=False)
    return CaseReading(replace(page, messages=_messages(reader, rules, request)), following, shown_id)


def _messages(reader: PageReader, rules: CaseRules, request: PageRequest) -> tuple[ShownMessage, ...]:
    """The messages of all sources of this page, the oldest first; those without a place as they are listed."""
    before: list[ShownMessage] = []
    placed: list[tuple[int, ShownMessage]] = []
    behind: list[ShownMessage] = []
    for index, source in enumerate(rules.messages):
        if source.part != request.part:
            continue
        for found in read_source(reader, source, f"case.messages[{index}]", number=request.number):
            if found.place is not None:
                placed.append((found.place, found.message))
            else:
                (behind if placed else before).append(found.message)
    placed.sort(key=lambda pair: pair[0], reverse=rules.order is Order.NEWEST_FIRST)
    messages = (*before, *(message for _, message in placed), *behind)
    ids = [message.native_id for message in messages if message.native_id is not None]
    if len(set(ids)) < len(ids):
        reader.fail("case.messages.id", None, "two messages of one page have the same id")
    return messages


def _fields(reader: PageReader, rules: CaseRules, case_id: str) -> CasePage:
    status_raw = reader.text("case.status", rules.status)
    created = reader.moment("case.created", rules.created)
    updated = reader.moment("case.updated", rules.updated)
    return CasePage(
        case_id=case_id,
        subject=reader.text("case.subject", rules.subject),
        status=status_of(reader, status_raw) if status_raw is not None else None,
        status_raw=status_raw,
        created_at=created.utc if created else None,
        created_at_raw=created.raw if created else None,
        updated_at=updated.utc if updated else None,
        updated_at_raw=updated.raw if updated else None,
        can_reply=any_holds(reader, rules.can_reply) if rules.can_reply else None,
        messages=(),
        total_messages=reader.integer("case.total_messages", rules.total_messages),
        requester=reader.quietly("case.requester", rules.requester),
        attachments=attachments_of(reader, rules.attachments, "case.attachments", None),
    )


def _of_part(reader: PageReader, request: PageRequest) -> CasePage:
    assert request.case_id is not None, "a case's request names the case"
    files = reader.profile.case.parts[request.part].attachments
    return CasePage(
        case_id=request.case_id,
        subject=None,
        status=None,
        status_raw=None,
        created_at=None,
        created_at_raw=None,
        updated_at=None,
        updated_at_raw=None,
        can_reply=None,
        messages=(),
        total_messages=None,
        attachments=attachments_of(reader, files, f"case.parts.{request.part}.attachments", None),
    )
