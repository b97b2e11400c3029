"""The cache: what each capture of the archive says, read once for each version of the parser.

Reading pages is the slow step of a build, so what comes out of it is kept in ``cache.db``. Everything else is derived
from there anew each time. Rows are only ever added, record by record of the archive, and what they say depends on that
record and the parser alone: so the file may be deleted at any time, and a build that is killed loses one batch.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.archive import Archive, StoredRecord
from crawler.plain_files import what_else
from dataset.building.lock import BuildError
from dataset.readings.observe import CAPTURE_KINDS, OBSERVATION_VERSION, Observed
from dataset.readings.parsing import Job
from dataset.schema.tables import table

CACHE_FILE = "cache.db"
APPLICATION_ID = 0x7664_6C63
"""Marks a file as a cache of ours ("vdlc"); `OBSERVATION_VERSION` stands beside it as SQLite's user_version."""

BATCH = 500
"""How many captures are written at a time: what is lost where a build is killed."""

Observe = Callable[[Iterator[Job]], Generator[Observed, None, None]]
"""Gives what each capture says; closed when it is not used to its end."""

DERIVED = ("warc_file", "warc_offset", "revisit_of")
"""Columns of captures that the cache keeps under other names, or not at all."""
FACTS = tuple(name for name in table("captures").column_names if name not in DERIVED)
"""The columns of captures that one record gives by itself."""

_REFERS = ("refers_sha256", "refers_digest", "refers_to_at", "refers_to_url")
_WRITTEN = (
    *("place", "reader", "file", "offset", *FACTS, "is_revisit", *_REFERS),
    *("pairs", "persona", "category", "reviewer_reading", "problems"),
)

SCHEMA = f"""
CREATE TABLE files (reader TEXT, file TEXT, read_to INTEGER NOT NULL, PRIMARY KEY (reader, file)) STRICT;
CREATE TABLE captures (
  place INTEGER PRIMARY KEY, reader TEXT NOT NULL, file TEXT NOT NULL, offset INTEGER NOT NULL,
  {", ".join(f"{column.name} {column.type}" for column in table("captures").columns if column.name in FACTS)},
  is_revisit INTEGER NOT NULL, {", ".join(f"{name} TEXT" for name in _REFERS)},
  pairs TEXT, persona TEXT, category TEXT, reviewer_reading TEXT, problems TEXT,
  UNIQUE (reader, file, offset)
) STRICT;
CREATE TABLE cards (
  place INTEGER, side TEXT, listing_id TEXT NOT NULL, by_url INTEGER NOT NULL, reading_id TEXT NOT NULL,
  PRIMARY KEY (place, side)
) STRICT, WITHOUT ROWID;
CREATE TABLE answers (
  place INTEGER, side TEXT, named_id TEXT NOT NULL, answer TEXT NOT NULL, moved_to TEXT, PRIMARY KEY (place, side)
) STRICT, WITHOUT ROWID;
CREATE TABLE readings (
  number INTEGER PRIMARY KEY, reading_id TEXT NOT NULL UNIQUE, card_key TEXT, body TEXT NOT NULL
) STRICT;
CREATE TABLE others (
  file TEXT, offset INTEGER, kind TEXT NOT NULL, run_id TEXT, payload BLOB, PRIMARY KEY (file, offset)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {OBSERVATION_VERSION};
"""
"""`captures` by place in the archive and reader, with what each of them shows (`cards`, `answers`); `readings` by
content; `others` are the records of the archive that are no captures: of runs and requests."""


def cache_path(data: Path) -> Path:
    """Where the cache of the data folder `data` lies."""
    return data / CACHE_FILE


def check_owner(path: Path) -> None:
    """Raises `BuildError` where the file at `path` is not a cache of ours, so that it is not ours to replace."""
    if (what := what_else(path)) is not None:
        raise BuildError(f"{path}: {what} lies here, where a file of verdictlog belongs. Move it away")
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    if head and not (head.startswith(b"SQLite format 3\0") and head[68:72] == APPLICATION_ID.to_bytes(4, "big")):
        raise BuildError(
            f"{path}: this file is not a cache of verdictlog. Move it away, or choose another data folder with --data"
        )


def discard(path: Path) -> None:
    """Remove the cache at `path`: the next build fills it anew."""
    for each in (path, path.with_name(f"{path.name}-journal")):
        each.unlink(missing_ok=True)


class Cache:
    """The cache in the file `path`, open to be filled; made where there is none, or one of another version.

    Raises `BuildError` where the file is not a cache, `sqlite3.Error` where it is damaged.
    """

    def __init__(self, path: Path, reader: str) -> None:
        check_owner(path)
        self.path = path
        self.reader = reader
        self.con = self._open()
        [[version]] = self.con.execute("PRAGMA user_version")
        if version not in (0, OBSERVATION_VERSION):
            self.con.close()
            discard(path)
            self.con = self._open()
            version = 0
        if version == 0:
            self.con.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        [[self._place]] = self.con.execute("SELECT coalesce(max(place), 0) FROM captures")

    def _open(self) -> sqlite3.Connection:
        con = sqlite3.connect(self.path, isolation_level=None)
        con.execute("PRAGMA synchronous = NORMAL")
        return con

    def close(self) -> None:
        """Close the file."""
        self.con.close()

    def read_to(self) -> dict[str, int]:
        """How far each file of the archive was read by this reader."""
        return dict(self.con.execute("SELECT file, read_to FROM files WHERE reader = ?", (self.reader,)))

    def count(self, ends: Mapping[str, int], since: Mapping[str, int]) -> int:
        """How many records of captures lie in the files of the archive from `since` on (else all) to `ends`."""
        sql = "SELECT count(*) FROM captures WHERE reader = ? AND file = ? AND offset >= ? AND offset < ?"
        counts = (
            self.con.execute(sql, (self.reader, file, since.get(file, 0), end)).fetchone() for file, end in ends.items()
        )
        return sum(count for (count,) in counts)

    def forget(self, file: str) -> None:
        """Forget what was read from `file`, which is not what it was."""
        with self.con:  # commits, or takes back all that was written in it
            self.con.execute("BEGIN")
            for name in ("cards", "answers"):
                self.con.execute(
                    f"DELETE FROM {name} WHERE place IN (SELECT place FROM captures WHERE file = ?)",  # noqa: S608
                    (file,),
                )
            for name in ("captures", "others", "files"):
                self.con.execute(f"DELETE FROM {name} WHERE file = ?", (file,))  # noqa: S608

    def forget_set_aside(self) -> None:
        """Forget the files with captures whose reader died (`dataset.readings.parsing.again`): they are read again."""
        sql = (
            "SELECT DISTINCT file FROM captures, json_each(problems) p WHERE reader = ? AND parse_status = 'failed' "
            "AND json_extract(p.value, '$[1]') = 'reader_died'"
        )
        for (file,) in self.con.execute(sql, (self.reader,)).fetchall():
            self.forget(file)

    def fill(self, archive: Archive, observe: Observe, progress: Callable[[int], None]) -> dict[str, int]:
        """Read what is new in `archive`; gives how far each of its files is read now.

        Files that lost a part of what was read from them are read anew.
        """
        names = set(archive.files())
        for file, end in self.read_to().items():
            if file in names and (archive.folder / file).stat().st_size < end:
                self.forget(file)
        others: list[tuple[Any, ...]] = []
        observed = observe(self._jobs(archive, names, others))
        try:
            while batch := list(islice(observed, BATCH)):
                with self.con:  # commits, or takes back all that was written in it
                    self.con.execute("BEGIN")
                    self._write(batch, others)
                progress(len(batch))
        finally:
            observed.close()
        ends = {file: archive.end_of(file) for file in sorted(names)}
        with self.con:  # commits, or takes back all that was written in it
            self.con.execute("BEGIN")
            self._write([], others)
            self._note_read(ends)
        return ends

    def _jobs(self, archive: Archive, names: set[str], others: list[tuple[Any, ...]]) -> Iterator[Job]:
        """The captures in what was not read yet; other records go into `others`, the names of files into `names`."""
        for record, payload in archive.scan(self.read_to()):
            names.add(record.file)
            if record.kind in CAPTURE_KINDS:
                yield record, payload
            else:
                others.append(_other(record, payload))

    def _write(self, batch: Sequence[Observed], others: list[tuple[Any, ...]]) -> None:
        known = "SELECT 1 FROM captures WHERE reader = ? AND file = ? AND offset = ?"
        captures, cards, answers, readings, ends = [], [], [], [], {}
        for each in batch:
            capture = each.capture
            at = (self.reader, capture["warc_file"], capture["warc_offset"])
            ends[at[1]] = at[2]
            if self.con.execute(known, at).fetchone():
                continue  # the last one of a batch that a build was killed after
            self._place += 1
            captures.append((self._place, *at, *(capture[name] for name in FACTS), *_beside(each)))
            cards += [(self._place, c.side, c.listing_id, c.by_url, c.reading.reading_id) for c in each.cards]
            answers += [(self._place, *answer) for answer in each.answers]
            readings += [card.reading for card in each.cards]
            readings += [] if each.reviewer is None else [each.reviewer.reading]
        for name, columns, rows in (
            ("captures", _WRITTEN, captures),
            ("cards", ("place", "side", "listing_id", "by_url", "reading_id"), cards),
            ("answers", ("place", "side", "named_id", "answer", "moved_to"), answers),
            ("readings", ("reading_id", "card_key", "body"), readings),
            ("others", ("file", "offset", "kind", "run_id", "payload"), others),
        ):
            sql = f"INSERT OR IGNORE INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
            self.con.executemany(sql, rows)
        others.clear()
        self._note_read(ends)

    def _note_read(self, ends: Mapping[str, int]) -> None:
        rows = [(self.reader, file, end) for file, end in ends.items()]
        self.con.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)


def _other(record: StoredRecord, payload: bytes) -> tuple[Any, ...]:
    kept = payload if record.kind in ("warcinfo", "metadata") else None
    return record.file, record.offset, record.kind, record.run_id, kept


def _beside(each: Observed) -> tuple[Any, ...]:
    """What the cache keeps of a capture beside its own facts."""
    refers = each.refers or (None,) * len(_REFERS)
    reviewer = each.reviewer
    seen = (
        (None, None, None) if reviewer is None else (reviewer.persona, reviewer.category, reviewer.reading.reading_id)
    )
    pairs = json.dumps(each.pairs) if each.pairs else None
    problems = json.dumps(each.problems) if each.problems else None
    return (each.refers is not None, *refers, pairs, *seen, problems)
