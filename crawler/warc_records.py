"""One record of the archive: its fields, its bytes, and the rules by which the two are told apart.

Everything here is about a single record. `read_member` reads one gzip member with its checksum, bounded in
memory; `parse_record` splits it into headers and block; `stored_record` says what it means. Whatever is wrong
with the bytes comes out as `Damage`, never as another error. Content is not interpreted here.
"""

from __future__ import annotations

import hashlib
import re
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO, NamedTuple

CHUNK = 64 << 10
RECORD_LIMIT = 256 << 20
"""The largest block that the archive keeps. A larger one is refused when written and damage when read."""

HEAD_LIMIT = 64 << 10
"""The longest head (version line and headers) of a record."""

GZIP_MAGIC = b"\x1f\x8b\x08"
GZIP_HEADER = GZIP_MAGIC + b"\0\0\0\0\0\0\xff"
"""How every gzip member of the archive starts: no flags, no time, no system. Fixed, because a member's checksum
does not cover its header: only so can `verify` see a flipped bit in it."""

GZIP_TRAILER_SIZE = 8
NAMES = uuid.UUID("6f1e6c52-5d0f-5c0b-9f0e-6a3f1d2b7c84")
"""The namespace of all record ids of this project."""

HTTP_KINDS = frozenset({"response", "request", "revisit"})
NO_PAYLOAD_KINDS = frozenset({"warcinfo", "metadata"})
"""Kinds that have a block but, by the WARC standard, no payload to give a digest of."""

_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})", re.ASCII)
_WARC_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z", re.ASCII)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)


class ArchiveError(Exception):
    """Something about the archive that a person must know. The text names the file and what to do."""


class Damage(Exception):  # noqa: N818  (what the bytes have, not what the code did)
    """Bytes that are not a whole record. `code` is ``end``, ``torn``, ``bad_gzip``, ``too_big`` or ``bad_record``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """What the headers of one archived record say.

    `file` is the name inside ``archive/`` and `offset` the byte at which the record's gzip member starts. `url` is
    the one that answered, None where the capture came without. `captured_at` is UTC in whole seconds (fractions
    are cut, so that text order is time order). `content_type` is that of the payload. `sha256` and `size` are of
    the payload as stored: an HTTP body as received, its content-encoding kept. `run_id` names the run that wrote
    the file. The `refers_to` fields say, for a revisit, which payload it found unchanged. `truncated` says why the
    payload is only a beginning (``length``, ``time``, ``disconnect``), where the record tells.
    """

    file: str
    offset: int
    kind: str
    url: str | None
    captured_at: str
    content_type: str | None
    http_status: int | None
    http_headers: tuple[tuple[str, str], ...]
    sha256: str
    size: int
    run_id: str | None
    refers_to_digest: str | None = None
    refers_to_url: str | None = None
    refers_to_at: str | None = None
    truncated: str | None = None


class Member(NamedTuple):
    """One gzip member: where it starts and ends in its file, and what it holds."""

    offset: int
    end: int
    data: bytes


class RawRecord(NamedTuple):
    """A record taken apart: its headers (names in lower case, first one wins) and its block."""

    headers: Mapping[str, str]
    block: bytes


class Payload(NamedTuple):
    """A block taken apart: the HTTP head, where it has one, and the payload."""

    status: int | None
    http_headers: tuple[tuple[str, str], ...]
    content_type: str | None
    body: bytes


@lru_cache(maxsize=64)
def utc_seconds(text: str) -> str:
    """`text`, an ISO 8601 time with ``Z`` or an offset, as UTC in whole seconds (``2026-11-19T00:00:00Z``).

    Raises `ValueError` for anything else, a date alone and a time without a zone included.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a time like 2026-11-19T00:00:00Z")
    minutes, seconds, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{minutes}:{seconds or '00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:60]!r} is no real time ({error})") from None
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def warc_date(text: str) -> str:
    """`text` as a WARC-Date: unchanged where it is one already, else by `utc_seconds` (`ValueError` likewise)."""
    seconds = utc_seconds(text)
    return text.strip() if _WARC_DATE.fullmatch(text.strip()) else seconds


def capture_id(url: str | None, captured_at: str, sha256: str) -> str:
    """The id of a capture: 16 hex digits that depend on its url, time and payload digest, and nothing else."""
    # A line break stands in none of the three, and an absent url differs from every url by its missing mark.
    text = f"{'' if url is None else '=' + url}\n{captured_at}\n{sha256}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def record_id(*parts: str | None) -> str:
    """A WARC-Record-ID that depends on `parts` alone."""
    return f"<urn:uuid:{uuid.uuid5(NAMES, chr(10).join('-' if p is None else '=' + p for p in parts))}>"


@lru_cache(maxsize=8)
def warcinfo_id(run_id: str) -> str:
    """The WARC-Record-ID of the record that opens the file of `run_id`."""
    return record_id("warcinfo", run_id)


def parse_head(head: bytes) -> dict[str, str]:
    """The headers of a record from its head. Names come in lower case; the first of equal names wins.

    Raises `Damage` (``bad_record``) where the head is not that of a WARC record.
    """
    lines = head.replace(b"\r\n", b"\n").split(b"\n")
    if not lines[0].startswith((b"WARC/1.", b"WARC/0.")):
        raise Damage("bad_record", "it does not start with a WARC version line")
    headers: dict[str, str] = {}
    last = ""
    for line in lines[1:]:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("latin-1")
        if text[:1] in {" ", "\t"} and last:
            headers[last] = f"{headers[last]} {text.strip()}"
            continue
        name, colon, value = text.partition(":")
        if not colon:
            if text.strip():
                raise Damage("bad_record", f"its header line {text[:60]!r} has no colon")
            continue
        last = name.strip().lower()
        headers.setdefault(last, value.strip())
    return headers


def content_length(headers: Mapping[str, str]) -> int:
    """The Content-Length that `headers` give. Raises `Damage` (``bad_record``) where it is no whole number."""
    text = headers.get("content-length", "")
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise Damage("bad_record", f"its Content-Length {text[:30]!r} is not a whole number")
    return int(text)


def parse_record(data: bytes) -> RawRecord:
    """A record of the archive from the inflated bytes of its gzip member.

    Raises `Damage` (``bad_record``) where they are not exactly one WARC record.
    """
    end = data.find(b"\r\n\r\n", 0, HEAD_LIMIT)
    if end < 0:
        raise Damage("bad_record", "its headers have no end")
    headers = parse_head(data[:end])
    length = content_length(headers)
    block = data[end + 4 : end + 4 + length]
    if data[end + 4 + length :] != b"\r\n\r\n":
        raise Damage("bad_record", f"its Content-Length says {length} bytes, which is not what follows")
    if not headers.get("warc-type") or not headers.get("warc-date"):
        raise Damage("bad_record", "it has no WARC-Type or no WARC-Date")
    return RawRecord(headers, block)


def read_member(file: BinaryIO, offset: int, limit: int = RECORD_LIMIT + HEAD_LIMIT) -> Member:
    """The gzip member of `file` that starts at `offset`, its checksum tested.

    Raises `Damage`: ``end`` where the file ends at `offset`, ``torn`` where it ends within the member,
    ``bad_gzip`` where the bytes are no gzip or the checksum fails, ``too_big`` beyond `limit` inflated bytes.
    """
    file.seek(max(offset, 0))
    raw = file.read(CHUNK)
    if not raw or offset < 0:
        raise Damage("end", "the file ends here")
    if not raw.startswith(GZIP_MAGIC[: len(raw)]):
        raise Damage("bad_gzip", "no gzip member starts here")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    pieces: list[bytes] = []
    size = 0
    position = offset + len(raw)
    while True:
        try:
            piece = inflater.decompress(raw, limit - size + 1)
        except zlib.error as error:
            raise Damage("bad_gzip", f"its compressed bytes are damaged ({error})") from None
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise Damage("too_big", f"it inflates to more than {limit:,} bytes")
        if inflater.eof:
            return Member(offset, position - len(inflater.unused_data), b"".join(pieces))
        raw = inflater.unconsumed_tail
        if not raw:
            raw = file.read(CHUNK)
            position += len(raw)
            if not raw:
                raise Damage("torn", "the file ends in the middle of it")


def split_block(kind: str, headers: Mapping[str, str], block: bytes) -> Payload:
    """The HTTP head and the payload in the block of a record of `kind` with the WARC headers `headers`."""
    own_type = headers.get("content-type")
    if kind not in HTTP_KINDS or not (own_type or "application/http").lower().startswith("application/http"):
        return Payload(None, (), own_type, block)
    match = _HEAD_END.search(block)
    head, body = (block[: match.start()], block[match.end() :]) if match else (block, b"")
    first, _, rest = head.partition(b"\n")
    if kind != "request" and not first.startswith(b"HTTP/"):
        return Payload(None, (), own_type, block)
    found: list[tuple[str, str]] = []
    for line in rest.decode("latin-1").split("\n"):
        name, colon, value = line.partition(":")
        if line.startswith((" ", "\t")) and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif colon:
            found.append((name.strip(), value.strip()))
    words = first.split(maxsplit=2)
    code = words[1] if len(words) > 1 and kind != "request" else b""
    status = int(code) if re.fullmatch(rb"\d{3}", code) else None
    media = next((value for name, value in found if name.lower() == "content-type"), None)
    return Payload(status, tuple(found), media or None, body)


def payload_digest(kind: str, headers: Mapping[str, str], body: bytes) -> str:
    """The sha256 of the payload `body`: as its headers state it where they do, else computed."""
    # A revisit's payload digest is of the payload that it refers to, not of its own bytes.
    name = "warc-block-digest" if kind in NO_PAYLOAD_KINDS else "warc-payload-digest"
    match = _SHA256.fullmatch(headers.get(name, "")) if kind != "revisit" else None
    return match[1] if match else hashlib.sha256(body).hexdigest()


def stored_record(
    file: str, offset: int, raw: RawRecord, run_id: str | None, payload: Payload | None = None
) -> tuple[StoredRecord, bytes]:
    """What `raw`, which stands in `file` at `offset`, says, and its payload. `payload` is its block split, if it is.

    Raises `Damage` (``bad_record``) where its date is no time.
    """
    headers = raw.headers
    kind = headers["warc-type"].lower()
    payload = payload or split_block(kind, headers, raw.block)
    sha256 = payload_digest(kind, headers, payload.body)
    url: str | None = headers.get("warc-target-uri") or None
    if url == f"urn:sha256:{sha256}":
        url = None
    try:
        captured_at = utc_seconds(headers["warc-date"])
    except ValueError as error:
        raise Damage("bad_record", f"its WARC-Date: {error}") from None
    revisit = kind == "revisit"
    record = StoredRecord(
        file=file,
        offset=offset,
        kind=kind,
        url=url,
        captured_at=captured_at,
        content_type=payload.content_type,
        http_status=payload.status,
        http_headers=payload.http_headers,
        sha256=sha256,
        size=len(payload.body),
        run_id=run_id,
        refers_to_digest=headers.get("warc-payload-digest") if revisit else None,
        refers_to_url=headers.get("warc-refers-to-target-uri") if revisit else None,
        refers_to_at=headers.get("warc-refers-to-date") if revisit else None,
        truncated=headers.get("warc-truncated") or None,
    )
    return record, payload.body


def fields_of(block: bytes) -> dict[str, str]:
    """The fields of an ``application/warc-fields`` block, names in lower case."""
    pairs: Sequence[tuple[str, str, str]] = [
        line.partition(":") for line in block.decode("utf-8", "replace").splitlines()
    ]
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}
