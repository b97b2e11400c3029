"""Measurements in a process of their own, so that their memory and their warm-up are theirs; it tells lines of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def say(**facts: object) -> None:
    """Within such a process: tell `facts`, at once."""
    print(json.dumps(facts), flush=True)


def told_by(module: str, *words: object) -> Iterator[dict[str, Any]]:
    """What ``python -m module words …`` says, fact by fact, as it comes; `RuntimeError` where it fails.

    Its complaints go to standard error.
    """
    command = [sys.executable, "-m", module, *map(str, words)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise RuntimeError(f"python -m {module} failed; its words stand above")
