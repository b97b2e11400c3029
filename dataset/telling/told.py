"""Records which changes were reported, so that each change is reported once.

The record is the file ``told.db`` in the data folder; unlike the dataset, it can't be recreated. Each way of reporting
is a channel of its own: the report of ``verdictlog run``, and each address that receives alerts (stored as a hash,
because it may contain a password). A change is recorded after it was reported: if the process is killed in between,
the change is reported twice rather than never.

A change was told where its id was, or where one of the same listing, review, field, values and bracket was. What
changed is told, what the program reads otherwise than before is not: where the parser or the rules are others than at
the last telling, changes that older captures show are noted without being told.

A change that was told and is no longer found, as an older capture came in between, is told once more, as retracted. It
still stands where one of the same values does whose bracket overlaps, be it of a listing that moved. What other rules
no longer find was never a change of the site, and what is gone with its captures is not disproved: neither is
retracted.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from crawler.plain_files import what_else
from dataset.asking.reading_changes import ALL, ChangeSeen, Wanted, changes_wanted
from dataset.building.known import facts_of, read_only
from dataset.ids import short_hash

MEMORY = "told.db"
RUN = "run"
"""The channel of ``verdictlog run``."""

VERSIONS = ("schema_version", "parser_version", "rules_version")

_TABLES = """
CREATE TABLE IF NOT EXISTS told (
  channel TEXT NOT NULL, change_id TEXT NOT NULL, words TEXT NOT NULL, how TEXT NOT NULL, told_at TEXT NOT NULL,
  facts TEXT, PRIMARY KEY (channel, change_id, how)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS told_words ON told (channel, words);
CREATE TABLE IF NOT EXISTS channels (
  channel TEXT PRIMARY KEY, told_at TEXT NOT NULL, versions TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
  number INTEGER PRIMARY KEY, started_at TEXT NOT NULL, finished_at TEXT, exit_code INTEGER, crawl_run_id TEXT,
  changes INTEGER, retracted INTEGER, message TEXT
) STRICT;
"""


STANDS = """
SELECT EXISTS (
  SELECT 1 FROM changes
   WHERE listing_id = coalesce((SELECT listing_id FROM listing_aliases WHERE alias_id = :listing_id), :listing_id)
     AND review_id IS coalesce((SELECT review_id FROM review_aliases WHERE alias_id = :review_id), :review_id)
     AND field = :field AND old_value IS :old_value AND new_value IS :new_value
     AND seen_before <= :seen_after AND seen_after >= :seen_before
) OR NOT EXISTS (SELECT 1 FROM captures WHERE capture_id = :after_capture_id)
"""
"""Whether a change that was told still stands, or is not disproved."""


@dataclass(frozen=True, slots=True)
class Retracted:
    """A change that was told and is none any more."""

    change_id: str
    kind: str
    listing_id: str
    name: str | None
    review_id: str | None
    persona: str | None
    field: str
    old_value: str | None
    new_value: str | None
    seen_before: str
    seen_after: str
    after_capture_id: str


def facts_told(change: ChangeSeen) -> str:
    """What is remembered of a change that is told, to know it again and to retract it (JSON)."""
    names = [each.name for each in fields(Retracted) if each.name != "after_capture_id"]
    return json.dumps({name: getattr(change, name) for name in names} | {"after_capture_id": change.after.capture_id})


class MemoryLostError(Exception):
    """The record of reported changes can't be read or written. The text says why, and what to do."""


@dataclass
class News:
    """What has to be reported on a channel: new changes, and earlier ones that were retracted.

    `noted` are changes that are not to be told, but remembered; `dropped` were told, and other rules no longer find
    them.
    """

    changes: list[ChangeSeen] = field(default_factory=list)
    retracted: list[Retracted] = field(default_factory=list)
    noted: list[ChangeSeen] = field(default_factory=list)
    dropped: list[Retracted] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changes or self.retracted)


def words_of(change: ChangeSeen | Retracted) -> str:
    """Return a hash of a change's content; it is equal for changes with the same content and bracket."""
    about = (change.listing_id, change.review_id, change.field, change.old_value, change.new_value)
    return short_hash("told", *about, change.seen_before, change.seen_after)


@contextmanager
def remembered(data: Path) -> Iterator[Memory]:
    """Open the record of the data folder `data`, creating it if necessary. Raises `MemoryLostError`."""
    path = data / MEMORY
    if (what := what_else(path)) is not None:
        raise MemoryLostError(f"{path}: {what} lies here, where a file of verdictlog belongs. Move it away")
    try:
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as con:
            con.executescript(_TABLES)
            if "facts" not in [row[1] for row in con.execute("PRAGMA table_info(told)")]:  # made by an older version
                con.execute("ALTER TABLE told ADD COLUMN facts TEXT")
            yield Memory(con)
    except sqlite3.Error as error:
        raise MemoryLostError(
            f"{path}: the record of reported changes can't be read or written ({error}). Make the folder writable and "
            "free some space. If the file is damaged, move it away: then all current changes count as reported"
        ) from error


def last_run(data: Path) -> dict[str, Any] | None:
    """Return the last ``verdictlog run`` of the folder `data`, or None. Never writes."""
    path = data / MEMORY
    if not path.is_file():
        return None
    try:
        with read_only(path) as con:
            con.row_factory = sqlite3.Row
            row = con.execute("SELECT * FROM runs ORDER BY number DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else dict(row)


class Memory:
    """The record of what was reported, by channel."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self.con = con

    def begun(self, channel: str) -> bool:
        """Return whether the channel was ever used."""
        return self.con.execute("SELECT 1 FROM channels WHERE channel = ?", (channel,)).fetchone() is not None

    def begin(self, channel: str, dataset: sqlite3.Connection | None, at: str) -> None:
        """Begin a channel: all current changes of `dataset` (None: there is none) count as reported."""
        found = list(changes_wanted(dataset)) if dataset is not None else []
        self.note(channel, News(noted=found), at, dataset)

    def news(self, channel: str, dataset: sqlite3.Connection, wanted: Wanted = ALL) -> News:
        """Return the `wanted` changes of `dataset` that were not reported on `channel` yet, newest first."""
        told = self.con.execute("SELECT change_id, words, how FROM told WHERE channel = ?", (channel,)).fetchall()
        ids = {each[0] for each in told if each[2] in ("told", "noted")}
        words = {each[1] for each in told if each[2] in ("told", "noted")}
        new = [row[0] for row in dataset.execute("SELECT change_id FROM changes") if row[0] not in ids]
        untold = changes_wanted(dataset, replace(wanted, change_ids=new))
        news = News(changes=[each for each in untold if words_of(each) not in words])
        gone = self._gone(channel, dataset, wanted)
        since = self._read_otherwise_since(channel, dataset)
        if since is None:
            news.retracted = gone
        else:
            news.dropped = gone
            news.noted = [each for each in news.changes if each.after.captured_at < since]
            news.changes = [each for each in news.changes if each.after.captured_at >= since]
        return news

    def _gone(self, channel: str, dataset: sqlite3.Connection, wanted: Wanted) -> list[Retracted]:
        """What was told of the `wanted` changes and `dataset` no longer has, the newest first."""
        told = self.con.execute(
            "SELECT facts FROM told t WHERE channel = ? AND how = 'told' AND facts IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM told o WHERE o.channel = t.channel AND o.change_id = t.change_id "
            "AND o.how IN ('retracted', 'dropped'))",
            (channel,),
        )
        present = {row[0] for row in dataset.execute("SELECT change_id FROM changes")}
        found = []
        for (facts,) in told:
            each = Retracted(**json.loads(facts))
            is_wanted = (not wanted.kinds or each.kind in wanted.kinds) and (
                wanted.listings is None or each.listing_id in wanted.listings
            )
            if is_wanted and each.change_id not in present and not dataset.execute(STANDS, asdict(each)).fetchone()[0]:
                found.append(each)
        return sorted(found, key=lambda each: (each.seen_after, each.change_id), reverse=True)

    def _read_otherwise_since(self, channel: str, dataset: sqlite3.Connection) -> str | None:
        """Return the time of the last report on `channel` if the parser or the rules have changed since, else None."""
        row = self.con.execute("SELECT told_at, versions FROM channels WHERE channel = ?", (channel,)).fetchone()
        if row is None or row[1] in ("", _versions(dataset)):
            return None
        return str(row[0])

    def note(  # noqa: PLR0913  (each is plain)
        self,
        channel: str,
        news: News,
        at: str,
        dataset: sqlite3.Connection | None,
        *,
        since: str | None = None,
        is_all: bool = True,
    ) -> None:
        """Record that `news` was reported on `channel` at the time `at`; `is_all` means that nothing is left to report.

        `since` is when the report began (by default `at`): later captures are new for the next report.
        """
        rows = [
            *((channel, each.change_id, words_of(each), "told", at, facts_told(each)) for each in news.changes),
            *((channel, each.change_id, words_of(each), "noted", at, None) for each in news.noted),
            *((channel, each.change_id, words_of(each), "retracted", at, None) for each in news.retracted),
            *((channel, each.change_id, words_of(each), "dropped", at, None) for each in news.dropped),
        ]
        versions = "" if dataset is None else _versions(dataset)
        with self.con:  # commits, or takes back all that was written in it
            self.con.execute("BEGIN IMMEDIATE")
            self.con.executemany("INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?, ?, ?)", rows)
            if is_all:
                self.con.execute("INSERT OR REPLACE INTO channels VALUES (?, ?, ?)", (channel, since or at, versions))

    def start_run(self, at: str) -> int:
        """Record the start of a ``verdictlog run`` and return its number."""
        return int(self.con.execute("INSERT INTO runs (started_at) VALUES (?)", (at,)).lastrowid or 0)

    def end_run(self, number: int, **facts: object) -> None:
        """Record `facts` about a run."""
        names = ", ".join(f"{name} = ?" for name in facts)
        self.con.execute(f"UPDATE runs SET {names} WHERE number = ?", [*facts.values(), number])  # noqa: S608

    def told_last(self) -> list[str] | None:
        """Return the ids of the changes that the last reporting run reported; None if no run ever did."""
        if not self.begun(RUN):
            return None
        sql = (
            "SELECT change_id FROM told WHERE channel = ? AND how = 'told' AND told_at = "
            "(SELECT max(finished_at) FROM runs WHERE exit_code IS NOT NULL AND changes IS NOT NULL)"
        )
        return [row[0] for row in self.con.execute(sql, (RUN,))]


def _versions(dataset: sqlite3.Connection) -> str:
    facts = facts_of(dataset)
    return " ".join(f"{name}={facts.get(name)}" for name in VERSIONS)


def channel_of(address: str) -> str:
    """Return the channel of the receiver at `address`; the address is hashed because it may contain a password."""
    return f"alert:{short_hash('receiver', address.strip())}"


__all__ = [
    "MEMORY",
    "RUN",
    "Memory",
    "MemoryLostError",
    "News",
    "Retracted",
    "channel_of",
    "last_run",
    "remembered",
    "words_of",
]
