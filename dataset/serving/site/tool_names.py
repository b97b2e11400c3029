"""Which tool an address means: by its slug, its id, a former id of either, or one of its listings."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from dataset.serving.site.missing import near_tools
from dataset.serving.site.page import MissingError
from dataset.serving.site.reading import value


@dataclass(frozen=True, slots=True)
class ToolRef:
    """A tool: its id, the slug in its address, and its name."""

    tool_id: str
    slug: str
    name: str | None


_WAYS = (
    "SELECT tool_id FROM tools WHERE slug = ?",
    "SELECT tool_id FROM tools WHERE tool_id = ?",
    "SELECT tool_id FROM tool_aliases WHERE alias_id = ? ORDER BY kind LIMIT 1",
    "SELECT tool_id FROM listings WHERE listing_id = ?",
    "SELECT l.tool_id FROM listing_aliases a JOIN listings l ON l.listing_id = a.listing_id WHERE a.alias_id = ?",
)
"""Ways to mean a tool, the surest first."""


def tool_meant(con: sqlite3.Connection, word: str) -> ToolRef:
    """The tool that `word` means; it does so by its present address where ``.slug == word``.

    Raises `MissingError`, with near names.
    """
    for sql in _WAYS:
        tool = value(con, sql, (word,))
        found = con.execute("SELECT tool_id, slug, name FROM tools WHERE tool_id = ?", (tool,)).fetchone()
        if found is not None:
            return ToolRef(*found)
    raise MissingError("No tool has this name in its address.", near_tools(con, word))
