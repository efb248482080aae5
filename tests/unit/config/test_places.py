"""Every file has a place, and it is private."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import platformdirs
import pytest

from agent.config.places import Places
from agent.config.private import private_folder
from agent.config.private import write_private

posix_only = pytest.mark.skipif(os.name != "posix", reason="Windows keeps user folders private by access lists")


def test_home_moves_everything(tmp_path: Path) -> None:
    """With a home nothing lies outside of it."""
    places = Places.under(tmp_path)

    names = ["config_file", "profiles", "archive", "blobs", "evidence", "log_file", "sessions", "locks", "stop_switch"]
    assert [name for name in names if not getattr(places, name).is_relative_to(tmp_path)] == []


def test_option_goes_before_environment(tmp_path: Path) -> None:
    """`--home` wins over `CASELOG_HOME`, which wins over the user folders."""
    environ = {"CASELOG_HOME": str(tmp_path / "b")}

    assert (Places.under(tmp_path / "a"), Places.under(tmp_path / "b")) == (
        Places.find(tmp_path / "a", environ),
        Places.find(None, environ),
    )
    assert Places.find(None, {}).config.name == "caselog"


@pytest.mark.parametrize("together", ["config", "cache", "state"])
def test_archive_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: str) -> None:
    """Where the system has one folder for several things, as macOS and Windows do, the archive gets one in it."""

    class OneFolder(platformdirs.PlatformDirs):
        user_config_path = tmp_path / "config"
        user_data_path = tmp_path / together
        user_cache_path = tmp_path / "cache"
        user_state_path = tmp_path / "state"

    monkeypatch.setattr(platformdirs, "PlatformDirs", OneFolder)

    places = Places.find(None, {})

    assert (
        Places(
            config=tmp_path / "config",
            data=tmp_path / together / "data",
            cache=tmp_path / "cache",
            state=tmp_path / "state",
        )
        == places
    )


@posix_only
def test_files_and_folders_are_closed_to_others(tmp_path: Path) -> None:
    """Others can neither list a folder nor read a file, whatever the umask and whatever was there before."""
    folder = tmp_path / "made" / "before"
    folder.mkdir(parents=True, mode=0o777)
    old_umask = os.umask(0)
    try:
        private_folder(folder)
        write_private(folder / "deep" / "file", b"x")
    finally:
        os.umask(old_umask)

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "deep", folder / "deep" / "file")]
    assert modes == [0o700, 0o700, 0o600]


def test_writing_leaves_one_file(tmp_path: Path) -> None:
    """A second write replaces the first and leaves nothing beside it."""
    write_private(tmp_path / "file", b"old")
    write_private(tmp_path / "file", b"new")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"new"}
