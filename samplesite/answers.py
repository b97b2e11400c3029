"""Responses to requests, before they are sent."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2b
from http import HTTPStatus

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
XML = "application/xml; charset=utf-8"
GZIP = "application/gzip"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Found:
    """The content at a path: how to make the body, and what it depends on.

    With the same layout and traits, equal `stamp` means equal body; it is also the time when the body last changed.
    """

    make: Callable[[], str | bytes]
    stamp: int
    kind: str = HTML
    status: int = 200
    location: str | None = None


class Body:
    """A body, compressed on demand, with its validators."""

    def __init__(self, plain: bytes, kind: str, changed: int) -> None:
        self.plain, self.kind, self.changed = plain, kind, changed
        self.etag = blake2b(plain, digest_size=8).hexdigest()
        self.packed: bytes | None = None

    def pack(self) -> bytes:
        """The compressed body, cached so that benchmarks don't measure compression."""
        if self.packed is None:
            self.packed = gzip.compress(self.plain, compresslevel=1, mtime=0)
        return self.packed


@dataclass(frozen=True)
class Delivery:
    """How the bytes are sent; by default, normally."""

    hang: float | None = None
    reset: bool = False
    rate: float | None = None
    share: float | None = None
    status_line: bytes | None = None
    endless: bool = False
    close: bool = False

    @property
    def is_plain(self) -> bool:
        """Return whether the bytes are sent normally."""
        return self == PLAIN


PLAIN = Delivery()


@dataclass(frozen=True)
class Answer:
    """A complete response. `headers` contains its particular headers; the others are added when it is written."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = field(default=PLAIN)

    def header(self, name: str) -> str | None:
        """Return the value of a header by its exact name."""
        return next((value for key, value in self.headers if key == name), None)

    def with_headers(self, **changed: str | None) -> Answer:
        """Return the response with these headers set or removed (None); ``_`` in a name stands for ``-``."""
        names = {name.replace("_", "-"): value for name, value in changed.items()}
        kept = tuple((name, value) for name, value in self.headers if name not in names)
        return replace(self, headers=kept + tuple((name, value) for name, value in names.items() if value is not None))

    def with_body(self, body: bytes, **changed: str | None) -> Answer:
        """Return the response with another body and its Content-Length."""
        return replace(self, body=body).with_headers(Content_Length=str(len(body)), **changed)

    def delivered(self, **changed: object) -> Answer:
        """Return the response with a different delivery."""
        return replace(self, delivery=replace(self.delivery, **changed))  # type: ignore[arg-type]

    def head(self) -> bytes:
        """Return the status line and headers as bytes."""
        line = self.delivery.status_line or f"HTTP/1.1 {self.status} {reason(self.status)}".encode()
        lines = [f"{name}: {value}" for name, value in self.headers]
        return line + b"\r\n" + "".join(each + "\r\n" for each in lines).encode("latin-1") + b"\r\n"


def reason(status: int) -> str:
    """Return the reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@lru_cache(maxsize=4096)
def http_date(moment: int) -> str:
    """Return a moment as an HTTP date."""
    return formatdate(moment, usegmt=True)


def parse_http_date(value: str) -> int | None:
    """Return the moment in a header, or None."""
    try:
        return int(parsedate_to_datetime(value).timestamp())
    except ValueError:
        return None
