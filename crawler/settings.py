"""Scrapy's settings. Polite by default: what a site did not allow is not done, and nothing is asked for in haste."""

from __future__ import annotations

from importlib.metadata import version

BOT_NAME = "verdictlog"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

USER_AGENT = f"verdictlog/{version('verdictlog')}"
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
RANDOMIZE_DOWNLOAD_DELAY = False  # it would go below the delay as often as above
AUTOTHROTTLE_ENABLED = True
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
