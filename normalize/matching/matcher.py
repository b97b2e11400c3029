"""What is told beside the tools: what a person should look at, what is odd about judgements, which pairs count."""

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
    """A pair for a person to look at."""

    left: str
    right: str
    """Listing ids, the lesser first."""
    rule: str
    weight: float
    """How much an answer may settle: the greater, the sooner it is asked."""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about the judgements that a person should know."""

    code: str
    """`contradicted`: a YES and a NO of one pair both stand. `refused`: a YES can't be followed, as a NO or
    contradicting names stand between the tools. `name_changed`: a listing is no longer called as when it was judged."""
    judgement_id: str
    left: str
    right: str


class Matcher(Tools):
    """The tools that the listings so far make up, and what is to be said of them."""

    def questions(self) -> list[Question]:
        """What a person should look at: the worst doubt of the most listings first; of two tools, one question."""
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
        """What a person should know of the judgements, in the order of their pairs."""
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
        """Pairs that the rules have something to say of, the lesser id first: what merges, what a person should look
        at, and what is kept apart though it shares core and line (in blocks of up to 64 names).
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
        """What blocking did so far: names, pairs looked at, pairs left out, the most looked at for one name."""
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
        """Every pair that is doubted, some more than once."""
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
        """Whether two tools hold names that contradict each other, so that no answer could unite them."""
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
    """The pairs of a component that were compared: within a variant with its first listing, else variant by variant."""
    for place, node in enumerate(nodes):
        for member in node.members[1:]:
            yield node.first.listing_id, member.listing_id
        for other in nodes[place + 1 : place + 1 + FULL_GROUP]:
            if node.name == other.name or names.one_name(node.name, other.name):
                yield node.first.listing_id, other.first.listing_id


def match(listings: Iterable[Listing], judgements: Sequence[Judgement] = ()) -> Matcher:
    """A matcher that holds these listings and judgements."""
    matcher = Matcher()
    matcher.update(listings, judgements=judgements)
    return matcher
