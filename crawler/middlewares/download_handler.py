"""Sends each request once, over a connection of its own, and hands back exactly what came.

Scrapy's handlers can't do that. The one over Twisted sends a request again by itself where a kept connection breaks,
without the delay and beyond the budget. It reads a head of any length (130,000 headers and 27 MB of memory a second),
and loses the order and spelling of headers, and all of an answer that is no HTTP. Those over aiohttp and httpx are
experimental, and the former sends again too. This one is small, as h11 does the talking: it parses strictly, and bounds
heads and chunks. Like other crawlers that archive, it closes each connection: no answer passes for that to another
request.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import h11
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Headers, Response

from crawler.site_values import excerpt

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.spiders.site import SiteSpider

CHUNK = 64 << 10
MAX_INTERIM = 8
"""Interim answers (1xx) before the answer itself; more are no answer."""

_TRANSFER_ENCODING = re.compile(rb"^transfer-encoding(?=[ \t]*:)", re.IGNORECASE | re.MULTILINE)
UNDONE = b"X-Archive-Orig-Transfer-Encoding"
"""What a ``Transfer-Encoding`` is called in what is kept: the body is kept without it."""


class Answer:
    """An answer, as far as it came: `head` is its head as received, `cut` says why its body does not go on."""

    def __init__(self, max_head: int, max_body: int) -> None:
        self.head = b""
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.version = b""
        self.body = bytearray()
        self.ended = False
        self.cut: str | None = None
        self.received = bytearray()
        self._interim = 0
        self._max_head, self._max_body = max_head, max_body
        self.connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=max_head)

    def take(self, data: bytes) -> None:
        """Take in `data`, nothing of it where the server has closed. Raises `h11.RemoteProtocolError`."""
        if not self.head:
            self.received += data
        self.connection.receive_data(data)
        while not self.ended:
            event = self.connection.next_event()
            match event:
                case h11.NEED_DATA:
                    return
                case h11.InformationalResponse():
                    self._take_head()
                    self._interim += 1
                    if self._interim > MAX_INTERIM:
                        raise h11.RemoteProtocolError("too many interim answers")
                case h11.Response():
                    self.head = self._take_head()
                    self.status, self.version = event.status_code, event.http_version
                    self.headers = event.headers.raw_items()
                case h11.Data():
                    self.body += event.data
                    if len(self.body) > self._max_body:
                        del self.body[self._max_body :]
                        self.cut, self.ended = "length", True
                case _:
                    self.ended = True

    def _take_head(self) -> bytes:
        """The head that was just parsed, as it was received."""
        rest = self.connection.trailing_data[0]
        head = bytes(self.received[: len(self.received) - len(rest)])
        if len(head) > self._max_head:
            raise h11.RemoteProtocolError("the head is too long")
        self.received = bytearray(rest)
        return head


class HttpDownloadHandler(BaseDownloadHandler):
    """Handles http and https.

    ``request.meta`` says what was received: ``head`` is the head of the answer, ``received`` what came instead of one.
    The response has the flag ``dataloss`` where the connection broke, ``cut-length`` or ``cut-time`` where it was cut.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._max_head = crawler.settings.getint("MAX_HEAD")
        self._max_body = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._run = cast("SiteSpider", crawler.spider).run

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self.crawler.settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    async def download_request(self, request: Request) -> Response:
        """The answer to `request`, whole or in part. Raises one of Scrapy's download errors where there is none."""
        answer = Answer(self._max_head, self._max_body)
        seconds = float(request.meta["download_timeout"])
        start = monotonic()
        flags: list[str] = []
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await self._connect(request)
                writer.write(_sent(answer.connection, request))
                await writer.drain()
                self._run.pace.left(self._run.timer())
                while not answer.ended:
                    answer.take(await reader.read(CHUNK))
                    if answer.head:
                        request.meta.setdefault("download_latency", monotonic() - start)
        except TimeoutError:
            answer.cut = "time"
            if not answer.head:
                raise DownloadTimeoutError(f"nothing whole came within {seconds:g} s") from None
        except h11.LocalProtocolError as error:
            raise DownloadFailedError(f"it can't be asked for: {error}") from error
        except (h11.RemoteProtocolError, OSError) as error:
            if not answer.head:
                raise _failure(error, answer) from error
            flags.append("dataloss")
        finally:
            request.meta["received"] = bytes(answer.received[: self._max_head]) if not answer.head else b""
            if writer is not None:
                writer.transport.abort()
        flags += [f"cut-{answer.cut}"] if answer.cut else []
        request.meta["head"] = _TRANSFER_ENCODING.sub(UNDONE, answer.head)
        return Response(
            request.url,
            status=answer.status,
            headers=Headers(answer.headers),
            body=bytes(answer.body),
            flags=flags,
            protocol=f"HTTP/{answer.version.decode('ascii')}",
        )

    async def _connect(self, request: Request) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(request.url)
        is_secure = parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        return await asyncio.open_connection(parts.hostname, port, limit=CHUNK, ssl=self._tls if is_secure else None)


def host_of(url: str) -> str:
    """What a ``Host`` header says for a request for `url`."""
    return urlsplit(url).netloc.rpartition("@")[2]


def target_of(url: str) -> str:
    """What the first line of a request for `url` asks for."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _sent(connection: h11.Connection, request: Request) -> bytes:
    """The bytes of `request`."""
    headers = request.headers.to_tuple_list()
    head = connection.send(h11.Request(method=request.method, target=target_of(request.url), headers=headers))
    return (head or b"") + (connection.send(h11.EndOfMessage()) or b"")


def _failure(error: Exception, answer: Answer) -> Exception:
    """What `error`, which came before an answer, is to Scrapy."""
    match error:
        case socket.gaierror():
            return CannotResolveHostError("its name is not known")
        case ConnectionRefusedError():
            return DownloadConnectionRefusedError("the connection was refused")
        case ssl.SSLCertVerificationError():
            return DownloadFailedError(f"its certificate is not valid: {error.verify_message}")
        case h11.RemoteProtocolError() if answer.received:
            return DownloadFailedError(f"what came is no HTTP: {excerpt(bytes(answer.received))}")
        case h11.RemoteProtocolError() | ConnectionResetError():
            return DownloadFailedError("the connection broke")
        case _:
            return DownloadFailedError(f"the connection failed: {type(error).__name__}")
