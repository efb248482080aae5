"""Write the corpus into the desk through its own models, and record in `truth.json` what the desk shows of it."""

from __future__ import annotations

import datetime
import json
import os
import sys
from pathlib import Path

import django
from bs4 import BeautifulSoup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deskconf")
sys.path.insert(0, str(Path(__file__).parent))
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  -- Django's models exist only after its setup
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402  -- likewise
from django.db import transaction  # noqa: E402  -- likewise
from helpdesk.lib import process_attachments  # noqa: E402  -- likewise
from helpdesk.models import FollowUp  # noqa: E402  -- likewise
from helpdesk.models import Queue  # noqa: E402  -- likewise
from helpdesk.models import SavedSearch  # noqa: E402  -- likewise
from helpdesk.models import Ticket  # noqa: E402  -- likewise
from helpdesk.query import query_to_base64  # noqa: E402  -- likewise
from helpdesk.templatetags.ticket_to_link import num_to_link  # noqa: E402  -- likewise

DATA = Path(os.environ["DESK_DATA"])
#: The corpus' words for a status, as the desk's numbers (open, open, reopened, resolved).
STATUS = {"new": 1, "open": 1, "waiting": 2, "resolved": 3}
EVERY_STATUS = "&".join(f"status={number}" for number in range(1, 6))


def moment(epoch):
    return datetime.datetime.fromtimestamp(epoch, datetime.UTC)


def shown(thing):
    """The visible text as the desk's own renderer displays it, white space folded."""
    return " ".join(BeautifulSoup(str(num_to_link(thing.get_markdown())), "html.parser").get_text(" ").split())


def add_user(person, **rights):
    first, _, last = person["name"].partition(" ")
    user, _ = get_user_model().objects.get_or_create(
        username=person["login"], defaults={"email": person["email"], "first_name": first, "last_name": last, **rights}
    )
    user.set_password(person["password"])
    user.save()
    return user


def add_followup(ticket, case, message, users, *, title, comment, kind):
    """One entry of a thread with its files, and what the truth says of it."""
    author = users[message["author"]]
    entry = FollowUp(
        ticket=ticket, title=title, date=moment(message["time"]), public=True, comment=comment, user=author
    )
    entry.save()
    uploads = [
        SimpleUploadedFile(one["name"], (DATA / one["path"]).read_bytes(), content_type=one["mime"])
        for one in message["attachments"]
    ]
    if uploads:
        process_attachments(entry, uploads)
    rows = entry.followupattachment_set.order_by("id")
    return {
        "n": message["n"],
        "kind": kind,
        "author": author.username,
        "role": message["role"],
        "time": moment(message["time"]).isoformat(),
        "body": comment,
        "body_shown": shown(entry),
        "attachments": [
            {**{key: one[key] for key in ("name", "mime", "size", "sha256")}, "shown_name": row.filename}
            for one, row in zip(message["attachments"], rows, strict=True)
        ],
    }


def add_ticket(case, queue, users):
    """One case. The desk keeps a new ticket's files on an entry "Ticket Opened", as its own forms do."""
    first, *rest = case["messages"]
    ticket = Ticket(
        title=case["subject"],
        queue=queue,
        submitter_email=case["requester_email"],
        assigned_to=users.get(case["owner"]),
        status=STATUS[case["status"]],
        description=first["text"],
        priority=case["priority"],
        created=moment(first["time"]),
    )
    ticket.save()
    opening = {
        "n": 1,
        "kind": "description",
        "author": case["requester_email"],
        "role": "customer",
        "time": moment(first["time"]).isoformat(),
        "body": first["text"],
        "body_shown": shown(ticket),
        "attachments": [],
    }
    messages = [opening]
    if first["attachments"]:
        opened = {"title": "Ticket Opened", "comment": "", "kind": "opening-followup"}
        messages.append(add_followup(ticket, case, first, users, **opened))
    for message in rest:
        comment = {"title": "Comment", "comment": message["text"], "kind": "followup"}
        messages.append(add_followup(ticket, case, message, users, **comment))
    # Saving an entry touches the ticket's times; give it the real ones.
    times = {"modified": moment(case["updated"]), "created": moment(case["created"])}
    Ticket.objects.filter(pk=ticket.pk).update(**times)
    return {
        "id": str(ticket.id),
        "subject": case["subject"],
        "status": ticket.get_status_display(),
        "owner": case["owner"] or "",
        "created": times["created"].isoformat(),
        "updated": times["modified"].isoformat(),
        "messages": messages,
    }


def main():
    corpus = json.loads((DATA / "corpus.json").read_text(encoding="utf-8"))
    with transaction.atomic():
        users = {person["login"]: add_user(person, is_staff=True) for person in (corpus["agent"], corpus["agent2"])}
        users |= {person["login"]: add_user(person) for person in corpus["customers"]}
        queues = [
            Queue.objects.get_or_create(slug=slug, defaults={"title": title, "email_address": f"{slug}@desk.example"})[
                0
            ]
            for slug, title in (("support", "Support"), ("billing", "Billing & Invoices"))
        ]
        cases = [add_ticket(case, queues[number % 2], users) for number, case in enumerate(corpus["cases"])]
        agent = users[corpus["agent"]["login"]]
        reopened = {"filtering": {"status__in": [2]}, "filtering_null": {}, "sorting": "created", "sortreverse": None}
        saved = SavedSearch.objects.create(
            user=agent, title="Reopened", shared=True, query=query_to_base64({**reopened, "search_string": ""})
        )
    tabs = {
        "all": [case["id"] for case in cases],
        "mine": [case["id"] for case in cases if case["owner"] == agent.username],
        "attention": [case["id"] for case in cases if case["status"] in ("Open", "Reopened")],
        "filtered": [case["id"] for case in cases if case["status"] == "Reopened"],
    }
    truth = {
        "user": {key: corpus["agent"][key] for key in ("login", "password", "name")},
        "user_id": agent.id,
        "saved_search": saved.id,
        "tabs": {name: {"ids": ids} for name, ids in tabs.items()},
        "cases": cases,
    }
    (DATA / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")


main()
