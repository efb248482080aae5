"""caselog beside a real help desk as a person runs it: what opens a browser or writes to a pipe has its own process."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.command import Ran
from tests.e2e.command import ask_command
from tests.e2e.command import command_line


@dataclass(frozen=True)
class Caselog:
    """The command with a home of its own and one account at the desk."""

    home: Path
    password: str

    def run(self, *arguments: str, code: int = 0) -> str:
        environ = os.environ | {"DESK_PASSWORD": self.password}
        if arguments[0] in {"backup", "export"} or arguments[:2] == ("outbox", "send"):
            command = command_line(self.home, *arguments)
            done = subprocess.run(command, env=environ, capture_output=True, check=False, text=True, encoding="utf-8")
            ran = Ran(done.returncode, done.stdout, done.stderr)
        else:
            ran = ask_command(self.home, *arguments, environ=environ)
        assert ran.code == code, ran
        return ran.out

    def answer(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code))

    def exported(self) -> list[dict[str, Any]]:
        lines = self.run("export", "jsonl", "-").splitlines()
        return sorted((json.loads(line) for line in lines), key=lambda case: int(case["case_id"]))
