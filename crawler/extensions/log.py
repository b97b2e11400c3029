"""Words for what went wrong: Scrapy would print a traceback, where the run says the same in a sentence."""

from __future__ import annotations

import logging
from typing import Any

from scrapy.logformatter import LogFormatter, LogFormatterResult


class SilentLogFormatter(LogFormatter):
    """Leaves errors of pages to the run, which notes them, counts them and names them at the end."""

    def spider_error(self, *args: Any, **kwargs: Any) -> LogFormatterResult:
        """A page that could not be read."""
        return {**super().spider_error(*args, **kwargs), "level": logging.DEBUG}

    def download_error(self, *args: Any, **kwargs: Any) -> LogFormatterResult:
        """A page that could not be had."""
        return {**super().download_error(*args, **kwargs), "level": logging.DEBUG}
