"""Random scripts of merging, undoing, splitting and crawling anew: partition and ids are exactly as the log says.

The oracle knows names only as texts: those with the same letters are one name, any others are two tools unless a person
says otherwise. It unites listing by listing and starts from nothing each time.
"""

from __future__ import annotations

import random
from hashlib import blake2b
from itertools import combinations

import pytest

from normalize.matching.ids import birth_id
from normalize.matching.judgements import Judgement
from normalize.matching.listing import Listing
from normalize.matching.matcher import Matcher
from tests.normalize.matching.made import judgement, redirects

SCRIPTS = 1_000
STEPS = 10
NAMES = ("Umber", "UMBER", "Zellow Hub", "zellow-hub", "Brindle", "Thistle Yard")
DAYS = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z")
IDS = "abcdefg"
NOBODY = Listing("", "")


def fold(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def said_of_pairs(held: dict[str, Listing], log: list[Judgement]) -> dict[tuple[str, str], list[Judgement]]:
    """What was said of each pair and not revoked."""
    revoked: set[str] = set()
    found: dict[tuple[str, str], list[Judgement]] = {}
    for said in reversed(log):
        if said.id not in revoked:
            revoked |= {said.revokes} if said.revokes else set()
            if said.answer is not None and all(each in held for each in said.pair):
                found.setdefault(said.pair, []).insert(0, said)
    return found


def oracle(held: dict[str, Listing], log: list[Judgement]) -> set[frozenset[str]]:
    """The tools, by the words of the contract."""
    last = said_of_pairs(held, log)
    no: set[frozenset[str]] = set()
    yes: list[tuple[str, str]] = []
    for pair, answers in sorted(last.items(), key=lambda item: item[1][-1].time):
        counts = next((said for said in reversed(answers) if said.answer == "no"), answers[-1])
        changed = any(fold(counts.name_of(each)) != fold(held[each].name) for each in pair)
        if counts.answer == "no" or (changed and counts.answer == "yes"):
            no.add(frozenset(pair))
        elif counts.answer == "yes":
            yes.append(pair)
    tools = {each: {each} for each in held}

    def unite(one: str, other: str) -> None:
        ours, theirs = tools[one], tools[other]
        if ours is theirs or any(frozenset((left, right)) in no for left in ours for right in theirs):
            return
        for each in theirs:
            tools[each] = ours
        ours |= theirs

    for pair in yes:
        unite(*pair)
    ordered = sorted(held.values(), key=lambda each: (each.first_seen, each.listing_id))
    for left, right in combinations(ordered, 2):
        if fold(left.name) == fold(right.name):
            unite(left.listing_id, right.listing_id)
    return {frozenset(each) for each in tools.values()}


def hashed(listing_id: str) -> str:
    return blake2b(f'["tool", "{listing_id}"]'.encode(), digest_size=8).hexdigest()


def check(matcher: Matcher, held: dict[str, Listing], log: list[Judgement]) -> None:
    tools = oracle(held, log)
    partition = matcher.partition()
    assert {frozenset(each) for each in partition.values()} == tools
    former = redirects(matcher)
    for members in tools:
        first = min((held[each] for each in members), key=lambda each: (each.first_seen, each.listing_id))
        tool = hashed(first.listing_id)
        assert set(partition[tool]) == members
        assert {each: former.get(hashed(each), hashed(each)) for each in members} == dict.fromkeys(members, tool)


def step(rng: random.Random, matcher: Matcher, held: dict[str, Listing], log: list[Judgement]) -> None:
    """Do one thing, at random."""
    what = rng.choice(["crawl", "crawl", "crawl", "again", "gone", "yes", "yes", "no", "unsure", "undo", "undo"])
    if what == "crawl":
        listing = Listing(rng.choice(IDS), rng.choice(NAMES), rng.choice(DAYS))
        held[listing.listing_id] = listing
        matcher.update([listing])
    elif what == "again":
        assert matcher.update(held.values()) == frozenset()
    elif what == "gone" and held:
        gone = rng.choice(sorted(held))
        del held[gone]
        matcher.update(gone=[gone])
    elif what == "undo" and log:
        log.append(judgement(len(log), NOBODY, NOBODY, None, revokes=rng.choice(log).id))
        matcher.update(judgements=log)
    elif what in ("yes", "no", "unsure") and len(held) > 1:
        left, right = rng.sample(sorted(held), 2)
        log.append(judgement(len(log), held[left], held[right], what))  # type: ignore[arg-type]
        matcher.update(judgements=log)


@pytest.mark.parametrize("part", range(4))
def test_scripts(part: int) -> None:
    for seed in range(part, SCRIPTS, 4):
        rng = random.Random(seed)
        matcher, held, log = Matcher(), {}, []  # type: ignore[var-annotated]
        for _ in range(STEPS):
            step(rng, matcher, held, log)
            check(matcher, held, log)


def test_undo_gives_back_the_former_partition_and_ids() -> None:
    for seed in range(100):
        rng = random.Random(seed)
        held = {each: Listing(each, rng.choice(NAMES), rng.choice(DAYS)) for each in IDS}
        log: list[Judgement] = []
        matcher = Matcher()
        matcher.update(held.values())
        former = [(matcher.partition(), redirects(matcher))]
        for number in range(4):
            left, right = rng.sample(sorted(held), 2)
            log.append(judgement(number, held[left], held[right], rng.choice(["yes", "no"])))
            matcher.update(judgements=log)
            former.append((matcher.partition(), redirects(matcher)))
        for said in reversed(log[:4]):
            assert (matcher.partition(), redirects(matcher)) == former.pop()
            log.append(judgement(len(log), held["a"], held["b"], None, revokes=said.id))
            matcher.update(judgements=log)
        assert (matcher.partition(), redirects(matcher)) == former.pop()


@pytest.mark.parametrize(
    ("listing_id", "expected"),
    [
        ("umber", "145ade2632175597"),
        ("other:umber", "2f8a6d333e5320db"),
        ("~0a1b2c", "5ec60ac3c93ef8d6"),
        ("é", "2fe1d3bbb9357a86"),
    ],
)
def test_a_birth_id_is_for_ever(listing_id: str, expected: str) -> None:
    assert birth_id(listing_id) == expected
