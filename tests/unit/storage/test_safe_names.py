"""Names that a portal gave to files become names that no file system misunderstands."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from pathlib import PurePosixPath
from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.names import is_safe
from storage.names import safe_name
from storage.names import safe_names

PIECES = [
    "..",
    "/",
    "\\",
    "C:",
    "CON",
    "nul",
    "COM1",
    "COM¹",
    ".",
    " ",
    ".txt",
    "é",
    "e\u0301",
    "\u202e",
    "\0",
    "\ud800",
]
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
NAMES = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("invoice 2026.pdf", "invoice 2026.pdf"),
        ("发票.pdf", "发票.pdf"),
        ("../../.ssh/authorized_keys", "_._.._.ssh_authorized_keys"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\Windows\\win.ini", "C__Windows_win.ini"),
        ("a.txt:stream", "a.txt_stream"),
        ("NUL", "_NUL"),
        ("com1.txt", "_com1.txt"),
        ("COM¹.txt", "_COM¹.txt"),
        ("aux .txt", "_aux .txt"),
        ("console.txt", "console.txt"),
        ("report.pdf. . ", "report.pdf"),
        ("", "file"),
        (" . . ", "file"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("a\x1b[2Jb\x00.txt", "a_[2Jb_.txt"),
        ("\u5831\u544a\u3000\u66f8.xlsx", "\u5831\u544a \u66f8.xlsx"),
        (".bashrc", "_bashrc"),
        ("-rf", "_rf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("退" * 100 + ".pdf", "退" * 38 + ".pdf"),
    ],
)
def test_a_name_becomes_the_nearest_safe_one(given_name: str, expected: str) -> None:
    """Paths, devices, streams, invisible characters and lengths are taken out; a good name stays."""
    assert expected == safe_name(given_name)


@given(st.lists(NAMES, max_size=12))
def test_no_name_leaves_its_folder_or_meets_another(names: list[str]) -> None:
    """Whatever the names are, each becomes one plain file of its own on every system."""
    safe = safe_names(names)

    folder = Path("/somewhere/inside")
    for name in safe:
        assert folder == (folder / name).resolve().parent
        assert (name,) == PurePosixPath(name).parts == PureWindowsPath(name).parts
        assert name.partition(".")[0].rstrip().casefold() not in DEVICES
        assert name == name.strip(" ").rstrip(".")
        assert name.isprintable()
        assert 0 < len(name.encode("utf-8")) <= 120
    for form in ("NFC", "NFD", "NFKC"):
        assert len(names) == len({unicodedata.normalize(form, name).casefold() for name in safe})
        assert len(names) == len({unicodedata.normalize(form, name).upper() for name in safe})


@given(NAMES)
def test_a_safe_name_is_left_alone(name: str) -> None:
    """What was made safe is safe; nothing is changed twice."""
    safe = safe_name(name)

    assert safe == safe_name(safe)
    assert is_safe(safe)


def test_what_a_file_system_confuses_is_numbered() -> None:
    """Case, composed letters and the ends that Windows cuts do not let one file replace another."""
    names = ("Photo.JPG", "photo.jpg", "caf\u00e9.txt", "cafe\u0301.txt", "a", "a.", "photo.jpg", "photo (2).jpg")

    expected = (
        "Photo.JPG", "photo (2).jpg", "caf\u00e9.txt", "cafe\u0301 (2).txt", "a", "a (2)", "photo (3).jpg",
        "photo (2) (2).jpg",
    )  # fmt: skip
    assert expected == safe_names(names)
