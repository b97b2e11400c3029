"""Other sites in this process: they are loaded once, so a test that loads some has to forget what was known before."""

from __future__ import annotations

from crawler import sites, urls


def forget() -> None:
    """Forget which sites are loaded, and all that follows from it."""
    sites.loaded.cache_clear()
    for each in vars(urls).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
