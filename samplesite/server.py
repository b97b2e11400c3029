"""A raw HTTP/1.1 server over asyncio, with keep-alive, which can violate HTTP on purpose.

A normal response is written at once. A faulty one (see `samplesite.answers.Delivery`) is sent by a task, and the
connection reads no further request until it is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
import socket
import struct
import time
from collections.abc import Callable

from samplesite.answers import Answer
from samplesite.control import PREFIX, Control
from samplesite.faults import error
from samplesite.log import Entry, Log
from samplesite.site import Request, Site

MAX_HEAD = 64 * 1024
MAX_UPLOAD = 4 * 2**20
TICK = 0.05
"""The interval at which a dripping response sends some bytes (seconds)."""

ENDLESS = b"<p>and so on and on</p>\n" * 2048


class NotLoopbackError(ValueError):
    """The sample site was asked to listen on an address that others could reach."""


def check_host(host: str) -> str:
    """Return `host` if it is a loopback address, else raise `NotLoopbackError`."""
    if host == "localhost":
        return host
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return host
    raise NotLoopbackError(f"the sample site only listens on this machine (127.0.0.1, ::1, localhost), not on {host!r}")


class Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, site: Site, control: Control, log: Log) -> None:
        self.site, self.control, self.log = site, control, log
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.task: asyncio.Task[None] | None = None
        self.entry: Entry | None = None
        self.can_write = asyncio.Event()
        self.can_write.set()

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection was closed, by either side."""
        _ = exc
        self.transport = None
        self.can_write.set()
        if self.task is not None:
            self.task.cancel()
        if self.entry is not None and self.entry.done_at is None:
            self.entry.done_at = time.monotonic()

    def pause_writing(self) -> None:
        """The client reads more slowly than the site sends."""
        self.can_write.clear()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.can_write.set()

    def data_received(self, data: bytes) -> None:
        """Some bytes have arrived."""
        self.buffer += data
        self._go_on()

    # Requests

    def _go_on(self) -> None:
        """Answer the received requests, one after the other."""
        while self.task is None and self.buffer and self.transport is not None and not self.transport.is_closing():
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self.buffer) > MAX_HEAD:
                    self._refuse(431)
                return
            request = _parse(self.buffer[:end])
            if request is None:
                self._refuse(400)
                return
            length = request.headers.get("content-length", "0")
            if not length.isdecimal() or int(length) > MAX_UPLOAD:
                self._refuse(413)
                return
            stop = end + 4 + int(length)
            if len(self.buffer) < stop:
                return
            body, self.buffer = self.buffer[end + 4 : stop], self.buffer[stop:]
            self._answer(request, body)

    def _answer(self, request: Request, body: bytes) -> None:
        at = time.monotonic()
        if request.target.startswith(PREFIX):
            self.entry = None
            self._write(request, self.control.answer(request.method, request.target, body))
            return
        self.entry = entry = self.log.begin(request, at, self.site.clock.now)
        if request.method not in ("GET", "HEAD"):
            self._write(request, error(405, Allow="GET, HEAD"))
            return
        entry.given = given = self.site.answer(request)
        if given.answer.delivery.is_plain:
            self._write(request, given.answer)
        else:
            self.task = asyncio.get_running_loop().create_task(self._deliver(request, given.answer))

    def _refuse(self, status: int) -> None:
        self.buffer = b""
        if self.transport is not None:
            self.transport.write(error(status, Connection="close").head())
            self.transport.close()

    # Answers

    def _write(self, request: Request, answer: Answer) -> None:
        """Send a normal response."""
        if self.transport is None:
            return
        data = answer.head() if request.method == "HEAD" or not answer.body else answer.head() + answer.body
        self.transport.write(data)
        self._sent(answer, len(data))
        if self.entry is not None:
            self.entry.done_at = time.monotonic()
        if _closes(request):
            self.transport.close()

    def _sent(self, answer: Answer, size: int) -> None:
        if self.entry is not None:
            self.entry.status = answer.status
            self.entry.sent += size

    async def _deliver(self, request: Request, answer: Answer) -> None:
        """Send a faulty response."""
        how = answer.delivery
        if how.hang:
            await asyncio.sleep(how.hang)
        if how.reset:
            self._reset()
        else:
            await self._send(answer, answer.head())
            if request.method != "HEAD":
                await self._send_body(answer)
        self.task = None
        if self.entry is not None:
            self.entry.done_at = time.monotonic()
        if self.transport is not None and (how.close or _closes(request)):
            self.transport.close()
        self._go_on()

    async def _send(self, answer: Answer, data: bytes) -> None:
        await self.can_write.wait()
        if self.transport is not None and data:
            self.transport.write(data)
            self._sent(answer, len(data))

    async def _send_body(self, answer: Answer) -> None:
        how, body = answer.delivery, answer.body
        if how.endless:
            while self.transport is not None:
                await self._send(answer, ENDLESS)
                await asyncio.sleep(0)
            return
        if how.share is not None:
            body = body[: int(len(body) * how.share)]
        if how.rate is None:
            await self._send(answer, body)
            return
        start, sent = time.monotonic(), 0
        while sent < len(body) and self.transport is not None:
            due = min(len(body), max(sent, int((time.monotonic() - start) * how.rate)))
            await self._send(answer, body[sent:due])
            sent = due
            await asyncio.sleep(TICK)

    def _reset(self) -> None:
        """Close the connection with a TCP reset."""
        if self.transport is None:
            return
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def _parse(head: bytes) -> Request | None:
    """Parse the header of a request; return None if it is invalid."""
    line, *lines = head.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[1].startswith("/") or not words[2].startswith("HTTP/1."):
        return None
    headers: dict[str, str] = {":version": words[2]}
    for each in lines:
        name, colon, value = each.partition(":")
        if not colon:
            return None
        headers[name.strip().lower()] = value.strip()
    if words[2] == "HTTP/1.1":
        del headers[":version"]
    return Request(words[0], words[1], headers)


def _closes(request: Request) -> bool:
    said = request.headers.get("connection", "").lower()
    return said == "close" or (":version" in request.headers and said != "keep-alive")


async def serve(site: Site, host: str, port: int, ready: Callable[[str], object]) -> None:
    """Serve until SIGTERM or SIGINT. `ready` is called with the address once the server listens."""
    check_host(host)
    log = Log()
    control = Control(site, log)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(lambda: Connection(site, control, log), host, port, backlog=512)
    bound = server.sockets[0].getsockname()
    shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
    ready(f"http://{shown}:{bound[1]}/")
    await ended.wait()
    server.close()
