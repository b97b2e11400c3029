"""Keeps every answer in the archive as it was received, before anything else looks at it.

The request's record is written before the request goes: so a run that died still tells what it asked for. An answer
that brings nothing new (304, or 200 with the bytes of the last capture) is kept as a ``revisit`` of that capture.
Requests bear the validators of the last capture, so that a site can say so.
"""

from __future__ import annotations

import hashlib
from datetime import UTC
from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import IgnoreRequest, StopDownload

from crawler.archive import ArchiveError, NewRecord, StoredRecord
from crawler.fetch.component import Component
from crawler.warc_writer import http_content_type

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.capture_index import LastCapture
    from crawler.fetch.run import CrawlRun

MAX_BODY = 52 << 20
"""A body is kept up to so many bytes; what is longer is no page, and may have no end. (A sitemap may have 50 MB.)"""

PATIENCE = 0.9
"""An answer that drips is cut after this share of the time a request may take: what came by then is kept."""

NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
SAME_BYTES = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


class ArchiveMiddleware(Component):
    """The innermost of the downloader's middlewares."""

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        super().__init__(run, crawler)
        self._received: dict[Request, int] = {}
        crawler.signals.connect(self._bytes_received, signals.bytes_received)

    def _bytes_received(self, data: bytes, request: Request) -> None:
        size = self._received.get(request, 0) + len(data)
        self._received[request] = size
        if size > MAX_BODY:
            request.meta["cut_for"] = "length"
        elif self.run.timer() - request.meta["sent_at"] > PATIENCE * self.run.options.timeout:
            request.meta["cut_for"] = "time"
        else:
            return
        raise StopDownload(fail=False)

    def process_request(self, request: Request) -> None:
        """Add validators, and write the request's record."""
        last = self.run.index.last_capture(request.url)
        request.meta.update(last=last, sent_at=self.run.timer(), cut_for=None)
        if last is not None and last.etag:
            request.headers["If-None-Match"] = last.etag
        if last is not None and last.last_modified:
            request.headers["If-Modified-Since"] = last.last_modified
        path = request.url.split("/", 3)[3] if request.url.count("/") >= 3 else ""
        head = f"{request.method} /{path} HTTP/1.1\r\n".encode() + request.headers.to_string() + b"\r\n\r\n"
        self._write("request", request, head)

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the answer's record, and leave it in ``request.meta`` under ``stored``."""
        self._received.pop(request, None)
        last: LastCapture | None = request.meta["last"]
        extra: tuple[tuple[str, str], ...] = ()
        kind, body, status = "response", response.body, response.status
        if status == HTTPStatus.NOT_MODIFIED and last is not None:
            kind, extra = "revisit", _refers_to(NOT_MODIFIED, last)
        elif status == HTTPStatus.OK and last is not None and hashlib.sha256(body).hexdigest() == last.sha256:
            kind, extra, body = "revisit", _refers_to(SAME_BYTES, last), b""
        elif "dataloss" in response.flags:
            extra = (("WARC-Truncated", "disconnect"),)
        elif request.meta["cut_for"]:
            extra = (("WARC-Truncated", request.meta["cut_for"]),)
        request.meta["stored"] = self._write(kind, request, _head(response) + body, extra)
        count = self.run.count
        count("unchanged", kind == "revisit")
        count(f"responses_{status}" if status in {200, 304} else f"responses_{status // 100}xx")
        count("bytes", len(response.body))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Forget what was on its way."""
        self._received.pop(request, None)

    def _write(
        self, kind: str, request: Request, block: bytes, extra: tuple[tuple[str, str], ...] = ()
    ) -> StoredRecord:
        at = self.run.clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            return self.run.writer.write(NewRecord(kind, request.url, at, http_content_type(kind), block, extra))
        except ArchiveError as error:
            self.run.stop("archive", str(error))
            raise IgnoreRequest(str(error)) from error


def _head(response: Response) -> bytes:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    line = f"{response.protocol or 'HTTP/1.1'} {response.status} {phrase}\r\n".encode("ascii", "replace")
    headers = response.headers.to_string()
    return line + headers + (b"\r\n\r\n" if headers else b"\r\n")


def _refers_to(profile: str, last: LastCapture) -> tuple[tuple[str, str], ...]:
    return (
        ("WARC-Profile", profile),
        ("WARC-Refers-To-Target-URI", last.url),
        ("WARC-Refers-To-Date", last.captured_at),
        ("WARC-Payload-Digest", f"sha256:{last.sha256}"),
    )
