"""Where two records differ, one line a field, so that a failing test of a whole page shows what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def differences(got: Any, expected: Any, path: str = "") -> Iterator[str]:
    """Each value that is not as expected, with its path: ``page.left.tagline: 'a', expected 'b'``."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for key in [*expected, *(key for key in got if key not in expected)]:
            yield from differences(got.get(key, "(no such key)"), expected.get(key, "(no such key)"), f"{path}.{key}")
    elif isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        for place, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            yield from differences(mine, theirs, f"{path}[{place}]")
    elif got != expected:
        yield f"{path.removeprefix('.')}: {got!r}, expected {expected!r}"
