"""The labelled names of real tools: the figures that matching has to reach."""

from __future__ import annotations

import pytest

from bench.matching import LABELLED, quality
from bench.results import Line

pytestmark = pytest.mark.skipif(
    not LABELLED.is_dir(), reason="the labelled names (../shared/matching) are not on this machine"
)


@pytest.fixture(scope="module")
def lines() -> dict[str, Line]:
    return {each.what: each for each in quality(rivals=False)}


WITH_GOALS = (
    "traps: different, merged",
    "traps: review, merged",
    "traps: same, not merged",
    "pairs: different, merged",
    "pairs: same, merged",
    "pairs: same, merged or asked",
    "models: precision",
    "models: recall",
    "models: largest wrong cluster",
    "models, a person asked: recall",
    "models, a person asked: shown",
)


@pytest.mark.parametrize("what", WITH_GOALS)
def test_goal(lines: dict[str, Line], what: str) -> None:
    assert lines[what].met, lines[what].cells()
