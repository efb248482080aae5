"""What a copy consists of: every file with its size and sha256. Written last, so that a copy without it is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from pathlib import PurePosixPath

from storage.errors import CopyUnusable
from storage.file_copy import CopiedFile
from storage.files import write_new

NAME = "caselog-copy.json"

#: The database in a copy, whatever it is called where it came from.
DATABASE = "archive.sqlite3"

#: What `NAME` looks like; a reader refuses other numbers.
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`files` by their names in the copy, with forward slashes; `schema` is the archive's."""

    made_at: datetime
    schema: str
    files: Mapping[str, CopiedFile]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files.values())


def is_plain(name: str) -> bool:
    """Whether `name` stays inside of the folder that it is put into, on every system."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and not set("\\:\0") & set(name)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    content = {
        "format": FORMAT,
        "made_at": manifest.made_at.astimezone(UTC).isoformat(),
        "schema": manifest.schema,
        "files": {name: asdict(file) for name, file in sorted(manifest.files.items())},
    }
    write_new(folder / NAME, (json.dumps(content, indent=1).encode("ascii"),))


def read_manifest(folder: Path) -> Manifest:
    """Raises CopyUnusable where there is none, or one that no caselog has written."""
    try:
        content = json.loads((folder / NAME).read_text("utf-8"))
        manifest = Manifest(
            made_at=datetime.fromisoformat(content["made_at"]),
            schema=str(content["schema"]),
            files={name: CopiedFile(int(each["size"]), each["sha256"]) for name, each in content["files"].items()},
        )
        known = content["format"] == FORMAT
    except OSError as error:
        raise CopyUnusable(str(folder), (f"{NAME}: it is no whole copy ({error.strerror})",)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CopyUnusable(str(folder), (f"{NAME}: it cannot be read",)) from error
    problems = [f"{name}: a name that leads out of the copy" for name in manifest.files if not is_plain(name)]
    if not known or DATABASE not in manifest.files:
        problems.append(f"{NAME}: it is of another kind")
    if problems:
        raise CopyUnusable(str(folder), tuple(problems))
    return manifest


def check_files(folder: Path, manifest: Manifest) -> None:
    """Read every file again; raises CopyUnusable with all that are missing or differ."""
    checked = ((name, _problem(folder / name, file)) for name, file in sorted(manifest.files.items()))
    problems = tuple(f"{name}: {problem}" for name, problem in checked if problem)
    if problems:
        raise CopyUnusable(str(folder), problems)


def _problem(path: Path, expected: CopiedFile) -> str | None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return error.strerror or "it cannot be read"
    return None if found == expected.sha256 else "it is not what was copied"
