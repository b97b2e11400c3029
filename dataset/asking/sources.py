"""The sites that a dataset was read from."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple
from urllib.parse import urlsplit

_NAMES = """
WITH RECURSIVE found(source) AS (
  SELECT min(source) FROM captures
   UNION ALL
  SELECT (SELECT min(c.source) FROM captures c WHERE c.source > f.source) FROM found f WHERE f.source IS NOT NULL)
SELECT source FROM found WHERE source IS NOT NULL ORDER BY source"""
"""SQL: the sites, each found by a step in an index; DISTINCT would read all captures."""

# All urls of a site are canonical, so any of them names its host; the index leads to the first one at once.
_URL = "SELECT url FROM captures WHERE source = ? AND url IS NOT NULL ORDER BY rowid LIMIT 1"


class Source(NamedTuple):
    """A site: what the dataset calls it, and its address, None where its pages came without any."""

    name: str
    home: str | None

    @property
    def shown(self) -> str:
        """What people know it by: its host, where that is known."""
        return urlsplit(self.home).netloc if self.home else self.name


def sources_of(con: sqlite3.Connection) -> list[Source]:
    """The sites that captures of the dataset in `con` come from, by name."""
    return [Source(name, _home(con, name)) for (name,) in con.execute(_NAMES).fetchall()]


def _home(con: sqlite3.Connection, name: str) -> str | None:
    row = con.execute(_URL, (name,)).fetchone()
    parts = urlsplit(row[0]) if row else None
    return f"{parts.scheme}://{parts.netloc}/" if parts and parts.scheme in ("http", "https") and parts.netloc else None
