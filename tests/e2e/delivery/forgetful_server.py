"""A server that takes a form and then forgets to answer, in every way in which a connection can fail.

It speaks HTTP/1.1, or HTTP/2 over TLS, and keeps every POST that reached it. It is not the mock portal, because that
has no say in frames: what is tried here is a browser.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import struct
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived
from h2.events import Event
from h2.events import RequestReceived
from h2.events import StreamEnded

FORM = """<!doctype html><title>form</title>
<form method="post" action="/post" enctype="{enctype}">
<textarea name="text"></textarea>{file}<button>Send</button></form>"""
FILE = '<input type="file" name="file">'


class Forget(StrEnum):
    """What happens instead of an answer."""

    RESET = "reset"  #: the connection is reset
    CLOSE = "close"  #: the connection is closed
    STREAM_INTERNAL = "stream_internal"  #: HTTP/2: the stream ends with INTERNAL_ERROR
    STREAM_REFUSED = "stream_refused"  #: HTTP/2: the stream ends with REFUSED_STREAM, "nothing was done"
    GOAWAY_BEFORE = "goaway_before"  #: HTTP/2: the connection ends, the last stream taken was an earlier one
    GOAWAY_THIS = "goaway_this"  #: HTTP/2: the connection ends, this stream was taken


STREAM_ERRORS = {
    Forget.STREAM_INTERNAL: ErrorCodes.INTERNAL_ERROR,
    Forget.STREAM_REFUSED: ErrorCodes.REFUSED_STREAM,
}


@dataclass
class ForgetfulServer:
    """`posts` holds the size of every POST; `how` is what the next ones get, `with_file` what the form has."""

    tls: ssl.SSLContext | None = None
    how: Forget = Forget.RESET
    with_file: bool = False
    posts: list[int] = field(default_factory=list)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{port}/"

    async def __aenter__(self) -> Self:
        serve = self._serve_http2 if self.tls else self._serve_http1
        self._server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=self.tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def page(self) -> bytes:
        enctype = "multipart/form-data" if self.with_file else "application/x-www-form-urlencoded"
        return FORM.format(enctype=enctype, file=FILE if self.with_file else "").encode()

    async def _serve_http1(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                lengths = [line.partition(":")[2] for line in lines if line.lower().startswith("content-length:")]
                body = await reader.readexactly(int(lengths[0])) if lengths else b""
                if lines[0].startswith("POST"):
                    self.posts.append(len(body))
                    return self._drop(writer)
                page = self.page() if lines[0].startswith("GET / ") else b""
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page))
                writer.write(page)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return None
        finally:
            writer.close()

    async def _serve_http2(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = H2Connection(H2Configuration(client_side=False))
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        stream = _Stream(self, connection, writer)
        try:
            while received := await reader.read(65536):
                for event in connection.receive_data(received):
                    stream.take(event)
                writer.write(connection.data_to_send())
                await writer.drain()
                if stream.dropped:
                    return
        except ConnectionError:
            return
        finally:
            writer.close()

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        if self.how is Forget.RESET:
            connected: socket.socket = writer.get_extra_info("socket")
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        else:
            writer.close()


@dataclass
class _Stream:
    """The streams of one HTTP/2 connection."""

    server: ForgetfulServer
    connection: H2Connection
    writer: asyncio.StreamWriter
    dropped: bool = False
    _requests: dict[int, tuple[str, str]] = field(default_factory=dict)
    _received: dict[int, int] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            headers = {bytes(name).decode(): bytes(value).decode() for name, value in event.headers or ()}
            assert event.stream_id is not None
            self._requests[event.stream_id] = (headers[":method"], headers[":path"])
        elif isinstance(event, DataReceived):
            assert event.stream_id is not None
            assert event.flow_controlled_length is not None
            self._received[event.stream_id] = self._received.get(event.stream_id, 0) + len(event.data or b"")
            self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            assert event.stream_id is not None
            self._answer(event.stream_id)

    def _answer(self, stream: int) -> None:
        method, path = self._requests[stream]
        if method == "POST":
            self.server.posts.append(self._received.get(stream, 0))
            self._forget(stream)
            return
        self.connection.send_headers(stream, [(":status", "200"), ("content-type", "text/html")])
        self.connection.send_data(stream, self.server.page() if path == "/" else b"", end_stream=True)

    def _forget(self, stream: int) -> None:
        how = self.server.how
        if how in STREAM_ERRORS:
            self.connection.reset_stream(stream, STREAM_ERRORS[how])
            return
        if how in {Forget.GOAWAY_BEFORE, Forget.GOAWAY_THIS}:
            self.connection.close_connection(last_stream_id=stream if how is Forget.GOAWAY_THIS else 0)
            self.writer.write(self.connection.data_to_send())
        self.dropped = True
        self.server._drop(self.writer)


def http2_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody trusts, for HTTP/2 only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forgetful.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "forgetful.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.set_alpn_protocols(["h2"])
    return context
