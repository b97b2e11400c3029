"""The archive: every response and file as it was received, in WARC files, read back by file and offset.

A folder holds the files ``*.warc.gz``, one a run, each record a gzip member of its own. Files are only ever
added to at their end. Whatever happened to a file, `Archive.scan` gives every whole record of it: a torn tail
(a writer was killed) ends the file, damage in the middle is stepped over. Nothing here interprets content.
Only a file that is surely ours is ever cut: a regular file, reached by no link, that begins with our ``warcinfo``.

A damaged stretch is left only at a record that names this very file's ``warcinfo`` record. Else a page that
carries WARC bytes inside it could, where its own record is damaged, pass them off as captures.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from fastwarc.warc import ArchiveIterator

from crawler.plain_files import NotPlainError, open_plain, what_else
from crawler.warc_body import BodyError, decoded_body
from crawler.warc_lock import ArchiveBusy, ArchiveLock, cannot_write
from crawler.warc_records import (
    CHUNK,
    GZIP_HEADER,
    RECORD_LIMIT,
    ArchiveError,
    Damage,
    RawRecord,
    StoredRecord,
    capture_id,
    fields_of,
    parse_record,
    read_member,
    stored_record,
    warcinfo_id,
)
from crawler.warc_writer import ArchiveWriter, Failure, NewRecord

__all__ = [
    "ARCHIVE",
    "Archive",
    "ArchiveBusy",
    "ArchiveError",
    "ArchiveLock",
    "ArchiveWriter",
    "BodyError",
    "Failure",
    "NewRecord",
    "StoredRecord",
    "Stray",
    "TornTail",
    "capture_id",
    "decoded_body",
]

ARCHIVE = "archive"
"""The name of the archive's folder inside a data folder."""

SUFFIX = ".warc.gz"
TORN = "torn"


@dataclass(frozen=True, slots=True)
class TornTail:
    """Bytes after the last whole record of `file`, from `offset` on, that were set aside as `kept_as`."""

    file: str
    offset: int
    size: int
    kept_as: str

    def __str__(self) -> str:
        return (
            f"{self.file}: the last {self.size:,} bytes were no whole record (a run was killed while it wrote); they "
            f"were set aside as {self.kept_as}"
        )


@dataclass(frozen=True, slots=True)
class Stray:
    """Something named like an archive file that is left as it is: `reason` says why, and what a person must do."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


class Stretch(NamedTuple):
    """A piece of a file: a whole record, or (where `raw` is None) damage and what is wrong with it."""

    offset: int
    end: int
    raw: RawRecord | None
    damage: Damage | None = None


class Opening(NamedTuple):
    """Who wrote a file: the run, and the id that its records bear as WARC-Warcinfo-ID."""

    run_id: str | None
    warcinfo: str


class Archive:
    """The archive in `folder`, which need not exist yet. Reading needs no lock and changes nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._openings: dict[str, Opening] = {}
        self._ends: dict[str, int] = {}

    def strays(self) -> list[Stray]:
        """What is named like an archive file but is no archive file of ours, and what ours may not be cut: by name.

        A file of which every byte is a whole record is none, whoever wrote it (`verify` knows more).
        Raises `ArchiveError` as `files` does.
        """
        found = [Stray(path.name, f"{what} lies here; move it out of the archive") for path, what in self._no_files()]
        for name in self.files():
            try:
                size = (self.folder / name).stat().st_size
                if size > self.end_of(name) and (reason := self._why_not_cut(name)) is not None:
                    found.append(Stray(name, reason))
            except FileNotFoundError:
                continue  # cut and removed by another process just now
            except OSError as error:
                raise ArchiveError(f"{self.folder / name}: can't be read ({error.strerror or error})") from error
        return sorted(found, key=lambda each: each.file)

    def files(self) -> list[str]:
        """The names of the archive's files, sorted."""
        return sorted(path.name for path in self._named() if path.is_file())

    def _named(self) -> list[Path]:
        """Everything that is named like an archive file, whatever it is."""
        try:
            return [path for path in self.folder.iterdir() if path.name.endswith(SUFFIX)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ArchiveError(
                f"{self.folder}: can't be read ({error.strerror}). The archive must be a readable folder"
            ) from error

    def _no_files(self) -> Iterator[tuple[Path, str]]:
        for path in self._named():
            what = what_else(path)
            if what is not None:
                yield path, what

    def scan(
        self, start: Mapping[str, int] | None = None, *, until: Mapping[str, int] | None = None
    ) -> Iterator[tuple[StoredRecord, bytes]]:
        """Every whole record with its payload: files in sorted order, offsets ascending.

        `start` gives for a file the offset to begin at (as told by `end_of`); other files are read whole. `until` gives
        for a file the offset to end at; other files are then left out. Raises `ArchiveError` where a file can't be
        opened or read; bad bytes are stepped over (`verify` reports them).
        """
        for name in self.files():
            if until is not None and name not in until:
                continue
            begin = (start or {}).get(name, 0)
            end = begin
            with self._open(name) as file:
                for stretch in self._records(name, file, begin):
                    if until is not None and stretch.offset >= until[name]:
                        break
                    if stretch.raw is None:
                        continue
                    try:
                        found = self._meaning(name, file, stretch.offset, stretch.raw)
                    except Damage:
                        continue
                    end = stretch.end
                    yield found
            self._ends[name] = end

    def end_of(self, file: str) -> int:
        """The offset just after the last whole record of `file` (0 where it has none).

        Where this object has scanned the file, it is the end of what that scan gave out: a record that a crawl
        added in the meantime is left for the next build. Raises `ArchiveError` where the file can't be read.
        """
        known = self._ends.get(file)
        return self._last_end(file) if known is None else known

    def read(self, file: str, offset: int) -> tuple[StoredRecord, bytes]:
        """The record of `file` whose gzip member starts at `offset`, with its payload.

        Raises `ArchiveError` where there is no such file, or no whole record starts there.
        """
        with self._open(file) as handle:
            try:
                raw = parse_record(read_member(handle, offset).data)
                return self._meaning(file, handle, offset, raw)
            except Damage as damage:
                raise ArchiveError(
                    f"{file}, offset {offset}: there is no whole record here: {damage.message}. "
                    "Run `verdictlog verify` to see what is wrong with the archive"
                ) from None

    def recover(self, *, lock: ArchiveLock | None = None, scanned: bool = False) -> list[TornTail]:
        """Cut torn tails off, keep each as ``torn/<file>.<offset>``, and tell them. `strays` are left alone.

        Works under the archive's lock: its own, or `lock` where the caller holds it. `scanned` says that this
        object has just scanned the whole archive under that lock, which saves another pass. Killed at any moment,
        it can simply be run again. Raises `ArchiveBusy`, and `ArchiveError` where the folder can't be written.
        """
        with ExitStack() as stack:
            if lock is None:
                stack.enter_context(ArchiveLock(self.folder))
            if not scanned:
                self._ends.clear()
            return [tail for name in self.files() if (tail := self._cut(name)) is not None]

    def stretches(self, file: str, handle: BinaryIO, begin: int = 0) -> Iterator[Stretch]:
        """The records of `file` and the damage between them, read carefully: for `verify` and for trouble."""
        position = begin
        while True:
            try:
                member = read_member(handle, position)
                raw = parse_record(member.data)
            except Damage as damage:
                if damage.code == "end":
                    return
                after = self._next_own_member(file, handle, position + 1)
                yield Stretch(position, _size(handle) if after is None else after, None, damage)
                if after is None:
                    return
                position = after
            else:
                yield Stretch(position, member.end, raw)
                position = member.end

    def open_file(self, file: str) -> BinaryIO:
        """`file` of the archive, open for reading. Raises `ArchiveError` where it can't be."""
        return self._open(file)

    def opening(self, file: str, handle: BinaryIO) -> Opening:
        """Who wrote `file`, as its first record says; where that one is damaged, as the file's name says."""
        known = self._openings.get(file)
        if known is not None:
            return known
        found = Opening(None, warcinfo_id(file.removesuffix(SUFFIX)))
        try:
            raw = parse_record(read_member(handle, 0).data)
        except Damage as damage:
            if damage.code in {"end", "torn"}:
                return found  # perhaps it is being written just now
        else:
            if raw.headers["warc-type"] == "warcinfo":
                run_id = fields_of(raw.block).get("run_id") or None
                found = Opening(run_id, raw.headers.get("warc-record-id", ""))
        self._openings[file] = found
        return found

    def _open(self, name: str) -> BinaryIO:
        if Path(name).name != name or not name.endswith(SUFFIX):
            raise ArchiveError(f"{name!r} is not the name of an archive file (they end in {SUFFIX})")
        path = self.folder / name
        if (what := what_else(path)) is not None:
            raise ArchiveError(f"{path}: {what} lies here, where an archive file belongs. Move it away")
        try:
            return path.open("rb")
        except FileNotFoundError:
            raise ArchiveError(f"{name}: there is no such file in {self.folder}") from None
        except OSError as error:
            raise ArchiveError(
                f"{path}: can't be read ({error.strerror}). Make the file readable for yourself"
            ) from error

    def _records(self, name: str, file: BinaryIO, begin: int) -> Iterator[Stretch]:
        """Like `stretches`, at the speed of fastwarc wherever the bytes are sound."""
        position = begin
        while True:
            try:
                for stretch in _sound_records(file, position):
                    position = stretch.end
                    yield stretch
                # What fastwarc did not vouch for: the last record, or one that is damaged. One careful step.
                careful = next(self.stretches(name, file, position), None)
            except OSError as error:
                raise ArchiveError(f"{self.folder / name}: can't be read ({error.strerror or error})") from error
            if careful is None:
                return
            position = careful.end
            yield careful

    def _meaning(self, name: str, file: BinaryIO, offset: int, raw: RawRecord) -> tuple[StoredRecord, bytes]:
        opening = self.opening(name, file)
        run_id = opening.run_id
        if run_id is None and raw.headers.get("warc-warcinfo-id") == opening.warcinfo:
            # The record that names the run is lost, but this one proves that the file's name tells it.
            run_id = name.removesuffix(SUFFIX)
        return stored_record(name, offset, raw, run_id)

    def _last_end(self, name: str) -> int:
        with self._open(name) as file:
            return max((s.end for s in self._records(name, file, 0) if s.raw is not None), default=0)

    def _next_own_member(self, name: str, file: BinaryIO, begin: int) -> int | None:
        warcinfo = self.opening(name, file).warcinfo
        position = begin
        while True:
            file.seek(position)
            window = file.read(CHUNK)
            at = window.find(GZIP_HEADER)
            while at >= 0:
                # Most places that look like a start are none; the first bytes tell it cheaply.
                if _starts_warc(window[at : at + 256]) and self._is_own(file, position + at, warcinfo):
                    return position + at
                at = window.find(GZIP_HEADER, at + 1)
            if len(window) < CHUNK:
                return None
            position += len(window) - len(GZIP_HEADER) + 1

    @staticmethod
    def _is_own(file: BinaryIO, offset: int, warcinfo: str) -> bool:
        try:
            raw = parse_record(read_member(file, offset).data)
        except Damage:
            return False
        return raw.headers.get("warc-warcinfo-id") == warcinfo

    def _why_not_cut(self, name: str) -> str | None:
        """Why the bytes after the last whole record of the file `name` must stay; None where they may be cut off."""
        path = self.folder / name
        what = what_else(path, may_be_link=False)
        if what is None and path.lstat().st_nlink > 1:
            what = "a file that bears another name too (a hard link)"
        if what is not None:
            return (
                f"its last bytes are no whole record, and they were left: {what} lies here. "
                "Put a copy of the file in its place"
            )
        with self._open(name) as file:
            if not self._is_ours(name, file):
                return (
                    "this is no archive file of verdictlog, and was left as it is. Move it out of the archive; if it "
                    "is a WARC, `verdictlog import` takes it from there"
                )
        return None

    def _is_ours(self, name: str, file: BinaryIO) -> bool:
        """Whether the first record of `file` is the start of a run of ours, whole or cut off by a kill."""
        try:
            raw = parse_record(read_member(file, 0).data)
        except Damage as damage:
            file.seek(0)
            start = file.read(CHUNK)
            return damage.code in {"end", "torn"} and _begins_run(start, name.removesuffix(SUFFIX))
        run_id = fields_of(raw.block).get("run_id") if raw.headers["warc-type"] == "warcinfo" else None
        return run_id is not None and raw.headers.get("warc-record-id") == warcinfo_id(run_id)

    def _cut(self, name: str) -> TornTail | None:
        path = self.folder / name
        end = self.end_of(name)
        try:
            size = path.stat().st_size
            if (size and size == end) or self._why_not_cut(name) is not None:
                return None
            if size == 0:
                path.unlink()  # its writer was killed before the first byte
                return None
            descriptor = open_plain(path, os.O_RDWR)
            try:
                kept = _keep_tail(path, descriptor, end)
                os.ftruncate(descriptor, end)
            finally:
                os.close(descriptor)
            if end == 0:
                path.unlink()
        except NotPlainError:
            return None  # it became one since it was looked at
        except OSError as error:
            raise cannot_write(path, error) from error
        self._ends.pop(name, None)
        return TornTail(name, end, size - end, kept.relative_to(self.folder).as_posix())


def _begins_run(start: bytes, run_id: str) -> bool:
    """Whether `start` is the beginning of the first record in the file of the run `run_id`, as far as it goes."""
    if not start.startswith(GZIP_HEADER[: len(start)]):
        return False
    try:
        found = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, CHUNK)
    except zlib.error:
        return False
    ours = f"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: {warcinfo_id(run_id)}\r\n".encode()
    return ours.startswith(found[: len(ours)])


def _starts_warc(compressed: bytes) -> bool:
    try:
        start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(compressed, 8)
    except zlib.error:
        return False
    return b"WARC/1.1".startswith(start)


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _sound_records(file: BinaryIO, begin: int) -> Iterator[Stretch]:
    """Records of `file` from `begin` on, as long as fastwarc finds nothing wrong, save the last two.

    fastwarc gives out a record before its checksum is read, and a torn one without a word. So each is held back
    until the next one begins, which proves that its gzip member was whole. It also gives two records of one
    member a wrong place, which shows only at the record after: hence two are held back.
    """
    file.seek(begin)
    held: list[tuple[int, RawRecord]] = []
    try:
        for found in ArchiveIterator(file, parse_http=False):
            offset = found.stream_pos
            if (held and offset <= held[-1][0]) or (not held and offset != begin):
                return
            if len(held) == 2:
                yield Stretch(held[0][0], held[1][0], held.pop(0)[1])
            if found.content_length > RECORD_LIMIT:
                return
            headers: dict[str, str] = {}
            for name, value in found.headers.to_tuples():
                headers.setdefault(name.lower(), value.strip())
            block = found.reader.read()
            if len(block) != found.content_length or not {"warc-type", "warc-date"} <= headers.keys():
                return
            held.append((offset, RawRecord(headers, block)))
    except (OSError, ValueError):
        # Damage, or a real read error: the careful reader, which goes on from here, tells which.
        return


def _keep_tail(path: Path, source: int, offset: int) -> Path:
    """Copy what `path`, open as `source`, holds from `offset` on into the folder of torn tails; say where it is."""
    folder = path.parent / TORN
    folder.mkdir(exist_ok=True)
    part = folder / ".part"
    part.unlink(missing_ok=True)
    with os.fdopen(open_plain(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as target:
        os.lseek(source, offset, os.SEEK_SET)
        while piece := os.read(source, CHUNK):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    number = 1
    while True:
        kept = folder / (f"{path.name}.{offset}" + (f".{number}" if number > 1 else ""))
        if not kept.exists() or _same(kept, part):
            part.replace(kept)
            return kept
        number += 1


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while piece := a.read(CHUNK):
            if piece != b.read(CHUNK):
                return False
    return True
