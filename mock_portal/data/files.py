"""Attachments with real bytes and the names that people really give them."""

from __future__ import annotations

import struct
import zlib
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from mock_portal.data.model import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable

MIME_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "csv": "text/csv",
    "txt": "text/plain",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "zip": "application/zip",
}

COMMON_NAMES = (
    "invoice.pdf",
    "Invoice 2026-114.pdf",
    "proof of delivery.pdf",
    "packing list.csv",
    "screenshot.png",
    "Screenshot (2).png",
    "plan of action.txt",
    "tracking.csv",
    "VAT certificate.pdf",
    "main image.png",
)

ODD_NAMES = (
    "Rechnung März – Größe & Menge.pdf",
    "发票 2026年3月.pdf",
    "配達証明書「正本」.png",
    'signed "original" copy.pdf',
    "it's 100% final; really+final.txt",
    "emoji 📦🧾.png",
    "فاتورة الشراء.pdf",
    "a" * 120 + ".csv",
    "..hidden name..txt",
    "CON.txt",
)


def mime_type(name: str) -> str:
    return MIME_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def _png(rng: Random) -> bytes:
    width, height = rng.randint(40, 160), rng.randint(30, 120)
    red, green, blue = (rng.randrange(256) for _ in range(3))
    # a vertical gradient: one colour a row is made a hundred times faster than pixel by pixel
    rows = b"".join(b"\0" + bytes((red, (green + y) & 0xFF, blue)) * width for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _pdf(rng: Random, *, padding: int) -> bytes:
    text = f"Document {rng.randrange(10**8):08d}"
    stream = f"BT /F1 18 Tf 60 740 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    out += b"%" + rng.randbytes(padding).hex().encode() + b"\n"
    start = len(out)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"xref\n0 6\n0000000000 65535 f \n" + entries
    out += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _csv(rng: Random) -> bytes:
    rows = [
        f"{n};FBA{rng.randrange(10**6):06d};{rng.randint(1, 400)};Größe {rng.choice('SML')}"
        for n in range(1, rng.randint(3, 120))
    ]
    return "\r\n".join(["No;Shipment;Units;Remark", *rows]).encode("utf-8")


def _txt(rng: Random) -> bytes:
    return "\n".join(
        f"[{n:03d}] scan {rng.randrange(10**9):09d} - départ / 出発" for n in range(rng.randint(1, 80))
    ).encode("utf-8")


def _content(seed: str, kind: str, *, padding: int) -> bytes:
    rng = Random(seed)  # noqa: S311 - a test fixture's bytes, no secret
    if kind == "png":
        return _png(rng)
    if kind == "csv":
        return _csv(rng)
    if kind == "txt":
        return _txt(rng)
    return _pdf(rng, padding=padding)


def make_attachment(seed: str, name: str, *, padding: int = 200) -> Attachment:
    """A file whose bytes are a function of `seed`; `padding` is about half of what a PDF's comment weighs."""
    make: Callable[[], bytes] = partial(_content, seed, name.rpartition(".")[2].lower(), padding=padding)
    return Attachment(id=f"{zlib.crc32(seed.encode()):010d}", name=name, mime=mime_type(name), make=make)
