"""What all components of a crawl have in common: they belong to one `CrawlRun`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, cast

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.fetch.run import CrawlRun
    from crawler.spiders.site import SiteSpider


class Component:
    """A Scrapy component that works for the run of its crawler's spider."""

    def __init__(self, run: CrawlRun, crawler: Crawler) -> None:
        self.run = run
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For Scrapy."""
        spider = cast("SiteSpider", crawler.spider)
        return cls(spider.run, crawler)
