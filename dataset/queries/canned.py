"""The canned queries: common questions about the dataset, ready to run in Datasette.

Each query orders its rows. Datasette passes parameters as text; an empty parameter means *all*, or a default that the
description names. Parameters are only ever bound as values.

The queries are in one module per subject; shared code is in `dataset.queries.parts`.
"""

from __future__ import annotations

from dataset.queries.listings import LISTINGS, TOOLS
from dataset.queries.opinions import OPINIONS, WORDS_AND_CATEGORIES
from dataset.queries.parts import Query
from dataset.queries.past import PAST
from dataset.queries.upkeep import UPKEEP

__all__ = ["QUERIES", "Query"]

QUERIES: tuple[Query, ...] = (*LISTINGS, *OPINIONS, *TOOLS, *WORDS_AND_CATEGORIES, *UPKEEP, *PAST)
"""All canned queries, in the order in which users see them."""
