"""Categories made comparable: sites spell one category in many ways; ``categories.yml`` lists which are one.

A category that the list doesn't know passes through as the site prints it, and is reported.
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
    """The canonical `name` of a category; unless `is_known`, it is the site's own."""

    name: str
    is_known: bool


@lru_cache(maxsize=4096)
def category_of(printed: str | None) -> Category | None:
    """What the category `printed` on a page is called here; None where nothing is printed."""
    name = " ".join((printed or "").split())
    if not name:
        return None
    canonical = _by_key().get(category_key(name)) if len(name) <= MOST_SIGNS else None
    return Category(name, is_known=False) if canonical is None else Category(canonical, is_known=True)


def category_key(printed: str) -> str:
    """What spellings of one category have in common: case, punctuation and the word for *and* don't count."""
    return " ".join(re.findall(r"[^\W_]+", folded(printed).replace("&", " and ").replace("/", " and ")))


@cache
def mapping() -> dict[str, tuple[str, ...]]:
    """The canonical categories with the spellings that are listed for each, its own first, sorted by name.

    Raises ValueError where one spelling is listed for two.
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
