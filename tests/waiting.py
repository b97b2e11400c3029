"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMEOUT = 60
"""Seconds."""


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until `is_so`, which must come true in good time; `what` says what that is."""
    deadline = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < deadline, f"it did not come to this: {what}"
        time.sleep(0.02)
