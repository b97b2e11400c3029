"""Hostile answers from a seed: a few of them each time, more in `make test-all`, a night of them in `make fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.answers import fuzz


def test_a_crawl_survives_hostile_answers(tmp_path: Path) -> None:
    assert fuzz(2, tmp_path, budget=30) >= 20


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 104))
def test_crawls_survive_more_of_them(tmp_path: Path, seed: int) -> None:
    assert fuzz(seed, tmp_path) > 2
