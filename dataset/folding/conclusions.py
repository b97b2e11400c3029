"""What is concluded from a listing's own words: columns of `listings` beside the site's.

They follow from the values that stand now, by `normalize`. They are no observations: they have no history, no evidence
and no changes of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataset.folding.fold_reviews import Problem, problem_row
from dataset.folding.history import State
from dataset.readings.states import Value
from normalize.categories import category_key, category_of
from normalize.prices import pricing_of


def conclusions(values: Mapping[str, Any]) -> dict[str, Any]:
    """The concluded columns of a listing whose fields have `values`."""
    category = category_of(values["category"])
    price = pricing_of(values["pricing"])
    return {
        "category_canonical": None if category is None else category.name,
        "pricing_model": price.pricing_model,
        "has_free_tier": None if price.has_free_tier is None else int(price.has_free_tier),
        "price_min": None if price.price_min is None else float(price.price_min),
        "price_currency": price.price_currency,
        "price_period": price.price_period,
        "license": price.license,
    }


def unmapped_category(listing: str, state: State[Value]) -> list[Problem]:
    """A problem if the category that stands as `state` is in no list: one for all listings that bear it."""
    category = category_of(None if state.value is None else str(state.value))
    if category is None or category.is_known:
        return []
    words = f"the category {category.name!r} is none of those listed; it is kept as printed"
    problem = problem_row("unmapped_category", listing, "category", state.first, words)
    return [problem._replace(subject=f"category {category_key(category.name) or category.name}")]
