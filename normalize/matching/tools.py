"""Groups listings into tools, and updates the groups when listings or judgements change.

The result is a function of the listings with the times of their first observation, the rules and the judgements. It
doesn't depend on the order in which they arrived, or on how many arrived at once. `Tools.update` only recomputes the
components (names that are linked by rules or people) that a change affects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from normalize.matching.clusters import Doubt, Node, Rules, Said, cluster
from normalize.matching.ids import birth_id
from normalize.matching.judgements import Judgement, Standing, by_pair
from normalize.matching.listing import Listing
from normalize.matching.rules import own_name
from normalize.matching.state import Names, sense
from normalize.matching.texts import agree, likeness


@dataclass(slots=True)
class Component:
    """A component: linked names, and the tools that their listings form."""

    names: tuple[int, ...]
    tools: tuple[str, ...]
    """Tools of two listings or more."""
    doubts: tuple[Doubt, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


class Tools:
    """The tools that the current listings form."""

    def __init__(self) -> None:
        """Start without listings and judgements."""
        self._names = Names()
        self._pairs: dict[tuple[str, str], Standing] = {}
        self._of_listing: dict[str, list[tuple[str, str]]] = {}
        self._judged: dict[int, set[str]] = {}
        self._components: dict[int, Component] = {}
        self._tool: dict[str, str] = {}
        self._members: dict[str, tuple[str, ...]] = {}

    def update(
        self,
        listings: Iterable[Listing] = (),
        *,
        gone: Iterable[str] = (),
        judgements: Sequence[Judgement] | None = None,
    ) -> frozenset[str]:
        """Add or replace listings, remove others, and replace the log of judgements.

        Args:
            listings: complete listings; they replace those with the same ids.
            gone: ids of listings to remove; unknown ids are ignored.
            judgements: the whole log; None leaves it unchanged.

        Returns:
            The ids of listings that are new or whose tool id has changed.

        """
        names = self._names
        touched: set[int] = set()
        fresh: set[str] = set()
        for listing_id in gone:
            if listing_id in names.listings:
                touched.add(names.take(listing_id))
                fresh.add(listing_id)
        for listing in listings:
            held = names.listings.get(listing.listing_id)
            if held == listing:
                continue
            if held is None:
                fresh.add(listing.listing_id)
            else:
                touched.add(names.take(listing.listing_id))
            touched.add(names.put(listing))
        if judgements is not None:
            touched |= self._take_log(judgements)
        if not touched:
            return frozenset()
        self._place_judged()
        return frozenset(self._settle(touched) | {each for each in fresh if each in names.listings})

    def _take_log(self, judgements: Sequence[Judgement]) -> set[int]:
        """Replace the log and return the names of the listings whose judgements changed."""
        before, self._pairs = self._pairs, by_pair(judgements)
        changed = {pair for pair in before.keys() | self._pairs.keys() if before.get(pair) != self._pairs.get(pair)}
        self._of_listing = {}
        for pair in self._pairs:
            for listing_id in pair:
                self._of_listing.setdefault(listing_id, []).append(pair)
        held = (self._names.listings.get(listing_id) for pair in changed for listing_id in pair)
        return {self._names.number(listing.name) for listing in held if listing is not None}

    def _place_judged(self) -> None:
        self._judged = {}
        for listing_id in self._of_listing:
            listing = self._names.listings.get(listing_id)
            if listing is not None:
                self._judged.setdefault(self._names.number(listing.name), set()).add(listing_id)

    def _settle(self, touched: set[int]) -> set[str]:
        """Recompute the components of the affected names and return the listings whose tool changed."""
        todo = set(touched)
        before: dict[str, str] = {}
        for number in touched:
            component = self._components.get(number)
            if component is not None:
                todo.update(component.names)
        for number in sorted(todo):
            self._forget(number, before)
        done: set[int] = set()
        after: dict[str, str] = {}
        for number in sorted(todo):
            if number not in done and not self._alone(number):
                linked = self._linked(number)
                for other in linked:
                    self._forget(other, before)
                done.update(linked)
                self._work_out(linked, after)
        return {listing for listing, tool in after.items() if before.get(listing, birth_id(listing)) != tool} | {
            listing for listing, tool in before.items() if listing not in after and birth_id(listing) != tool
        }

    def _alone(self, number: int) -> bool:
        """Return whether a name has at most one listing and no links to other names."""
        names = self._names
        return len(names.members[number]) < 2 and number not in names.merges and number not in self._judged

    def _forget(self, number: int, before: dict[str, str]) -> None:
        component = self._components.get(number)
        if component is None:
            return
        for tool in component.tools:
            for listing_id in self._members.pop(tool):
                before[listing_id] = self._tool.pop(listing_id, tool)
        for other in component.names:
            del self._components[other]

    def _linked(self, number: int) -> list[int]:
        """Return the names that rules or people link with a name, in the order of their numbers."""
        found = {number}
        todo = [number]
        while todo:
            each = todo.pop()
            near = set(self._names.merges.get(each, ()))
            for listing_id in self._judged.get(each, ()):
                for pair in self._of_listing[listing_id]:
                    if self._stands(pair) == "yes":
                        near.update(self._names.number(self._names.listings[other].name) for other in pair)
            todo += near - found
            found |= near
        return sorted(found)

    def _stands(self, pair: tuple[str, str]) -> str | None:
        """Return `yes` or `no` if the answer applies to the current pair, `open` if a name changed, else None."""
        said = self._pairs[pair]
        if said.answer == "unsure" or any(each not in self._names.listings for each in pair):
            return None
        compact = self._names.compact
        if any(compact(said.judgement.name_of(each)) != compact(self._names.listings[each].name) for each in pair):
            return "open"
        return "no" if said.contradicted else said.answer

    def _work_out(self, linked: list[int], after: dict[str, str]) -> None:
        if self._plainly_one(linked):
            groups = [[each for number in linked for each in self._names.members[number]]]
            doubts: list[Doubt] = []
            refused: list[tuple[str, str]] = []
        else:
            nodes = self._nodes(linked)
            said, lifted = self._said(nodes)
            found = cluster(nodes, said, self._rules(lifted))
            groups = [[each for node in group for each in node.members] for group in found.groups]
            doubts, refused = found.doubts, found.refused
        tools = []
        for listings in groups:
            if len(listings) < 2:
                continue
            listings.sort(key=lambda each: each.order)
            tool = birth_id(listings[0].listing_id)
            self._members[tool] = tuple(each.listing_id for each in listings)
            for each in listings[1:]:
                self._tool[each.listing_id] = after[each.listing_id] = tool
            after[listings[0].listing_id] = tool
            tools.append(tool)
        component = Component(tuple(linked), tuple(tools), tuple(doubts), tuple(refused))
        for number in linked:
            self._components[number] = component

    def _plainly_one(self, linked: list[int]) -> bool:
        """Return whether linked names are trivially one tool: no texts, judgements or contradictions.

        This only saves time: `cluster` gives the same result.
        """
        names = self._names
        for number in linked:
            members = names.members[number]
            if not members or number in self._judged or any(each.tagline or each.description for each in members):
                return False
        return len(linked) == 1 or not any(names.contradict(one, other) for one, other in combinations(linked, 2))

    def _nodes(self, linked: Sequence[int]) -> list[Node]:
        """Return the variants of some names, in the order of their earliest listings; judged listings stay separate."""
        found: dict[tuple[int, tuple[str | None, ...]], list[Listing]] = {}
        for number in linked:
            judged = self._judged.get(number, ())
            for each in self._names.members[number]:
                own = each.listing_id if each.listing_id in judged else None
                card: tuple[str | None, ...] = (each.name, each.tagline, each.description, each.category, own)
                found.setdefault((number, card), []).append(each)
        nodes = []
        for key, listings in found.items():
            listings.sort(key=lambda each: each.order)
            nodes.append(Node(key[0], tuple(listings), listings[0].text))
        return sorted(nodes, key=lambda node: node.first.order)

    def _said(self, nodes: list[Node]) -> tuple[Said, set[frozenset[tuple[object, ...]]]]:
        """Return people's answers about nodes, and the pairs of name senses with a YES."""
        places = {node.first.listing_id: place for place, node in enumerate(nodes)}
        pairs = {pair for node in nodes for pair in self._of_listing.get(node.first.listing_id, ())}
        yes: list[tuple[int, int]] = []
        no: list[tuple[int, int]] = []
        lifted = set()
        ordered = sorted(pairs, key=lambda pair: (self._pairs[pair].judgement.time, self._pairs[pair].judgement.id))
        for pair in ordered:
            stands = self._stands(pair)
            if stands is None or any(each not in places for each in pair):
                continue
            both = (places[pair[0]], places[pair[1]])
            if stands == "yes":
                yes.append(both)
                lifted.add(frozenset(sense(self._names.readings[nodes[place].name]) for place in both))
            else:
                no.append(both)
        return Said(yes, no), lifted

    def _rules(self, lifted: set[frozenset[tuple[object, ...]]]) -> Rules:
        names = self._names

        def contradict(left: int, right: int) -> bool:
            if not names.contradict(left, right):
                return False
            return frozenset((sense(names.readings[left]), sense(names.readings[right]))) not in lifted

        def alike(left: Node, right: Node) -> int | None:
            found = likeness(left.text, right.text, f"{left.first.name} {right.first.name}")
            sure = own_name(names.readings[left.name]) and own_name(names.readings[right.name])
            return found.similarity if agree(found, sure=sure) else None

        return Rules(names.one_name, contradict, alike)

    def tool_of(self, listing_id: str) -> str:
        """Return the id of a listing's tool.

        Raises:
            KeyError: the listing doesn't exist.

        """
        if listing_id not in self._names.listings:
            raise KeyError(listing_id)
        return self._tool.get(listing_id) or birth_id(listing_id)

    def members(self, listing_id: str) -> tuple[str, ...]:
        """Return the listings of a listing's tool, including itself, the earliest first.

        Raises:
            KeyError: the listing doesn't exist.

        """
        return self._members.get(self.tool_of(listing_id), (listing_id,))

    def partition(self) -> dict[str, tuple[str, ...]]:
        """Return every tool by its id, with its listings, the earliest first."""
        found = dict(self._members)
        for listing_id in self._names.listings:
            if listing_id not in self._tool:
                found.setdefault(birth_id(listing_id), (listing_id,))
        return found
