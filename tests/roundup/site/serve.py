"""Serve the tracker in FOLDER at PORT on loopback. Runs in the environment of `tests/roundup`: serve.py FOLDER PORT"""

from __future__ import annotations

import os
import sys

from roundup.scripts.roundup_server import run

# The server refuses to run as root, which containers do; it is bound to loopback and ends with the test.
if hasattr(os, "getuid"):
    os.getuid = os.geteuid = lambda: 1
sys.argv = ["roundup-server", "-n", "127.0.0.1", "-p", sys.argv[2], f"desk={sys.argv[1]}"]
run()
