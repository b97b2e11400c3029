"""What is answered to a request, before it goes out on the wire."""

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
    """What the site has at a path: how to make its body, and what the body depends on.

    Equal `stamp`, equal body, as long as layout and traits are the same; it is also when the body last changed.
    """

    make: Callable[[], str | bytes]
    stamp: int
    kind: str = HTML
    status: int = 200
    location: str | None = None


class Body:
    """A body as it is and, once a client asks for that, compressed; with its validators."""

    def __init__(self, plain: bytes, kind: str, changed: int) -> None:
        self.plain, self.kind, self.changed = plain, kind, changed
        self.etag = blake2b(plain, digest_size=8).hexdigest()
        self.packed: bytes | None = None

    def pack(self) -> bytes:
        """The body compressed. Done once, so that a benchmark does not measure it."""
        if self.packed is None:
            self.packed = gzip.compress(self.plain, compresslevel=1, mtime=0)
        return self.packed


@dataclass(frozen=True)
class Delivery:
    """How the bytes go out: as they should, by default."""

    hang: float | None = None
    reset: bool = False
    rate: float | None = None
    share: float | None = None
    status_line: bytes | None = None
    endless: bool = False
    close: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing is odd about it."""
        return self == PLAIN


PLAIN = Delivery()


@dataclass(frozen=True)
class Answer:
    """A whole answer. `headers` holds what is particular to it; the rest is added when it is written."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = field(default=PLAIN)

    def header(self, name: str) -> str | None:
        """The value of a header, by its name as written."""
        return next((value for key, value in self.headers if key == name), None)

    def with_headers(self, **changed: str | None) -> Answer:
        """The answer with these headers set, or taken away (None); ``_`` in a name stands for ``-``."""
        names = {name.replace("_", "-"): value for name, value in changed.items()}
        kept = tuple((name, value) for name, value in self.headers if name not in names)
        return replace(self, headers=kept + tuple((name, value) for name, value in names.items() if value is not None))

    def with_body(self, body: bytes, **changed: str | None) -> Answer:
        """The answer with another body, of the length that it has."""
        return replace(self, body=body).with_headers(Content_Length=str(len(body)), **changed)

    def delivered(self, **changed: object) -> Answer:
        """The answer, delivered otherwise."""
        return replace(self, delivery=replace(self.delivery, **changed))  # type: ignore[arg-type]

    def head(self) -> bytes:
        """Status line and headers."""
        line = self.delivery.status_line or f"HTTP/1.1 {self.status} {reason(self.status)}".encode()
        lines = [f"{name}: {value}" for name, value in self.headers]
        return line + b"\r\n" + "".join(each + "\r\n" for each in lines).encode("latin-1") + b"\r\n"


def reason(status: int) -> str:
    """The words beside a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@lru_cache(maxsize=4096)
def http_date(moment: int) -> str:
    """A moment as HTTP writes it."""
    return formatdate(moment, usegmt=True)


def parse_http_date(value: str) -> int | None:
    """The moment that a header names, None where it names none."""
    try:
        return int(parsedate_to_datetime(value).timestamp())
    except ValueError:
        return None
