"""The spider of reviewer pages: ``scrapy crawl reviewers -a url=https://…``."""

from __future__ import annotations

from typing import ClassVar

from crawler.spiders.site import SiteSpider


class ReviewersSpider(SiteSpider):
    """Asks a site for its pages of kind ``reviewer``."""

    name = "reviewers"
    kinds: ClassVar[tuple[str, ...]] = ("reviewer",)
