"""Leaving out what a library loads only because it is there, and never needs here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

WITH_UNITS = ("babel", "dask", "dask.array", "numpy", "uncertainties", "xarray")
"""What Datasette's units look for when they are loaded: a second or more of every start, and units are not used."""


@contextmanager
def as_if_missing(*names: str) -> Iterator[None]:
    """While the block runs, the modules `names` can't be imported, unless they were before."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # so says the reference of `import`
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
