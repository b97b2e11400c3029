"""One server process for a whole module of tests, put back to how it began after each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving import START, SampleSite, sample_site


@pytest.fixture(scope="module")
def shared() -> Iterator[SampleSite]:
    with sample_site(seed=7, tools=12) as running:
        yield running


@pytest.fixture
def site(shared: SampleSite) -> Iterator[SampleSite]:
    shared.clear_log()
    yield shared
    shared.faults([])
    shared.caches([])
    shared.clock(START)
    if shared.state()["layout"] != "cards" or shared.state()["share"] != 1:
        shared.layout("cards")
