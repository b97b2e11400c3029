"""The pages of the published site by their kinds, and the addresses that the benchmark of serving asks for."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import chain, cycle
from urllib.parse import urlencode

from bench.serving_data import CATEGORIES, CRITICS, VOCABULARY, capture_id, change_id, name_of, slug, tool_id
from dataset.queries.canned import QUERIES

Paths = Mapping[str, Sequence[str]]

REFERENCE = "bare row page"
MANY = 200
"""Different things of a kind that are asked for."""


def paths_of(tools: int) -> dict[str, list[str]]:
    """Addresses of each kind of page in a dataset of so many tools, of many different things where there are many.

    Tables and questions are asked for in turns as a link leads there, with nothing chosen or typed, and with something:
    of the former the server keeps what took long.
    """
    rng = random.Random(3)
    some = [rng.randrange(tools - 1) for _ in range(MANY)]
    words = [rng.choice(VOCABULARY) for _ in some]
    typed = _typed(some, words)
    kinds = {
        REFERENCE: [f"/verdictlog/changes/{change_id(n)}" for n in some],
        "row page of a listing": [f"/verdictlog/listings/{slug(n)}" for n in some],
        "home": ["/"],
        "tool": [f"/tool/{slug(n)}" for n in some],
        "compare": [f"/compare/{slug(n)}/{slug(n + 1)}" for n in some],
        "search": ["/search"],
        "search, a word": [f"/search?q={word}" for word in words],
        "search, quotes": [f"/search?q={word}&show=quotes" for word in words],
        "search, narrowed": [
            f"/search?{urlencode({'q': word, **more})}" for word, more in zip(words, cycle(_narrowed()), strict=False)
        ],
        "personas": ["/personas"],
        "persona": [f"/persona/{each}" for each in CRITICS],
        "changes": ["/changes"],
        "changes of a tool": [f"/changes?tool={slug(n)}" for n in some],
        "agreement": ["/agreement"],
        "evidence": [f"/evidence/{capture_id(n, 3)}" for n in some],
        "feed": ["/-/feeds/changes.atom"],
        "feed of a tool": [f"/-/feeds/tool/{tool_id(n)}.atom" for n in some],
        "table: problems": _in_turns("/verdictlog/problems", [{"listing_id__gt": slug(n)} for n in some]),
        "table: reviews": _in_turns(
            "/verdictlog/reviews", [{"persona": CRITICS[n % len(CRITICS)], "score__gt": str(n % 100)} for n in some]
        ),
    }
    for query in QUERIES:
        asked = [{name: word for name, word in each.items() if name in query.params} for each in typed[query.params[0]]]
        kinds[f"query: {query.name}"] = _in_turns(f"/verdictlog/{query.name}", asked)
    return kinds


def _narrowed() -> list[dict[str, str]]:
    """What a search is narrowed down by, alone and together."""
    one = [{"persona": CRITICS[0]}, {"verdict": "ship"}, {"category": "Category 3"}, {"vendor": "Maker 7"}]
    return [*one, *({**each, "show": "quotes"} for each in one), {"price": "free", "verdict": "skip"}]


def _typed(some: Sequence[int], words: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """What is typed, by the first thing that a question asks for."""
    return {
        **{name: [{name: slug(n)} for n in some] for name in ("listing", "tool")},
        **{name: [{name: str(n % 100)} for n in some] for name in ("min_votes", "at_most", "min_reviews")},
        "name": [{"name": name_of(n)} for n in some],
        "words": [{"words": word} for word in words],
        "category": [{"category": f"Category {n % CATEGORIES}", "rows": str(41 + n // 7 % 20)} for n in some],
        "persona": [{"persona": CRITICS[n % len(CRITICS)], "rows": str(41 + n // 7 % 20)} for n in some],
        "kind": [
            {"kind": ("compare", "tool")[n % 2], "days": str(1 + n % 60), "rows": str(41 + n // 7 % 20)} for n in some
        ],
        "severity": [{"severity": ("error", "warning")[n % 2], "rows": str(1 + n % 50)} for n in some],
    }


def _in_turns(address: str, typed: Sequence[Mapping[str, str]]) -> list[str]:
    """`address` alone, and with each of what is `typed`, in turns."""
    return list(chain.from_iterable((address, f"{address}?{urlencode(each)}") for each in typed))
