"""The dataset's changes against the truth of sample sites behind caches of every kind, over 60 simulated days.

In full with VERDICTLOG_TEST_LONG=1; else one small site, and only some of the caches. `python -m bench.truth` measures
more of them, and prints what is found.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.scoring import Score, Verdict, score
from bench.simulation import SETUPS, Answer, Setup, Simulated, after, answers_in, simulate
from bench.stretches import truth_of
from dataset.building.build import build
from tests.crawling import Crawls
from tests.dataset.captures import digest
from tests.serving import sample_site

LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
DAYS = 60
TOOLS = 8 if LONG else 2
SEEDS = range(3 if LONG else 1)
DECLARED = [each for each in SETUPS if each.declares_age]
OTHERS = [each for each in SETUPS if not each.declares_age]
SHORT = {"two with Age", "two, one with Age"}


def some(setups: list[Setup]) -> list[object]:
    return [pytest.param(each, id=each.name) for each in setups if LONG or each.name in SHORT]


def run(setup: Setup, folder: Path, seed: int, *, irregular: bool = False, tools: int = TOOLS) -> Verdict:
    """A simulated site, built bit by bit: what is built at once must be the same."""
    every = 12

    def after_crawl(number: int) -> None:
        if number % every == every - 1:
            build(folder, workers=1)

    simulated = simulate(setup, folder, seed=seed, tools=tools, days=DAYS, irregular=irregular, after_crawl=after_crawl)
    bit_by_bit = build(folder, workers=1)
    verdict = score(simulated)
    assert bit_by_bit.rebuilt_because is None
    whole = digest(bit_by_bit)
    assert digest(build(folder, full=True, workers=1)) == whole
    return verdict


@pytest.mark.parametrize("irregular", [False, True] if LONG else [True])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("setup", some(DECLARED))
def test_where_every_age_is_declared_all_is_told_as_it_was(
    setup: Setup, seed: int, irregular: bool, tmp_path: Path
) -> None:
    verdict = run(setup, tmp_path, seed, irregular=irregular)
    assert (verdict.missed, verdict.false) == ([], [])
    assert (verdict.stale, verdict.brief) == (0, [])
    total = verdict.total
    assert total.visible == total.told == total.hits == total.sound > 100
    assert total.confirmed > total.told / 2
    assert {"verdict_flip", "score", "panel", "votes", "pricing", "text"} <= set(verdict.scores)
    assert {"listing_withdrawn", "listing_returned"} <= set(verdict.scores)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("setup", some(OTHERS))
def test_elsewhere_what_is_told_is_nearly_always_so(setup: Setup, seed: int, tmp_path: Path) -> None:
    """The bounds lie below what was measured (docs/history-measured.md): they catch a rule that breaks, not luck."""
    verdict = run(setup, tmp_path, seed)
    calm = sum((each for kind, each in verdict.scores.items() if kind != "votes"), Score())
    assert calm.hits >= 0.9 * calm.told
    assert calm.hits >= 0.9 * calm.expected
    total = verdict.total
    assert total.confirmed_sound >= 0.95 * total.confirmed
    assert total.alone_hits >= 0.97 * total.alone
    assert total.alone_false <= 0.03 * total.alone
    assert verdict.stale > 0


def test_real_crawls_tell_what_was_so(tmp_path: Path) -> None:
    """The crawler itself, some days of it, behind a cache that declares its age."""
    setup = SETUPS[0]
    with sample_site(seed=4, tools=4) as site:
        site.caches(setup.caches)
        crawls = Crawls(tmp_path, site)
        answers: list[Answer] = []
        for days in (0, 1, 2.5, 9):
            site.clock(after(days))
            site.clear_log()
            assert crawls.crawl("--only", "compare", "--only", "tool").code == 0
            answers += answers_in(site.log(), setup)
        truth = truth_of(site, after(-4), after(9))
        simulated = Simulated(setup, 4, f"{site.host}:{site.port}", tmp_path, answers, truth)
    crawls.run("build")
    verdict = score(simulated)
    assert (verdict.missed, verdict.false) == ([], [])
    assert verdict.total.hits == verdict.total.visible > 20
