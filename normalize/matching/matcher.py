"""The matcher: tools, pairs for review, warnings about judgements, and the pairs worth a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from normalize.matching.clusters import FULL_GROUP, Doubt, Node, doubt
from normalize.matching.judgements import Judgement
from normalize.matching.listing import Listing
from normalize.matching.rules import REVIEW_RULES, judge_names
from normalize.matching.state import Names
from normalize.matching.tools import Tools


@dataclass(frozen=True, slots=True)
class Question:
    """A pair for review."""

    left: str
    right: str
    """Listing ids, the smaller first."""
    rule: str
    weight: float
    """How much an answer may settle; questions with a higher weight come first."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning about the judgements."""

    code: str
    """`contradicted`: both a YES and a NO are valid for a pair. `refused`: a YES can't be applied, because of a NO or
    contradicting names between the tools. `name_changed`: the name of a listing has changed since it was judged."""
    judgement_id: str
    left: str
    right: str


class Matcher(Tools):
    """The tools that the current listings form, with reviews, warnings and decisions."""

    def questions(self) -> list[Question]:
        """Return the pairs for review, with the greatest doubt and most listings first; one question per two tools."""
        closed = {self._tools(pair) for pair in self._pairs if self._stands(pair) == "no" and not self._open(pair)}
        best: dict[tuple[str, str], Question] = {}
        for each in self._doubts():
            tools = self._tools((each.left, each.right))
            if tools[0] == tools[1] or (tools in closed and each.rule != "contradicted"):
                continue
            size = len(self.members(each.left)) * len(self.members(each.right))
            asked = Question(each.left, each.right, each.rule, REVIEW_RULES[each.rule] * size)
            known = best.get(tools)
            if known is None or (-asked.weight, asked.left, asked.right) < (-known.weight, known.left, known.right):
                best[tools] = asked
        return sorted(best.values(), key=lambda each: (-each.weight, each.left, each.right))

    def warnings(self) -> list[Warned]:
        """Return the warnings about judgements, in the order of their pairs."""
        refused = {pair for each in self._components.values() for pair in each.refused}
        found = []
        for pair in sorted(self._pairs):
            said = self._pairs[pair]
            stands = self._stands(pair)
            code = "contradicted" if said.contradicted else "name_changed" if stands == "open" else None
            if code is None and pair in refused:
                code = "refused"
            if code is not None:
                found.append(Warned(code, said.judgement.id, *pair))
        return found

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the pairs that are worth a decision record, the smaller id first: pairs that merge, pairs for review,
        and pairs that are apart but share core and edition (in blocks of up to 64 names).
        """
        seen: set[tuple[str, str]] = set()
        for left, right in self._looked_at():
            pair = (left, right) if left < right else (right, left)
            if pair in seen or left == right:
                continue
            seen.add(pair)
            yield pair

    @property
    def counts(self) -> dict[str, int]:
        """Return statistics about blocking: names, candidate pairs, dropped pairs, most candidates for one name."""
        counts = self._names.blocks.counts
        return {
            "names": counts.names,
            "pairs": counts.pairs,
            "left_out": counts.left_out,
            "largest": counts.largest,
        }

    def _tools(self, pair: tuple[str, str]) -> tuple[str, str]:
        one, other = sorted(self.tool_of(each) for each in pair)
        return one, other

    def _open(self, pair: tuple[str, str]) -> bool:
        return self._pairs[pair].contradicted

    def _doubts(self) -> Iterator[Doubt]:
        """Yield every doubtful pair, some more than once."""
        listings = self._names.listings
        for pair, said in self._pairs.items():
            stands = self._stands(pair)
            held = all(each in listings for each in pair)
            if stands == "open":
                yield Doubt(*pair, "name_changed")
            elif said.contradicted and held:
                yield Doubt(*pair, "contradicted")
            elif said.answer == "unsure" and held:
                yield Doubt(*pair, "unsure")
        for component in {id(each): each for each in self._components.values()}.values():
            yield from component.doubts
        for left, right in self._names.doubted():
            ours, theirs = self._names.earliest(left), self._names.earliest(right)
            if ours is None or theirs is None or self._contradicting(ours, theirs):
                continue
            yield doubt(ours, theirs, judge_names(self._names.readings[left], self._names.readings[right]).rule)

    def _contradicting(self, ours: Listing, theirs: Listing) -> bool:
        """Return whether two tools contain contradicting names, so that no answer could merge them."""
        left, right = (
            {self._names.number(self._names.listings[each].name) for each in self.members(listing.listing_id)}
            for listing in (ours, theirs)
        )
        return any(self._names.contradict(one, other) for one in left for other in right if one != other)

    def _looked_at(self) -> Iterator[tuple[str, str]]:
        names = self._names
        for number in range(len(names.readings)):
            component = self._components.get(number)
            if component is not None and number == component.names[0]:
                yield from _pairs_of(self._nodes(component.names), names)
            block = names.blocks.core_block(names.readings[number])
            held = [first for other in block if (first := names.earliest(other)) is not None]
            first = names.earliest(number)
            if first is not None and len(held) <= FULL_GROUP:
                yield from ((first.listing_id, other.listing_id) for other in held)
        for left, right in names.doubted():
            ours, theirs = names.earliest(left), names.earliest(right)
            if ours is not None and theirs is not None:
                yield ours.listing_id, theirs.listing_id


def _pairs_of(nodes: Sequence[Node], names: Names) -> Iterator[tuple[str, str]]:
    """Yield the compared pairs of a component: each variant's listings with its first, and variants with each other."""
    for place, node in enumerate(nodes):
        for member in node.members[1:]:
            yield node.first.listing_id, member.listing_id
        for other in nodes[place + 1 : place + 1 + FULL_GROUP]:
            if node.name == other.name or names.one_name(node.name, other.name):
                yield node.first.listing_id, other.first.listing_id


def match(listings: Iterable[Listing], judgements: Sequence[Judgement] = ()) -> Matcher:
    """Return a matcher with these listings and judgements."""
    matcher = Matcher()
    matcher.update(listings, judgements=judgements)
    return matcher
