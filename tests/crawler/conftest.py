"""What tests of the crawler share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawling import Crawls
from tests.serving import SampleSite


@pytest.fixture
def no_file_left_open() -> Iterator[None]:
    """The test leaves no more files open than there were."""
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    yield
    after = len(list(Path("/proc/self/fd").iterdir())) if before else 0
    assert after <= before


@pytest.fixture
def crawls(site: SampleSite, tmp_path: Path) -> Crawls:
    """Crawls of the `site` of the test's module."""
    return Crawls(tmp_path / "data", site)
