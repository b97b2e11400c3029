"""Maps the spellings of categories to canonical names, by the list in ``categories.yml``.

A category that is not in the list is passed through as the site prints it, and reported.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from normalize.fold import folded

MOST_SIGNS = 200
"""No category that is listed is longer."""
TABLE = Path(__file__).with_name("categories.yml")


class Category(NamedTuple):
    """The canonical `name` of a category, or, if not `is_known`, the name on the site."""

    name: str
    is_known: bool


@lru_cache(maxsize=4096)
def category_of(printed: str | None) -> Category | None:
    """Return the canonical category for the text `printed` on a page; None if it is empty."""
    name = " ".join((printed or "").split())
    if not name:
        return None
    canonical = _by_key().get(category_key(name)) if len(name) <= MOST_SIGNS else None
    return Category(name, is_known=False) if canonical is None else Category(canonical, is_known=True)


def category_key(printed: str) -> str:
    """Return the key that all spellings of a category share; it ignores case, punctuation and the word *and*."""
    return " ".join(re.findall(r"[^\W_]+", folded(printed).replace("&", " and ").replace("/", " and ")))


@cache
def mapping() -> dict[str, tuple[str, ...]]:
    """Return the canonical categories, sorted by name, each with its listed spellings, beginning with its own name.

    Raises ValueError if a spelling is listed for two categories.
    """
    listed = yaml.safe_load(TABLE.read_text("utf-8"))
    owners: dict[str, str] = {}
    for name, spellings in listed.items():
        for each in (name, *spellings):
            if owners.setdefault(category_key(each), name) != name:
                raise ValueError(
                    f"{TABLE.name}: {each!r} is listed for {owners[category_key(each)]!r} and for {name!r}"
                )
    return {name: (name, *listed[name]) for name in sorted(listed)}


@cache
def _by_key() -> dict[str, str]:
    return {category_key(each): name for name, spellings in mapping().items() for each in spellings}
