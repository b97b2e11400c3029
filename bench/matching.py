"""How well and how fast tools are matched: on labelled names beside rivals that compare texts, and on a million names.

``python -m bench --only matching`` shows all; ``python -m bench.matching`` the quality alone, as JSON. The labelled
names (`../shared/matching`) are for developers; where they are absent, only the speed is measured.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import matching_rivals as ways
from bench.apart import ROOT, say, told_by
from bench.results import Group, Line, Tell, quiet
from normalize.matching.decide import decide
from normalize.matching.judgements import Card, Judgement
from normalize.matching.listing import Listing
from normalize.matching.matcher import Matcher, match

LABELLED = ROOT.parent / "shared" / "matching"
ABOUT = "labelled names of real tools, and made-up ones"
REVIEWED = 0.05
"""The share of listings that a person may be shown."""


def rows(file: str, folder: Path = LABELLED) -> list[dict[str, str]]:
    """The rows of a labelled file."""
    with (folder / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def near_names(folder: Path = LABELLED) -> Counter[tuple[str, str]]:
    """How often each label of `near_names.csv` met each decision."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows("near_names.csv", folder):
        decided = decide(Listing("left", row["name_a"]), Listing("right", row["name_b"]))
        found[row["label"], decided.decision] += 1
    return found


def pairs(folder: Path = LABELLED) -> Counter[tuple[str, str]]:
    """How often each label of `pairs.csv` met each decision."""
    listings = {
        row["slug"]: Listing(row["slug"], row["name"], "", row["tagline"], row["description"], row["category"])
        for row in rows("listings.csv", folder)
    }
    found: Counter[tuple[str, str]] = Counter()
    for row in rows("pairs.csv", folder):
        found[row["label"], decide(listings[row["slug_a"]], listings[row["slug_b"]]).decision] += 1
    return found


@dataclass(frozen=True, slots=True)
class Score:
    """How a partition stands to the truth."""

    precision: float
    """Of the pairs that are one tool here, the share that is one in truth."""
    recall: float
    """Of the pairs that are one tool in truth, the share that is one here."""
    largest_wrong: int
    """The most listings of one tool that are not of the one that most of its listings are of."""


class Models:
    """The listings of `models.csv`, and which model each is in truth."""

    def __init__(self, folder: Path = LABELLED) -> None:
        """Read from `folder`."""
        said = rows("models.csv", folder)
        self.listings = [Listing(f"{number:04}", row["name"]) for number, row in enumerate(said)]
        self.truth = {each.listing_id: row["model"] for each, row in zip(self.listings, said, strict=True)}

    def score(self, matcher: Matcher) -> Score:
        """How the tools of `matcher` stand to the truth."""
        tools = [Counter(self.truth[each] for each in members) for members in matcher.partition().values()]
        together = sum(_pairs(sum(tool.values())) for tool in tools)
        right = sum(_pairs(count) for tool in tools for count in tool.values())
        wanted = sum(_pairs(count) for count in Counter(self.truth.values()).values())
        wrong = max(sum(tool.values()) - max(tool.values()) for tool in tools)
        return Score(right / together if together else 1.0, right / wanted, wrong)

    def review(self, matcher: Matcher, share: float = REVIEWED) -> int:
        """Let a person who is always right answer questions, until so many listings were shown. Gives how many were."""
        listings = {each.listing_id: each for each in self.listings}
        budget = int(share * len(self.listings))
        shown: set[str] = set()
        log: list[Judgement] = []
        while (asked := _next(matcher, shown, budget, {each.pair for each in log})) is not None:
            left, right = asked
            shown |= {left, right}
            log.append(
                Judgement(
                    id=f"{len(log):04}",
                    time="2026-11-01T00:00:00Z",
                    who="the truth",
                    left=left,
                    right=right,
                    answer="yes" if self.truth[left] == self.truth[right] else "no",
                    left_card=Card(name=listings[left].name),
                    right_card=Card(name=listings[right].name),
                )
            )
            matcher.update(judgements=log)
        return len(shown)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _next(matcher: Matcher, shown: set[str], budget: int, asked: set[tuple[str, str]]) -> tuple[str, str] | None:
    for each in matcher.questions():
        pair = (each.left, each.right)
        if pair not in asked and len(shown | set(pair)) <= budget:
            return pair
    return None


def quality(folder: Path = LABELLED, *, rivals: bool = True) -> Iterator[Line]:
    """What the labelled names show; with `rivals`, also what other ways make of them."""
    traps = near_names(folder)
    for label in ("different", "review"):
        yield _count(f"traps: {label}, merged", traps[label, "merge"], sum(traps.values()), 0)
    missed = sum(count for (label, decision), count in traps.items() if label == "same" and decision != "merge")
    yield _count("traps: same, not merged", missed, sum(traps.values()), 1)
    found = pairs(folder)
    same = sum(count for (label, _), count in found.items() if label == "same")
    yield _count("pairs: different, merged", found["different", "merge"], sum(found.values()), 0)
    yield _share("pairs: same, merged", found["same", "merge"] / same, 80)
    yield _share("pairs: same, merged or asked", (found["same", "merge"] + found["same", "review"]) / same, 98)
    models = Models(folder)
    matcher = match(models.listings)
    alone = models.score(matcher)
    yield _share("models: precision", alone.precision, 98.5)
    yield _share("models: recall", alone.recall, 70)
    yield _count("models: largest wrong cluster", alone.largest_wrong, len(models.listings), 3)
    shown = models.review(matcher)
    asked = models.score(matcher)
    yield _share("models, a person asked: recall", asked.recall, 90)
    yield _share("models, a person asked: precision", asked.precision, None)
    yield _share("models, a person asked: shown", shown / len(models.listings), 5, at_least=False)
    if rivals:
        yield from _rivals(models)


def _rivals(models: Models) -> Iterator[Line]:
    names = [each.name for each in models.listings]
    truth = [models.truth[each.listing_id] for each in models.listings]
    wanted = ways.true_pairs(truth)
    found: dict[str, Callable[[], ways.Best]] = {
        "exact folded name": lambda: ways.exact(names, wanted),
        "token_set": lambda: ways.token_set(names, wanted),
    }
    for way, run in found.items():
        best = run()
        yield _share(f"{way}: precision", best.precision, None)
        yield _share(f"{way}: recall", best.recall, None)


def _count(what: str, count: int, of: int, most: int) -> Line:
    return Line(what, float(count), f"of {of}", float(count), "", float(most))


def _share(what: str, share: float, goal: float | None, *, at_least: bool = True) -> Line:
    return Line(what, share * 100, "%", share * 100, "%", goal, at_least)


def speed(names: int, tell: Tell = quiet) -> Iterator[Line]:
    """What `bench.matching_speed` measures in a process of its own."""
    found: dict[str, float] = {}
    for said in told_by("bench.matching_speed", names):
        found[said["what"]] = said["value"]
        tell(f"matching: {said['what']}", len(found), None)
    full = f"{names:,} names"
    yield Line(f"{full}: cdist in the same blocks", 1.0, "cdist", found["cdist"], "s")
    yield Line(f"{full}: matched", found["full"] / found["cdist"], "cdist", found["full"], "s", 2)
    yield Line("1,000 names more", found["more"] / found["full"], "matched", found["more"], "s")
    yield Line("the same names again", found["same"] / found["full"], "matched", found["same"], "s")
    yield Line("peak memory", found["peak"] / 2000, "2 GB", found["peak"], "MB", 1)


def left_out() -> list[str]:
    """What can't be measured on this machine, and why."""
    if LABELLED.is_dir():
        return []
    return ["quality left out: the labelled names (../shared/matching) are not on this machine"]


def bench_matching(names: int, tell: Tell = quiet) -> Group:
    """Quality on labelled names, where they are at hand, and speed over so many made-up ones."""
    lines: list[Line] = []
    if LABELLED.is_dir():
        tell("matching: labelled names", 0, None)
        lines += quality()
    lines += speed(names, tell)
    return Group("matching", "matching of tools", "; ".join([ABOUT, *left_out()]), tuple(lines))


if __name__ == "__main__":
    for why in left_out():
        print(why, file=sys.stderr)
    for each in quality() if LABELLED.is_dir() else ():
        say(what=each.what, value=each.absolute, unit=each.unit, met=each.met)
