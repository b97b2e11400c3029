"""Scrapy's handler of http and https, made to send each request once.

Twisted asks again by itself where a kept connection turns out to be closed. Such a request would be neither in the
archive nor in the budget; here it comes back as a failure, and is tried again like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class SendOnceHandler(HTTP11DownloadHandler):
    """A request goes out exactly once."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False
