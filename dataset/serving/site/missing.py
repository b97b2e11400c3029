"""Near names: which tools may have been meant by a word that names none."""

from __future__ import annotations

import sqlite3

from dataset.serving.site.links import tool_path
from dataset.serving.site.page import Near

MOST_NEAR = 8
ALIKE = 60
"""A name counts as near from this likeness up (of 100)."""

LONGEST = 200
"""So many signs of the word are compared."""


def near_tools(con: sqlite3.Connection, word: str) -> list[Near]:
    """The tools whose name or slug is most like `word`, the likest first."""
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415

    wanted = word[:LONGEST]
    tools = [tuple(each) for each in con.execute("SELECT slug, name FROM tools ORDER BY slug")]
    best: dict[str, float] = {}
    spellings = ([slug.replace("-", " ") for slug, _ in tools], [(name or slug)[:LONGEST] for slug, name in tools])
    for spelling in spellings:
        found = process.extract(
            wanted, spelling, scorer=fuzz.WRatio, processor=utils.default_process, limit=MOST_NEAR, score_cutoff=ALIKE
        )
        for _, likeness, place in found:
            slug = tools[place][0]
            best[slug] = max(best.get(slug, 0.0), likeness)
    names = dict(tools)
    nearest = sorted(best, key=lambda slug: (-best[slug], slug))[:MOST_NEAR]
    return [Near(tool_path(slug), names[slug] or slug) for slug in nearest]
