"""Pages that arrive damaged, disguised or hostile, each with what must become of it.

Most are one good page (`GOOD`, a sample) with one thing wrong, so what is read can be held against the good one.
"""

from __future__ import annotations

import codecs
import gzip
import random
import uuid
from dataclasses import dataclass
from functools import cache

from tests.verdictlog.running import SAMPLES, SITE

CAPTURED_AT = "2026-10-05T08:00:00Z"
GOOD = "fernway-vs-gatepost.html"
HTML = "text/html"
FIELD = "tagline"
"""The field that is damaged where a few bytes are."""


@dataclass(frozen=True)
class BadPage:
    """A page, and what must come of it.

    `severity` and `code` are of the problem that the dataset must hold about it (None: no problem is due), `says`
    is in its message, `status` the parse status. `reads`: all of it, all but the damaged field, or nothing.
    """

    body: bytes
    severity: str | None
    says: str
    status: str
    reads: str
    content_type: str = HTML
    path: str | None = None


def good() -> bytes:
    return (SAMPLES / GOOD).read_bytes()


def _with(old: bytes, new: bytes) -> bytes:
    body = good()
    assert old in body
    return body.replace(old, new)


def _filled_up(size: int) -> bytes:
    return _with(b"</body>", b"<p>" + b"filler " * (size // 7) + b"</p></body>")


def _deep(levels: int) -> bytes:
    return _with(b"</body>", b"<div>" * levels + b"end" + b"</div>" * levels + b"</body>")


def _wall(title: str, words: str) -> bytes:
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{words}</body></html>".encode()
    )


@cache
def bad_pages() -> dict[str, BadPage]:
    """Every bad page, by a name that also makes its url."""
    noise = random.Random(7).randbytes(40_000)
    text = good().decode()
    damaged = b"Runs your CI pipeline on a laptop"  # stands in the damaged field
    return {
        "empty": BadPage(b"", "warning", "empty", "failed", "nothing"),
        "blank": BadPage(b" \r\n\t ", "warning", "empty", "failed", "nothing"),
        "binary": BadPage(noise, "error", "not text", "failed", "nothing"),
        "picture": BadPage(b"\x89PNG\r\n\x1a\n" + noise, "warning", "image/png", "ignored", "nothing", "image/png"),
        "fifty-megabytes": BadPage(_filled_up(50_000_000), "error", "more than 8,388,608 bytes", "failed", "nothing"),
        "invalid-utf-8": BadPage(_with(damaged, damaged + b"\xff\xc3"), "warning", FIELD, "ok", "most"),
        "nul-bytes": BadPage(_with(damaged, damaged + b"\0\0"), "warning", FIELD, "ok", "most"),
        "utf-16-with-mark": BadPage(codecs.BOM_UTF16_LE + text.encode("utf-16-le"), None, "", "ok", "all"),
        "utf-16-big-endian-with-mark": BadPage(
            codecs.BOM_UTF16_BE + text.encode("utf-16-be"), None, "", "ok", "all", "text/html; charset=utf-8"
        ),
        "utf-16-named-by-header": BadPage(
            text.encode("utf-16-le"), None, "", "ok", "all", "text/html; charset=utf-16le"
        ),
        "utf-16-without-any-sign": BadPage(text.encode("utf-16-le"), "error", "character set", "failed", "nothing"),
        "utf-8-with-mark": BadPage(codecs.BOM_UTF8 + good(), None, "", "ok", "all"),
        "wrong-charset-header": BadPage(good(), "info", "UTF-8", "ok", "all", "text/html; charset=iso-8859-1"),
        "utf-16-header-on-utf-8": BadPage(good(), "info", "utf-16", "ok", "all", "text/html; charset=utf-16"),
        "unknown-charset-header": BadPage(good(), "info", "x-klingon", "ok", "all", "text/html; charset=x-klingon"),
        "wrong-charset-meta": BadPage(
            _with(b'<meta charset="utf-8">', b'<meta charset="windows-1252">'), "info", "UTF-8", "ok", "all"
        ),
        "another-site": BadPage(
            _wall("Fresh bread daily", "<p>Our ovens are lit at four.</p><p>Rye, spelt and wheat.</p>"),
            "warning",
            "none of the labels",
            "failed",
            "nothing",
            path="/bread",
        ),
        "login-wall": BadPage(
            _wall("Sign in", "<form><label>E-mail<input></label><label>Password<input></label></form>"),
            "warning",
            "none of the labels",
            "failed",
            "nothing",
        ),
        "consent-page": BadPage(
            _wall("Before you continue", "<p>We and 812 partners value your privacy.</p><button>Accept all</button>"),
            "warning",
            "none of the labels",
            "failed",
            "nothing",
        ),
        "deep-nesting": BadPage(_deep(100_000), "error", "within each other", "failed", "nothing"),
    }


def url_of(name: str) -> str:
    """The url of a bad page: that of a comparison, unless it says otherwise."""
    return SITE + (bad_pages()[name].path or f"/compare/{name}-a-vs-{name}-b")


def gzip_bomb(size: int) -> bytes:
    """A gzip file that holds `size` zeros: a thousandth of that."""
    return gzip.compress(bytes(size), mtime=0)


def warc_response(url: str, body: bytes, *headers: str) -> bytes:
    """A WARC record of an HTTP answer."""
    http = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {HTML}", *headers, "", ""]).encode() + body
    head = [
        "WARC/1.1",
        "WARC-Type: response",
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url)}>",
        f"WARC-Target-URI: {url}",
        f"WARC-Date: {CAPTURED_AT}",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(http)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + http + b"\r\n\r\n"
