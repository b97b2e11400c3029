"""Verifying the archive: every byte of every file accounted for.

`verify` reads each record afresh at its offset and checks its gzip member, its length and its digests, and says
what lies between and after. It never raises for bad data, changes nothing, and gives the same findings in the
same order each time.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from crawler.archive import SUFFIX, TORN, Archive, Opening, Stretch
from crawler.warc_lock import LOCK_NAME
from crawler.warc_records import (
    GZIP_HEADER,
    GZIP_TRAILER_SIZE,
    NO_PAYLOAD_KINDS,
    ArchiveError,
    Damage,
    RawRecord,
    split_block,
    stored_record,
    warcinfo_id,
)

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the archive: `error` = data is damaged, `warning` = doubtful, `info` = worth knowing."""

    severity: Literal["error", "warning", "info"]
    file: str
    offset: int | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All findings, in the order of files and offsets, and how much was checked."""

    findings: tuple[Finding, ...]
    files: int
    records: int
    bytes: int

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged or doubtful."""
        return all(finding.severity == "info" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class VerifyEvent:
    """How far a verification is: the file in work and what was checked so far."""

    file: str
    files_done: int
    files: int
    records: int


def verify(archive: Archive, progress: Callable[[VerifyEvent], None] | None = None) -> VerifyReport:
    """Check every record of `archive`. Raises `ArchiveError` only where its folder can't be read at all."""
    findings = list(_strays(archive))
    names = archive.files()
    records = size = 0
    for done, name in enumerate(names):
        if progress is not None:
            progress(VerifyEvent(name, done, len(names), records))
        check = _FileCheck(archive, name)
        findings += check.run()
        records += check.records
        size += check.size
    if progress is not None:
        progress(VerifyEvent("", len(names), len(names), records))
    return VerifyReport(tuple(findings), len(names), records, size)


def _strays(archive: Archive) -> Iterator[Finding]:
    """What lies in the archive's folder without being an archive file."""
    known = set(archive.files())
    try:
        entries = sorted(archive.folder.iterdir())
    except FileNotFoundError:
        return
    for entry in entries:
        name = entry.name
        if name in known or name == LOCK_NAME:
            continue
        if name == TORN and entry.is_dir():
            for tail in sorted(p for p in entry.iterdir() if not p.name.startswith(".")):
                yield Finding(
                    "info", f"{TORN}/{tail.name}", None, "set_aside", "a torn tail that was set aside earlier"
                )
            continue
        yield Finding(
            "warning",
            name,
            None,
            "stray_file",
            f"this is no archive file (a regular file named *{SUFFIX}); move it out, or import it",
        )


class _FileCheck:
    """The check of one file."""

    def __init__(self, archive: Archive, name: str) -> None:
        self.records = 0
        self.size = 0
        self._archive = archive
        self._name = name
        self._end_record = False

    def run(self) -> list[Finding]:
        try:
            with self._archive.open_file(self._name) as handle:
                self.size = handle.seek(0, 2)
                return list(self._file(handle))
        except ArchiveError as error:
            return [Finding("error", self._name, None, "unreadable", str(error))]
        except OSError as error:
            message = f"it can't be read to its end ({error.strerror or error}); check the disk"
            return [Finding("error", self._name, None, "unreadable", message)]

    def _file(self, handle: BinaryIO) -> Iterator[Finding]:
        opening = self._archive.opening(self._name, handle)
        for stretch in self._archive.stretches(self._name, handle):
            if stretch.raw is None:
                yield self._damage(stretch)
                continue
            self.records += 1
            if stretch.offset == 0:
                yield from self._first(stretch.raw)
            for severity, code, message in self._record(handle, stretch, stretch.raw, opening):
                yield Finding(severity, self._name, stretch.offset, code, message)
        if self.size == 0:
            yield Finding("warning", self._name, 0, "empty_file", "it holds nothing; it can be removed")
        elif not self._end_record:
            yield Finding(
                "info",
                self._name,
                None,
                "no_end_record",
                "the run that wrote it did not come to its end (it was killed, or it is still running)",
            )

    def _damage(self, stretch: Stretch) -> Finding:
        count = stretch.end - stretch.offset
        reason = stretch.damage.message if stretch.damage else ""
        if stretch.end == self.size:
            code = "torn_tail"
            message = f"the last {count:,} bytes are no whole record ({reason}); the next import sets them aside"
        else:
            code = "damaged"
            message = f"{count:,} bytes can't be read as a record ({reason}); restore the file from a copy"
        return Finding("error", self._name, stretch.offset, code, message)

    def _first(self, raw: RawRecord) -> Iterator[Finding]:
        if raw.headers["warc-type"].lower() != "warcinfo":
            yield Finding(
                "warning", self._name, 0, "no_warcinfo", "it does not open with a warcinfo record: its run is unknown"
            )
        elif raw.headers.get("warc-record-id") != warcinfo_id(self._name.removesuffix(SUFFIX)):
            yield Finding(
                "warning",
                self._name,
                0,
                "renamed",
                "its name is not that of the run that wrote it; give it its old name back",
            )

    def _record(
        self, handle: BinaryIO, stretch: Stretch, raw: RawRecord, opening: Opening
    ) -> Iterator[tuple[Literal["error", "warning"], str, str]]:
        kind = raw.headers["warc-type"].lower()
        self._end_record = kind == "metadata"
        handle.seek(stretch.offset)
        yield from _wrapping(handle.read(stretch.end - stretch.offset))
        try:
            stored_record(self._name, stretch.offset, raw, opening.run_id)
        except Damage as damage:
            yield "error", "bad_record", f"the record can't be used: {damage.message}"
        yield from _digests("block", raw, raw.block)
        if kind not in NO_PAYLOAD_KINDS and kind != "revisit":
            yield from _digests("payload", raw, split_block(kind, raw.headers, raw.block).body)


def _digests(part: str, raw: RawRecord, data: bytes) -> Iterator[tuple[Literal["error", "warning"], str, str]]:
    stated = raw.headers.get(f"warc-{part}-digest", "")
    if not _DIGEST.fullmatch(stated):
        yield "warning", f"no_{part}_digest", f"it states no sha256 digest of its {part}, so none could be checked"
    elif stated != f"sha256:{hashlib.sha256(data).hexdigest()}":
        yield "error", f"{part}_digest", f"its {part} does not have the digest that was noted when it was stored"


def _wrapping(member: bytes) -> Iterator[tuple[Literal["error", "warning"], str, str]]:
    """The bits of a gzip member that its checksum does not cover: its header, and the padding of its last byte."""
    if not member.startswith(GZIP_HEADER):
        yield (
            "warning",
            "gzip_header",
            "its gzip header is not as written here; the content is intact, but a copy of the file is safer",
        )
    elif _is_padding_set(member):
        yield (
            "warning",
            "gzip_padding",
            "the unused bits of its compressed data are not zero; the content is intact, but a copy is safer",
        )


def _is_padding_set(member: bytes) -> bool:
    last = member[-GZIP_TRAILER_SIZE - 1]
    if not last:
        return False
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflater.decompress(member[len(GZIP_HEADER) : -GZIP_TRAILER_SIZE - 1])
    proper = inflater.copy().decompress(bytes([last]))
    # Padding is in the topmost bits: those that can be turned without any difference. The bit below them ends the
    # mark that ends the data, and turning that one always makes a difference.
    for bit in (0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02):
        other = inflater.copy()
        try:
            if other.decompress(bytes([last ^ bit])) != proper or not other.eof:
                return False
        except zlib.error:
            return False
        if last & bit:
            return True
    return False
