"""Raw sockets: what really goes over the wire, also where it is no HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.serving import SampleSite

CLOSE = "Connection: close\r\n"


def request(target: str, headers: str = CLOSE, method: str = "GET") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: sample\r\n{headers}\r\n".encode()


@contextmanager
def connected(site: SampleSite, timeout: float = 10) -> Iterator[socket.socket]:
    with socket.create_connection((site.host, site.port), timeout=timeout) as connection:
        yield connection


def all_of(connection: socket.socket) -> bytes:
    """All bytes until the server ends the connection."""
    found = bytearray()
    while part := connection.recv(65536):
        found += part
    return bytes(found)


def raw(site: SampleSite, target: str, headers: str = CLOSE) -> tuple[bytes, dict[str, str], bytes]:
    """Status line, headers (names in lower case) and all bytes after them."""
    with connected(site) as connection:
        connection.sendall(request(target, headers))
        head, _, body = all_of(connection).partition(b"\r\n\r\n")
    line, *rest = head.split(b"\r\n")
    pairs = (each.decode().split(": ", 1) for each in rest)
    return line, {name.lower(): value for name, value in pairs}, body


def one_answer(connection: socket.socket) -> bytes:
    """One whole answer of a connection that is kept alive, by its Content-Length."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    assert len(body) == length
    return head + b"\r\n\r\n" + body
