"""Blocking proposes every pair that the rules would join or doubt, and stays small."""

from __future__ import annotations

import csv
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bench.made_names import made_names
from normalize.matching.blocking import Blocks
from normalize.matching.names import read_name
from normalize.matching.reading import Reading
from normalize.matching.rules import judge_names
from tests.normalize.matching.made import NAMES

TRAPS = Path(__file__).parent / "traps.csv"


def proposed(readings: list[Reading]) -> set[tuple[int, int]]:
    blocks = Blocks()
    return {(other, number) for number, reading in enumerate(readings) for other in blocks.add(reading)}


def wanted(readings: list[Reading]) -> set[tuple[int, int]]:
    numbered = combinations(enumerate(readings), 2)
    return {(one, other) for (one, left), (other, right) in numbered if judge_names(left, right).decision != "apart"}


def test_nothing_that_may_be_one_is_missed_among_the_traps() -> None:
    with TRAPS.open(encoding="utf-8", newline="") as lines:
        names = [row[side] for row in csv.DictReader(lines) for side in ("left", "right")]
    readings = list(dict.fromkeys(read_name(name) for name in names))
    assert wanted(readings) <= proposed(readings)


def test_nothing_that_may_be_one_is_missed_among_made_names() -> None:
    readings = list(dict.fromkeys(read_name(name) for name in made_names(700)))
    found = proposed(readings)
    assert wanted(readings) <= found
    assert len(found) < len(readings) ** 2 / 50


@given(st.permutations(NAMES))
def test_the_order_of_names_says_nothing(names: list[str]) -> None:
    readings = [read_name(name) for name in names]
    pairs = {frozenset((readings[one].compact, readings[other].compact)) for one, other in proposed(readings)}
    usual = [read_name(name) for name in NAMES]
    assert pairs == {frozenset((usual[one].compact, usual[other].compact)) for one, other in proposed(usual)}


def test_a_great_family_is_held_by_version_and_size() -> None:
    blocks = Blocks()
    for version in range(100):
        for size in (1, 2):
            blocks.add(read_name(f"Quandor {version} {size}B"))
    assert blocks.counts.pairs == 0
    assert blocks.add(read_name("Quandor 7")) == [14, 15]


def test_a_block_knows_its_names() -> None:
    blocks = Blocks()
    for name in ("Quandor 1", "Quandor 2", "Quandor 2 Pro"):
        blocks.add(read_name(name))
    assert blocks.core_block(read_name("Quandor 9")) == [0, 1]
