"""Serve the desk on a free loopback port and print its address as the first line."""

from __future__ import annotations

import os
import socket

import waitress
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deskconf")
listener = socket.create_server(("127.0.0.1", int(os.environ.get("DESK_PORT", "0"))))
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
waitress.serve(get_wsgi_application(), sockets=[listener], threads=4, max_request_body_size=64 << 20, _quiet=True)
