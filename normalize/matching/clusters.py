"""Clustering: merges the listings of one component into tools, in a fixed order and never against a contradiction.

1. People's YES answers, in the order of their times.
2. Listings whose names match and whose texts agree, the most similar first.
3. Listings without texts, whose names match. Such a listing never connects texts that share nothing: if several tools
   have its name, it stays alone and a person is asked.

A merge is refused if a NO stands between any two members, or if the names of any two contradict each other (unless a
YES was given for exactly these readings). Refused merges are put to review. So a tool never contains two versions,
sizes or editions that contradict each other, however long the chain of pairs between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from normalize.matching.listing import Listing

FULL_GROUP = 64
"""Up to this number of listings with one name, all pairs are compared. In larger groups, each listing is compared with
this number of others: half are the same for all, and half are next to it in the order of their texts' words."""


class Node(NamedTuple):
    """A variant: listings with identical cards, which count as one."""

    name: int
    """The number of its name."""
    members: tuple[Listing, ...]
    """In order, the earliest first."""
    text: str

    @property
    def first(self) -> Listing:
        """The listing that represents it."""
        return self.members[0]


class Doubt(NamedTuple):
    """A pair for review."""

    left: str
    right: str
    """Listing ids, the smaller first."""
    rule: str


def doubt(left: Listing, right: Listing, rule: str) -> Doubt:
    """Return the pair of these listings, sorted."""
    ids = sorted((left.listing_id, right.listing_id))
    return Doubt(ids[0], ids[1], rule)


@dataclass(slots=True)
class Rules:
    """The questions about names and texts that clustering needs answered."""

    one_name: Callable[[int, int], bool]
    """Return whether two names (by number) match, by the rules."""
    contradict: Callable[[int, int], bool]
    """Return whether two names can't belong to one tool."""
    likeness: Callable[[Node, Node], int | None]
    """Return how similar the texts of two nodes are; None if they share nothing."""


@dataclass(slots=True)
class Said:
    """People's answers about the nodes of a component, by position."""

    yes: Sequence[tuple[int, int]] = ()
    """In chronological order."""
    no: Iterable[tuple[int, int]] = ()
    """Includes pairs that are open again because a name changed."""


@dataclass(slots=True)
class Clusters:
    """The tools of a component, and the pairs for review."""

    groups: list[list[Node]]
    doubts: list[Doubt] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Pairs with a YES that could not be applied."""


class _Union:
    """Groups of nodes, merged unless forbidden (a union-find)."""

    def __init__(self, nodes: Sequence[Node], said: Said, contradict: Callable[[int, int], bool]) -> None:
        self._nodes = nodes
        self._root = list(range(len(nodes)))
        self.places: dict[int, list[int]] = {place: [place] for place in range(len(nodes))}
        self._names: dict[int, set[int]] = {place: {node.name} for place, node in enumerate(nodes)}
        self.texts = {place: bool(node.text) for place, node in enumerate(nodes)}
        self._no: dict[int, set[int]] = {}
        for left, right in said.no:
            self._no.setdefault(left, set()).add(right)
            self._no.setdefault(right, set()).add(left)
        self._contradict = contradict

    def root(self, place: int) -> int:
        """Return the group of a node: the position of its first node."""
        return self._root[place]

    def forbidden(self, left: int, right: int) -> bool:
        """Return whether two groups can't be merged."""
        theirs = set(self.places[right])
        if self._no and any(self._no.get(place, set()) & theirs for place in self.places[left]):
            return True
        return any(
            one != other and self._contradict(one, other) for one in self._names[left] for other in self._names[right]
        )

    def unite(self, left: int, right: int) -> bool:
        """Merge the groups of two nodes, unless that is forbidden; return whether they are one group now."""
        one, other = sorted((self._root[left], self._root[right]))
        if one == other:
            return True
        if self.forbidden(one, other):
            return False
        for place in self.places[other]:
            self._root[place] = one
        self.places[one] += self.places.pop(other)
        self._names[one] |= self._names.pop(other)
        self.texts[one] = self.texts.pop(other) or self.texts[one]
        return True


def cluster(nodes: Sequence[Node], said: Said, rules: Rules) -> Clusters:
    """Return the tools that `nodes` (in the order of their first listings) form."""
    union = _Union(nodes, said, rules.contradict)
    found = Clusters([])
    for left, right in said.yes:
        if not union.unite(left, right):
            pair = doubt(nodes[left].first, nodes[right].first, "refused")
            found.refused.append((pair.left, pair.right))
            found.doubts.append(pair)
    tried: list[tuple[int, int, str]] = []
    alike: list[tuple[int, int, int]] = []
    loose: list[tuple[int, int]] = []
    for left, right in _pairs(nodes, rules.one_name):
        if not (nodes[left].text and nodes[right].text):
            loose.append((left, right))
        elif (likeness := rules.likeness(nodes[left], nodes[right])) is None:
            tried.append((left, right, "texts"))
        else:
            alike.append((-likeness, left, right))
    for _, left, right in sorted(alike):
        if not union.unite(left, right):
            tried.append((left, right, "refused"))
    tried += _without_texts(union, loose)
    seen = set(found.doubts)
    for left, right, rule in tried:
        pair = doubt(nodes[left].first, nodes[right].first, rule)
        if union.root(left) != union.root(right) and pair not in seen:
            seen.add(pair)
            found.doubts.append(pair)
    found.groups = [[nodes[place] for place in sorted(union.places[root])] for root in sorted(union.places)]
    return found


def _pairs(nodes: Sequence[Node], one_name: Callable[[int, int], bool]) -> Iterable[tuple[int, int]]:
    """Return the pairs of nodes with the same name, in order."""
    by_name: dict[int, list[int]] = {}
    for place, node in enumerate(nodes):
        by_name.setdefault(node.name, []).append(place)
    found: list[tuple[int, int]] = []
    for places in by_name.values():
        found += _within(nodes, places)
    for one, other in combinations(by_name, 2):
        if one_name(one, other):
            found += _across(by_name[one], by_name[other])
    return sorted(found)


def _within(nodes: Sequence[Node], places: list[int]) -> Iterable[tuple[int, int]]:
    """Return the pairs of nodes with one name: all, or in a large group each node with some others."""
    if len(places) <= FULL_GROUP:
        return combinations(places, 2)
    half = FULL_GROUP // 2
    found = {(one, other) for one in places[:half] for other in places if one < other}
    by_text = sorted(places, key=lambda place: (sorted(nodes[place].text.lower().split()), place))
    for index, place in enumerate(by_text):
        for other in by_text[index + 1 : index + 1 + half]:
            found.add((min(place, other), max(place, other)))
    return found


def _across(ours: list[int], theirs: list[int]) -> Iterable[tuple[int, int]]:
    """Return the pairs of nodes of two matching names: all, or in large groups each with the first of the other."""
    many = len(ours) * len(theirs) > FULL_GROUP * FULL_GROUP
    half = FULL_GROUP // 2
    for index, one in enumerate(ours):
        for place, other in enumerate(theirs):
            if not many or index < half or place < half:
                yield (one, other) if one < other else (other, one)


def _without_texts(union: _Union, loose: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """Merge listings without texts with those of the same name; return the pairs that stayed apart, and why."""
    tried: list[tuple[int, int, str]] = []
    mixed: list[tuple[int, int]] = []
    for left, right in loose:
        if union.texts[union.root(left)] or union.texts[union.root(right)]:
            mixed.append((left, right))
        elif not union.unite(left, right):
            tried.append((left, right, "refused"))
    near: dict[int, list[tuple[int, int]]] = {}
    for left, right in mixed:
        one, other = union.root(left), union.root(right)
        if union.texts[one] and union.texts[other]:
            tried.append((left, right, "homonyms"))
        else:
            near.setdefault(other if union.texts[one] else one, []).append((left, right))
    for bare in sorted(near):
        tried += _join_texts(union, bare, near[bare])
    return tried


def _join_texts(union: _Union, bare: int, pairs: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """Merge the group `bare`, which has no text, with the only group of the same name, if there is just one."""
    allowed: dict[int, tuple[int, int]] = {}
    tried: list[tuple[int, int, str]] = []
    for left, right in pairs:
        texted = union.root(right) if union.root(left) == bare else union.root(left)
        if union.forbidden(bare, texted):
            tried.append((left, right, "refused"))
        else:
            allowed.setdefault(texted, (left, right))
    if len(allowed) == 1:
        union.unite(*next(iter(allowed.values())))
        return tried
    return tried + [(*pair, "homonyms") for pair in allowed.values()]
