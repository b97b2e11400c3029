"""Importing files, folders, manifests and WARC files into the archive, once each, whatever else is wrong.

A capture that is in the archive already (same kind, url, time and payload) is not added again, so an import can
be repeated at will: after a kill, a full disk, or another run. One bad input is noted and the rest is imported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.archive import Archive, Stray, TornTail
from crawler.import_plan import PlainFile, Plan, UsageError, WarcFile, make_plan
from crawler.warc_foreign import Flaw, Passed, read_warc
from crawler.warc_lock import ArchiveLock
from crawler.warc_records import split_block, utc_seconds
from crawler.warc_writer import ArchiveWriter, Clock, Failure, NewRecord

__all__ = ["Failure", "ImportEvent", "ImportReport", "UsageError", "import_paths"]

MAX_RECORD_BYTES = 64 << 20
EVENT_EVERY = 200

MOST_FAILURES = 1000
"""So many failures of one WARC file are told one by one; how many more there are is told in one."""

TYPE_OF_SUFFIX = {
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".text": "text/plain",
    ".txt": "text/plain",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
}
"""Fixed here, because the system's own table differs from machine to machine."""

_HTML_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:<!--.*?-->\s*+)*+<(?:!doctype\s++html|html[\s>])", re.I | re.S)


@dataclass(frozen=True, slots=True)
class ImportEvent:
    """How far an import is: the input just dealt with (or in work) and the counts so far."""

    path: str
    inputs_done: int
    inputs: int
    added: int
    already_there: int
    failed: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    `added` and `already_there` count captures. `skipped` counts what was passed over for a good reason, which
    `notes` tell in words. `failures` are what a person should see. `run_id` and `file` name the run, None where it
    left nothing in the archive. `torn` are tails of earlier, killed writers that were set aside first; `strays` is what
    lies in the archive and was left as it is, which a person should see to.
    """

    added: int
    already_there: int
    skipped: int
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    torn: tuple[TornTail, ...]
    strays: tuple[Stray, ...]
    run_id: str | None
    file: str | None


def import_paths(
    archive: Archive,
    paths: Sequence[Path],
    *,
    captured_at: str | None,
    url: str | None,
    clock: Clock,
    progress: Callable[[ImportEvent], None] | None = None,
    max_record_bytes: int = MAX_RECORD_BYTES,
) -> ImportReport:
    """Add what `paths` hold to `archive`.

    `captured_at` (ISO 8601 with zone) is the time of files that bring none, `url` the url of a single plain file.
    Records of more than `max_record_bytes` are left out.

    Raises `UsageError` before anything is written where a file's time is unknown or the arguments don't fit;
    `ArchiveBusy` where another process is writing; `ArchiveError` where the archive can't be read or written
    (what was added before stays). Everything else that goes wrong stands in the report.
    """
    plan = make_plan(paths, captured_at=captured_at, url=url, keep_out=archive.folder)
    with ArchiveLock(archive.folder) as lock:
        known = {_key(r.kind, r.url, r.captured_at, r.sha256) for r, _ in archive.scan()}
        torn = archive.recover(lock=lock, scanned=True)
        strays = archive.strays()
        with ArchiveWriter(archive.folder, command="import", source=None, clock=clock, lock=lock) as writer:
            work = _Import(plan, known, writer, progress, max_record_bytes)
            work.run()
    written = bool(work.added or work.failures)
    return ImportReport(
        added=work.added,
        already_there=work.already_there,
        skipped=plan.skipped + sum(work.passed.values()),
        failures=tuple(work.failures),
        notes=tuple(work.notes()),
        torn=tuple(torn),
        strays=tuple(strays),
        run_id=writer.run_id if written else None,
        file=f"{writer.run_id}.warc.gz" if written else None,
    )


def _key(kind: str, url: str | None, captured_at: str, sha256: str) -> bytes:
    text = f"{kind}\n{'' if url is None else '=' + url}\n{captured_at}\n{sha256}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


class _Import:
    """The work of one import: goes through a plan and counts."""

    def __init__(
        self,
        plan: Plan,
        known: set[bytes],
        writer: ArchiveWriter,
        progress: Callable[[ImportEvent], None] | None,
        limit: int,
    ) -> None:
        self.added = 0
        self.already_there = 0
        self.failures: list[Failure] = []
        self.passed: dict[str, int] = {}
        self._plan = plan
        self._known = known
        self._writer = writer
        self._progress = progress
        self._limit = limit
        self._done = 0

    def run(self) -> None:
        """Deal with every item of the plan, in order. Raises `ArchiveError` where the archive can't be written."""
        try:
            for item in self._plan.items:
                if isinstance(item, Failure):
                    self._fail(item)
                elif isinstance(item, PlainFile):
                    self._plain(item)
                else:
                    self._warc(item)
                self._done += 1
                self._tell(item.path if isinstance(item, Failure) else item.name)
        finally:
            self._writer.counters.update(
                added=self.added,
                already_there=self.already_there,
                skipped=self._plan.skipped + sum(self.passed.values()),
                failures=len(self.failures),
            )

    def notes(self) -> Iterator[str]:
        """What was passed over, in words."""
        yield from self._plan.notes
        for kind, count in sorted(self.passed.items()):
            yield f"{count} WARC record(s) of the kind {kind!r} were passed over: they are no captures"

    def _plain(self, item: PlainFile) -> None:
        try:
            with item.path.open("rb") as file:
                # One byte more than is allowed tells that there is more, without reading it.
                payload = file.read(self._limit + 1)
        except OSError as error:
            reason = error.strerror or str(error)
            self._fail(Failure(item.name, "unreadable", f"it can't be read ({reason}); check the file"))
            return
        if len(payload) > self._limit:
            self._fail(
                Failure(item.name, "too_big", f"it is larger than the limit of {self._limit:,} bytes and was left out")
            )
            return
        media = item.content_type or content_type_of(item.path.name, payload)
        kind = "conversion" if _is_rendering(media, item.url) else "resource"
        self._add(item.name, NewRecord(kind, item.url, item.captured_at, media, payload))

    def _warc(self, item: WarcFile) -> None:
        found = failed = 0
        try:
            for piece in read_warc(item.path, self._limit):
                found += 1
                if isinstance(piece, Flaw):
                    failed += 1
                    if failed <= MOST_FAILURES:
                        self._fail(Failure(item.name, piece.code, f"at byte {piece.offset:,}: {piece.message}"))
                elif isinstance(piece, Passed):
                    self.passed[piece.kind] = self.passed.get(piece.kind, 0) + 1
                else:
                    self._add(f"{item.name} at byte {piece.offset:,}", piece.record)
                if found % EVENT_EVERY == 0:
                    self._tell(item.name)
        except OSError as error:
            reason = error.strerror or str(error)
            self._fail(Failure(item.name, "unreadable", f"it can't be read to its end ({reason}); check the file"))
            return
        if not found:
            self._fail(
                Failure(item.name, "empty_warc", "there is no WARC record in it; check that it is the right file")
            )
        if failed > MOST_FAILURES:
            message = f"{failed - MOST_FAILURES:,} more records of it were left out; get a whole copy"
            self._fail(Failure(item.name, "too_damaged", message))

    def _add(self, name: str, record: NewRecord) -> None:
        headers = {"content-type": record.content_type} if record.content_type else {}
        body = split_block(record.kind, headers, record.block).body
        sha256 = hashlib.sha256(body).hexdigest()
        key = _key(record.kind, record.url, utc_seconds(record.captured_at), sha256)
        if key in self._known:
            self.already_there += 1
            return
        try:
            self._writer.write(record)
        except ValueError as error:
            self._fail(Failure(name, "bad_record", f"it can't be stored: {error}"))
            return
        self._known.add(key)
        self.added += 1

    def _fail(self, failure: Failure) -> None:
        self.failures.append(failure)
        path, message = failure.path, failure.message
        for folder in self._plan.above:  # who imports sees where a file lies; who reads the archive later need not
            path, message = path.removeprefix(folder), message.replace(folder, "")
        self._writer.fail(Failure(path, failure.code, message))

    def _tell(self, path: str) -> None:
        if self._progress is not None:
            self._progress(
                ImportEvent(
                    path,
                    self._done,
                    len(self._plan.items),
                    self.added,
                    self.already_there,
                    len(self.failures),
                )
            )


def content_type_of(name: str, payload: bytes) -> str:
    """The content type of a plain file: by its suffix, else by how its bytes look."""
    suffix = Path(name).suffix.lower()
    if suffix in TYPE_OF_SUFFIX:
        return TYPE_OF_SUFFIX[suffix]
    if _HTML_START.match(payload[:4096]):
        return "text/html"
    if not payload or b"\0" in payload[:4096]:
        return "application/octet-stream"
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"


def _is_rendering(media: str, url: str | None) -> bool:
    """Whether text is a rendering of a page. A text file that the site itself serves (robots.txt) is none."""
    if media.partition(";")[0].strip().lower() != "text/plain":
        return False
    return not (url and urlsplit(url).path.lower().endswith(".txt"))
