"""The server starts without what it doesn't need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_server_loads_no_libraries_of_numbers() -> None:
    code = "import sys, dataset.serving.serve; print(*sorted({'dask', 'numpy'} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


def test_what_was_left_out_can_be_loaded_later() -> None:
    code = "import dataset.serving.serve, numpy; print(numpy.arange(3).sum())"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["3"]
