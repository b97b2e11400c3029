"""What an import is going to read, settled before anything is written.

`make_plan` walks the paths that a person named and lists plain files, WARC files and failures in a fixed order.
It opens files only to see whether they are WARC, and only regular ones, so that nothing can hang.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from crawler.urls import parts_of
from crawler.warc_records import GZIP_MAGIC, utc_seconds
from crawler.warc_stream import VERSION, starts_warc
from crawler.warc_writer import Failure

MANIFEST = "manifest.jsonl"
LINE_LIMIT = 1 << 20
WARC_NAME = re.compile(r".*\.(?:warc|wet|wat)(?:\.gz)?", re.IGNORECASE)
ZSTD_NAME = re.compile(r".*\.(?:warc|wet|wat)\.zstd?", re.IGNORECASE)
MEDIA_TYPE = re.compile(r"[\w.+-]++/[\w.+-]++(?:\s*+;\s*+[^\x00-\x1f\x7f]++)?", re.ASCII)
FLAG = "--captured-at 2026-11-19T00:00:00Z"


class UsageError(Exception):
    """The command was given in a way that can't work; nothing was written. The text says how to put it right."""


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file that is one capture. `name` is what messages call it."""

    path: Path
    name: str
    captured_at: str
    url: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class WarcFile:
    """A file that holds WARC records."""

    path: Path
    name: str


@dataclass(slots=True)
class Plan:
    """Inputs and failures, in the order in which they are dealt with; what was passed over, and why.

    `above` are the folders on this machine above what was named, as they begin the names of items.
    """

    items: list[PlainFile | WarcFile | Failure] = field(default_factory=list)
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    above: tuple[str, ...] = ()


def shown(path: Path | str) -> str:
    """`path` as text that can be printed and stored whatever bytes are in it."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def make_plan(paths: Sequence[Path], *, captured_at: str | None, url: str | None, keep_out: Path | None = None) -> Plan:
    """The plan for importing `paths`.

    `captured_at` and `url` are what the person said of files that do not say it themselves; `keep_out` is a
    folder (the archive's own) that walking passes over. Raises `UsageError` where that is not enough to go by.
    """
    if not paths:
        raise UsageError("no file or folder to import was named")
    if captured_at is not None:
        try:
            captured_at = utc_seconds(captured_at)
        except ValueError as error:
            raise UsageError(f"--captured-at: {error}. Write it like {FLAG}") from None
    walk = _Walk(captured_at, keep_out)
    outside = [path for path in paths if path.is_absolute() or ".." in path.parts]
    walk.plan.above = tuple(sorted({f"{shown(path.parent)}/" for path in outside}, key=len, reverse=True))
    for path in paths:
        walk.add(path, asked_for=True)
    if walk.timeless is not None:
        raise UsageError(
            f"{walk.timeless}: nothing tells when this file was captured. "
            f"Say it for all such files with {FLAG}, or list them in a {MANIFEST}"
        )
    if url is not None:
        _give_url(walk.plan, url)
    return walk.plan


def _give_url(plan: Plan, url: str) -> None:
    if parts_of(url) is None or not _is_clean(url):
        raise UsageError(f"--url: {url[:80]!r} is not an absolute http or https url")
    only = plan.items[0] if len(plan.items) == 1 else None
    if isinstance(only, PlainFile) and only.url is None:
        plan.items[0] = PlainFile(only.path, only.name, only.captured_at, url.strip(), only.content_type)
    elif not isinstance(only, Failure):
        raise UsageError("--url goes with exactly one plain file; list several in a manifest.jsonl instead")


class _Walk:
    """One walk over files, folders and manifests, filling a plan."""

    def __init__(self, captured_at: str | None, keep_out: Path | None) -> None:
        self.plan = Plan()
        self.timeless: str | None = None
        self._captured_at = captured_at
        self._seen: set[tuple[int, int]] = set()
        self._keep_out = _identity(keep_out) if keep_out is not None else None

    def add(self, path: Path, *, asked_for: bool = False) -> None:
        """Plan `path`, and all that is in it where it is a folder. Never recurses, however deep folders go."""
        waiting = [path]
        while waiting:
            here = waiting.pop()
            name = shown(here)
            try:
                status = here.stat()
            except (OSError, ValueError) as error:
                self._fail_to_read(name, error)
                continue
            if stat.S_ISDIR(status.st_mode):
                waiting += reversed(self._folder(here, (status.st_dev, status.st_ino), asked_for=asked_for))
            elif here.name == MANIFEST:
                self._manifest(here, name)
            else:
                self._file(here, name, status.st_mode)
            asked_for = False

    def _folder(self, folder: Path, identity: tuple[int, int], *, asked_for: bool) -> list[Path]:
        name = shown(folder)
        if identity == self._keep_out and not asked_for:
            self.plan.skipped += 1
            self.plan.notes.append(f"{name}: this is the archive itself, and was passed over")
            return []
        if identity in self._seen:
            self.plan.skipped += 1
            self.plan.notes.append(f"{name}: this folder was met before (by another path or link)")
            return []
        self._seen.add(identity)
        try:
            entries = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
        except OSError as error:
            self._fail_to_read(name, error)
            return []
        manifest = folder / MANIFEST
        if manifest not in entries or not manifest.is_file():
            return entries
        named = self._manifest(manifest, shown(manifest))
        return self._unnamed(folder, entries, named)

    def _unnamed(self, folder: Path, entries: list[Path], named: set[Path]) -> list[Path]:
        """Count what a manifest leaves out; give back the folders below that have a manifest of their own."""
        own: list[Path] = []
        left_out: list[Path] = []
        waiting = list(reversed(entries))
        while waiting:
            here = waiting.pop()
            if here.name == MANIFEST and here.parent == folder:
                continue
            if here.is_dir() and not here.is_symlink():
                if (here / MANIFEST).is_file():
                    own.append(here)
                    continue
                try:
                    waiting += sorted((p for p in here.iterdir() if not p.name.startswith(".")), reverse=True)
                except OSError as error:
                    self._fail_to_read(shown(here), error)
            elif here not in named:
                left_out.append(here)
        if left_out:
            self.plan.skipped += len(left_out)
            first = shown(left_out[0].relative_to(folder))
            self.plan.notes.append(
                f"{shown(folder)}: {len(left_out)} file(s) that its {MANIFEST} does not name were left out "
                f"(the first is {first})"
            )
        return own

    def _file(self, path: Path, name: str, mode: int) -> None:
        found = self._sniffed(path, name, mode)
        if isinstance(found, (WarcFile, Failure)):
            self.plan.items.append(found)
        elif self._captured_at is None:
            self.timeless = self.timeless or name
        else:
            self.plan.items.append(PlainFile(path, name, self._captured_at))

    def _sniffed(self, path: Path, name: str, mode: int) -> WarcFile | Failure | None:
        """`path` as a WARC file or a failure; None where it is a plain file."""
        if stat.S_ISDIR(mode):
            return Failure(name, "not_a_file", "this is a folder, where a file was named; name a file in it")
        if not stat.S_ISREG(mode):
            return Failure(
                name, "not_a_file", "this is no regular file (a pipe, device or socket); save its bytes to a file first"
            )
        if ZSTD_NAME.fullmatch(path.name):
            return Failure(name, "zstd_warc", "WARC in zstd can't be read; unpack it with `unzstd` and import that")
        try:
            with path.open("rb") as file:
                start = file.read(4096)
        except OSError as error:
            return _unreadable(name, error)
        return WarcFile(path, name) if WARC_NAME.fullmatch(path.name) or _is_warc(start) else None

    def _manifest(self, path: Path, name: str) -> set[Path]:
        """Plan the files that a manifest names, and give back their paths."""
        named: set[Path] = set()
        try:
            if not path.is_file():
                self._fail(name, "not_a_file", "a manifest must be a regular file")
                return named
            folder = path.parent
            root = folder.resolve()
            for number, line in _lines(path):
                if line.strip():
                    item = self._entry(folder, root, name, number, line)
                    self.plan.items.append(item)
                    named |= {item.path} if not isinstance(item, Failure) else set()
        except OSError as error:
            self._fail_to_read(name, error)
        return named

    def _entry(
        self, folder: Path, root: Path, manifest: str, number: int, line: bytes
    ) -> PlainFile | WarcFile | Failure:
        def bad(code: str, message: str) -> Failure:
            return Failure(manifest, code, f"line {number}: {message}")

        entry = _entry_of(number, line)
        if isinstance(entry, str):
            return bad("bad_manifest", entry)
        file, url, media = entry.get("file"), entry.get("url"), entry.get("content_type")
        if not isinstance(file, str) or not file or "\0" in file:
            return bad("bad_manifest", 'it has no "file" that names a file')
        if url is not None and not (isinstance(url, str) and parts_of(url) and _is_clean(url)):
            return bad("bad_url", f"{file}: the url {str(url)[:80]!a} is not an absolute http or https url")
        if media is not None and not (isinstance(media, str) and MEDIA_TYPE.fullmatch(media.strip())):
            return bad("bad_content_type", f"{file}: the content_type {str(media)[:80]!a} is not like text/html")
        when = entry.get("captured_at", self._captured_at)
        try:
            when = utc_seconds(when if isinstance(when, str) else "")
        except ValueError:
            return bad(
                "bad_time", f"{file}: captured_at must be a time like 2026-11-19T00:00:00Z, not {str(when)[:60]!a}"
            )
        relative = PurePosixPath(file)
        if relative.is_absolute() or ".." in relative.parts:
            return bad("outside", f"{file!a}: a manifest may only name files in its own folder")
        path = folder / relative
        try:
            if not path.resolve().is_relative_to(root):
                return bad("outside", f"{file!a}: a link leads out of the manifest's folder")
            found = self._sniffed(path, shown(path), path.stat().st_mode)
        except (OSError, ValueError, RuntimeError) as error:
            found = _unreadable(shown_or_ascii(path), error)
        if isinstance(found, Failure):
            return Failure(found.path, found.code, f"{found.message} (named in {manifest}, line {number})")
        url = url.strip() if url else None
        return found or PlainFile(path, shown(path), when, url, media.strip() if media else None)

    def _fail(self, name: str, code: str, message: str) -> None:
        self.plan.items.append(Failure(name, code, message))

    def _fail_to_read(self, name: str, error: Exception) -> None:
        self.plan.items.append(_unreadable(name, error))


def shown_or_ascii(path: Path) -> str:
    """Like `shown`, also for text that is no possible path."""
    try:
        return shown(path)
    except UnicodeEncodeError:
        return ascii(str(path))[1:-1]


def _unreadable(name: str, error: Exception) -> Failure:
    if isinstance(error, FileNotFoundError):
        return Failure(name, "missing", "there is no such file; check its name and place")
    if isinstance(error, PermissionError):
        return Failure(name, "unreadable", "it may not be read; give yourself the right to read it")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Failure(name, "unreadable", f"it can't be read ({reason}); check the file")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_clean(url: str) -> bool:
    """Whether `url` can stand in a header: printable, encodable, without white space inside."""
    return url.strip().isprintable() and not re.search(r"\s", url.strip())


def _is_warc(start: bytes) -> bool:
    return starts_warc(start) if start.startswith(GZIP_MAGIC) else start.startswith(VERSION)


def _entry_of(number: int, line: bytes) -> dict[str, object] | str:
    """The object that line `number` of a manifest holds, or in words why it holds none."""
    if len(line) > LINE_LIMIT:
        return f"longer than {LINE_LIMIT:,} bytes; give one file a line"
    try:
        entry = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except (ValueError, RecursionError) as error:
        return f'not JSON ({str(error) or type(error).__name__}); write lines like {{"file": "page.html"}}'
    return entry if isinstance(entry, dict) else 'not a JSON object; write lines like {"file": "page.html"}'


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a manifest with their numbers; of a line that is too long, only as much as shows it."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LINE_LIMIT + 1):
            number += 1
            yield number, line
            rest = line
            while len(rest) > LINE_LIMIT and not rest.endswith(b"\n"):
                rest = file.readline(LINE_LIMIT + 1)
