"""Where every file lies: the platform's user folders, or all of it under one home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from agent.errors import ConfigurationError
from agent.errors import Problem

HOME_VARIABLE = "CASELOG_HOME"
ARCHIVE_FOLDER = "archive-folder.txt"


@dataclass(frozen=True, slots=True)
class Places:
    """The four folders and what lies in them. Nothing is made by asking where it is."""

    config: Path
    data: Path
    cache: Path
    state: Path

    @classmethod
    def under(cls, home: Path) -> Places:
        """Everything in one folder: for tests, demos, a memory stick."""
        try:
            home = home.expanduser().absolute()
        except RuntimeError:
            problem = Problem("--home", f"{home} names no user of this system")
            raise ConfigurationError((problem,)) from None
        return cls(config=home, data=_followed(home, home / "data"), cache=home / "cache", state=home / "state")

    @classmethod
    def find(cls, home: Path | None, environ: Mapping[str, str]) -> Places:
        """The home that was asked for, else the environment's, else the platform's user folders."""
        if home is None and environ.get(HOME_VARIABLE):
            home = Path(environ[HOME_VARIABLE])
        if home is not None:
            return cls.under(home)
        folders = platformdirs.PlatformDirs("caselog", appauthor=False)
        config, cache, state = folders.user_config_path, folders.user_cache_path, folders.user_state_path
        data = folders.user_data_path
        if any(folder.is_relative_to(data) for folder in (config, cache, state)):
            # One folder for everything, as on macOS and Windows: the archive is put back only where nothing lies.
            data /= "data"
        return cls(config=config, data=_followed(config, data), cache=cache, state=state)

    @property
    def config_file(self) -> Path:
        return self.config / "caselog.toml"

    @property
    def profiles(self) -> Path:
        """A person's own portal profiles; they go before bundled ones of the same name."""
        return self.config / "profiles"

    @property
    def archive_folder(self) -> Path:
        """Names the archive's folder after a move; without this file it lies where it always lay."""
        return self.config / ARCHIVE_FOLDER

    @property
    def archive(self) -> Path:
        return self.data / "archive.sqlite3"

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    @property
    def evidence(self) -> Path:
        return self.data / "evidence"

    @property
    def log_file(self) -> Path:
        return self.state / "caselog.log.jsonl"

    @property
    def packs(self) -> Path:
        """Masked pages that a person may pass on."""
        return self.state / "packs"

    @property
    def sessions(self) -> Path:
        """Saved sign-ins, encrypted."""
        return self.state / "sessions"

    @property
    def locks(self) -> Path:
        return self.state / "locks"

    @property
    def stop_switch(self) -> Path:
        """While this file is there nothing more is done at any portal."""
        return self.state / "STOP"


def _followed(config: Path, data: Path) -> Path:
    """Where the archive was moved to, or `data`."""
    file = config / ARCHIVE_FOLDER
    try:
        folder = file.read_text("utf-8-sig").strip()
    except OSError:
        return data
    except UnicodeDecodeError:
        problem = Problem("the file", "is not UTF-8; save it as UTF-8, with the archive's folder in it")
        raise ConfigurationError((problem,), path=file) from None
    return config / folder if folder else data
