"""The canned queries: questions that people ask the dataset, ready to run in Datasette.

Each one orders its rows, and takes its parameters as Datasette gives them: text, and empty where nothing was
typed, which means *all* (or a default that the description names). Whatever is typed is only ever a value.

They stand by subject in the modules named below; what those share is in `dataset.queries.parts`.
"""

from __future__ import annotations

from dataset.queries.listings import LISTINGS, TOOLS
from dataset.queries.opinions import OPINIONS, WORDS_AND_CATEGORIES
from dataset.queries.parts import Query
from dataset.queries.past import PAST
from dataset.queries.upkeep import UPKEEP

__all__ = ["QUERIES", "Query"]

QUERIES: tuple[Query, ...] = (*LISTINGS, *OPINIONS, *TOOLS, *WORDS_AND_CATEGORIES, *UPKEEP, *PAST)
"""All of them, in the order in which people see them."""
