"""Fill a new tracker with known cases through Roundup's own classes, and write `truth.json` beside it.

Runs in the environment of `tests/roundup`: seed.py FOLDER URL CASES
"""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from roundup import date
from roundup import instance
from roundup import password
from roundup.scripts.roundup_admin import AdminTool

BEGIN = datetime(2026, 9, 1, 8, tzinfo=UTC)
PASSWORD = "a loopback desk only"
PEOPLE = {"cust1": "Ann Lee", "cust2": "王小明", "cust3": "Jörg Groß", "cust4": "رنا حداد"}
WORDS = ("order", "parcel", "refund", "tracking", "label", "pallet", "return", "customs", "buyer", "claim", "listing")
ENDINGS = (
    ".",
    "\n\nSecond paragraph, <b>not bold</b> & more.",
    "\n> what was quoted\nfrom here on",
    " 谢谢 🙂",
    " שלום",
)
NAMES = ("invoice 1.pdf", "list.csv", "Foto März.png", "a%20b #1.txt")
STATUSES = ("unread", "chatting", "need-eg", "in-progress", "testing", "resolved")


def make(folder: Path, url: str) -> None:
    """A tracker of the classic template on SQLite, which sends no mail."""
    tool = AdminTool()
    settings = f"tracker_web={url},mail_domain=shop.example"
    for arguments in (["install", "classic", "sqlite", settings], ["initialise", PASSWORD]):
        sys.argv = ["roundup-admin", "-i", str(folder), *arguments]
        assert not tool.main(), arguments
        (folder / "detectors" / "nosyreaction.py").unlink(missing_ok=True)


class Seed:
    """One tracker; the same number of cases is always filled with the same."""

    def __init__(self, folder: Path) -> None:
        self.db = instance.open(str(folder)).open("admin")
        self.random = random.Random(7)  # noqa: S311 - the same cases each time
        for name, real in {"desk": "Dora Desk", **PEOPLE}.items():
            word = password.Password(PASSWORD, config=self.db.config)
            self.db.user.create(
                username=name, realname=real, address=f"{name}@shop.example", password=word, roles="User"
            )
        self.db.commit()
        self.statuses = {self.db.status.get(each, "name"): each for each in self.db.status.list()}

    def case(self, number: int) -> dict:
        draw = self.random
        begin = BEGIN + timedelta(hours=7 * number)
        messages = [self.message(begin + timedelta(hours=9 * at)) for at in range(draw.randint(1, 6))]
        files = [self.file() for _ in range(draw.choice((0, 0, 1, 2)))]
        subject = (
            f"{draw.choice(WORDS).title()} {draw.choice(WORDS)} <{number}> & {draw.choice(tuple(PEOPLE.values()))}"
        )
        status, ours = draw.choice(STATUSES), draw.random() < 0.5
        self.db.setCurrentUser("admin")
        case_id = self.db.issue.create(
            title=subject,
            messages=[message["id"] for message in messages],
            files=[file.pop("id") for file in files],
            status=self.statuses[status],
            priority=draw.choice(self.db.priority.list()),
            assignedto=self.db.user.lookup("desk") if ours else None,
        )
        return {
            "id": case_id,
            "subject": subject,
            "status": status,
            "mine": ours,
            "messages": messages,
            "files": files,
        }

    def message(self, when: datetime) -> dict:
        draw = self.random
        author = draw.choice(("desk", *PEOPLE))
        body = " ".join(draw.choice(WORDS) for _ in range(draw.randint(4, 40))) + draw.choice(ENDINGS)
        self.db.setCurrentUser(author)
        made = self.db.msg.create(
            author=self.db.user.lookup(author), date=date.Date(when.strftime("%Y-%m-%d.%H:%M:%S")), content=body
        )
        return {"id": made, "author": author, "sent_at": when.isoformat(), "body": body}

    def file(self) -> dict:
        content = self.random.randbytes(self.random.randint(100, 20_000))
        name = self.random.choice(NAMES)
        made = self.db.file.create(name=name, type="application/octet-stream", content=content)
        return {"id": made, "name": name, "size": len(content), "sha256": sha256(content).hexdigest()}


def main() -> None:
    folder, url, cases = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    make(folder, url)
    seed = Seed(folder)
    made = [seed.case(number) for number in range(1, cases + 1)]
    seed.db.commit()
    seed.db.close()
    truth = {"user": "desk", "password": PASSWORD, "cases": made}
    (folder.parent / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")


main()
