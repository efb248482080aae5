"""Get missing browsers and fonts: Playwright's own builds first, the system's packages where that fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DOWNLOAD_SECONDS = 600.0
#: A host that cannot be reached is given up after this; five tries are made for each file.
CONNECTION_SECONDS = 5.0
PACKAGES_SECONDS = 1800.0

RELEASE = Path("/etc/os-release")
PACKAGES = {"chromium": "chromium", "firefox": "firefox-esr", "fonts": "fonts-noto-cjk"}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was tried: what, whether it worked, and what it said when it did not."""

    what: str
    ok: bool
    detail: str = ""


def download(engines: Collection[str]) -> Step:
    """Playwright's own builds. Fails quickly where there is no way out of this network."""
    what = f"download {' and '.join(engines)} (Playwright's builds)"
    command = [sys.executable, "-m", "playwright", "install", *engines]
    waiting = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": f"{CONNECTION_SECONDS * 1000:.0f}"}
    return _run(what, command, seconds=DOWNLOAD_SECONDS, environ={**os.environ, **waiting})


def install_packages(wanted: Collection[str]) -> Step:
    """Debian's packages, as root or through sudo; elsewhere the step says what to do by hand."""
    packages = [PACKAGES[name] for name in wanted]
    what = f"install {' '.join(packages)} (system packages)"
    prefix = _root_prefix()
    if _system() != "debian" or shutil.which("apt-get") is None or prefix is None:
        return Step(what, ok=False, detail=f"needs an administrator: {by_hand(packages)}")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    update = _run("read the package lists", [*apt, "update"], seconds=PACKAGES_SECONDS, environ=os.environ)
    if not update.ok:
        return Step(what, ok=False, detail=update.detail)
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    return _run(what, install, seconds=PACKAGES_SECONDS, environ=os.environ)


def by_hand(packages: Sequence[str]) -> str:
    """What a person types where caselog may not."""
    fonts = PACKAGES["fonts"]
    if sys.platform == "linux" and _system() == "ubuntu":
        # Its packages of both browsers only fetch snaps, and there is no firefox-esr among them.
        browsers = f"{sys.executable} -m playwright install-deps chromium firefox, then run: caselog setup"
        steps = [f"apt-get install {fonts}"] if fonts in packages else []
        text = " and ".join([*steps, browsers] if set(packages) - {fonts} else steps)
    elif sys.platform == "linux":
        text = f"apt-get install {' '.join(packages)} (on other systems: Chromium, Firefox and Noto CJK fonts)"
    else:
        text = "install Google Chrome and Mozilla Firefox in the usual way"
    return text


def has_cjk_fonts() -> bool:
    """Whether Chinese can be drawn; Windows and macOS always can."""
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        return sys.platform in {"win32", "darwin"}
    found = subprocess.run([fc_list, ":lang=zh", "family"], capture_output=True, check=False, timeout=60)
    return bool(found.stdout.strip())


def _root_prefix() -> list[str] | None:
    if sys.platform != "win32" and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    # Without a terminal sudo may not wait for a password that nobody can type.
    return [sudo] if sys.stdin.isatty() else [sudo, "-n"]


def _system() -> str:
    """The distribution as it calls itself; nothing where it does not say."""
    try:
        text = RELEASE.read_text(encoding="utf-8")
    except OSError:
        return ""
    named = (line.removeprefix("ID=") for line in text.splitlines() if line.startswith("ID="))
    return next(named, "").strip("\"'")


def _run(what: str, command: Sequence[str], *, seconds: float, environ: Mapping[str, str]) -> Step:
    try:
        done = subprocess.run(
            command,
            stdin=None if sys.stdin.isatty() else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            env=dict(environ),
        )
    except subprocess.TimeoutExpired:
        return Step(what, ok=False, detail=f"gave up after {seconds:.0f} s")
    except OSError as error:
        return Step(what, ok=False, detail=str(error))
    return Step(what, ok=done.returncode == 0, detail="" if done.returncode == 0 else _why(done.stdout))


def _why(output: bytes) -> str:
    """The line that names the error, else the last one."""
    lines = [line.strip() for line in output.decode("utf-8", errors="replace").splitlines() if line.strip()]
    named = [line for line in lines if line.startswith(("Error:", "E:", "sudo:"))]
    return (named or lines or ["no output"])[0 if named else -1]
