"""The list of critics: who they are, how often each says ship, and how each is known."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from dataset.serving.site.page import Asked, Page
from dataset.serving.site.reading import rows


@dataclass(frozen=True, slots=True)
class Known:
    """How many reviews are a critic's, by how that is known."""

    labelled: int
    aligned: int


@dataclass(frozen=True, slots=True)
class Critic:
    """A critic in the list."""

    persona: str
    source: str
    name: str | None
    motto: str | None
    review_count: int
    ship_rate: float | None
    mean_score: float | None
    known: Known


@dataclass(frozen=True, slots=True)
class PersonasPage:
    """All critics, those with most reviews first."""

    critics: tuple[Critic, ...]


_CRITICS = """
SELECT persona, source, name, motto, review_count, ship_rate, mean_score FROM personas
 ORDER BY source, review_count DESC, persona"""
_KNOWN = """
SELECT persona, persona_source, count(*) AS reviews FROM reviews WHERE persona IS NOT NULL
 GROUP BY 1, 2 ORDER BY 1, 2"""


def known_by_persona(con: sqlite3.Connection) -> dict[str, Known]:
    """How the reviews of each critic are known to be theirs, withdrawn ones included."""
    found: dict[str, dict[str, int]] = {}
    for row in rows(con, _KNOWN):
        found.setdefault(row["persona"], {})[row["persona_source"]] = row["reviews"]
    return {
        persona: Known(*(counts.get(name, 0) for name in ("labelled", "aligned"))) for persona, counts in found.items()
    }


def personas_page(con: sqlite3.Connection, _: Asked) -> PersonasPage:
    """The list of critics."""
    known = known_by_persona(con)
    nothing = Known(0, 0)
    return PersonasPage(tuple(Critic(**row, known=known.get(row["persona"], nothing)) for row in rows(con, _CRITICS)))


PERSONAS = Page("personas", r"/personas", personas_page, "site/personas.html")
