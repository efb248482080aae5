"""Deterministic cases that belong to no product: subjects and threads in many scripts, and files with odd names."""

from __future__ import annotations

import hashlib
import json
import random
import struct
import zlib
from pathlib import Path
from typing import Any

AGENT = {"login": "agent1", "password": "Agent-pass-1!", "name": "Ada Agent", "email": "agent1@desk.example"}
AGENT2 = {"login": "agent2", "password": "Agent-pass-2!", "name": "Bob Backup", "email": "agent2@desk.example"}
CUSTOMERS = [
    {"login": "cust1", "password": "Cust-pass-1!", "name": "Carla Customer", "email": "cust1@client.example"},
    {"login": "cust2", "password": "Cust-pass-2!", "name": "Søren Ærø", "email": "cust2@client.example"},
    {"login": "cust3", "password": "Cust-pass-3!", "name": "山田 太郎", "email": "cust3@client.example"},
    {"login": "cust4", "password": "Cust-pass-4!", "name": "Łukasz O'Brien-Żak", "email": "cust4@client.example"},
]
TOPICS = [
    (
        "en",
        "Export job stalls at 87 percent",
        [
            "Every night the export stops at 87 percent and the log says only 'broken pipe'.",
            "We tried a smaller batch and it still hangs after about ten minutes.",
        ],
    ),
    (
        "en",
        "Cannot reset password for shared mailbox",
        ["The reset link opens a blank page.", "I have attached a screenshot of what I see."],
    ),
    (
        "de",
        "Rechnung zeigt falsche Umsatzsteuer (Größe & Menge)",
        [
            "Die Rechnung weist 16 % statt 19 % aus.",
            "Bitte prüfen Sie die Beträge; Straße und Hausnummer stimmen auch nicht.",
        ],
    ),
    (
        "fr",
        "L'écran d'accueil reste figé après la mise à jour",
        ["Depuis ce matin, l'écran reste figé à l'ouverture.", "Ça marche sur l'autre poste, mais pas ici."],
    ),
    (
        "es",
        "¿Por qué no llegan los correos de aviso?",
        ["No recibimos ningún aviso desde el lunes.", "La bandeja de correo no deseado también está vacía."],
    ),
    (
        "ja",
        "印刷プレビューが文字化けします",
        ["昨日から印刷プレビューの日本語が文字化けします。", "添付の画像をご確認ください。"],
    ),
    ("zh", "登录后页面一直加载", ["登录以后页面一直转圈，无法进入系统。", "清除缓存之后问题依旧。"]),
    (
        "ru",
        "Не открывается отчёт за третий квартал",
        ["При открытии отчёта появляется ошибка 500.", "Файл журнала прилагаю."],
    ),
    (
        "ar",
        "تعذر تحميل المرفقات من الهاتف",
        ["لا أستطيع تحميل المرفقات من الهاتف.", "المشكلة تظهر منذ التحديث الأخير."],
    ),
    (
        "pl",
        "Błąd przy zapisie zamówienia – żółty komunikat",
        ["Po kliknięciu 'Zapisz' pojawia się żółty komunikat.", "Załączam zrzut ekranu."],
    ),
    (
        "en",
        'Dashboard <b>totals</b> & "quoted" labels look wrong',
        [
            "The label literally shows <b>totals</b> & amp; the sum is off by 0.01.",
            'if (a < b && c > d) then x = "y" -- that is what the widget prints.',
        ],
    ),
    (
        "en",
        "🚀 Launch blocker: webhook retries 🔁 forever",
        ["The webhook retries forever 🔁 and we get 👩‍🚀 thousands of calls.", "Thumbs up 👍🏽 when fixed, please."],
    ),
    ("he", "הדוח החודשי לא נשלח", ["הדוח החודשי לא נשלח החודש.", "נא לבדוק."]),
    ("vi", "Không in được hóa đơn từ máy tính bảng", ["Máy tính bảng không in được hóa đơn.", "Xin kiểm tra giúp."]),
]
REPLIES = {
    "en": [
        "Thanks for the report, we are looking into it.",
        "Could you send the log from the last run?",
        "A fix is scheduled; please confirm once you have tested it.",
    ],
    "de": ["Vielen Dank, wir prüfen das.", "Könnten Sie uns das Protokoll schicken?"],
    "fr": ["Merci, nous regardons cela.", "Pourriez-vous nous envoyer le journal ?"],
    "es": ["Gracias, lo estamos revisando.", "¿Puede enviarnos el registro?"],
    "ja": ["ご報告ありがとうございます。確認いたします。", "ログを送っていただけますか？"],
    "zh": ["感谢反馈，我们正在处理。", "请提供日志。"],
    "ru": ["Спасибо, мы разбираемся.", "Пришлите, пожалуйста, журнал."],
}
NAMES = [
    "server log.txt",
    "Screenshot (1).png",
    "report.pdf",
    "Übersicht März.csv",
    "スクリーンショット.png",
    "notes.txt",
    "data & more.csv",
    "report.pdf",
]
MIME = {"txt": "text/plain", "png": "image/png", "pdf": "application/pdf", "csv": "text/csv"}

Row = dict[str, Any]


def png(rng: random.Random) -> bytes:
    width, height = rng.randint(8, 60), rng.randint(8, 60)
    raw = b"".join(b"\0" + rng.randbytes(width * 3) for _ in range(height))

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def content(rng: random.Random, name: str) -> bytes:
    ending = name.rsplit(".", 1)[1]
    if ending == "png":
        return png(rng)
    if ending == "pdf":
        return b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + rng.randbytes(rng.choice([300, 5000, 60000])) + b"\n%%EOF\n"
    if ending == "csv":
        rows = [f"{n};Größe {rng.randint(1, 99)};{rng.random():.3f}" for n in range(rng.randint(2, 200))]
        return "\r\n".join(rows).encode()
    lines = [
        f"[{n:04d}] {rng.choice(['INFO', 'WARN'])} — línea {rng.randint(1, 10**9)}" for n in range(rng.randint(1, 300))
    ]
    return ("\n".join(lines) + "\n").encode()


def attach(rng: random.Random, folder: Path, stem: str) -> list[Row]:
    """Up to three files on about a third of the messages, sometimes two of one name."""
    if rng.random() >= 0.3:
        return []
    rows = []
    for number in range(rng.choice([1, 1, 1, 2, 3])):
        name = rng.choice(NAMES)
        raw = content(rng, name)
        path = f"files/{stem}-{number + 1}.bin"
        (folder / path).write_bytes(raw)
        mime = MIME[name.rsplit(".", 1)[1]]
        rows.append(
            {"name": name, "mime": mime, "size": len(raw), "sha256": hashlib.sha256(raw).hexdigest(), "path": path}
        )
    return rows


def body(rng: random.Random, language: str, texts: list[str], position: int, *, ours: bool) -> str:
    """A sentence, now and then with what makes Markdown and white space hard."""
    if ours:
        text = rng.choice(REPLIES.get(language, REPLIES["en"]))
    elif position < 2:
        text = texts[position]
    else:
        steps = "Still broken after the restart.\n\nSteps:\n1. open\n2. click\n3. wait"
        text = rng.choice([*texts, "Any news on this? 🙏", steps])
    shape = rng.random()
    if shape < 0.12:
        text += "\n\nsecond paragraph — with a dash, a tab\tand a link https://client.example/path?a=1&b=2"
    elif shape < 0.18:
        text += "\n\n> quoted earlier line\n> another quoted line\n\nanswer below the quote"
    elif shape < 0.22:
        text += "\n\n" + "\n".join(f"{line:03d} " + rng.choice(texts) for line in range(rng.randint(60, 160)))
    elif shape < 0.26:
        text += "\n\n```\nfor x in range(3):\n    print('<tag> & \"q\"', x)\n```"
    return text


def make_case(rng: random.Random, folder: Path, number: int, base: int) -> Row:
    language, topic, texts = TOPICS[number - 1] if number <= len(TOPICS) else rng.choice(TOPICS)
    # About one in ten keeps the bare topic, so that subjects stand twice.
    subject = topic if rng.random() < 0.1 else f"{topic} #{1000 + number}"
    customer = CUSTOMERS[0] if rng.random() < 0.4 else rng.choice(CUSTOMERS[1:])
    owner = rng.choice([AGENT, AGENT, AGENT2, None])
    status = rng.choice(["new", "open", "open", "open", "waiting", "resolved"])
    count = 1 if status == "new" else 12 if number % 13 == 0 else rng.choice([1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12])
    gaps = [rng.choice([90, 700, 5400, 40000, 200000]) + rng.randint(0, 59) for _ in range(count)]
    time = base - rng.randint(60, 86400 * rng.choice([1, 3, 30, 400])) - sum(gaps)
    messages = []
    for position, gap in enumerate(gaps):
        time += gap
        ours = position > 0 and rng.random() < 0.5
        author = (AGENT if owner in (None, AGENT) or rng.random() < 0.2 else AGENT2) if ours else customer
        stem = f"{number:04d}-{position + 1:02d}"
        text = body(rng, language, texts, position, ours=ours) + f"\n[m{stem}]"
        messages.append(
            {
                "n": position + 1,
                "author": author["login"],
                "role": "agent" if ours else "customer",
                "time": time,
                "text": text,
                "attachments": attach(rng, folder, stem),
            }
        )
    return {
        "subject": subject,
        "status": status,
        "owner": owner and owner["login"],
        "priority": rng.randint(1, 5),
        "requester_email": customer["email"],
        "created": messages[0]["time"],
        "updated": messages[-1]["time"],
        "messages": messages,
    }


def write_corpus(folder: Path, cases: int, *, seed: int = 20260101, base: int = 1_790_000_000) -> None:
    """Write `corpus.json` and the files below `folder`; `base` is the epoch second before which everything happened."""
    rng = random.Random(seed * 1_000_003 + cases)  # noqa: S311  -- reproducible, not secret
    (folder / "files").mkdir(parents=True, exist_ok=True)
    rows = [make_case(rng, folder, number, base) for number in range(1, cases + 1)]
    rows.sort(key=lambda row: row["created"])
    corpus = {"agent": AGENT, "agent2": AGENT2, "customers": CUSTOMERS, "cases": rows}
    (folder / "corpus.json").write_text(json.dumps(corpus, ensure_ascii=False, indent=1), encoding="utf-8")
