"""Bytes → text: which character set, and what could not be decoded.

A byte order mark is believed first, then the declared character set, then UTF-8. A declared single-byte set is
overruled where the bytes are beyond doubt UTF-8. Signs that could not be decoded become U+FFFD, and so do NUL
and the two control signs after it; the readers never take a value that holds one.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, resolve_encoding

LOST = "\ufffd"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_FORBIDDEN = dict.fromkeys((0, 1, 2), LOST)
_SINGLE_BYTE = re.compile(r"(cp|windows-|iso-?8859|latin|ascii|us-ascii|mac|koi8)", re.IGNORECASE)


class Decoded(NamedTuple):
    """The text of a body, the same in UTF-8, and what was wrong with its character set (None where nothing was)."""

    text: str
    utf8: bytes
    complaint: str | None


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Decode `body` by its byte order mark, `content_type`, its own declaration, or as UTF-8. Never raises."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :], name, None)
    declared = http_content_type_encoding(content_type or "")
    if declared is None and b"utf-8" not in body[:1024].lower():
        declared = html_body_declared_encoding(body[:4096])
    named = _CHARSET.search(content_type or "")
    if declared is None and named is not None:
        return _decoded(body, "utf-8", f"declares the character set {named[1]!r}, which does not exist")
    encoding = (resolve_encoding(declared) if declared else None) or "utf-8"
    if encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be") and b"\0" not in body:
        return _decoded(body, "utf-8", f"declares {declared!r}, but its bytes are not")
    if _SINGLE_BYTE.match(encoding) and not body.isascii() and _is_utf8(body):
        return _decoded(body, "utf-8", f"declares {declared!r}, but its bytes are UTF-8")
    return _decoded(body, encoding, None)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(body: bytes, encoding: str, complaint: str | None) -> Decoded:
    if encoding == "utf-8":
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = body.decode("utf-8", "replace")
        else:
            if not any(sign in body for sign in (b"\0", b"\x01", b"\x02")):
                return Decoded(text, body, complaint)
    else:
        try:
            text = body.decode(encoding, "replace")
        except (UnicodeError, LookupError) as error:
            text = body.decode("utf-8", "replace")
            complaint = f"can't be decoded as {encoding!r}: {error}"
    text = text.translate(_FORBIDDEN)
    return Decoded(text, text.encode("utf-8", "replace"), complaint)
