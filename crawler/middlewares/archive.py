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

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers

from crawler.archive import ArchiveError, NewRecord, StoredRecord
from crawler.fetch.component import Component
from crawler.middlewares.download_handler import host_of, target_of
from crawler.site_values import validator
from crawler.warc_writer import http_content_type

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.capture_index import LastCapture

TRUNCATED = {"dataloss": "disconnect", "cut-length": "length", "cut-time": "time"}
"""What the flags of a response are in a ``WARC-Truncated`` header."""

NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
SAME_BYTES = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


class ArchiveMiddleware(Component):
    """The innermost of the downloader's middlewares."""

    def process_request(self, request: Request) -> None:
        """Add validators, and write the request's record."""
        last = self.run.index.last_capture(request.url)
        request.meta.update(last=last)
        known = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified} if last is not None else {}
        # In the order in which they are sent: h11 puts the host first.
        headers = Headers({"Host": host_of(request.url)})
        headers.update(request.headers)
        headers.update({name: value for name, value in known.items() if validator(value)})
        headers["Connection"] = "close"
        request.headers = headers
        head = f"{request.method} {target_of(request.url)} HTTP/1.1\r\n".encode()
        self._write("request", request, head + request.headers.to_string() + b"\r\n\r\n")

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the answer's record, and leave it in ``request.meta`` under ``stored``."""
        last: LastCapture | None = request.meta["last"]
        extra: tuple[tuple[str, str], ...] = ()
        kind, body, status = "response", response.body, response.status
        cut = next((TRUNCATED[flag] for flag in response.flags if flag in TRUNCATED), None)
        if status == HTTPStatus.NOT_MODIFIED and last is not None:
            kind, extra = "revisit", _refers_to(NOT_MODIFIED, last)
        elif status == HTTPStatus.OK and last is not None and hashlib.sha256(body).hexdigest() == last.sha256:
            kind, extra, body = "revisit", _refers_to(SAME_BYTES, last), b""
        elif cut is not None:
            extra = (("WARC-Truncated", cut),)
        request.meta["stored"] = self._write(kind, request, request.meta.pop("head") + body, extra)
        count = self.run.count
        count("unchanged", kind == "revisit")
        count(f"responses_{status}" if status in {200, 304} else f"responses_{status // 100}xx")
        count("bytes", len(response.body))
        return response

    def _write(
        self, kind: str, request: Request, block: bytes, extra: tuple[tuple[str, str], ...] = ()
    ) -> StoredRecord:
        at = self.run.clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            return self.run.writer.write(NewRecord(kind, request.url, at, http_content_type(kind), block, extra))
        except ArchiveError as error:
            self.run.stop("archive", str(error))
            raise IgnoreRequest(str(error)) from error


def _refers_to(profile: str, last: LastCapture) -> tuple[tuple[str, str], ...]:
    return (
        ("WARC-Profile", profile),
        ("WARC-Refers-To-Target-URI", last.url),
        ("WARC-Refers-To-Date", last.captured_at),
        ("WARC-Payload-Digest", f"sha256:{last.sha256}"),
    )
