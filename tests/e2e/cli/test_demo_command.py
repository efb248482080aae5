"""`caselog demo` does the whole main job, and its object tells that everything came as promised."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest


@pytest.mark.timeout(600)
@pytest.mark.parametrize("skin", ["classic", pytest.param("hill", marks=pytest.mark.long)])
def test_demo_keeps_every_promise(tmp_path: Path, skin: str) -> None:
    """Blank pages and a change of engines on the way, replies sent and one held, and the archive equals the truth."""
    folder = tmp_path / "demo"
    options = ["--json", "--skin", skin, "--cases", "20", "--dir", str(folder)]

    done = subprocess.run(
        [sys.executable, "-m", "agent.cli.main", "demo", *options], capture_output=True, check=False, timeout=580
    )

    assert done.returncode == 0, done.stderr.decode()
    value = json.loads(done.stdout)
    assert ("complete", {"missing": 0, "extra": 0, "different": 0}) == (value["outcome"], value["truth"])
    assert ["all", "mine", "attention", "filtered"] == [
        name for name, proof in value["certificate"].items() if proof["ok"]
    ]
    assert {"sent": 4, "held": 1, "rejected": 0, "unconfirmed": 0} == value["outbox"]
    assert "switch_engine" in {rung for recovery in value["recoveries"] for rung in recovery["rungs"]}
    assert 20 == len(Path(value["files"]["jsonl"]).read_text(encoding="utf-8").splitlines())
    assert {"cases", "messages", "changes"} <= set(openpyxl.load_workbook(value["files"]["workbook"]).sheetnames)


def test_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """The demo replaces only what a demo made."""
    (tmp_path / "thesis.txt").write_text("mine")

    done = subprocess.run(
        [sys.executable, "-m", "agent.cli.main", "demo", "--dir", str(tmp_path)], capture_output=True, check=False
    )

    assert (3, "mine") == (done.returncode, (tmp_path / "thesis.txt").read_text())
