"""Which critic wrote a quote that no page labels, and which quotes of a listing are one review. Pure.

Quotes are the nodes of a graph; two that share a row of an unlabelled scorecard (`dataset.folding.pairing`) are joined,
as a row is one critic's on both sides. What hangs together is a component. If pages print exactly one critic's name
beside the quotes of a component, the others in it are that critic's too (*aligned*); so names flow from page to page,
and from listing to listing. Two or more names contradict each other, and name nothing.

Within a listing, quotes of one critic are one review, edited. Where nobody is named, two quotes are one review if they
stood beside the same quote of the other listing, and never on one page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dataset.ids import review_id_of


@dataclass(frozen=True)
class RowNames:
    """What rows of scorecards tell of one listing's quotes, each known by the id that a review of it alone would have.

    `personas` are the names that pages print in its component, where there are any; `edits` are pairs of quotes that
    stood beside the same quote of another listing.
    """

    personas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    edits: Sequence[tuple[str, str]] = ()


NO_NAMES = RowNames()


@dataclass
class Named:
    """The names of a listing's quotes, `printed` or aligned; which belong together (`groups`), and what was doubted."""

    personas: dict[str, str]
    groups: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)


def components(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The component of each node of `edges`, called after its least node."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        top = node
        while (above := parent.setdefault(top, top)) != top:
            top = above
        while parent[node] != top:
            parent[node], node = top, parent[node]
        return top

    for one, other in edges:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return {node: root(node) for node in list(parent)}


def name_quotes(
    listing: str, pages: Sequence[Sequence[str]], printed: Mapping[str, str], rows: RowNames = NO_NAMES
) -> Named:
    """Names and groups of the quotes of `listing`, given which stand together on its `pages`.

    `printed` are the names that pages of the listing print beside them, `rows` what scorecards tell.
    """
    named = Named(dict(printed))
    if not rows.personas and not rows.edits:
        return named
    ids = {key: review_id_of(listing, key) for key in dict.fromkeys(key for page in pages for key in page)}
    for key, quote in ids.items():
        told = rows.personas.get(quote, ())
        if key in printed or not told:
            continue
        if len(told) == 1:
            named.personas[key] = told[0]
        else:
            named.doubts[key] = f"rows of scorecards give one review to several critics ({', '.join(told)})"
    _doubt_twins(named, pages, printed)
    _join_edits(named, pages, rows, {ids[key]: key for key in ids if key not in named.personas})
    return named


def _doubt_twins(named: Named, pages: Sequence[Sequence[str]], printed: Mapping[str, str]) -> None:
    """Take aligned names away where a page would show two reviews by one critic: there the rows were misread."""
    for page in pages:
        by_persona: dict[str, list[str]] = defaultdict(list)
        for key in page:
            if key in named.personas:
                by_persona[named.personas[key]].append(key)
        for persona, keys in by_persona.items():
            if len(keys) > 1:
                words = f"rows of scorecards give {persona} two reviews on one page"
                named.doubts |= {key: words for key in keys if key not in printed and key not in named.doubts}
    for key in named.doubts:
        named.personas.pop(key, None)


def _join_edits(named: Named, pages: Sequence[Sequence[str]], rows: RowNames, nameless: Mapping[str, str]) -> None:
    """Put quotes of nobody known together that stood beside the same one, unless some stood on one page."""
    pairs = [
        (nameless[one], nameless[other])
        for one, other in rows.edits
        if one in nameless and other in nameless and not {nameless[one], nameless[other]} & named.doubts.keys()
    ]
    groups = components(pairs)
    torn: set[str] = set()
    for page in pages:
        on_page = [groups[key] for key in page if key in groups]
        torn.update(group for group in on_page if on_page.count(group) > 1)
    for key, group in groups.items():
        if group in torn:
            named.doubts[key] = "rows of scorecards say that two reviews on one page are one"
        else:
            named.groups[key] = group
