"""How two dumped records differ, in words that name the field."""

from __future__ import annotations

from typing import Any


def differences(got: Any, expected: Any, path: str = "") -> list[str]:
    """Where two dumped records differ, one line each."""
    if isinstance(expected, dict) and isinstance(got, dict):
        keys = [*expected, *(key for key in got if key not in expected)]
        return [line for key in keys for line in differences(got.get(key), expected.get(key), f"{path}.{key}")]
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)) and len(got) == len(expected):
        pairs = enumerate(zip(got, expected, strict=True))
        return [line for index, (a, b) in pairs for line in differences(a, b, f"{path}[{index}]")]
    return [] if got == expected else [f"{path.lstrip('.')}: got {got!r}, expected {expected!r}"]
