"""What tests of the command line share."""

from __future__ import annotations

import pytest

from tests.verdictlog.running import SAMPLES, Folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A data folder with the samples, which no test changes."""
    folder = Folder(tmp_path_factory.mktemp("built") / "data")
    folder.run("import", SAMPLES / "manifest.jsonl")
    assert folder.run("build").code == 0
    return folder
