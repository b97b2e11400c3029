"""Lists the sites that a dataset was read from."""

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
"""SQL: the sites. Each step uses an index; DISTINCT would read all captures."""

# All URLs of a site are canonical, so any of them contains its host. The index finds the first one immediately.
_URL = "SELECT url FROM captures WHERE source = ? AND url IS NOT NULL ORDER BY rowid LIMIT 1"


class Source(NamedTuple):
    """A site: its name in the dataset and its address, which is None if its pages have no URLs."""

    name: str
    home: str | None

    @property
    def shown(self) -> str:
        """The name for users: the host, if it is known."""
        return urlsplit(self.home).netloc if self.home else self.name


def sources_of(con: sqlite3.Connection) -> list[Source]:
    """Return the sites of the captures in the dataset, sorted by name."""
    return [Source(name, _home(con, name)) for (name,) in con.execute(_NAMES).fetchall()]


def _home(con: sqlite3.Connection, name: str) -> str | None:
    row = con.execute(_URL, (name,)).fetchone()
    parts = urlsplit(row[0]) if row else None
    return f"{parts.scheme}://{parts.netloc}/" if parts and parts.scheme in ("http", "https") and parts.netloc else None
