"""A whole failing session, and then a search for every secret in everything that it left."""

from __future__ import annotations

import base64
import io
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mock_portal.site.sessions import Session
from mock_portal.site.sessions import Sessions

OpenShop = Callable[..., Any]

#: Fails after the sign-in in a way that nobody foresaw, with the password in its words and in its variables.
BUG = """
import os, sys
from agent.backup.fetch import CaseFetcher
from agent.cli.main import main
async def broken(self, requests, *, at_once):
    password = os.environ[sys.argv[1]]
    raise RuntimeError(f"cannot go on with {password}")
CaseFetcher.fetch = broken
sys.exit(main(sys.argv[2:]))
"""
_TIME = re.compile(rb"\d\d:\d\d:\d\d\.\d{6}|\"written_ns\": \d+")


class Issued:
    """Every cookie that the portal issued, and every code that it took."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.cookies: list[str] = []
        self.codes: list[str] = []
        begin, remember, use = Sessions.begin, Sessions.remember_device, Sessions.use_code

        def begun(sessions: Sessions, *arguments: Any, **options: Any) -> Session:
            session = begin(sessions, *arguments, **options)
            self.cookies.append(session.key)
            return session

        def remembered(sessions: Sessions, email: str) -> str:
            self.cookies.append(remember(sessions, email))
            return self.cookies[-1]

        def used(sessions: Sessions, email: str, code: str) -> bool:
            self.codes.append(code)
            return use(sessions, email, code)

        patch.setattr(Sessions, "begin", begun)
        patch.setattr(Sessions, "remember_device", remembered)
        patch.setattr(Sessions, "use_code", used)


def unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file, and what is packed into it: a trace, a workbook, a report."""
    yield name, content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from unpacked(f"{name}!{inner}", archive.read(inner))


def spellings(secret: str) -> set[bytes]:
    plain = secret.encode()
    return {plain, secret.encode("utf-16-le"), quote(secret, safe="").encode(), base64.b64encode(plain).rstrip(b"=")}


def found_in(name: str, content: bytes, secrets: dict[str, str], codes: list[str]) -> Iterator[str]:
    for what, secret in secrets.items():
        if any(spelling in content for spelling in spellings(secret)):
            yield f"{what} in {name}"
    timeless = _TIME.sub(b"", content)
    for code in codes:
        if re.search(rb"(?<!\d)" + code.encode() + rb"(?!\d)", timeless) and b"%PDF" not in content:
            yield f"code {code} in {name}"


def impatient(shop: Any) -> None:
    """A page that stays blank is waited for three seconds: there are many."""
    file = shop.home / "caselog.toml"
    file.write_text(file.read_text("utf-8").replace(f'"{shop.profile}"', '"impatient"'), encoding="utf-8")
    (shop.home / "profiles").mkdir()
    text = f'extends = "{shop.profile}"\n\n[politeness]\ndeadline = 3\n'
    (shop.home / "profiles" / "impatient.toml").write_text(text)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "lasting", [pytest.param({"times": 3}, id="a while"), pytest.param({}, id="for ever", marks=pytest.mark.long)]
)
def test_no_secret_is_left_anywhere(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lasting: dict[str, int]
) -> None:
    """What stays blank for a while is saved as evidence; for ever, also in the other engine, after a reply.

    Neither password, code, its secret, cookie nor key stands in the archive, a log, evidence, a trace, an export, a
    report or what was printed; and every file is the owner's alone.
    """
    issued = Issued(monkeypatch)
    shop = open_shop(cases=3)
    cases = [case["id"] for case in shop.portal.truth()["cases"] if case["status"] != "Closed"]
    environment = shop.portal.ready.environment
    password_name = next(name for name in environment if "PASSWORD" in name)
    impatient(shop)
    out = shop.home / "out"
    out.mkdir(mode=0o700)
    printed: list[str] = []

    def run(code: int, *arguments: str, with_browser: bool = False) -> None:
        ran = (shop.run if with_browser else shop.ask)("--verbose", *arguments)
        printed.extend((ran.out, ran.err))
        assert ran.code == code, f"{arguments}\n{ran.out}\n{ran.err}"

    # A case that stays blank, with evidence and a trace; a session that ends in mid-run.
    shop.portal.set_faults(
        {"kind": "blank", "path": f"^/cases/{cases[0]}", **lasting},
        {"kind": "session_expired", "path": f"^/cases/{cases[1]}", "times": 1},
    )
    run(0 if lasting else 20, "backup", "--evidence", with_browser=True)
    if not lasting:
        # A reply that is accepted and answered with a blank page.
        shop.portal.set_faults({"kind": "reply_blank", "times": 1})
        run(0, "outbox", "add", shop.account, cases[1], "--text", "The parcel was handed in on Monday.")
        digest = shop.ask("outbox", "approve", "1", "--json").value["digest"]
        run(0, "outbox", "approve", "1", "--digest", digest)
        run(0, "outbox", "send", with_browser=True)
    # A sign-in page that stays blank once the password is in it.
    run(0, "accounts", "forget", shop.account)
    shop.portal.set_faults({"kind": "blank", "path": "code|otp|mfa", **lasting})
    assert shop.run("backup").code in {11, 12, 17}
    shop.portal.set_faults()
    crashed = subprocess.run(
        [sys.executable, "-c", BUG, password_name, "--home", str(shop.home), "backup"],
        env=shop.environ,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    printed.extend((crashed.stdout, crashed.stderr))
    assert (1, True) == (crashed.returncode, "bug" in crashed.stderr + crashed.stdout)
    run(0, "export", "xlsx", str(out / "cases.xlsx"))
    run(0, "export", "jsonl", str(out / "cases.jsonl"))
    run(0, "report", "--to", str(out / "report.zip"))

    secrets = {
        "the password": environment[password_name],
        "the codes' secret": shop.portal.ready.accounts[0].totp_secret,
        "the session key": shop.environ["SESSION_KEY"],
        **{f"cookie {number}": cookie for number, cookie in enumerate(issued.cookies, start=1)},
    }
    files = [path for path in shop.home.rglob("*") if path.is_file()]
    left = [pair for path in files for pair in unpacked(str(path.relative_to(shop.home)), path.read_bytes())]
    left += [(f"output {number}", text.encode()) for number, text in enumerate(printed)]
    assert {".zip", ".html", ".png", ".jsonl", ".xlsx", ".sqlite3"} <= {path.suffix for path in files}
    assert (True, True) == (len(issued.codes) >= 1, len(issued.cookies) >= 3)
    assert [] == [find for name, content in left for find in found_in(name, content, secrets, issued.codes)]
    if os.name == "posix":
        written = [path for folder in ("data", "state", "out") for path in (shop.home / folder).rglob("*")]
        assert [] == [str(path) for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077]
