"""Things that are made of many rows, kept in memory: each is made once for each dataset that is served."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

MOST = 64
"""Unless told, so many are kept; the one that was not asked for the longest goes first."""


class Kept:
    """Things made, by their keys. A key has to name all that a thing is made of, the dataset too."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def known(self, key: Hashable) -> Any:
        """What is kept under `key`; None where nothing is."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def keep(self, key: Hashable, made: Any) -> None:
        """Keep what was `made` under `key`; it is not None."""
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > self._most:
                self._made.popitem(last=False)

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is kept under `key`, else what `make` gives. What `make` raises is not kept.

        Of several who ask at once for what is not made yet, one makes it, and the others wait for that.
        """
        made = self.known(key)
        if made is not None:
            return made
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            made = self.known(key)
            if made is None:
                try:
                    made = make()
                    self.keep(key, made)
                finally:
                    with self._lock:
                        self._making.pop(key, None)
        return made
