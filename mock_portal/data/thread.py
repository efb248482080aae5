"""The words of a case: its subject and its thread, written from a plan."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from random import Random

from mock_portal.data.accounts import Account
from mock_portal.data.body import Block
from mock_portal.data.body import Bullets
from mock_portal.data.body import Link
from mock_portal.data.body import Paragraph
from mock_portal.data.body import Style
from mock_portal.data.body import Table
from mock_portal.data.body import html_body
from mock_portal.data.body import text_body
from mock_portal.data.files import COMMON_NAMES
from mock_portal.data.files import ODD_NAMES
from mock_portal.data.files import make_attachment
from mock_portal.data.model import Attachment
from mock_portal.data.model import Body
from mock_portal.data.model import Message
from mock_portal.data.model import Role
from mock_portal.data.plan import CasePlan
from mock_portal.data.plan import Kind
from mock_portal.data.plan import Moment
from mock_portal.data.plan import Quirk
from mock_portal.data.plan import case_rng
from mock_portal.data.topics import Phrases
from mock_portal.data.topics import Topic
from mock_portal.data.topics import phrases

_AGENTS = ("Maya R.", "Rahul S.", "Lena K.", "Diego M.", "浩 Y.", "Aoife B.")
_CENTERS = ("ONT8", "LBA4", "DTM2", "FTW1", "NRT5", "BHX4")
_CURRENCIES = {
    "United States": "$",
    "美国": "$",
    "Canada": "CA$",
    "United Kingdom": "£",
    "Deutschland": "€",
    "日本": "¥",
}
_MARKUP = (
    'The page prints <b>Size: 10" & up</b> &amp;amp; then "if (a < b && c > d) { retry(); }" - '
    "see <script>alert('x')</script>"
)
_SCANS = ("departed", "arrived", "on hold", "通关", "zugestellt")
_EMOJI = "📦➡️🏬❓ 👩🏽‍💻 says: it works on the phone 📱 but not here 🤷‍♀️ 🇩🇪🇯🇵"


def message_id(seed: int, case_id: str, position: int) -> str:
    """Opaque and stable; says nothing about the order."""
    return hashlib.blake2b(f"{seed}:{case_id}:{position}".encode(), digest_size=6).hexdigest()


class Writer:
    """Writes one case. The slots are filled once, so that a thread talks about one shipment throughout."""

    def __init__(self, account: Account, plan: CasePlan, *, seed: int) -> None:
        self._account = account
        self._plan = plan
        self._seed = seed
        self._phrases: Phrases = phrases(plan.language)
        number = plan.number
        if plan.quirk is Quirk.SHARED_SUBJECT_AGAIN:
            number -= 1
        shared = plan.quirk in (Quirk.SHARED_SUBJECT, Quirk.SHARED_SUBJECT_AGAIN)
        rng = case_rng(seed, account, number, "facts")
        topics = self._phrases.topics
        self._topic: Topic = topics[0] if shared else topics[plan.topic % len(topics)]
        self._slots = _facts(account, plan, rng)
        self.subject = self._fill(rng.choice(self._topic.subjects))
        if plan.quirk is Quirk.MARKUP_AS_TEXT:
            self.subject = f"{self.subject} <i>&amp; \"quotes\"</i> 'single'"
        self.category = self._topic.category

    def thread(self) -> list[Message]:
        rng = case_rng(self._seed, self._account, self._plan.number, "words")
        messages: list[Message] = []
        for position, moment in enumerate(self._plan.moments):
            body = self._body(rng, moment, position)
            if self._plan.quirk is Quirk.TWINS and position == 3:
                body = messages[2].body
            messages.append(
                Message(
                    id=message_id(self._seed, self._plan.id, position),
                    role=moment.role,
                    author=moment.author if moment.role is Role.USER else "",
                    time=moment.time,
                    body=body,
                    attachments=self._attachments(rng, moment, position),
                )
            )
        return messages

    def _fill(self, sentence: str) -> str:
        return sentence.format_map(self._slots)

    def _body(self, rng: Random, moment: Moment, position: int) -> Body:
        self._slots["writer"] = self._name(moment.author)
        self._slots["agent"] = rng.choice(_AGENTS)
        match moment.kind:
            case Kind.RECEIVED:
                return text_body([Paragraph(self._fill(rng.choice(self._phrases.received)))])
            case Kind.CLOSED:
                self._slots["closer"] = self._name(moment.author)
                return text_body([Paragraph(self._fill(self._phrases.closed[1 if moment.author else 0]))])
            case Kind.OPENING | Kind.FOLLOW_UP:
                if self._plan.quirk is Quirk.FILE_ONLY and position == 0:
                    return text_body([])
                return text_body(self._said_by_user(rng, moment))
            case _:
                blocks = self._said_by_desk(rng, moment.kind)
                return html_body(blocks) if rng.random() < 0.75 else text_body(blocks)

    def _name(self, email: str) -> str:
        return next((person.name for person in self._account.team if person.email == email), "")

    def _said_by_user(self, rng: Random, moment: Moment) -> list[Block]:
        words = self._phrases
        if moment.kind is Kind.FOLLOW_UP:
            blocks: list[Block] = [Paragraph(self._fill(rng.choice(words.follow_up)))]
            if rng.random() < 0.4:
                blocks.append(Paragraph(self._fill(rng.choice(words.regards))))
            return blocks
        blocks = [Paragraph(self._fill(rng.choice(words.greeting)))]
        blocks += [Paragraph(self._fill(sentence)) for sentence in self._topic.opening]
        if self._plan.quirk is Quirk.LONG_TEXT:
            blocks += [Paragraph(_scan_log(rng))]
        if self._plan.quirk is Quirk.MARKUP_AS_TEXT:
            blocks.append(Paragraph(_MARKUP))
        if rng.random() < 0.1:
            blocks.append(Paragraph(_EMOJI))
        blocks.append(Paragraph(self._fill(rng.choice(words.regards))))
        return blocks

    def _said_by_desk(self, rng: Random, kind: Kind) -> list[Block]:
        words = self._phrases
        blocks: list[Block] = [Paragraph(self._fill(rng.choice(words.desk_greeting)))]
        if self._plan.quirk is Quirk.MAIL_MARKUP:
            blocks.insert(0, Style("p { margin: 0 0 8px } td, th { border: 1px solid #ccc }"))
            facts = [(name, self._slots[name]) for name in ("asin", "sku", "qty", "amount")]
            # long enough to be cut where long messages are
            boxes = [(f"box {number}", f"{self._slots['shipment']}U{number:06}") for number in range(1, 81)]
            blocks.append(Table((("Field", "Value"), *facts, *boxes)))
        if kind is Kind.DONE:
            blocks.append(Paragraph(self._fill(rng.choice(words.desk_done))))
        else:
            blocks += [Paragraph(self._fill(sentence)) for sentence in self._topic.desk]
        if kind is Kind.ASK:
            blocks.append(Paragraph(self._fill(rng.choice(words.desk_ask))))
            blocks.append(Bullets(tuple(self._fill(item) for item in self._topic.ask)))
        if rng.random() < 0.2:
            blocks.append(Link("Help & guidelines", "https://help.portal.example/articles?id=G2015&lang=en"))
        blocks.append(Paragraph(self._fill(rng.choice(words.desk_regards))))
        return blocks

    def _attachments(self, rng: Random, moment: Moment, position: int) -> tuple[Attachment, ...]:
        quirk = self._plan.quirk
        padding = 200
        if moment.kind in (Kind.RECEIVED, Kind.CLOSED):
            return ()
        if position == 0 and quirk is Quirk.SAME_NAMES:
            names = ["invoice.pdf", "invoice.pdf", "invoice.pdf"]
        elif position == 0 and quirk is Quirk.ODD_NAMES:
            names = list(ODD_NAMES)
        elif position == 0 and quirk is Quirk.LARGE_FILE:
            names, padding = ["all pallets.pdf"], 1_500_000
        elif position == 0 and quirk is Quirk.FILE_ONLY:
            names = ["scan.png"]
        elif rng.random() < (0.3 if moment.author else 0.08):
            names = [rng.choice(COMMON_NAMES) for _ in range(rng.choice((1, 1, 2)))]
        else:
            return ()
        base = f"{self._seed}:{self._account.name}:{self._plan.id}:{position}"
        return tuple(make_attachment(f"{base}:{at}", name, padding=padding) for at, name in enumerate(names))


def _facts(account: Account, plan: CasePlan, rng: Random) -> dict[str, str]:
    letters = "BCDFGHJKLMNPQRSTVWXYZ0123456789"
    return {
        "store": account.store,
        "shipment": "FBA" + "".join(rng.choices(letters, k=9)),
        "asin": "B0" + "".join(rng.choices(letters, k=8)),
        "sku": f"{account.store[:2].upper()}-{rng.randrange(1000, 9999)}-{rng.choice(('BLU', 'RED', 'XL', 'SET2'))}",
        "order": f"{rng.randrange(100, 999)}-{rng.randrange(10**7):07d}-{rng.randrange(10**7):07d}",
        "amount": f"{_CURRENCIES[account.marketplace]}{rng.randrange(1200, 480_000) / 100:,.2f}",
        "date": f"{plan.created - timedelta(days=rng.randint(2, 40)):%Y-%m-%d}",
        "vat": f"{rng.choice(('DE', 'GB', 'FR'))}{rng.randrange(10**8, 10**9)}",
        "brand": account.store.split()[0].upper(),
        "qty": str(rng.randint(2, 240)),
        "days": str(rng.randint(3, 19)),
        "center": rng.choice(_CENTERS),
    }


def _scan_log(rng: Random) -> str:
    lines = (
        f"{n:04d}  {rng.choice(_CENTERS)}  scan {rng.randrange(10**9):09d}  {rng.choice(_SCANS)}"
        for n in range(1, 1100)
    )
    return "\n".join(lines)
