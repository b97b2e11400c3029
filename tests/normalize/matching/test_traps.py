"""Pairs of names that are written as traps, each with what the rules must make of it (traps.csv)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from normalize.matching.decide import decide
from normalize.matching.listing import Listing

with (Path(__file__).parent / "traps.csv").open(encoding="utf-8", newline="") as lines:
    TRAPS = [(row["left"], row["right"], row["decision"], row["about"]) for row in csv.DictReader(lines)]


@pytest.mark.parametrize(("left", "right", "decision", "about"), TRAPS, ids=[f"{t[0]} | {t[1]}" for t in TRAPS])
def test_decision(left: str, right: str, decision: str, about: str) -> None:
    assert decide(Listing("a", left), Listing("b", right)).decision == decision, about


@pytest.mark.parametrize(("left", "right", "decision", "about"), TRAPS, ids=[f"{t[1]} | {t[0]}" for t in TRAPS])
def test_the_other_way_round(left: str, right: str, decision: str, about: str) -> None:
    assert decide(Listing("a", right), Listing("b", left)).decision == decision, about
