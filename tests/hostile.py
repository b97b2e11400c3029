"""A server of raw bytes for tests of crawls: it answers each path with exactly what a test says, HTTP or not."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Piece = bytes | float
"""Bytes to send, or seconds to wait."""

Answers = Callable[[str], Iterable[Piece]]
"""What is sent for a path, piece by piece; then the connection is closed."""

LONGEST = 60.0
"""No connection lives longer (seconds)."""


@dataclass
class Hostile:
    """The server. `requests` are the heads of the requests that came, in order."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of the root."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [path_of(each) for each in self.requests]

    def sent(self, path: str) -> list[bytes]:
        """The heads of the requests for `path`."""
        return [each for each in self.requests if path_of(each) == path]


def path_of(request: bytes) -> str:
    """The path that `request` asks for."""
    return request.split(b" ", 2)[1].decode("latin-1") if request.count(b" ") > 1 else ""


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """An honest answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: text/html", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@contextmanager
def hostile(answers: Answers) -> Iterator[Hostile]:
    """A running server that sends what `answers` gives."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server = Hostile(listening.getsockname()[1])
        listening.settimeout(0.1)
        ends = threading.Event()

        def serve() -> None:
            while not ends.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listening.accept()
                    threading.Thread(target=_answer, args=(connection, server, answers), daemon=True).start()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            ends.set()
            thread.join()


def _answer(connection: socket.socket, server: Hostile, answers: Answers) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(LONGEST)
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(65536)
            if not data:
                return
            request += data
        server.requests.append(request)
        deadline = time.monotonic() + LONGEST
        for piece in answers(path_of(request)):
            if time.monotonic() > deadline:
                return
            if isinstance(piece, float):
                time.sleep(piece)
            else:
                connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
