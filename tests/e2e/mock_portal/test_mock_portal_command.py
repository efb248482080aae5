"""`python -m mock_portal` as somebody would start it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request

import pytest


def test_ready_line() -> None:
    """The program prints one line of JSON and then serves at the address that it names."""
    command = [sys.executable, "-m", "mock_portal", "--json", "--cases", "3", "--skin", "hill", "--control-token", "t"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            ready = json.loads(program.stdout.readline())
            asked = urllib.request.Request(ready["url"] + "/_control/truth", headers={"X-Control-Token": "t"})
            with urllib.request.urlopen(asked) as answer:
                truth = json.load(answer)
        finally:
            program.terminate()

    assert (ready["skin"], ready["control_token"], len(truth["cases"])) == ("hill", "t", 3)


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--fault", "explode"], "unknown kind 'explode'"),
        (["--fault", "blank:times"], "'times' is not key=value"),
        (["--window", "soon"], "window 'soon'"),
        (["--otp-period", "121"], "otp_period 121"),
        (["--now", "yesterday"], "yesterday"),
    ],
)
def test_bad_flags(flags: list[str], problem: str) -> None:
    """A flag that makes no sense is named, and nothing is served."""
    done = subprocess.run([sys.executable, "-m", "mock_portal", *flags], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert problem in done.stderr
