"""Reading WARC files of any origin: plain or gzip, a member a record or not, whole, torn or damaged.

`read_warc` gives every whole record of the kinds that are evidence, byte for byte, and a `Flaw` for each stretch
that it had to leave out. It never raises for bad bytes, and holds no more than one record in memory.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.warc_records import HEAD_LIMIT, Damage, content_length, parse_head, split_block, warc_date
from crawler.warc_stream import VERSION, WarcStream
from crawler.warc_writer import NewRecord, http_content_type

EVIDENCE = frozenset({"response", "resource", "conversion", "revisit", "request"})
KEPT_HEADERS = (
    ("warc-ip-address", "WARC-IP-Address"),
    ("warc-truncated", "WARC-Truncated"),
    ("warc-identified-payload-type", "WARC-Identified-Payload-Type"),
    ("warc-profile", "WARC-Profile"),
    ("warc-refers-to-target-uri", "WARC-Refers-To-Target-URI"),
    ("warc-refers-to-date", "WARC-Refers-To-Date"),
)
"""Headers that are kept as they came. Ids are not: each record gets one of its own, and links between them go."""

MOST_TROUBLE = 200
"""In so many places a file may be damaged. Looking for the next record may cost reading a long stretch once more, so
without a bound a small file that is made for it would take for ever."""

_OVERLONG_COSTS = 20
"""A record that claims to be longer than the limit may cost reading the whole rest of the file once more."""

_DIGEST_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """A whole record and the offset (of its gzip member, or its first byte) at which it was found."""

    offset: int
    record: NewRecord


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that is sound but no evidence: another tool's ``warcinfo``, ``metadata`` and so on."""

    offset: int
    kind: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that could not be read, at `offset`, in words."""

    offset: int
    code: str
    message: str


class _Overlong(Damage):
    """A record that is longer than the limit and does not end where it says.

    The file must be read again from its block on; `spot` is where that begins.
    """

    def __init__(self, message: str, spot: tuple[int, int]) -> None:
        super().__init__("too_big", message)
        self.spot = spot


def read_warc(path: Path, limit: int) -> Iterator[ForeignRecord | Passed | Flaw]:
    """The records of the WARC file `path`, in order, and what is wrong between them.

    A record with a block of more than `limit` bytes is left out with a `Flaw`. Raises `OSError` where the file
    can't be read.
    """
    with path.open("rb") as file:
        stream = WarcStream(file)
        trouble = 0
        while True:
            start = stream.offset()
            try:
                if not _skip_empty_lines(stream):
                    return
                start = stream.offset()
                found = _next_record(stream, start, limit)
            except Damage as damage:
                trouble += _OVERLONG_COSTS if isinstance(damage, _Overlong) else 1
                if trouble > MOST_TROUBLE:
                    message = "the file is damaged in too many places: nothing from here on was read; get a whole copy"
                    yield Flaw(start, "too_damaged", message)
                    return
                goes_on = _resync(stream, start, damage)
                where = f"reading went on at byte {stream.offset():,}" if goes_on else "nothing after it was read"
                yield Flaw(start, damage.code, f"{damage.message}; {where}")
                if not goes_on:
                    return
            else:
                yield found


def _skip_empty_lines(stream: WarcStream) -> bool:
    while True:
        empty = len(stream.buffer) - len(stream.buffer.lstrip(b"\r\n"))
        stream.drop(empty)
        if stream.buffer:
            return True
        if not stream.more():
            return False


def _next_record(stream: WarcStream, start: int, limit: int) -> ForeignRecord | Passed | Flaw:
    headers, length = _head(stream)
    kind = headers.get("warc-type", "").lower()
    if length > limit:
        _skip(stream, length)
        return Flaw(
            start,
            "too_big",
            f"the {kind or 'record'} has {length:,} bytes, more than the limit of {limit:,}, and was left out",
        )
    while len(stream.buffer) < length and stream.more():
        pass
    if len(stream.buffer) < length:
        # Gzip data that is whole shows that nothing was cut off: then the length must be wrong.
        code = "bad_length" if stream.gzip else "torn"
        raise Damage(code, f"the file ends in the middle of a {kind or 'record'} of {length:,} bytes")
    block = stream.drop(length)
    if not _end_of_record(stream):
        stream.put_back(block)
        raise Damage("bad_length", f"the Content-Length {length:,} of the record does not fit its bytes")
    stream.settle()
    if kind not in EVIDENCE or "warc-segment-number" in headers:
        if kind in {"continuation", *EVIDENCE}:
            return Flaw(start, "segmented", "a record in several segments can't be put together and was left out")
        return Passed(start, kind or "unknown")
    return _foreign(start, kind, headers, block)


def _head(stream: WarcStream) -> tuple[dict[str, str], int]:
    """The headers of the next record and the length of its block. On `Damage` the stream stays where it was."""
    while True:
        if not stream.buffer.startswith(VERSION[: len(stream.buffer)]):
            raise Damage("garbage", "bytes that are no WARC record stand here")
        match = re.search(rb"\r?\n\r?\n", stream.buffer[:HEAD_LIMIT])
        if match:
            headers = parse_head(bytes(stream.buffer[: match.start()]))
            length = content_length(headers)
            stream.drop(match.end())
            return headers, length
        if len(stream.buffer) >= HEAD_LIMIT:
            raise Damage("garbage", f"the headers of the record do not end within {HEAD_LIMIT:,} bytes")
        if not stream.more():
            raise Damage("torn", "the file ends in the middle of a record's headers")


def _skip(stream: WarcStream, length: int) -> None:
    """Step over a record that is too long, to its end. Raises `_Overlong` where it does not end there."""
    spot = stream.spot()
    left = length - len(stream.drop(length))
    try:
        while left and stream.more():
            left -= len(stream.drop(left))
        if not left and _end_of_record(stream):
            return
    except Damage as damage:
        if damage.code != "torn":
            raise
    raise _Overlong(f"a record claims {length:,} bytes, which is over the limit and does not fit the file", spot)


def _end_of_record(stream: WarcStream) -> bool:
    """Step over the end of a record. False where what follows shows that the record can't end here."""
    while len(stream.buffer) < 4 and stream.more(new_member=False):
        pass
    if stream.buffer.startswith(b"\r\n\r\n"):
        stream.drop(4)
        return True
    # Some tools end records with fewer line breaks, or none: fine, if it is plain that the next one starts.
    rest = bytes(stream.buffer[: len(VERSION) + 4]).lstrip(b"\r\n")
    return not rest or rest.startswith(VERSION[: len(rest)])


def _foreign(start: int, kind: str, headers: dict[str, str], block: bytes) -> ForeignRecord | Flaw:
    if not _digest_fits(headers.get("warc-block-digest", ""), block):
        return Flaw(
            start,
            "digest",
            f"the {kind} does not have the digest that its headers state, so it is not what was captured; "
            "it was left out",
        )
    try:
        date = warc_date(headers.get("warc-date", ""))
    except ValueError as error:
        return Flaw(start, "bad_time", f"the {kind} was left out: its WARC-Date {error}")
    extra = [(name, headers[key]) for key, name in KEPT_HEADERS if headers.get(key)]
    if kind == "revisit" and headers.get("warc-payload-digest"):
        extra.append(("WARC-Payload-Digest", headers["warc-payload-digest"]))
    url = headers.get("warc-target-uri") or None
    if url and url.startswith("<") and url.endswith(">"):
        url = url[1:-1]  # as WARC 1.0 was often read to ask for
    if url and url.startswith("urn:sha256:"):
        # Perhaps from an archive like ours, where it stands for "no url".
        body = split_block(kind, headers, block).body
        url = None if url == f"urn:sha256:{hashlib.sha256(body).hexdigest()}" else url
    media = headers.get("content-type") or None
    if media is None and kind in {"response", "request", "revisit"}:
        media = http_content_type(kind)
    return ForeignRecord(start, NewRecord(kind, url, date, media, block, tuple(extra)))


def _digest_fits(stated: str, block: bytes) -> bool:
    """Whether `stated` (``sha1:<base32 or hex>``) is the digest of `block`, or can't be judged."""
    name, _, text = stated.partition(":")
    name = name.lower().replace("-", "")
    size = _DIGEST_SIZES.get(name)
    if size is None:
        return True
    digest = hashlib.new(name, block, usedforsecurity=False).digest()
    if len(text) == 2 * size:
        return text.lower() == digest.hex()
    return text.upper().rstrip("=") == base64.b32encode(digest).decode("ascii").rstrip("=")


def _resync(stream: WarcStream, start: int, damage: Damage) -> bool:
    """Go to the next place after `start` at which a record may begin. False where there is none."""
    if isinstance(damage, _Overlong):
        stream.return_to(damage.spot)
    elif damage.code in {"garbage", "bad_record"}:
        stream.drop(1)  # not this very place again
    pending = damage
    while True:
        if stream.gzip and pending.code in {"bad_gzip", "no_gzip"}:
            return stream.next_member(stream.offset() + 1 if pending is not damage else start + 1)
        if stream.gzip and pending.code == "torn":
            return False
        try:
            return stream.next_line()
        except Damage as another:
            pending = another
