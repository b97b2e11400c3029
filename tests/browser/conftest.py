"""One browser, one dataset and one server for all tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium, find_chromium
from tests.dataset.captures import Data
from tests.dataset.serving.site.whole import whole
from tests.publishing import served


@pytest.fixture(scope="session")
def started() -> Iterator[Chromium]:
    """The browser that all tests share."""
    if find_chromium() is None:
        pytest.skip("chromium is not installed (scripts/install-system-packages installs it)")
    with Chromium() as browser:
        yield browser


@pytest.fixture
def browser(started: Chromium) -> Chromium:
    """The browser, as somebody has it who prefers nothing."""
    started.prefer()
    return started


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """The dataset of `tests.dataset.serving.site.whole`."""
    return whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="session")
def address(data: Data) -> Iterator[str]:
    """Where it is served."""
    with served(data.folder) as server:
        yield server.address
