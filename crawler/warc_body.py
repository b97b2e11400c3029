"""The body of a response as the browser would have it: transfer and content encodings undone, within a limit.

`decoded_body` never holds much more than `limit` bytes, whatever the bytes claim to inflate to, and raises
`BodyError` and nothing else for bad data.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli  # type: ignore[import-untyped]

from crawler.warc_records import CHUNK, StoredRecord

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_ENCODINGS = 5
"""More codings than this over one another are no honest answer."""

ZSTD_WINDOW_LOG = 23
"""RFC 9659: as a content coding, zstd may ask for no window beyond 8 MB."""

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


class BodyError(Exception):
    """A body that can't be decoded.

    `code` is ``too_big``, ``bad_encoding`` (damaged), ``torn_body`` (it ends too early) or ``unknown_encoding``;
    `message` says it in words; `partial` is what could be decoded before the trouble, never more than the limit.
    """

    def __init__(self, code: str, message: str, partial: bytes = b"") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.partial = partial


def decoded_body(record: StoredRecord, payload: bytes, *, limit: int) -> bytes:
    """`payload`, the stored payload of `record`, without its chunking and its content-encoding.

    Only HTTP answers have either; any other payload comes back as it is. Raises `BodyError` where an encoding is
    unknown, the bytes are damaged or cut, or the result would be longer than `limit` bytes.
    """
    body = payload
    if _names(record, "transfer-encoding")[-1:] == ["chunked"]:
        body = _unchunked(payload)
    encodings = [name for name in _names(record, "content-encoding") if name != "identity"]
    if len(encodings) > MAX_ENCODINGS:
        raise BodyError("unknown_encoding", f"{len(encodings)} content-encodings over one another are too many")
    for name in reversed(encodings):
        body = _decoded(name, body, limit)
    if len(body) > limit:
        raise BodyError("too_big", f"the body is longer than {limit:,} bytes", body[:limit])
    return body


def _names(record: StoredRecord, header: str) -> list[str]:
    values = [value for name, value in record.http_headers if name.lower() == header]
    return [name for part in ",".join(values).split(",") if (name := part.strip().lower())]


def _unchunked(body: bytes) -> bytes:
    """`body` without HTTP chunking. Many tools store the header but take the chunks away: then it stays as it is."""
    pieces: list[bytes] = []
    position = 0
    while match := _CHUNK_SIZE.match(body, position):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(pieces)
        piece = body[match.end() : match.end() + size]
        pieces.append(piece)
        position = match.end() + size
        if len(piece) < size:
            # The connection broke in this chunk; what came is still the body.
            return b"".join(pieces)
        end = re.compile(rb"\r?\n").match(body, position)
        if end is None:
            return body if position < len(body) else b"".join(pieces)
        position = end.end()
    return b"".join(pieces) if pieces and position == len(body) else body


def _decoded(name: str, body: bytes, limit: int) -> bytes:
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise BodyError(
            "unknown_encoding", f"the content-encoding {name[:40]!r} is not one of {', '.join(sorted(_DECODERS))}"
        )
    out = bytearray()
    # An answer without a body (a 304, a HEAD) may still name the encoding that its body would have.
    pieces = decoder(body) if body else iter(())
    while True:
        try:
            piece = next(pieces, None)
        except EOFError:
            raise BodyError("torn_body", f"the {name} body ends too early", bytes(out)) from None
        except (zlib.error, brotli.error, zstd.ZstdError) as error:
            raise BodyError("bad_encoding", f"the {name} body is damaged ({error})", bytes(out)) from None
        if piece is None:
            return bytes(out)
        out += piece
        if len(out) > limit:
            raise BodyError("too_big", f"the {name} body is longer than {limit:,} bytes", bytes(out[:limit]))


def _inflated(body: bytes, wbits: int) -> Iterator[bytes]:
    """Pieces of zlib data of whatever wrapper `wbits` names. Gzip may hold several members; junk after is left."""
    rest = body
    while rest:
        inflater = zlib.decompressobj(wbits)
        while not inflater.eof:
            piece = inflater.decompress(rest, CHUNK)
            rest = inflater.unconsumed_tail
            if piece:
                yield piece
            elif not inflater.eof and not rest:
                raise EOFError
        rest = inflater.unused_data
        if not rest.startswith(b"\x1f\x8b\x08") or not wbits & 16:
            return


def _gzip(body: bytes) -> Iterator[bytes]:
    return _inflated(body, zlib.MAX_WBITS | 16)


def _deflate(body: bytes) -> Iterator[bytes]:
    """The standard means zlib's wrapper, and some servers leave it out; the first two bytes tell which."""
    wrapped = len(body) >= 2 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflated(body, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)


def _brotli(body: bytes) -> Iterator[bytes]:
    decoder: Any = brotli.Decompressor()
    piece = decoder.process(body, output_buffer_limit=CHUNK)
    while piece:
        yield piece
        if decoder.is_finished():
            return
        piece = decoder.process(b"", output_buffer_limit=CHUNK)
    if not decoder.is_finished():
        raise EOFError


def _zstd(body: bytes) -> Iterator[bytes]:
    rest = body
    while rest:
        decoder = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
        while not decoder.eof:
            piece = decoder.decompress(rest, CHUNK)
            rest = b""
            if piece:
                yield piece
            elif not decoder.eof and decoder.needs_input:
                raise EOFError
        rest = decoder.unused_data


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
