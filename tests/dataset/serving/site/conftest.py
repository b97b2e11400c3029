"""One dataset for all tests of the pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from dataset.building.known import read_only
from tests.dataset.captures import Data
from tests.dataset.serving.site.tools import site


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """The dataset of `tests.dataset.serving.site.tools`."""
    return site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def con(data: Data) -> Iterator[sqlite3.Connection]:
    """A connection to it, or to the dataset that a module has in its place."""
    with read_only(data.database) as con:
        yield con
